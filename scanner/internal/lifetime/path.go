package lifetime

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// paths numbers the paths met: each is a name below another path.
type paths struct {
	f    *Forest
	byUp map[uint64]uint32
	up   []uint32
	name []uint32
}

func newPaths(f *Forest) *paths {
	return &paths{f: f, byUp: map[uint64]uint32{}, up: []uint32{none}, name: []uint32{none}}
}

// below gives the number of a name below a path; 0 is the root.
func (p *paths) below(path, name uint32) uint32 {
	key := uint64(path)<<32 | uint64(name)
	n, ok := p.byUp[key]
	if !ok {
		n = uint32(len(p.up))
		p.byUp[key] = n
		p.up = append(p.up, path)
		p.name = append(p.name, name)
	}
	return n
}

func (p *paths) text(path uint32) string {
	var names []string
	for ; path != 0; path = p.up[path] {
		names = append(names, p.f.names[p.name[path]])
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// version is a blob at a path.
type version struct {
	path, blob  uint32
	since       uint32 // the earliest commit that has it
	until       uint32 // the latest
	atHead      bool
	reachable   bool
	reachedLate uint32 // the latest reachable commit that has it
}

// maxStates bounds the trees and blobs met again at another path. A tree of
// trees of trees can spell out more paths than there is memory.
const maxStates = 2_000_000

// maxDepth bounds the directories within each other.
const maxDepth = 4096

// ErrPaths comes with lifetimes whose paths are not complete.
var ErrPaths = errors.New("the trees spell out millions of paths for the same files, or nest thousands deep; the paths of secrets are not complete")

// sweep visits every pair of node and path once. Nearly every node has one
// path; further ones are kept apart.
type sweep struct {
	c    *computer
	path []uint32 // by node: the first path it was met at
	more map[uint64]struct{}
	most int // of more
	leaf func(path, blob uint32)
	err  error
}

func newSweep(c *computer, leaf func(path, blob uint32)) *sweep {
	s := &sweep{c: c, path: make([]uint32, c.f.Len()), more: map[uint64]struct{}{}, most: cmp.Or(c.states, maxStates), leaf: leaf}
	for i := range s.path {
		s.path[i] = none
	}
	return s
}

// enter tells whether node is met at path for the first time.
func (s *sweep) enter(node, path uint32) bool {
	if s.path[node] == none {
		s.path[node] = path
		return true
	}
	if s.path[node] == path {
		return false
	}
	key := uint64(node)<<32 | uint64(path)
	if _, ok := s.more[key]; ok {
		return false
	}
	if len(s.more) >= s.most {
		s.err = ErrPaths
		return false
	}
	s.more[key] = struct{}{}
	return true
}

func (s *sweep) root(node uint32) {
	if node != none && s.enter(node, 0) {
		s.tree(node, 0, 0)
	}
}

func (s *sweep) tree(node, path uint32, depth int) {
	if depth > maxDepth {
		s.err = ErrPaths
		return
	}
	for _, k := range s.c.f.kidsOf(node) {
		if s.err != nil {
			return
		}
		p := s.c.paths.below(path, k.name)
		switch {
		case !s.enter(k.child, p):
		case s.c.f.isBlob(k.child):
			s.leaf(p, k.child)
		default:
			s.tree(k.child, p, depth+1)
		}
	}
}

// occurrences finds every version of every path with secrets, and for each
// secret what its paths are. Commits are swept twice, oldest first for where a
// version came in and newest first for where it was last seen.
func (c *computer) occurrences(ctx context.Context) error {
	var list []version
	at := map[uint64]int{}
	now := uint32(0)
	forward := newSweep(c, func(path, blob uint32) {
		at[uint64(path)<<32|uint64(blob)] = len(list)
		list = append(list, version{path: path, blob: blob, since: now, until: none, reachedLate: none})
	})
	for i := range c.roots {
		now = uint32(i)
		forward.root(c.roots[i])
	}
	find := func(path, blob uint32) *version {
		if i, ok := at[uint64(path)<<32|uint64(blob)]; ok {
			return &list[i]
		}
		return &version{} // beyond what the first sweep could take
	}
	back := newSweep(c, func(path, blob uint32) { find(path, blob).until = now })
	for i := len(c.roots) - 1; i >= 0; i-- {
		now = uint32(i)
		back.root(c.roots[i])
	}
	reach := newSweep(c, func(path, blob uint32) {
		v := find(path, blob)
		v.reachable, v.reachedLate = true, now
	})
	for i := len(c.roots) - 1; i >= 0; i-- {
		if now = uint32(i); c.g.commits[i].flags&flagReachable != 0 {
			reach.root(c.roots[i])
		}
	}
	if h := c.g.head; h != none {
		newSweep(c, func(path, blob uint32) { find(path, blob).atHead = true }).root(c.roots[h])
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	bySecret := make([][]int, c.in.Secrets)
	for i := range list {
		for _, s := range c.blobSecrets[list[i].blob] {
			bySecret[s] = append(bySecret[s], i)
		}
	}
	for s, own := range bySecret {
		c.gather(&c.out[s], list, own)
	}
	return forward.err
}

// gather makes the occurrences of one secret from its versions.
func (c *computer) gather(out *Lifetime, list []version, own []int) {
	slices.SortFunc(own, func(a, b int) int {
		return cmp.Or(cmp.Compare(list[a].path, list[b].path), cmp.Compare(list[a].since, list[b].since), cmp.Compare(list[a].blob, list[b].blob))
	})
	for first := 0; first < len(own); {
		last := first
		for last < len(own) && list[own[last]].path == list[own[first]].path {
			last++
		}
		group := own[first:last]
		first = last
		newest := slices.MaxFunc(group, func(a, b int) int {
			x, y := &list[a], &list[b]
			return cmp.Or(compareBool(x.atHead, y.atHead), compareBool(x.reachable, y.reachable), cmp.Compare(x.latest(), y.latest()), cmp.Compare(x.since, y.since), cmp.Compare(x.blob, y.blob))
		})
		o := Occurrence{Path: c.paths.text(list[group[0]].path), Versions: len(group), First: c.blobID(list[group[0]].blob),
			Last: c.blobID(list[group[len(group)-1]].blob), Newest: c.blobID(list[newest].blob), Since: c.g.id(list[group[0]].since)}
		until := uint32(0)
		for _, v := range group {
			if list[v].until == none {
				list[v].until = list[v].since // the sweep back was cut short
			}
			o.AtHead = o.AtHead || list[v].atHead
			o.Reachable = o.Reachable || list[v].reachable
			until = max(until, list[v].until)
		}
		o.Until = c.g.id(until)
		out.Occurrences = append(out.Occurrences, o)
	}
	out.PathCount = len(out.Occurrences)
	slices.SortFunc(out.Occurrences, func(a, b Occurrence) int {
		return cmp.Or(-compareBool(a.AtHead, b.AtHead), -compareBool(a.Reachable, b.Reachable), strings.Compare(a.Path, b.Path))
	})
	out.Occurrences = out.Occurrences[:min(len(out.Occurrences), MaxPaths)]
	slices.SortFunc(out.Occurrences, func(a, b Occurrence) int { return strings.Compare(a.Path, b.Path) })
}

func (v *version) latest() uint32 {
	if v.reachable {
		return v.reachedLate
	}
	return v.until
}

// firstPath finds the first path by name at which a tree holds the secret of
// bit.
func (c *computer) firstPath(node uint32, bit uint64) string {
	best, found, tries := "", false, 0
	var walk func(node, path uint32, depth int)
	walk = func(node, path uint32, depth int) {
		for _, k := range c.f.kidsOf(node) {
			if c.trees[k.child]&bit == 0 || tries > 10_000 || depth > maxDepth {
				continue
			}
			p := c.paths.below(path, k.name)
			if !c.f.isBlob(k.child) {
				walk(k.child, p, depth+1)
				continue
			}
			tries++
			if text := c.paths.text(p); !found || text < best {
				best, found = text, true
			}
		}
	}
	if node != none {
		walk(node, 0, 0)
	}
	return best
}

func (c *computer) blobID(node uint32) object.ID { return c.f.store.IDOf(int(c.f.blobs[node])) }
