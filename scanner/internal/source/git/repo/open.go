package repo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/config"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/ignore"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/index"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/refs"
)

// UnsupportedError says that the repository is kept in a way that is not
// known, so that reading it could miss things: a scan of it is incomplete.
type UnsupportedError struct {
	GitDir string
	// What names the setting: "extensions.newthing=1".
	What string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s: repository format %s is not supported; scan a clone made without it", e.GitDir, e.What)
}

// Repository is an opened repository. It is safe for concurrent use.
type Repository struct {
	Location
	// HashSize is 20 for SHA-1 and 32 for SHA-256.
	HashSize int
	// Config is that of the common directory and, with
	// extensions.worktreeConfig, of the work tree; nothing of the user's.
	Config *config.Config
	Refs   *refs.Store
	// ObjectDirs are the places where objects lie: the repository's own
	// first, then its alternates and theirs.
	ObjectDirs []string
	// IndexFile is where the index is, or would be.
	IndexFile string
	// Partial names the promisor remote of a partial clone: objects may be
	// missing on purpose. "" for a whole one.
	Partial string
	// Shallow holds the commits whose parents were not fetched.
	Shallow map[object.ID]bool
	// Grafts holds the parents that info/grafts gives to commits. History is
	// read as the commits have it, so that a graft cannot hide any of it; the
	// grafted parents are further places to start from.
	Grafts map[object.ID][]object.ID
	// Faults are what could not be read at opening, each naming its file. The
	// rest is usable.
	Faults []error

	openOnce sync.Once
	store    *pack.Store
	storeErr error
}

// known are the extensions that change nothing for a reader, or that are
// handled here.
var known = []string{"noop", "noop-v1", "preciousobjects", "partialclone", "objectformat", "compatobjectformat",
	"refstorage", "worktreeconfig", "relativeworktrees", "submodulepathconfig", "submoduleencoding"}

// Open reads what it takes to read the repository at loc.
func Open(loc Location, opt Options) (*Repository, error) {
	if loc.Kind == None {
		return nil, fmt.Errorf("%s: not in a git repository", loc.Root)
	}
	r := &Repository{Location: loc, HashSize: object.SHA1Size, IndexFile: filepath.Join(loc.GitDir, "index")}
	if opt.IndexFile != "" {
		abs, err := filepath.Abs(opt.IndexFile)
		if err != nil {
			return nil, err
		}
		r.IndexFile = abs
	}
	if err := r.readConfig(); err != nil {
		return nil, err
	}
	if r.refFormat() == "files" {
		r.Refs = refs.Files(loc.GitDir, loc.CommonDir, r.HashSize)
	} else {
		r.Refs = refs.Tables(loc.GitDir, loc.CommonDir, r.HashSize)
	}
	r.objectDirs(opt)
	r.Shallow = r.readShallow()
	r.Grafts = r.readGrafts()
	return r, nil
}

func (r *Repository) fault(err error) {
	if err != nil {
		r.Faults = append(r.Faults, err)
	}
}

func (r *Repository) refFormat() string {
	v, ok := r.Config.Get("extensions", "", "refstorage")
	if !ok {
		return "files"
	}
	// "reftable" or "reftable://path", of which the path is not followed.
	name, _, _ := strings.Cut(strings.ToLower(v), ":")
	return name
}

func (r *Repository) readConfig() error {
	var err error
	r.Config, err = config.Load(filepath.Join(r.CommonDir, "config"))
	r.fault(err)
	version := 0
	if v, ok := r.Config.Get("core", "", "repositoryformatversion"); ok {
		if version, err = strconv.Atoi(v); err != nil || version < 0 || version > 1 {
			return &UnsupportedError{r.GitDir, "core.repositoryformatversion=" + v}
		}
	}
	for _, e := range r.Config.Entries {
		if e.Section != "extensions" || e.Subsection != "" {
			continue
		}
		// Git passes over what it does not know in a version 0 repository.
		if version > 0 && !slices.Contains(known, e.Key) {
			return &UnsupportedError{r.GitDir, "extensions." + e.Key + "=" + e.Value}
		}
	}
	if v, ok := r.Config.Get("extensions", "", "objectformat"); ok {
		switch strings.ToLower(v) {
		case "sha1":
		case "sha256":
			r.HashSize = object.SHA256Size
		default:
			return &UnsupportedError{r.GitDir, "extensions.objectFormat=" + v}
		}
	}
	if f := r.refFormat(); f != "files" && f != "reftable" {
		return &UnsupportedError{r.GitDir, "extensions.refStorage=" + f}
	}
	if r.Config.Bool("extensions", "", "worktreeconfig", false) {
		more, err := config.Load(filepath.Join(r.GitDir, "config.worktree"))
		r.fault(err)
		r.Config.Entries = append(r.Config.Entries, more.Entries...)
	}
	r.Partial, _ = r.Config.Get("extensions", "", "partialclone")
	for _, name := range r.Config.Subsections("remote") {
		if r.Partial == "" && (r.Config.Bool("remote", name, "promisor", false) || len(r.Config.All("remote", name, "partialclonefilter")) > 0) {
			r.Partial = name
		}
	}
	return nil
}

// objectDirs finds where objects lie. Alternates may name alternates; each
// directory counts once, so a loop ends.
func (r *Repository) objectDirs(opt Options) {
	own := filepath.Join(r.CommonDir, "objects")
	if opt.ObjectDir != "" {
		if abs, err := filepath.Abs(opt.ObjectDir); err == nil {
			own = abs
		}
	}
	seen := map[string]bool{}
	var add func(dir, from string, line, depth int)
	add = func(dir, from string, line, depth int) {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			var st os.FileInfo
			if st, err = os.Stat(real); err == nil && !st.IsDir() {
				err = errors.New("not a directory")
			}
		}
		if err != nil {
			if from != "" {
				err = fmt.Errorf("%s:%d: objects of an alternate repository cannot be read: %w; restore it, or remove the line and fetch again", from, line, err)
			} else {
				err = fmt.Errorf("objects cannot be read: %w", err)
			}
			r.fault(err)
			return
		}
		if seen[real] {
			return
		}
		seen[real] = true
		r.ObjectDirs = append(r.ObjectDirs, dir)
		list := filepath.Join(dir, "info", "alternates")
		text, err := bounded.ReadFile(list, 1<<20)
		if err != nil && !bounded.Missing(err) {
			r.fault(fmt.Errorf("reading alternates: %w", err))
		}
		n := 0
		for alt := range strings.Lines(string(text)) {
			n++
			alt = strings.TrimRight(alt, "\r\n")
			if alt == "" || alt[0] == '#' {
				continue
			}
			if depth >= 8 || len(r.ObjectDirs) >= 1000 {
				r.fault(fmt.Errorf("%s:%d: alternates are nested too deeply or too many; the rest was not read", list, n))
				return
			}
			alt = filepath.FromSlash(unquote(alt))
			if !filepath.IsAbs(alt) {
				alt = filepath.Join(dir, alt)
			}
			add(alt, list, n, depth+1)
		}
	}
	add(own, "", 0, 0)
	for i, dir := range opt.AlternateDirs {
		if abs, err := filepath.Abs(dir); err == nil {
			add(abs, "GIT_ALTERNATE_OBJECT_DIRECTORIES", i+1, 0)
		}
	}
}

// Objects opens the objects, once.
func (r *Repository) Objects() (*pack.Store, error) {
	r.openOnce.Do(func() { r.store, r.storeErr = pack.OpenStore(r.ObjectDirs, r.HashSize, pack.Options{}) })
	return r.store, r.storeErr
}

// Close closes the objects, if they were opened.
func (r *Repository) Close() error {
	r.openOnce.Do(func() { r.storeErr = errors.New("the repository is closed") })
	if r.store != nil {
		return r.store.Close()
	}
	return nil
}

// Index reads the index. It is never nil; a bare repository's is empty.
func (r *Repository) Index() (*index.Index, error) {
	return index.Read(r.IndexFile, r.GitDir, r.HashSize)
}

// Ignore gives the matcher for untracked files, for a walk from Root.
func (r *Repository) Ignore() (*ignore.Dir, error) {
	return ignore.New(ignore.Options{
		Root:     r.Root,
		Exclude:  []string{filepath.Join(r.CommonDir, "info", "exclude")},
		FoldCase: r.Config.Bool("core", "", "ignorecase", false),
	})
}

// Remote is one remote of the configuration.
type Remote struct {
	Name string
	// URLs and PushURLs are as written, credentials included.
	URLs, PushURLs []config.Entry
}

// Remotes lists the remotes, in the order of the configuration.
func (r *Repository) Remotes() []Remote {
	var all []Remote
	for _, name := range r.Config.Subsections("remote") {
		m := Remote{Name: name}
		for _, e := range r.Config.Entries {
			if e.Section != "remote" || e.Subsection != name {
				continue
			}
			switch e.Key {
			case "url":
				m.URLs = append(m.URLs, e)
			case "pushurl":
				m.PushURLs = append(m.PushURLs, e)
			}
		}
		all = append(all, m)
	}
	return all
}

// readIDLines reads a file of object ids, some to a line.
func (r *Repository) readIDLines(file string, fn func(ids []object.ID)) {
	text, err := bounded.ReadFile(file, 64<<20)
	if bounded.Missing(err) {
		return
	}
	r.fault(err)
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var ids []object.ID
		for _, f := range strings.Fields(line) {
			id, err := object.ParseID(f)
			if err != nil || len(f) != 2*r.HashSize {
				if len(r.Faults) < 100 {
					r.fault(fmt.Errorf("%s:%d: %.80q is no object id; correct the line or remove it", file, n, f))
				}
				ids = nil
				break
			}
			ids = append(ids, id)
		}
		if len(ids) > 0 {
			fn(ids)
		}
	}
}

func (r *Repository) readShallow() map[object.ID]bool {
	var set map[object.ID]bool
	r.readIDLines(filepath.Join(r.CommonDir, "shallow"), func(ids []object.ID) {
		if set == nil {
			set = map[object.ID]bool{}
		}
		set[ids[0]] = true
	})
	return set
}

func (r *Repository) readGrafts() map[object.ID][]object.ID {
	var set map[object.ID][]object.ID
	r.readIDLines(filepath.Join(r.CommonDir, "info", "grafts"), func(ids []object.ID) {
		if set == nil {
			set = map[object.ID][]object.ID{}
		}
		set[ids[0]] = ids[1:]
	})
	return set
}
