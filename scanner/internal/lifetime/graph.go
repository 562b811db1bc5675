package lifetime

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/mailmap"
)

// none is the number of no object, commit or node.
const none = ^uint32(0)

// Collector gathers commits and tags as a walk delivers them; they need not be
// read a second time for their history. Each worker of the walk has its own
// Worker.
type Collector struct {
	store   *pack.Store
	workers []*Worker
}

// NewCollector makes a Collector for a walk of n workers over store.
func NewCollector(store *pack.Store, n int) *Collector {
	c := &Collector{store: store}
	for range n {
		c.workers = append(c.workers, &Worker{store: store, people: map[string]uint32{}, tags: map[object.ID]object.ID{}})
	}
	return c
}

// Worker gives the i-th worker's part.
func (c *Collector) Worker(i int) *Worker { return c.workers[i] }

// Worker gathers commits and tags in one goroutine.
type Worker struct {
	store   *pack.Store
	commits []commit
	parents []uint32
	people  map[string]uint32 // "Name <mail>" as written
	tags    map[object.ID]object.ID
	faults  []Fault
}

// Fault is a commit or tag whose header cannot be read in full.
type Fault struct {
	ID  object.ID
	Err error
}

// commit is one commit, about 40 bytes.
type commit struct {
	number    uint32 // as of pack.Store.Number
	tree      uint32 // likewise; none: not there
	parents   uint32 // where they begin
	nparents  uint16
	flags     uint8
	zone      int16 // of the author's date, minutes
	author    uint32
	authored  int64
	committed int64
}

const (
	flagReachable uint8 = 1 << iota // from a tip
	flagEdge                        // a parent is not there
)

// Add takes a commit or a tag; other objects are passed over. The content is
// not kept.
func (w *Worker) Add(id object.ID, typ object.Type, number int, content []byte) {
	switch typ {
	case object.Commit:
		w.commit(id, number, content)
	case object.Tag:
		t, err := object.ParseTag(content, w.store.HashSize())
		if err != nil {
			w.faults = append(w.faults, Fault{id, err})
		}
		if !t.Target.IsZero() {
			w.tags[id] = t.Target
		}
	}
}

func (w *Worker) commit(id object.ID, number int, content []byte) {
	p, err := object.ParseCommit(content, w.store.HashSize())
	if err != nil {
		w.faults = append(w.faults, Fault{id, err})
	}
	if p.Tree.IsZero() {
		return
	}
	c := commit{number: uint32(number), tree: none, parents: uint32(len(w.parents)), author: none}
	if n, ok := w.store.Number(p.Tree); ok {
		c.tree = uint32(n)
	}
	for i := range min(p.NumParents(), 1<<16-1) {
		n, ok := w.store.Number(p.Parent(i))
		if !ok {
			c.flags |= flagEdge
			continue
		}
		w.parents = append(w.parents, uint32(n))
		c.nparents++
	}
	who := object.ParsePerson(p.Author)
	c.authored, c.zone = who.Seconds, int16(who.Zone)
	c.committed = object.ParsePerson(p.Committer).Seconds
	line := p.Author[:len(p.Author):len(p.Author)]
	for i := len(line) - 1; i >= 0; i-- {
		if line[i] == '>' {
			line = line[:i+1]
			break
		}
	}
	n, ok := w.people[string(line)]
	if !ok {
		n = uint32(len(w.people))
		w.people[string(line)] = n
	}
	c.author = n
	w.commits = append(w.commits, c)
}

// Tip is a reference and the object it points to.
type Tip struct {
	Name string
	ID   object.ID
}

// Options of a Graph.
type Options struct {
	// Tips are the references that make a commit reachable. Head is the
	// commit that HEAD stands at, zero if there is none.
	Tips []Tip
	Head object.ID
	// Starts are further commits to take in, which make nothing reachable:
	// those of reflogs. All takes in every commit there is.
	Starts []object.ID
	All    bool
	// Mailmap gives authors their names; nil leaves them as written.
	Mailmap *mailmap.Map
}

// Graph is the commits of a history, parents before children.
type Graph struct {
	store   *pack.Store
	commits []commit
	parents []uint32 // places in commits
	authors []string // "Name <mail>"
	place   []uint32 // commits by object number; none: not part of it
	tips    []tip
	head    uint32
	// Faults are commits and tags whose headers are damaged.
	Faults []Fault
	// Stray is the number of commits in the store that are no part of it.
	Stray int
	// Edges is the number of reachable commits of which a parent is missing.
	Edges int
}

type tip struct {
	name   string
	commit uint32   // place in commits; none if it points to something else
	number uint32   // the object behind tags; none: not there
	via    []uint32 // the tags on the way
}

// Build puts together the graph of what opt asks for. The Collector must not
// be used after it.
func (c *Collector) Build(opt Options) *Graph {
	g := &Graph{store: c.store, head: none}
	all, parents := c.merge(g, opt.Mailmap)
	place := make([]uint32, c.store.Count())
	for i := range place {
		place[i] = none
	}
	for i := range all {
		place[all[i].number] = uint32(i)
	}
	tags := map[object.ID]object.ID{}
	for _, w := range c.workers {
		for id, to := range w.tags {
			tags[id] = to
		}
		g.Faults = append(g.Faults, w.faults...)
	}
	slices.SortFunc(g.Faults, func(a, b Fault) int { return a.ID.Compare(b.ID) })
	peel := func(id object.ID) (number uint32, via []uint32) {
		for range 32 {
			to, ok := tags[id]
			if !ok {
				break
			}
			if n, ok := c.store.Number(id); ok {
				via = append(via, uint32(n))
			}
			id = to
		}
		if n, ok := c.store.Number(id); ok {
			return uint32(n), via
		}
		return none, via
	}
	mark := func(start uint32, flag uint8) {
		stack := []uint32{start}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			cm := &all[i]
			if cm.flags&flag != 0 {
				continue
			}
			cm.flags |= flag
			for _, p := range parents[cm.parents : cm.parents+uint32(cm.nparents)] {
				if at := place[p]; at != none {
					stack = append(stack, at)
				} else {
					cm.flags |= flagEdge
				}
			}
		}
	}
	const taken = 1 << 7
	for _, t := range opt.Tips {
		n, via := peel(t.ID)
		g.tips = append(g.tips, tip{t.Name, none, n, via})
		if n != none && place[n] != none {
			mark(place[n], flagReachable)
		}
	}
	for _, id := range opt.Starts {
		if n, _ := peel(id); n != none && place[n] != none {
			mark(place[n], taken)
		}
	}
	g.order(all, parents, place, func(cm *commit) bool {
		return opt.All || cm.flags&(flagReachable|taken) != 0
	})
	g.Stray = len(all) - len(g.commits)
	for i := range g.tips {
		if n := g.tips[i].number; n != none {
			g.tips[i].commit = g.place[n]
		}
	}
	slices.SortStableFunc(g.tips, func(a, b tip) int { return cmp.Compare(a.name, b.name) })
	if !opt.Head.IsZero() {
		if n, _ := peel(opt.Head); n != none {
			g.head = g.place[n]
		}
	}
	for i := range g.commits {
		if f := g.commits[i].flags; f&flagReachable != 0 && f&flagEdge != 0 {
			g.Edges++
		}
	}
	return g
}

// merge joins what the workers have, in the order of object numbers, so that
// nothing depends on which worker saw what.
func (c *Collector) merge(g *Graph, m *mailmap.Map) (all []commit, parents []uint32) {
	people := map[string]uint32{}
	for _, w := range c.workers {
		to := make([]uint32, len(w.people))
		for who, n := range w.people {
			shown := show(who, m)
			k, ok := people[shown]
			if !ok {
				k = uint32(len(g.authors))
				people[shown] = k
				g.authors = append(g.authors, shown)
			}
			to[n] = k
		}
		first := uint32(len(parents))
		parents = append(parents, w.parents...)
		for _, cm := range w.commits {
			cm.parents += first
			cm.author = to[cm.author]
			all = append(all, cm)
		}
		w.commits, w.parents, w.people = nil, nil, nil
	}
	slices.SortFunc(all, func(a, b commit) int { return cmp.Compare(a.number, b.number) })
	return all, parents
}

func show(who string, m *mailmap.Map) string {
	p := object.ParsePerson([]byte(who))
	name, mail := m.Resolve(string(p.Name), string(p.Mail))
	switch {
	case mail == "":
		return name
	case name == "":
		return "<" + mail + ">"
	}
	return name + " <" + mail + ">"
}

// order sorts the wanted commits, parents first, and of those free to come the
// one with the earliest date.
func (g *Graph) order(all []commit, parents, place []uint32, want func(*commit) bool) {
	waits := make([]int32, len(all)) // parents still to come
	kids := make([]uint32, len(all)+1)
	n := 0
	each := func(i int, fn func(p uint32)) {
		cm := &all[i]
		for _, num := range parents[cm.parents : cm.parents+uint32(cm.nparents)] {
			if p := place[num]; p != none && want(&all[p]) {
				fn(p)
			}
		}
	}
	for i := range all {
		if want(&all[i]) {
			n++
			each(i, func(p uint32) { waits[i]++; kids[p+1]++ })
		}
	}
	for i := range all {
		kids[i+1] += kids[i]
	}
	list := make([]uint32, kids[len(all)])
	fill := slices.Clone(kids)
	q := &dateQueue{commits: all}
	for i := range all {
		if want(&all[i]) {
			each(i, func(p uint32) { list[fill[p]] = uint32(i); fill[p]++ })
			if waits[i] == 0 {
				q.places = append(q.places, uint32(i))
			}
		}
	}
	heap.Init(q)
	g.commits = make([]commit, 0, n)
	g.place = make([]uint32, len(place))
	for i := range g.place {
		g.place[i] = none
	}
	for q.Len() > 0 {
		i := heap.Pop(q).(uint32)
		cm := all[i]
		first := uint32(len(g.parents))
		for _, num := range parents[cm.parents : cm.parents+uint32(cm.nparents)] {
			if p := g.place[num]; p != none {
				g.parents = append(g.parents, p)
			}
		}
		cm.parents, cm.nparents = first, uint16(uint32(len(g.parents))-first)
		g.place[cm.number] = uint32(len(g.commits))
		g.commits = append(g.commits, cm)
		for _, k := range list[kids[i]:kids[i+1]] {
			if waits[k]--; waits[k] == 0 {
				heap.Push(q, k)
			}
		}
	}
}

type dateQueue struct {
	commits []commit
	places  []uint32
}

func (q *dateQueue) Len() int { return len(q.places) }
func (q *dateQueue) Less(i, j int) bool {
	a, b := &q.commits[q.places[i]], &q.commits[q.places[j]]
	return cmp.Or(cmp.Compare(a.committed, b.committed), cmp.Compare(a.number, b.number)) < 0
}
func (q *dateQueue) Swap(i, j int) { q.places[i], q.places[j] = q.places[j], q.places[i] }
func (q *dateQueue) Push(x any)    { q.places = append(q.places, x.(uint32)) }
func (q *dateQueue) Pop() any {
	x := q.places[len(q.places)-1]
	q.places = q.places[:len(q.places)-1]
	return x
}

// Len is the number of commits.
func (g *Graph) Len() int { return len(g.commits) }

// Reachable is the number of commits that a tip reaches.
func (g *Graph) Reachable() int {
	n := 0
	for i := range g.commits {
		if g.commits[i].flags&flagReachable != 0 {
			n++
		}
	}
	return n
}

// Info describes one commit of a Graph.
type Info struct {
	ID     object.ID
	Author string // "Name <mail>", through the mailmap
	// Authored is in the author's zone.
	Authored  time.Time
	Reachable bool
	// Edge: a parent is not there (shallow clone, or a missing object), so
	// what this commit seems to introduce may be older.
	Edge bool
}

// Commit looks a commit up.
func (g *Graph) Commit(id object.ID) (Info, bool) {
	n, ok := g.store.Number(id)
	if !ok || n >= len(g.place) || g.place[n] == none {
		return Info{}, false
	}
	return g.info(g.place[n]), true
}

func (g *Graph) info(i uint32) Info {
	c := &g.commits[i]
	in := Info{ID: g.id(i), Reachable: c.flags&flagReachable != 0, Edge: c.flags&flagEdge != 0}
	if c.author != none {
		in.Author = g.authors[c.author]
	}
	in.Authored = time.Unix(c.authored, 0).In(time.FixedZone("", int(c.zone)*60))
	return in
}

func (g *Graph) id(i uint32) object.ID { return g.store.IDOf(int(g.commits[i].number)) }

func (g *Graph) parentsOf(i uint32) []uint32 {
	c := &g.commits[i]
	return g.parents[c.parents : c.parents+uint32(c.nparents)]
}

// Trees are the trees of the commits; treeless those commits whose tree is not
// there.
func (g *Graph) Trees() (trees, treeless []object.ID) {
	for i := range g.commits {
		if t := g.commits[i].tree; t != none {
			trees = append(trees, g.store.IDOf(int(t)))
		} else {
			treeless = append(treeless, g.id(uint32(i)))
		}
	}
	return trees, treeless
}

// Dangling are the tips whose object is not there.
func (g *Graph) Dangling() (names []string) {
	for _, t := range g.tips {
		if t.number == none {
			names = append(names, t.name)
		}
	}
	return names
}
