package repo

import (
	"container/heap"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// Commit is one commit of a Commits listing.
type Commit struct {
	ID, Tree object.ID
	Parents  []object.ID
	// Seconds is the committer's date, since 1970.
	Seconds int64
	// Shallow: the commit has parents that were not fetched.
	Shallow bool
}

// Commits lists the commits that rng.Include reaches and rng.Exclude does not,
// newest first, limited to those not older than since (zero: all). It reads
// only as far back as it must. Faults are joined in the error and cost the
// commits behind them, not the others.
//
// The commit-graph file is not consulted: it would save time on ranges of
// thousands of commits, and a stale or hostile one would hide commits.
func (r *Repository) Commits(rng Range, since time.Time) ([]Commit, error) {
	w := r.newWalk()
	for _, id := range rng.Exclude {
		w.push(id, excluded)
	}
	for _, id := range rng.Include {
		w.push(id, included)
	}
	var found []*node
	oldest := int64(1) << 62
	for w.queue.Len() > 0 {
		n := heap.Pop(&w.queue).(*node)
		if n.flags&excluded == 0 {
			if !since.IsZero() && n.Seconds < since.Unix() {
				continue
			}
			found = append(found, n)
			oldest = min(oldest, n.Seconds)
		} else if w.open == 0 && n.Seconds < oldest-daySlack {
			// Nothing included is left to be read, and what follows is older
			// than all that was found: it cannot exclude any more, but for
			// clocks that went wrong by more than the slack.
			break
		}
		for _, p := range n.Parents {
			w.push(p, n.flags)
		}
	}
	out := make([]Commit, 0, len(found))
	for _, n := range found {
		if n.flags&excluded == 0 {
			out = append(out, n.Commit)
		}
	}
	return out, errors.Join(w.errs...)
}

// Unpushed is the range of what local branches and HEAD hold and no
// remote-tracking branch does.
func (r *Repository) Unpushed() (Range, error) {
	list, err := r.Refs.List()
	var rng Range
	for _, ref := range list {
		local := ref.IsBranch() || ref.Name == "HEAD"
		if ref.ID.IsZero() || !local && !ref.IsRemote() {
			continue
		}
		id, peelErr := r.Peel(ref.ID, object.Commit)
		if peelErr != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", ref.Name, peelErr))
			continue
		}
		if local {
			rng.Include = append(rng.Include, id)
		} else {
			rng.Exclude = append(rng.Exclude, id)
		}
	}
	return rng, err
}

// Except leaves out of a range what is elsewhere already: commits by id, or the
// references that a pattern ending in "/*" names. A name that is not here says
// nothing about what is, and is passed over.
func (r *Repository) Except(rng *Range, names []string) error {
	var errs []error
	for _, name := range names {
		prefix, ok := strings.CutSuffix(name, "*")
		if !ok {
			if id, err := r.Commit(name); err == nil {
				rng.Exclude = append(rng.Exclude, id)
			}
			continue
		}
		list, err := r.Refs.List()
		errs = append(errs, err)
		for _, ref := range list {
			if !strings.HasPrefix(ref.Name, prefix) || ref.ID.IsZero() {
				continue
			}
			if id, err := r.Peel(ref.ID, object.Commit); err == nil {
				rng.Exclude = append(rng.Exclude, id)
			}
		}
	}
	return errors.Join(errs...)
}

// MergeBases gives the best common ancestors of a and b; none if their
// histories share nothing.
func (r *Repository) MergeBases(a, b object.ID) ([]object.ID, error) {
	if a == b {
		return []object.ID{a}, nil
	}
	w := r.newWalk()
	w.push(a, sideA)
	w.push(b, sideB)
	var bases []*node
	for w.queue.Len() > 0 && w.open > 0 {
		n := heap.Pop(&w.queue).(*node)
		flags := n.flags & (sideA | sideB | stale)
		if flags&(sideA|sideB) == sideA|sideB {
			if n.flags&(result|stale) == 0 {
				n.flags |= result
				bases = append(bases, n)
			}
			flags |= stale
		}
		for _, p := range n.Parents {
			w.push(p, flags)
		}
	}
	var out []object.ID
	for _, n := range bases {
		if n.flags&stale == 0 {
			out = append(out, n.ID)
		}
	}
	return out, errors.Join(w.errs...)
}

// Marks of a node.
const (
	included uint8 = 1 << iota
	excluded
	sideA
	sideB
	stale // below a common ancestor
	result
)

const daySlack = 24 * 60 * 60

type node struct {
	Commit
	flags  uint8
	queued bool
}

// closed tells whether nothing is to be learnt from the commits behind n.
func (n *node) closed() bool { return n.flags&(excluded|stale) != 0 }

// walk reads commits, the newest first.
type walk struct {
	r     *Repository
	nodes map[object.ID]*node // nil: cannot be read
	queue byDate
	open  int // queued nodes that are not closed
	buf   []byte
	errs  []error
}

func (r *Repository) newWalk() *walk {
	w := &walk{r: r, nodes: map[object.ID]*node{}}
	w.queue.open = &w.open
	return w
}

// push adds flags to a commit; one that learns something new is read (again).
func (w *walk) push(id object.ID, flags uint8) {
	n, seen := w.nodes[id]
	if !seen {
		n = w.read(id)
		w.nodes[id] = n
	}
	if n == nil || n.flags&flags == flags && seen {
		return
	}
	was := n.queued && !n.closed()
	n.flags |= flags
	if !n.queued {
		n.queued = true
		heap.Push(&w.queue, n)
	}
	if now := !n.closed(); now != was {
		if now {
			w.open++
		} else {
			w.open--
		}
	}
}

func (w *walk) read(id object.ID) *node {
	c, text, err := w.r.commit(id, w.buf)
	w.buf = text[:0]
	if err != nil {
		if len(w.errs) < 100 {
			w.errs = append(w.errs, err)
		}
		return nil
	}
	return &node{Commit: c}
}

// commit reads one commit. A faulty header is no error as long as tree and
// parents can be read.
func (r *Repository) commit(id object.ID, buf []byte) (c Commit, text []byte, err error) {
	objects, err := r.Objects()
	if err != nil {
		return c, nil, err
	}
	typ, text, err := objects.Get(id, buf)
	if err != nil {
		if errors.Is(err, pack.ErrNotFound) {
			err = fmt.Errorf("commit %s is missing: %w; fetch it again", id, err)
		}
		return c, text, err
	}
	if typ != object.Commit {
		return c, text, fmt.Errorf("%s is a %v, not a commit", id, typ)
	}
	p, err := object.ParseCommit(text, r.HashSize)
	if p.Tree.IsZero() {
		return c, text, fmt.Errorf("%s: %w", id, err)
	}
	c = Commit{ID: id, Tree: p.Tree, Seconds: object.ParsePerson(p.Committer).Seconds, Shallow: r.Shallow[id] && p.NumParents() > 0}
	if !c.Shallow {
		for i := range p.NumParents() {
			c.Parents = append(c.Parents, p.Parent(i))
		}
	}
	return c, text, nil
}

// byDate is a heap, the newest on top.
type byDate struct {
	nodes []*node
	open  *int
}

func (q *byDate) Len() int           { return len(q.nodes) }
func (q *byDate) Less(i, j int) bool { return q.nodes[i].Seconds > q.nodes[j].Seconds }
func (q *byDate) Swap(i, j int)      { q.nodes[i], q.nodes[j] = q.nodes[j], q.nodes[i] }
func (q *byDate) Push(x any)         { q.nodes = append(q.nodes, x.(*node)) }
func (q *byDate) Pop() any {
	n := q.nodes[len(q.nodes)-1]
	q.nodes = q.nodes[:len(q.nodes)-1]
	n.queued = false
	if !n.closed() {
		*q.open--
	}
	return n
}
