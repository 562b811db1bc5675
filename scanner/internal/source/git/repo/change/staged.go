package change

import (
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/index"
)

// Staged gives what a commit of the index would bring: entries whose blob is
// not that of HEAD, nor of any commit being merged. Before the first commit
// that is every entry. Files only announced (git add -N) and submodules are
// left out. Faults are joined in the error, beside the changes found.
//
// Where the index holds the tree of a directory already computed and a parent
// has the same, nothing below it is looked at: a commit records that very
// tree. So a hook reads the few trees on the way to what was staged.
func Staged(r *repo.Repository, ix *index.Index) ([]Change, error) {
	objects, err := r.Objects()
	if err != nil {
		return nil, err
	}
	head, err := r.Head()
	if err != nil {
		return nil, err
	}
	d := &differ{objects: objects, hashSize: r.HashSize}
	var parents []object.ID
	if !head.IsZero() {
		merging, err := r.Merging()
		if err != nil {
			d.fault(err)
		}
		for _, id := range append([]object.ID{head}, merging...) {
			tree, err := r.Peel(id, object.Tree)
			if err != nil {
				d.fault(err)
				continue
			}
			parents = append(parents, tree)
		}
	}
	s := &stager{differ: d, ix: ix}
	if err := s.dir(0, len(ix.Entries), parents, "", 0); err != nil {
		d.fault(err)
	}
	d.renames()
	return d.changes, d.err()
}

type stager struct {
	*differ
	ix *index.Index
}

// dir compares the entries lo to hi, all below prefix, with the parents' trees
// of that directory.
func (s *stager) dir(lo, hi int, parents []object.ID, prefix string, depth int) error {
	if t, ok := s.ix.Trees[strings.TrimSuffix(prefix, "/")]; ok && t.Entries == hi-lo && slices.Contains(parents, t.ID) {
		return nil
	}
	cursors := make([]map[string][]entry, len(parents))
	for i, p := range parents {
		entries := s.read(p, prefix)
		m := make(map[string][]entry, len(entries))
		for _, e := range entries {
			key := string(e.name)
			if e.isTree() {
				key += "/"
			}
			m[key] = append(m[key], e)
		}
		cursors[i] = m
	}
	seen := map[string]bool{}
	for i := lo; i < hi; {
		e := &s.ix.Entries[i]
		name := e.Path[len(prefix):]
		slash := strings.IndexByte(name, '/')
		key := name
		if slash >= 0 {
			key = name[:slash+1]
		}
		seen[key] = true
		var old []object.ID
		for _, m := range cursors {
			for _, p := range m[key] {
				if !slices.Contains(old, p.id) {
					old = append(old, p.id)
				}
			}
		}
		switch {
		case slash >= 0 && (slash < len(name)-1 || !e.IsSparseDir()):
			end := i + 1
			for end < hi && strings.HasPrefix(s.ix.Entries[end].Path[len(prefix):], key) {
				end++
			}
			if depth < MaxDepth && slash < len(name)-1 {
				if err := s.dir(i, end, old, prefix+key, depth+1); err != nil {
					return err
				}
			}
			i = end
			continue
		case e.IsSparseDir():
			if err := s.trees(e.ID, old, prefix+key, depth+1); err != nil {
				return err
			}
		case e.IntentToAdd || e.IsGitlink() || slices.Contains(old, e.ID):
		default:
			if err := s.add(Change{Path: e.Path, Blob: e.ID, Mode: e.Mode, Old: old}); err != nil {
				return err
			}
		}
		i++
	}
	for _, m := range cursors {
		for key, list := range m {
			if !seen[key] {
				for i := range list {
					s.passed(&list[i], prefix, depth)
				}
			}
		}
	}
	return nil
}
