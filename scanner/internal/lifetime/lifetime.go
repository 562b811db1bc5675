package lifetime

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// Input says what was found. Secrets are numbered from 0 by the caller.
type Input struct {
	Secrets int
	// Blobs are the secrets in each blob, Messages those in the message or
	// header of a commit or a tag.
	Blobs    map[object.ID][]int
	Messages map[object.ID][]int
}

// Limits of what is told of one secret; the rest is counted.
const (
	MaxIntervals = 100
	MaxPaths     = 1000
	MaxRefs      = 10
)

// Lifetime is the history of one secret.
type Lifetime struct {
	// Introduced is the beginning of the first interval; nil if no commit in
	// the graph holds or mentions the secret. Removed is the end of the last
	// one that ended; nil while HEAD holds it, or if nothing removed it.
	Introduced, Removed *Event
	// Landed is the merge that brought the removal, made on a side branch, to
	// HEAD's line of first parents; nil if it was made on that line.
	Landed *Event
	// AtHead: the tree of HEAD holds it.
	AtHead bool
	// Intervals are the first MaxIntervals, the earliest first, those that a
	// reference reaches before others.
	Intervals     []Interval
	IntervalCount int
	// Occurrences are the paths it lived in, sorted by path.
	Occurrences []Occurrence
	PathCount   int
	// Refs are the first references, by name, whose tip holds it; RefCount
	// counts them, and ReachableFrom those that reach a commit or tag that
	// holds or mentions it.
	Refs          []string
	RefCount      int
	ReachableFrom int
	// Reachable: some reference reaches it.
	Reachable bool
	// Edge: it was there already where the history at hand begins (shallow
	// clone or missing commits), so it is older than Introduced says.
	Edge bool
}

// Interval is a connected stretch of history that held the secret.
type Interval struct {
	Introduced Event
	// Removed is nil while it stands at HEAD or at a reference.
	Removed   *Event
	Landed    *Event
	Reachable bool
	// Introductions counts the commits that introduced it, e.g. on several
	// branches that were merged later.
	Introductions int
}

// Event is a commit that begins or ends an interval.
type Event struct {
	Commit object.ID
	Author string
	Date   time.Time // the author's
	// Path is where the secret stood, the first by name; "" for a message.
	Path string
}

// Occurrence is one path in which the secret lived.
type Occurrence struct {
	Path string
	// Newest is the blob of the newest version that holds it, that of HEAD if
	// HEAD does; First and Last are the blobs that came first and last.
	Newest, First, Last object.ID
	// Versions counts the blobs.
	Versions int
	// Since and Until are the earliest and the latest commit in which the path
	// holds it.
	Since, Until object.ID
	AtHead       bool
	Reachable    bool
}

// Compute works out the lifetime of every secret. f must have been read for the
// blobs of in. With ErrPaths the lifetimes are complete but for paths.
func Compute(ctx context.Context, g *Graph, f *Forest, in Input) ([]Lifetime, error) {
	c := &computer{g: g, f: f, in: in}
	return c.compute(ctx)
}

func (c *computer) compute(ctx context.Context) ([]Lifetime, error) {
	g, f, in := c.g, c.f, c.in
	c.out = make([]Lifetime, in.Secrets)
	c.roots = make([]uint32, len(g.commits))
	for i := range g.commits {
		c.roots[i] = f.node(g.commits[i].tree)
	}
	c.blobSecrets = make([][]int, len(f.blobs))
	c.secretNodes = make([][]uint32, in.Secrets)
	for i, b := range f.blobs {
		list := slices.Clone(in.Blobs[f.store.IDOf(int(b))])
		slices.Sort(list)
		c.blobSecrets[i] = slices.Compact(list)
		for _, s := range c.blobSecrets[i] {
			c.secretNodes[s] = append(c.secretNodes[s], uint32(i))
		}
	}
	c.mentions = make([][]mention, in.Secrets)
	for id, list := range in.Messages {
		n, ok := g.store.Number(id)
		if !ok {
			continue
		}
		for _, s := range list {
			c.mentions[s] = append(c.mentions[s], mention{g.place[n], uint32(n)})
		}
	}
	c.paths = newPaths(f)
	pathErr := c.occurrences(ctx)
	if pathErr != nil && !errors.Is(pathErr, ErrPaths) {
		return nil, pathErr
	}
	for first := 0; first < in.Secrets; first += 64 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.batch(first, min(first+64, in.Secrets))
	}
	return c.out, pathErr
}

type mention struct{ commit, number uint32 }

// computer is one Compute.
type computer struct {
	g  *Graph
	f  *Forest
	in Input

	roots       []uint32 // node of each commit's tree; none
	blobSecrets [][]int
	secretNodes [][]uint32 // blobs that hold a secret
	mentions    [][]mention
	paths       *paths
	states      int // bounds a sweep; 0 means maxStates
	out         []Lifetime

	// of the current batch
	first          int
	trees          []uint64 // secrets of each node
	held, reaching []uint64 // of each commit: its tree's; and those it reaches
	seen           []uint64 // of each commit: held or mentioned
	events         [64]events
	labels         []uint32

	head, line []uint64 // commits that HEAD reaches; its line of first parents
}

// events are what befell one secret, commits in the graph's order.
type events struct {
	introduced, removed []uint32
	landed              []uint32 // merges that lost it though their first parent held it
	dropped             []uint32 // other merges that do not hold it though a parent did
}

func (c *computer) batch(first, end int) {
	c.first = first
	c.masks(end)
	c.pass()
	for s := first; s < end; s++ {
		c.finish(s)
	}
}

// masks computes which of the batch's secrets each node holds.
func (c *computer) masks(end int) {
	if c.trees == nil {
		c.trees = make([]uint64, c.f.Len())
		c.held = make([]uint64, len(c.g.commits))
		c.reaching = make([]uint64, len(c.g.commits))
		c.seen = make([]uint64, len(c.g.commits))
	}
	clear(c.trees)
	clear(c.seen)
	for s := c.first; s < end; s++ {
		for _, n := range c.secretNodes[s] {
			c.trees[n] |= 1 << (s - c.first)
		}
		for _, m := range c.mentions[s] {
			if m.commit != none {
				c.seen[m.commit] |= 1 << (s - c.first)
			}
		}
	}
	for n := len(c.f.blobs); n < len(c.trees); n++ {
		var m uint64
		for _, k := range c.f.kidsOf(uint32(n)) {
			m |= c.trees[k.child] // a child comes before its parents
		}
		c.trees[n] = m
	}
	for i := range c.events {
		e := &c.events[i]
		e.introduced, e.removed, e.landed, e.dropped = e.introduced[:0], e.removed[:0], e.landed[:0], e.dropped[:0]
	}
}

// pass goes over the commits, parents first.
func (c *computer) pass() {
	for i := range c.g.commits {
		var here uint64
		if r := c.roots[i]; r != none {
			here = c.trees[r]
		}
		c.held[i] = here
		c.seen[i] |= here
		var some, reach uint64
		all := ^uint64(0)
		parents := c.g.parentsOf(uint32(i))
		for _, p := range parents {
			some |= c.held[p]
			all &= c.held[p]
			reach |= c.reaching[p]
		}
		if len(parents) == 0 {
			all = 0
		}
		c.reaching[i] = reach | c.seen[i]
		if here == some && some == all {
			continue
		}
		at := uint32(i)
		for bits := here &^ some; bits != 0; bits &= bits - 1 {
			e := c.event(bits)
			e.introduced = append(e.introduced, at)
		}
		for bits := all &^ here; bits != 0; bits &= bits - 1 {
			e := c.event(bits)
			e.removed = append(e.removed, at)
		}
		if lost := some &^ all &^ here; lost != 0 {
			onLine := c.held[parents[0]]
			for bits := lost & onLine; bits != 0; bits &= bits - 1 {
				e := c.event(bits)
				e.landed = append(e.landed, at)
			}
			for bits := lost &^ onLine; bits != 0; bits &= bits - 1 {
				e := c.event(bits)
				e.dropped = append(e.dropped, at)
			}
		}
	}
}

func (c *computer) event(bits uint64) *events { return &c.events[trailing(bits)] }

// finish puts together what is known of one secret.
func (c *computer) finish(s int) {
	bit := uint64(1) << (s - c.first)
	e := &c.events[s-c.first]
	out := &c.out[s]
	if h := c.g.head; h != none {
		out.AtHead = c.held[h]&bit != 0
	}
	c.refs(out, s, bit)
	for _, i := range e.introduced {
		if c.g.commits[i].flags&flagEdge != 0 {
			out.Edge = true
		}
	}
	if len(e.introduced) > 0 {
		c.intervals(out, s, bit)
	}
	c.mentioned(out, s)
	if n := len(out.Intervals); n > 0 {
		first := out.Intervals[0].Introduced
		out.Introduced = &first
	}
}

// refs counts the references that hold or reach a secret.
func (c *computer) refs(out *Lifetime, s int, bit uint64) {
	for i := range c.g.tips {
		t := &c.g.tips[i]
		holds, reaches := false, false
		if t.commit != none {
			holds, reaches = c.held[t.commit]&bit != 0, c.reaching[t.commit]&bit != 0
		} else if n := c.f.node(t.number); n != none {
			holds = c.trees[n]&bit != 0 // a reference to a tree or a blob
			reaches = holds
		}
		if !reaches {
			// The tag on the way may be what mentions it.
			for _, m := range c.mentions[s] {
				reaches = reaches || slices.Contains(t.via, m.number)
			}
		}
		if reaches {
			out.ReachableFrom++
			out.Reachable = true
		}
		if holds {
			if out.RefCount++; len(out.Refs) < MaxRefs {
				out.Refs = append(out.Refs, t.name)
			}
		}
	}
}

// mentioned adds the messages: a secret in one came with that commit and
// cannot leave.
func (c *computer) mentioned(out *Lifetime, s int) {
	places := make([]uint32, 0, len(c.mentions[s]))
	for _, m := range c.mentions[s] {
		if m.commit != none {
			places = append(places, m.commit)
		}
	}
	slices.Sort(places)
	for _, p := range slices.Compact(places) {
		out.IntervalCount++
		if len(out.Intervals) < MaxIntervals {
			in := c.g.commits[p].flags&flagReachable != 0
			out.Intervals = append(out.Intervals, Interval{Introduced: c.eventAt(p, none, 0), Reachable: in, Introductions: 1})
		}
		out.Removed, out.Landed = nil, nil
	}
	if len(places) > 0 {
		slices.SortStableFunc(out.Intervals, func(a, b Interval) int {
			return cmp.Or(-compareBool(a.Reachable, b.Reachable), cmp.Compare(c.placeOf(a), c.placeOf(b)))
		})
	}
}

func (c *computer) placeOf(i Interval) uint32 {
	n, _ := c.g.store.Number(i.Introduced.Commit)
	return c.g.place[n]
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// eventAt describes commit i; the path is that in the tree of commit in.
func (c *computer) eventAt(i, in uint32, bit uint64) Event {
	info := c.g.info(i)
	e := Event{Commit: info.ID, Author: info.Author, Date: info.Authored}
	if in != none {
		e.Path = c.firstPath(c.roots[in], bit)
	}
	return e
}
