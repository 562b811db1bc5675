package change

import (
	"context"
	"errors"
	"fmt"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
)

// Commits calls fn for every change of every commit given, in order. A commit
// without parents brings all its files. What cannot be read is joined in the
// error and the rest is compared all the same; an error of fn ends it.
//
// For a commit whose parents were not fetched (Commit.Shallow) everything
// counts as brought by it: the caller has a gap to report, not a finding to
// lose.
func Commits(ctx context.Context, r *repo.Repository, commits []repo.Commit, fn func(Change) error) error {
	objects, err := r.Objects()
	if err != nil {
		return err
	}
	var errs []error
	trees := map[object.ID]object.ID{}
	for _, c := range commits {
		trees[c.ID] = c.Tree
	}
	for _, c := range commits {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := &differ{objects: objects, hashSize: r.HashSize, commit: c.ID}
		var parents []object.ID
		for _, p := range c.Parents {
			tree, ok := trees[p]
			if !ok {
				if tree, err = r.Peel(p, object.Tree); err != nil {
					errs = append(errs, fmt.Errorf("parent of commit %s: %w", c.ID, err))
					continue
				}
				trees[p] = tree
			}
			parents = append(parents, tree)
		}
		if err := d.trees(c.Tree, parents, "", 0); err != nil {
			d.fault(err)
		}
		d.renames()
		if err := d.err(); err != nil && len(errs) < 100 {
			errs = append(errs, fmt.Errorf("commit %s: %w", c.ID, err))
		}
		for _, ch := range d.changes {
			if err := fn(ch); err != nil {
				return err
			}
		}
	}
	return errors.Join(errs...)
}
