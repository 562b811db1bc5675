package refs

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// Ref is one reference.
type Ref struct {
	// Name is the full name: "refs/heads/main", "HEAD", "ORIG_HEAD". What
	// belongs to a linked work tree begins with "worktrees/<id>/", as git
	// spells it; several lines of FETCH_HEAD are several Refs.
	Name string
	// Target is the name a symbolic reference points to.
	Target string
	// ID is the object at the end; zero for a branch without a commit.
	ID object.ID
	// Peeled is the object behind an annotated tag, where the store knows it.
	Peeled object.ID
	// Pseudo marks the bare names other than HEAD.
	Pseudo bool
}

// Base is the name without the work tree it belongs to.
func (r *Ref) Base() string {
	if rest, ok := strings.CutPrefix(r.Name, "worktrees/"); ok {
		if _, name, ok := strings.Cut(rest, "/"); ok {
			return name
		}
	}
	return strings.TrimPrefix(r.Name, "main-worktree/")
}

// IsBranch tells whether this is a local branch.
func (r *Ref) IsBranch() bool { return strings.HasPrefix(r.Name, "refs/heads/") }

// IsRemote tells whether this is a remote-tracking branch.
func (r *Ref) IsRemote() bool { return strings.HasPrefix(r.Name, "refs/remotes/") }

// IsTag tells whether this is a tag.
func (r *Ref) IsTag() bool { return strings.HasPrefix(r.Name, "refs/tags/") }

// Short is the name as people write it: "main", "origin/main", "v1.0".
func (r *Ref) Short() string {
	for _, p := range []string{"refs/heads/", "refs/tags/", "refs/remotes/"} {
		if s, ok := strings.CutPrefix(r.Name, p); ok {
			return s
		}
	}
	return r.Name
}

// LogEntry is one line of a reflog.
type LogEntry struct {
	// Name is that of the reference, as in Ref.
	Name     string
	Old, New object.ID
	// Who is "Name <mail>".
	Who string
	// Seconds since 1970; Zone in minutes east of UTC.
	Seconds int64
	Zone    int
	Message string
}

// Error says what is wrong with one reference or log.
type Error struct {
	// File is where it is kept; Line is 1-based, 0 where lines mean nothing.
	File   string
	Line   int
	Reason string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return e.File + ": " + e.Reason
}

// ErrNotFound is wrapped by the error for a reference that does not exist.
var ErrNotFound = errors.New("no such reference")

// MaxErrors bounds the errors reported of one listing.
const MaxErrors = 100

// maxDepth is how many symbolic references git follows.
const maxDepth = 5

// Store reads the references of one repository.
type Store struct {
	gitDir, commonDir string
	hashSize          int
	backend           backend
}

// backend is one way to keep references.
type backend interface {
	// raw gives one reference of the work tree gitDir, unresolved.
	raw(gitDir, name string) (Ref, error)
	// list gives all references of gitDir, unresolved, names as in that work
	// tree. shared says whether those common to all work trees belong to it.
	list(gitDir string, shared bool) ([]Ref, []error)
	// logs gives the reflogs kept under gitDir.
	logs(gitDir string, fn func(LogEntry) error) ([]error, error)
}

// Files is a store of loose and packed references.
func Files(gitDir, commonDir string, hashSize int) *Store {
	s := &Store{gitDir: gitDir, commonDir: commonDir, hashSize: hashSize}
	s.backend = &files{commonDir: commonDir, hashSize: hashSize}
	return s
}

// Tables is a store of reftables.
func Tables(gitDir, commonDir string, hashSize int) *Store {
	s := &Store{gitDir: gitDir, commonDir: commonDir, hashSize: hashSize}
	s.backend = &tables{commonDir: commonDir, hashSize: hashSize}
	return s
}

// Resolve reads one reference by its full name and follows it to its object. A
// symbolic one that points to a branch without a commit has a zero ID and no
// error; a missing one is ErrNotFound.
func (s *Store) Resolve(name string) (Ref, error) {
	r, err := s.read(name)
	if err != nil {
		return r, err
	}
	return s.follow(r, s.read)
}

func (s *Store) read(name string) (Ref, error) {
	if !safe(name) {
		return Ref{Name: name}, fmt.Errorf("reference %q: not a valid name", name)
	}
	dir := s.gitDir
	if rest, ok := strings.CutPrefix(name, "main-worktree/"); ok {
		name, dir = rest, s.commonDir
	} else if !perWorktree(name) {
		dir = s.commonDir
	}
	if name != "HEAD" && bare(name) {
		// FETCH_HEAD and MERGE_HEAD are files in every kind of store, and
		// their first line counts.
		if all, _ := readPseudo(dir, name, s.hashSize); len(all) > 0 {
			return all[0], nil
		}
	}
	return s.backend.raw(dir, name)
}

func (s *Store) follow(r Ref, read func(string) (Ref, error)) (Ref, error) {
	to := r
	for range maxDepth {
		if to.Target == "" {
			r.ID, r.Peeled = to.ID, to.Peeled
			return r, nil
		}
		next, err := read(to.Target)
		if errors.Is(err, ErrNotFound) {
			return r, nil // unborn
		}
		if err != nil {
			return r, err
		}
		to = next
	}
	return r, fmt.Errorf("reference %q: symbolic references form a loop, or more than %d follow each other; delete one of them", r.Name, maxDepth)
}

// List gives every reference: those of this work tree and the shared ones
// under their own names, those of other work trees under theirs. It is sorted
// by name; the error joins what could not be read.
func (s *Store) List() ([]Ref, error) {
	var all []Ref
	var errs []error
	add := func(gitDir, prefix string, shared bool) {
		list, es := s.backend.list(gitDir, shared)
		errs = append(errs, es...)
		pseudo, es := listPseudo(gitDir, s.hashSize)
		errs = append(errs, es...)
		list = append(list, pseudo...)
		// One listing is read once; symbolic references resolve within it.
		byName := make(map[string]int, len(list))
		for i := range list {
			if _, twice := byName[list[i].Name]; !twice {
				byName[list[i].Name] = i
			}
		}
		read := func(name string) (Ref, error) {
			if i, ok := byName[name]; ok {
				return list[i], nil
			}
			if !shared {
				return s.read(name)
			}
			return Ref{}, ErrNotFound
		}
		for _, r := range list {
			if r.Target != "" {
				var err error
				if r, err = s.follow(r, read); err != nil {
					errs = append(errs, err)
					continue
				}
			}
			r.Name = prefix + r.Name
			all = append(all, r)
		}
	}
	linked := s.gitDir != s.commonDir
	if linked {
		add(s.gitDir, "", false)
		add(s.commonDir, "main-worktree/", true)
		for i := range all {
			// Shared names are the same from everywhere.
			if rest, ok := strings.CutPrefix(all[i].Name, "main-worktree/"); ok && !perWorktree(rest) {
				all[i].Name = rest
			}
		}
	} else {
		add(s.commonDir, "", true)
	}
	for _, wt := range worktrees(s.commonDir) {
		if wt.dir != s.gitDir {
			add(wt.dir, "worktrees/"+wt.id+"/", false)
		}
	}
	slices.SortStableFunc(all, func(a, b Ref) int { return cmp.Compare(a.Name, b.Name) })
	return all, joinErrors(errs)
}

// Logs calls fn for every line of every reflog, of all work trees. Within a
// reference the oldest is first. An error of fn ends it and is returned as it
// is; faults of the logs are joined and come at the end.
func (s *Store) Logs(fn func(LogEntry) error) error {
	var errs []error
	dirs := []worktree{{dir: s.commonDir}}
	dirs = append(dirs, worktrees(s.commonDir)...)
	for _, wt := range dirs {
		es, err := s.backend.logs(wt.dir, func(e LogEntry) error {
			switch {
			case wt.id != "" && wt.dir != s.gitDir:
				e.Name = "worktrees/" + wt.id + "/" + e.Name
			case wt.id == "" && s.gitDir != s.commonDir && perWorktree(e.Name):
				e.Name = "main-worktree/" + e.Name
			}
			return fn(e)
		})
		if err != nil {
			return err
		}
		errs = append(errs, es...)
	}
	return joinErrors(errs)
}

// perWorktree tells whether each work tree keeps name for itself.
func perWorktree(name string) bool {
	if !strings.HasPrefix(name, "refs/") {
		return !strings.HasPrefix(name, "worktrees/") && !strings.HasPrefix(name, "main-worktree/")
	}
	return strings.HasPrefix(name, "refs/bisect/") || strings.HasPrefix(name, "refs/worktree/") || strings.HasPrefix(name, "refs/rewritten/")
}

// safe tells whether name can be taken for a path below a git directory.
func safe(name string) bool {
	return name != "" && len(name) < 4096 && !strings.ContainsAny(name, "\x00\n\\") &&
		path.Clean(name) == name && !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../") &&
		!strings.Contains(name, ":") && (strings.HasPrefix(name, "refs/") || bare(name) ||
		strings.HasPrefix(name, "worktrees/") || strings.HasPrefix(name, "main-worktree/"))
}

// bare tells whether name is one of those beside HEAD.
func bare(name string) bool {
	for i := range len(name) {
		if c := name[i]; !('A' <= c && c <= 'Z' || c == '_' || c == '-') {
			return false
		}
	}
	return strings.HasSuffix(name, "HEAD") || name == "AUTO_MERGE" || strings.HasPrefix(name, "BISECT_")
}

func joinErrors(errs []error) error {
	if len(errs) > MaxErrors {
		more := len(errs) - MaxErrors
		errs = append(errs[:MaxErrors:MaxErrors], fmt.Errorf("and %d more references or logs that cannot be read", more))
	}
	return errors.Join(errs...)
}
