package lifetime

import (
	"cmp"
	"math/bits"
	"slices"
)

func trailing(x uint64) int { return bits.TrailingZeros64(x) }

// stretch is one interval while it is put together.
type stretch struct {
	introduced uint32 // the earliest
	n          int    // introductions
	removed    uint32 // the last removal; none
	onHead     bool   // removed is on the way to HEAD
	landed     uint32 // the last merge on HEAD's line that lost it
	onLine     uint32 // the last removal made on that line
	dropped    uint32
	standing   bool // HEAD is part of it
	tip        bool // a reference's tip is
	reachable  bool
}

// intervals groups the commits that hold a secret into connected stretches.
//
// With one introduction they are all connected: whatever holds the secret got
// it from a parent or introduced it. With several, a label is handed down from
// parent to child, and labels that meet in a merge are one stretch.
func (c *computer) intervals(out *Lifetime, s int, bit uint64) {
	e := &c.events[s-c.first]
	list := make([]stretch, len(e.introduced))
	for k, at := range e.introduced {
		list[k] = stretch{introduced: at, n: 1, removed: none, landed: none, onLine: none, dropped: none,
			reachable: c.g.commits[at].flags&flagReachable != 0}
	}
	group := func(commit uint32) *stretch { return &list[0] }
	if len(list) > 1 {
		label, find := c.label(e.introduced, bit)
		group = func(commit uint32) *stretch { return &list[find(label[commit])] }
		for k := range list {
			if to := find(uint32(k)); to != uint32(k) {
				list[to].n++
				list[to].reachable = list[to].reachable || list[k].reachable
				list[k].n = 0
			}
		}
	}
	// A commit that lost it may end several stretches, one of each parent.
	each := func(at uint32, fn func(*stretch)) {
		var last *stretch
		for _, p := range c.g.parentsOf(at) {
			if c.held[p]&bit == 0 {
				continue
			}
			if st := group(p); st != last {
				fn(st)
				last = st
			}
		}
	}
	head, line := c.ancestors()
	onHead := func(at uint32) bool { return head != nil && has(head, at) }
	for _, at := range e.removed {
		each(at, func(st *stretch) {
			if on := onHead(at); on || !st.onHead {
				st.removed, st.onHead = at, on
			}
			if line != nil && has(line, at) {
				st.onLine = at
			}
		})
	}
	for _, at := range e.landed {
		if line != nil && has(line, at) {
			group(c.g.parentsOf(at)[0]).landed = at
		}
	}
	for _, list := range [][]uint32{e.landed, e.dropped} {
		for _, at := range list {
			each(at, func(st *stretch) {
				if st.dropped == none || st.dropped < at {
					st.dropped = at
				}
			})
		}
	}
	if h := c.g.head; h != none && c.held[h]&bit != 0 {
		group(h).standing = true
	}
	for i := range c.g.tips {
		if t := c.g.tips[i].commit; t != none && c.held[t]&bit != 0 {
			group(t).tip = true
		}
	}
	c.report(out, slices.DeleteFunc(list, func(s stretch) bool { return s.n == 0 }), bit)
}

// label gives every commit that holds the secret the number of an introduction
// it comes from, and find the number of its stretch.
func (c *computer) label(introduced []uint32, bit uint64) (label []uint32, find func(uint32) uint32) {
	if c.labels == nil {
		c.labels = make([]uint32, len(c.g.commits))
	}
	label = c.labels
	root := make([]uint32, len(introduced))
	for i := range root {
		root[i] = uint32(i)
	}
	find = func(x uint32) uint32 {
		for root[x] != x {
			root[x] = root[root[x]]
			x = root[x]
		}
		return x
	}
	next := 0
	for i := introduced[0]; i < uint32(len(c.held)); i++ {
		if c.held[i]&bit == 0 {
			continue
		}
		if next < len(introduced) && introduced[next] == i {
			label[i] = uint32(next)
			next++
			continue
		}
		mine := none
		for _, p := range c.g.parentsOf(i) {
			if c.held[p]&bit == 0 {
				continue
			}
			switch l := find(label[p]); {
			case mine == none:
				mine = l
			case l != mine:
				// The earlier one stands for both.
				l, mine = max(l, mine), min(l, mine)
				root[l] = mine
			}
		}
		label[i] = mine
	}
	return label, find
}

// ancestors marks the commits that HEAD reaches, and those of its line of first
// parents.
func (c *computer) ancestors() (head, line []uint64) {
	if c.head == nil && c.g.head != none {
		c.line = make([]uint64, (len(c.g.commits)+63)/64)
		for i := c.g.head; ; {
			c.line[i>>6] |= 1 << (i & 63)
			p := c.g.parentsOf(i)
			if len(p) == 0 {
				break
			}
			i = p[0]
		}
		c.head = make([]uint64, (len(c.g.commits)+63)/64)
		stack := []uint32{c.g.head}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if has(c.head, i) {
				continue
			}
			c.head[i>>6] |= 1 << (i & 63)
			stack = append(stack, c.g.parentsOf(i)...)
		}
	}
	return c.head, c.line
}

// report turns stretches into intervals. A stretch that a reference still
// holds, and that was not removed on the way to HEAD, stands.
func (c *computer) report(out *Lifetime, list []stretch, bit uint64) {
	slices.SortStableFunc(list, func(a, b stretch) int {
		return cmp.Or(-compareBool(a.reachable, b.reachable), cmp.Compare(a.introduced, b.introduced))
	})
	out.IntervalCount = len(list)
	open := false
	var end *stretch
	for i := range list {
		st := &list[i]
		if st.removed == none {
			st.removed = st.dropped // thrown away by merges, never removed
		}
		if st.standing || st.tip && !st.onHead {
			st.removed, st.landed = none, none
		}
		if st.standing {
			open = true
		}
		if st.removed != none && (end == nil || cmp.Or(compareBool(end.reachable, st.reachable), compareBool(end.onHead, st.onHead), cmp.Compare(end.removed, st.removed)) < 0) {
			end = st
		}
		if i < MaxIntervals {
			iv := Interval{Introduced: c.eventAt(st.introduced, st.introduced, bit), Reachable: st.reachable, Introductions: st.n}
			iv.Removed, iv.Landed = c.end(st, bit)
			out.Intervals = append(out.Intervals, iv)
		}
	}
	if !open && end != nil {
		out.Removed, out.Landed = c.end(end, bit)
	}
}

func (c *computer) end(st *stretch, bit uint64) (removed, landed *Event) {
	if st.removed == none {
		return nil, nil
	}
	in := none
	for _, p := range c.g.parentsOf(st.removed) {
		if c.held[p]&bit != 0 {
			in = p
			break
		}
	}
	e := c.eventAt(st.removed, in, bit)
	if st.landed != none && st.landed > st.removed && (st.onLine == none || st.onLine < st.landed) {
		l := c.eventAt(st.landed, none, bit)
		return &e, &l
	}
	return &e, nil
}
