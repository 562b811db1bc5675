package repo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/config"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// Kind says what a path turned out to be.
type Kind uint8

// None is a plain directory: no repository holds it. WorkTree is a path in a
// work tree (its top or below). GitDir is a bare repository, or a path inside
// a git directory such as .git itself, which has no work tree to look at.
const (
	None Kind = iota
	WorkTree
	GitDir
)

// Location says where a repository is. All paths are absolute.
type Location struct {
	Kind Kind
	// Root is the top of the work tree; of a GitDir the git directory.
	Root string
	// Prefix is the path that was asked about, below Root, slash-separated;
	// "" for Root itself.
	Prefix string
	// GitDir holds HEAD and the index; CommonDir holds objects, refs and
	// config. They differ in a linked work tree.
	GitDir, CommonDir string
	// Linked tells that this is a linked work tree.
	Linked bool
}

// Options are what git takes from its environment. The caller decides whether
// the environment is to be heard: in a hook it must be. Relative paths are
// taken from the current directory, as git does.
type Options struct {
	// GitDir, WorkTree, CommonDir, IndexFile: GIT_DIR, GIT_WORK_TREE,
	// GIT_COMMON_DIR, GIT_INDEX_FILE.
	GitDir, WorkTree, CommonDir, IndexFile string
	// ObjectDir and AlternateDirs: GIT_OBJECT_DIRECTORY and
	// GIT_ALTERNATE_OBJECT_DIRECTORIES, split at the list separator.
	ObjectDir     string
	AlternateDirs []string
	// Ceilings: GIT_CEILING_DIRECTORIES. Discover does not look above them.
	Ceilings []string
}

// FromEnvironment fills Options from git's variables by way of getenv.
func FromEnvironment(getenv func(string) string) Options {
	list := func(name string) []string {
		var out []string
		for _, s := range filepath.SplitList(getenv(name)) {
			if s != "" {
				out = append(out, unquote(s))
			}
		}
		return out
	}
	return Options{
		GitDir: getenv("GIT_DIR"), WorkTree: getenv("GIT_WORK_TREE"), CommonDir: getenv("GIT_COMMON_DIR"),
		IndexFile: getenv("GIT_INDEX_FILE"), ObjectDir: getenv("GIT_OBJECT_DIRECTORY"),
		AlternateDirs: list("GIT_ALTERNATE_OBJECT_DIRECTORIES"), Ceilings: list("GIT_CEILING_DIRECTORIES"),
	}
}

// unquote reads an entry of GIT_ALTERNATE_OBJECT_DIRECTORIES in quotes.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
}

// BrokenError says that something called .git is there and leads nowhere. To
// take its directory for a plain one would leave history unscanned in silence.
type BrokenError struct {
	Path, Reason string
}

func (e *BrokenError) Error() string { return e.Path + ": " + e.Reason }

// maxSteps bounds the way up from a path, and the links between git
// directories.
const maxSteps = 4096

// Discover says which repository holds path, a file or directory. That none
// does is no error; a broken .git is (*BrokenError).
func Discover(path string, opt Options) (Location, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Location{}, err
	}
	st, err := os.Stat(abs)
	if err != nil {
		return Location{}, err
	}
	if opt.GitDir != "" {
		return explicit(abs, opt)
	}
	// Work on the real path: a link into a repository is in that repository.
	start, err := filepath.EvalSymlinks(abs)
	if err != nil {
		start = abs
	}
	dir := start
	if !st.IsDir() {
		dir = filepath.Dir(start)
	}
	ceilings := make([]string, 0, len(opt.Ceilings))
	for _, c := range opt.Ceilings {
		if real, err := filepath.EvalSymlinks(c); err == nil {
			c = real
		}
		ceilings = append(ceilings, filepath.Clean(c))
	}
	for range maxSteps {
		loc, err := at(dir)
		if err != nil {
			return Location{}, err
		}
		if loc.Kind != None {
			loc.Prefix = below(loc.Root, start)
			return loc, nil
		}
		up := filepath.Dir(dir)
		if up == dir || slices.Contains(ceilings, up) {
			break
		}
		dir = up
	}
	return Location{Root: start}, nil
}

// explicit takes GIT_DIR and GIT_WORK_TREE at their word.
func explicit(abs string, opt Options) (Location, error) {
	git, err := filepath.Abs(opt.GitDir)
	if err != nil {
		return Location{}, err
	}
	if st, err := os.Stat(git); err == nil && !st.IsDir() {
		if git, err = readGitFile(git); err != nil {
			return Location{}, err
		}
	}
	common, linked, err := commonDir(git, opt.CommonDir)
	if err != nil {
		return Location{}, err
	}
	if !isGitDir(git, common) {
		return Location{}, &BrokenError{git, "named by GIT_DIR, but it is no git directory (HEAD, objects or refs is missing)"}
	}
	loc := Location{Kind: GitDir, Root: git, GitDir: git, CommonDir: common, Linked: linked}
	top := opt.WorkTree
	if top == "" && filepath.Base(git) == ".git" {
		top = filepath.Dir(git)
	}
	if top == "" && linked {
		top = linkedRoot(git)
	}
	if top == "" && !bare(common) {
		// As git has it: where it was called. In the hook of a submodule that
		// is the top, to which git went before.
		top = abs
	}
	if top != "" {
		if top, err = filepath.Abs(top); err != nil {
			return Location{}, err
		}
		loc.Kind, loc.Root = WorkTree, top
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		if root, err := filepath.EvalSymlinks(loc.Root); err == nil {
			loc.Prefix = below(root, real)
		}
	}
	return loc, nil
}

// bare tells whether the configuration calls the repository bare, or cannot be
// read.
func bare(common string) bool {
	c, err := config.Load(filepath.Join(common, "config"))
	return err != nil || c.Bool("core", "", "bare", true)
}

// linkedRoot gives the top of the linked work tree whose git directory this is.
func linkedRoot(git string) string {
	text, err := bounded.ReadFile(filepath.Join(git, "gitdir"), 1<<16)
	if err != nil {
		return ""
	}
	p := strings.TrimRight(string(text), "\r\n")
	if !filepath.IsAbs(p) {
		p = filepath.Join(git, p)
	}
	return filepath.Dir(p)
}

// below gives path relative to root with slashes, "" for root itself or for a
// path that does not lie below it.
func below(root, path string) string {
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == "." || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// At looks at one directory only: is it the top of a work tree, or a git
// directory? A walker uses it to see that a nested directory is a repository
// of its own.
func At(dir string) (Location, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Location{}, err
	}
	return at(abs)
}

func at(dir string) (Location, error) {
	dotGit := filepath.Join(dir, ".git")
	st, err := os.Stat(dotGit) // follows a link
	switch {
	case err == nil && st.IsDir():
		common, linked, err := commonDir(dotGit, "")
		if err == nil && isGitDir(dotGit, common) {
			return Location{Kind: WorkTree, Root: dir, GitDir: dotGit, CommonDir: common, Linked: linked}, nil
		}
		if err == nil && holdsNothing(dotGit) {
			break // an empty .git, as tests and package managers leave, is no repository to git either
		}
		if err == nil {
			err = &BrokenError{dotGit, "looks like a git directory, but HEAD, objects or refs is missing or unreadable; restore it, or remove it to have the directory scanned as plain files"}
		}
		return Location{}, err
	case err == nil && st.Mode().IsRegular():
		git, err := readGitFile(dotGit)
		if err != nil {
			return Location{}, err
		}
		common, linked, err := commonDir(git, "")
		if err != nil {
			return Location{}, err
		}
		if !isGitDir(git, common) {
			return Location{}, &BrokenError{dotGit, fmt.Sprintf("points to %s, which is no git directory; run \"git worktree repair\" or \"git submodule update --init\"", git)}
		}
		return Location{Kind: WorkTree, Root: dir, GitDir: git, CommonDir: common, Linked: linked}, nil
	case err == nil:
		return Location{}, &BrokenError{dotGit, "is neither a directory nor a regular file"}
	case !bounded.Missing(err):
		return Location{}, &BrokenError{dotGit, err.Error()}
	}
	if st, err := os.Lstat(dotGit); err == nil && st.Mode().Type() == fs.ModeSymlink {
		return Location{}, &BrokenError{dotGit, "is a link that leads nowhere"}
	}
	if !mayBeGitDir(dir) {
		return Location{}, nil
	}
	common, linked, err := commonDir(dir, "")
	if err != nil || !isGitDir(dir, common) {
		return Location{}, nil
	}
	return Location{Kind: GitDir, Root: dir, GitDir: dir, CommonDir: common, Linked: linked}, nil
}

func holdsNothing(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs", "config", "packed-refs", "index", "reftable", "commondir"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return false
		}
	}
	return true
}

func mayBeGitDir(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "HEAD"))
	return err == nil
}

// isGitDir is git's own test: a HEAD that is plausible, and objects and refs in
// the common directory.
func isGitDir(git, common string) bool {
	return plausibleHead(filepath.Join(git, "HEAD")) &&
		isDir(filepath.Join(common, "objects")) && isDir(filepath.Join(common, "refs"))
}

func plausibleHead(path string) bool {
	if target, err := os.Readlink(path); err == nil {
		return strings.HasPrefix(filepath.ToSlash(target), "refs/")
	}
	text, err := bounded.ReadFile(path, 1<<12)
	var big *bounded.TooLarge
	if err != nil && !errors.As(err, &big) {
		return false
	}
	if rest, ok := bytes.CutPrefix(text, []byte("ref:")); ok {
		return bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte("refs/"))
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSpace(line)
	return len(line) == 40 && isHex(line) || len(line) == 64 && isHex(line)
}

func isHex(b []byte) bool {
	for _, c := range b {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
			return false
		}
	}
	return true
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// readGitFile reads "gitdir: <path>" from a .git file.
func readGitFile(path string) (string, error) {
	text, err := bounded.ReadFile(path, 1<<16)
	if err != nil {
		return "", &BrokenError{path, err.Error()}
	}
	target, ok := strings.CutPrefix(string(text), "gitdir:")
	target = strings.TrimRight(strings.TrimLeft(target, " \t"), "\r\n")
	if !ok || target == "" || strings.ContainsRune(target, 0) {
		return "", &BrokenError{path, "does not read \"gitdir: <path>\"; run \"git worktree repair\", or remove it to have the directory scanned as plain files"}
	}
	target = filepath.FromSlash(target)
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), target)
	}
	return filepath.Clean(target), nil
}

// commonDir follows git/commondir, one step as git does: a loop is not
// possible.
func commonDir(git, given string) (common string, linked bool, err error) {
	if given != "" {
		common, err = filepath.Abs(given)
		return common, common != git, err
	}
	file := filepath.Join(git, "commondir")
	text, err := bounded.ReadFile(file, 1<<16)
	if bounded.Missing(err) {
		return git, false, nil
	}
	if err != nil {
		return "", false, &BrokenError{file, err.Error()}
	}
	p := filepath.FromSlash(strings.TrimRight(string(text), "\r\n"))
	if p == "" || strings.ContainsRune(p, 0) {
		return "", false, &BrokenError{file, "does not hold a path; run \"git worktree repair\""}
	}
	if !filepath.IsAbs(p) {
		p = filepath.Join(git, p)
	}
	return filepath.Clean(p), true, nil
}
