package index

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// MaxSize is the number of bytes read of an index. One of a million entries
// has about 150 MB.
const MaxSize = 1 << 30

// Entry is one line of the index.
type Entry struct {
	// Path is slash-separated. That of a sparse directory ends in a slash.
	Path string
	ID   object.ID
	Mode uint32
	// Stage is 0, or 1 to 3 (base, ours, theirs) while a merge is unresolved.
	Stage uint8
	// IntentToAdd: the path was announced (git add -N), it has no content yet.
	IntentToAdd bool
	// SkipWorktree: the file is not meant to be in the work tree.
	SkipWorktree bool
	// AssumeValid: git does not look whether the file changed.
	AssumeValid bool
}

// IsSparseDir tells whether the entry stands for a whole directory outside of
// the sparse checkout; ID is then a tree.
func (e *Entry) IsSparseDir() bool { return e.Mode&0o170000 == object.ModeTree }

// IsGitlink tells whether the entry is a submodule.
func (e *Entry) IsGitlink() bool { return e.Mode&0o170000 == object.ModeGitlink }

// Index is what a commit would record.
type Index struct {
	// Entries are sorted by path, then stage.
	Entries []Entry
	Version int
	// Trees holds the trees that git has already computed for directories of
	// the index ("" for all of it): a commit records these and does not look
	// at the entries below them.
	Trees map[string]CachedTree
	// Sparse tells that there are sparse directories.
	Sparse bool
	// Split is the id of the shared index; zero for a whole one.
	Split object.ID
}

// CachedTree is the tree of one directory.
type CachedTree struct {
	ID object.ID
	// Entries is the number of entries of the index that it covers.
	Entries int
}

// Error says what is wrong at one offset of an index.
type Error struct {
	File   string
	Offset int
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: offset %d: %s; rebuild it: remove the file and run \"git reset\"", e.File, e.Offset, e.Reason)
}

// Read reads the index file; gitDir is where a split index has its other half.
// A missing file is an empty index. On an error the Index holds what could be
// read and is never nil.
func Read(file, gitDir string, hashSize int) (*Index, error) {
	text, err := bounded.ReadFile(file, MaxSize)
	if bounded.Missing(err) {
		return &Index{Version: 2}, nil
	}
	if err != nil {
		return &Index{}, fmt.Errorf("reading the index: %w", err)
	}
	p, err := parse(file, text, hashSize)
	ix := p.index
	if p.link == nil || p.link.base.IsZero() {
		return ix, errors.Join(err, ix.sort(file))
	}
	ix.Split = p.link.base
	shared := filepath.Join(gitDir, "sharedindex."+p.link.base.String())
	base, sharedErr := bounded.ReadFile(shared, MaxSize)
	if sharedErr != nil {
		return ix, errors.Join(err, fmt.Errorf("reading the shared half of a split index: %w; rebuild it: remove %s and run \"git reset\"", sharedErr, file))
	}
	b, sharedErr := parse(shared, base, hashSize)
	err = errors.Join(err, sharedErr, ix.merge(file, b.index.Entries, p.link))
	return ix, errors.Join(err, ix.sort(file))
}

// Parse reads the text of an index that is not split; name stands in errors.
func Parse(name string, text []byte, hashSize int) (*Index, error) {
	p, err := parse(name, text, hashSize)
	return p.index, errors.Join(err, p.index.sort(name))
}

// merge puts the entries of a split index over those of the shared one: first
// come the replaced ones, without names, then the added ones.
func (ix *Index) merge(file string, base []Entry, l *link) error {
	var err error
	own := ix.Entries
	merged := slices.Clone(base)
	for i := range l.replaced {
		if len(own) == 0 || own[0].Path != "" || i >= len(merged) {
			err = &Error{file, 0, "the split index replaces entries that are not there"}
			break
		}
		own[0].Path = merged[i].Path
		merged[i] = own[0]
		own = own[1:]
	}
	kept := merged[:0]
	for i, e := range merged {
		if !l.isDeleted(i) {
			kept = append(kept, e)
		}
	}
	ix.Entries = append(kept, own...)
	return err
}

func compareEntries(a, b Entry) int {
	return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Stage, b.Stage))
}

// sort puts entries in order and complains of those that were not. Entries
// without a name are dropped.
func (ix *Index) sort(file string) error {
	var err error
	n := len(ix.Entries)
	ix.Entries = slices.DeleteFunc(ix.Entries, func(e Entry) bool { return e.Path == "" })
	if len(ix.Entries) < n {
		err = &Error{file, 0, fmt.Sprintf("%d entries have no name", n-len(ix.Entries))}
	}
	if !slices.IsSortedFunc(ix.Entries, compareEntries) {
		slices.SortStableFunc(ix.Entries, compareEntries)
		if ix.Split.IsZero() { // a split one is merged, hence never in order
			err = errors.Join(err, &Error{file, 0, "entries are not in order"})
		}
	}
	return err
}

// find gives the first entry whose path is not less than path.
func (ix *Index) find(path string) int {
	return sort.Search(len(ix.Entries), func(i int) bool { return ix.Entries[i].Path >= path })
}

// Tracked tells whether the file path is in the index, at any stage, or below
// a sparse directory.
func (ix *Index) Tracked(path string) bool {
	if i := ix.find(path); i < len(ix.Entries) && ix.Entries[i].Path == path {
		return true
	}
	if !ix.Sparse {
		return false
	}
	for end := len(path); ; {
		end = strings.LastIndexByte(path[:end], '/')
		if end < 0 {
			return false
		}
		if i := ix.find(path[:end+1]); i < len(ix.Entries) && ix.Entries[i].Path == path[:end+1] {
			return true
		}
	}
}

// TracksBelow tells whether any path below the directory dir is in the index:
// whether a walk has to go into a directory that is ignored.
func (ix *Index) TracksBelow(dir string) bool {
	if dir == "" {
		return len(ix.Entries) > 0
	}
	i := ix.find(dir + "/")
	return i < len(ix.Entries) && strings.HasPrefix(ix.Entries[i].Path, dir+"/")
}

// Below gives the entries below the directory dir.
func (ix *Index) Below(dir string) []Entry {
	if dir == "" {
		return ix.Entries
	}
	first := ix.find(dir + "/")
	last := ix.find(dir + "0") // "0" comes right after "/"
	return ix.Entries[first:last]
}
