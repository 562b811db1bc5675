package repo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/config"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/index"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/mailmap"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/refs"
)

// Head gives the commit that HEAD stands at. It is zero, without an error,
// before the first commit.
func (r *Repository) Head() (object.ID, error) {
	head, err := r.Refs.Resolve("HEAD")
	if errors.Is(err, refs.ErrNotFound) {
		return object.ID{}, nil
	}
	return head.ID, err
}

// Merging gives the further parents of the commit being made: the lines of
// MERGE_HEAD. None outside of a merge.
func (r *Repository) Merging() ([]object.ID, error) {
	text, err := bounded.ReadFile(filepath.Join(r.GitDir, "MERGE_HEAD"), 1<<20)
	if bounded.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []object.ID
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		id, err := object.ParseID(strings.TrimSpace(line))
		if err != nil {
			return ids, fmt.Errorf("%s:%d: %w; finish or abort the merge", filepath.Join(r.GitDir, "MERGE_HEAD"), n, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// Peel follows tags from id until it finds an object of the wanted type; a
// commit leads to its tree.
func (r *Repository) Peel(id object.ID, want object.Type) (object.ID, error) {
	objects, err := r.Objects()
	if err != nil {
		return object.ID{}, err
	}
	for range 32 {
		typ, text, err := objects.Get(id, nil)
		if err != nil {
			return object.ID{}, err
		}
		switch {
		case typ == want:
			return id, nil
		case typ == object.Tag:
			t, err := object.ParseTag(text, r.HashSize)
			if err != nil {
				return object.ID{}, fmt.Errorf("%s: %w", id, err)
			}
			id = t.Target
		case typ == object.Commit && want == object.Tree:
			c, err := object.ParseCommit(text, r.HashSize)
			if c.Tree.IsZero() {
				return object.ID{}, fmt.Errorf("%s: %w", id, err)
			}
			return c.Tree, nil
		default:
			return object.ID{}, fmt.Errorf("%s is a %v, not a %v", id, typ, want)
		}
	}
	return object.ID{}, fmt.Errorf("%s: more than 32 tags of tags", id)
}

// Lookup finds the entry at a slash-separated path in a tree. A path that is
// not there gives a zero Entry and no error.
func (r *Repository) Lookup(tree object.ID, path string) (object.Entry, error) {
	objects, err := r.Objects()
	if err != nil {
		return object.Entry{}, err
	}
	for {
		name, rest, deeper := strings.Cut(path, "/")
		typ, text, err := objects.Get(tree, nil)
		if err != nil {
			return object.Entry{}, err
		}
		if typ != object.Tree {
			return object.Entry{}, fmt.Errorf("%s is a %v, not a tree", tree, typ)
		}
		var found object.Entry
		var e object.Entry
		for t := object.ReadTree(text, r.HashSize); t.Next(&e); {
			if string(e.Name) == name {
				found = e
				break
			}
		}
		if !deeper || found.ID.IsZero() {
			return found, nil
		}
		if !found.IsTree() {
			return object.Entry{}, nil
		}
		tree, path = found.ID, rest
	}
}

// topFile reads a file at the top of the work tree, or of HEAD's tree where
// there is no work tree or the file is not checked out. "" if there is none.
func (r *Repository) topFile(name string) (string, error) {
	if r.Kind == WorkTree {
		// Not through a link: it could lead out of the tree.
		text, err := bounded.ReadFileNoFollow(filepath.Join(r.Root, name), 16<<20)
		if err == nil || !bounded.Missing(err) {
			return string(text), err
		}
	}
	head, err := r.Head()
	if err != nil || head.IsZero() {
		return "", err
	}
	tree, err := r.Peel(head, object.Tree)
	if err != nil {
		return "", err
	}
	e, err := r.Lookup(tree, name)
	if err != nil || e.ID.IsZero() || e.Mode&0o170000 != 0o100000 {
		return "", err
	}
	objects, err := r.Objects()
	if err != nil {
		return "", err
	}
	_, text, err := objects.Get(e.ID, nil)
	return string(text), err
}

// Mailmap reads .mailmap. With an error, which is no reason to stop, it maps
// what could be read.
func (r *Repository) Mailmap() (*mailmap.Map, error) {
	text, err := r.topFile(".mailmap")
	return mailmap.Parse(text), err
}

// Submodule is another repository that this one holds a commit of.
type Submodule struct {
	// Path is where it stands, slash-separated.
	Path string
	// Name and URL are from .gitmodules; empty for a gitlink it does not name.
	Name, URL string
	// Commit is what the index records; zero for one that only .gitmodules
	// names.
	Commit object.ID
	// Present tells that it is checked out: At says where.
	Present bool
	At      Location
}

// Submodules lists the submodules of the index and of .gitmodules, by path. An
// error comes with the rest.
func (r *Repository) Submodules(ix *index.Index) ([]Submodule, error) {
	text, err := r.topFile(".gitmodules")
	c, parseErr := config.Parse(".gitmodules", []byte(text))
	errs := []error{err, parseErr}
	byPath := map[string]*Submodule{}
	for _, name := range c.Subsections("submodule") {
		p, ok := c.Get("submodule", name, "path")
		p = strings.TrimSuffix(p, "/")
		if !ok || !filepath.IsLocal(filepath.FromSlash(p)) {
			if ok {
				errs = append(errs, fmt.Errorf(".gitmodules: submodule %q: path %q leads out of the tree; correct it", name, p))
			}
			continue
		}
		url, _ := c.Get("submodule", name, "url")
		byPath[p] = &Submodule{Path: p, Name: name, URL: url}
	}
	for i := range ix.Entries {
		e := &ix.Entries[i]
		if !e.IsGitlink() {
			continue
		}
		if byPath[e.Path] == nil {
			byPath[e.Path] = &Submodule{Path: e.Path}
		}
		byPath[e.Path].Commit = e.ID
	}
	var all []Submodule
	for _, s := range byPath {
		if dir := filepath.FromSlash(s.Path); r.Kind == WorkTree && filepath.IsLocal(dir) {
			dir = filepath.Join(r.Root, dir)
			if st, err := os.Lstat(dir); err == nil && st.IsDir() {
				loc, err := At(dir)
				errs = append(errs, err)
				s.Present, s.At = loc.Kind == WorkTree, loc
			}
		}
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Submodule) int { return strings.Compare(a.Path, b.Path) })
	return all, errors.Join(errs...)
}
