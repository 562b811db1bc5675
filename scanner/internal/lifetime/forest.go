package lifetime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// Forest is all trees that can hold a secret, and the blobs that do. Nodes are
// numbered: first the blobs, then the trees, subtrees before the trees they
// are in.
type Forest struct {
	store *pack.Store
	blobs []uint32 // object numbers of the nodes 0 to len(blobs)-1
	// kids of tree node n, which are nodes: kids[start[n-len(blobs)]:…].
	start []uint32
	kids  []link
	nodes map[uint32]uint32 // object number to node
	names []string
	// Faults are the trees that cannot be read in full.
	Faults []Fault
	// Missing are the entries whose objects are not there, one for each object,
	// whether reachable or not. A tree stored as a
	// delta is not named for what its base lacks, too.
	Missing []Missing
	// Trees is the number of trees read.
	Trees int
}

// ReadTrees reads every tree in the store, once, and keeps what leads to the
// blobs given. A tree that cannot be read is told to onError (nil: the first
// ends it); what it holds is then unknown.
func ReadTrees(ctx context.Context, store *pack.Store, blobs []object.ID, workers int, onError func(error)) (*Forest, error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	f := &Forest{store: store}
	if store.Count() >= int(none) {
		return nil, errors.New("more than 4 billion objects")
	}
	ids := make([]object.ID, 0, len(blobs))
	for _, id := range blobs {
		if n, ok := store.Number(id); ok {
			ids = append(ids, id)
			f.blobs = append(f.blobs, uint32(n))
		}
	}
	slices.Sort(f.blobs)
	f.blobs = slices.Compact(f.blobs)
	set := make([]uint32, len(ids))
	for i, id := range ids {
		n, _ := store.Number(id)
		set[i] = uint32(n)
	}
	interesting := newIDSet(ids, set)
	readers := make([]*treeReader, workers)
	shared := &names{known: map[string]uint32{}}
	err := pack.Walk(ctx, store, pack.WalkOptions{Types: object.SetOf(object.Tree), Workers: workers, OnError: onError},
		func(i int) pack.Visitor[*treeState] {
			readers[i] = &treeReader{store: store, hashSize: store.HashSize(), blobs: interesting, names: shared, known: map[string]uint32{}}
			return readers[i]
		})
	if err != nil {
		return nil, fmt.Errorf("reading trees: %w", err)
	}
	f.names = shared.texts
	missing := map[object.ID]Missing{}
	for _, r := range readers {
		for id, m := range r.missing {
			if old, ok := missing[id]; !ok || m.Tree.Compare(old.Tree) < 0 {
				missing[id] = m
			}
		}
	}
	f.Missing = slices.SortedFunc(maps.Values(missing), func(a, b Missing) int { return a.ID.Compare(b.ID) })
	f.assemble(readers)
	return f, nil
}

// shelf is what all workers read, joined.
type shelf struct {
	records []record
	links   []link
	of      []uint32 // record by object number; none
}

func (f *Forest) shelve(readers []*treeReader) *shelf {
	s := &shelf{of: make([]uint32, f.store.Count())}
	for i := range s.of {
		s.of[i] = none
	}
	nrec, nlink := 0, 0
	for _, r := range readers {
		nrec += len(r.records)
		nlink += len(r.links)
	}
	s.records = make([]record, 0, nrec)
	s.links = make([]link, 0, nlink)
	for _, r := range readers {
		first := uint32(len(s.links))
		s.links = append(s.links, r.links...)
		for _, rec := range r.records {
			rec.from += first
			s.of[rec.number] = uint32(len(s.records))
			s.records = append(s.records, rec)
		}
		f.Faults = append(f.Faults, r.faults...)
		*r = treeReader{}
	}
	f.Trees = len(s.records)
	slices.SortFunc(f.Faults, func(a, b Fault) int { return a.ID.Compare(b.ID) })
	return s
}

func (s *shelf) added(rec *record) []link { return s.links[rec.from : rec.from+rec.added] }
func (s *shelf) gone(rec *record) []link {
	return s.links[rec.from+rec.added : rec.from+rec.added+rec.gone]
}

func (f *Forest) assemble(readers []*treeReader) {
	s := f.shelve(readers)
	maybe := f.climb(s)
	kids := f.unfold(s, maybe)
	f.number(s, maybe, kids)
}

// climb finds the trees that can hold a blob of interest: those with a link to
// one, or to such a tree, and those made from such a tree, as they may have
// kept the link. It marks them, and the blobs, by object number.
func (f *Forest) climb(s *shelf) []uint64 {
	n := len(s.of)
	start := make([]uint32, n+1)
	each := func(fn func(from, to uint32)) {
		for i := range s.records {
			rec := &s.records[i]
			if rec.base != none {
				fn(rec.base, rec.number)
			}
			for _, l := range s.added(rec) {
				fn(l.child, rec.number)
			}
		}
	}
	each(func(from, _ uint32) { start[from+1]++ })
	for i := range n {
		start[i+1] += start[i]
	}
	list := make([]uint32, start[n])
	fill := slices.Clone(start[:n])
	each(func(from, to uint32) { list[fill[from]] = to; fill[from]++ })
	maybe := make([]uint64, (n+63)/64)
	stack := slices.Clone(f.blobs)
	for _, b := range f.blobs {
		maybe[b>>6] |= 1 << (b & 63)
	}
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, t := range list[start[x]:start[x+1]] {
			if maybe[t>>6]>>(t&63)&1 == 0 {
				maybe[t>>6] |= 1 << (t & 63)
				stack = append(stack, t)
			}
		}
	}
	return maybe
}

func has(set []uint64, n uint32) bool { return set[n>>6]>>(n&63)&1 == 1 }

// unfold gives the links of every tree that can hold something, by record. A
// tree that differs from its base only elsewhere shares the base's.
func (f *Forest) unfold(s *shelf, maybe []uint64) [][]link {
	kids := make([][]link, len(s.records))
	done := make([]bool, len(s.records))
	var chain []uint32
	for i := range s.records {
		if !has(maybe, s.records[i].number) {
			continue
		}
		chain = chain[:0]
		for k := uint32(i); k != none && !done[k]; {
			// A base that was read again from another pack may come twice, but
			// never as its own base: done is set before it is used.
			done[k] = true
			chain = append(chain, k)
			if b := s.records[k].base; b != none && has(maybe, b) {
				k = s.of[b]
			} else {
				k = none
			}
		}
		for j := len(chain) - 1; j >= 0; j-- {
			rec := &s.records[chain[j]]
			var from []link
			if rec.base != none && has(maybe, rec.base) && s.of[rec.base] != none {
				from = kids[s.of[rec.base]]
			}
			kids[chain[j]] = splice(from, s.added(rec), s.gone(rec), maybe)
		}
	}
	return kids
}

func splice(from, added, gone []link, maybe []uint64) []link {
	changed := func(list []link) bool {
		for _, l := range list {
			if has(maybe, l.child) {
				return true
			}
		}
		return false
	}
	if !changed(added) && !changed(gone) {
		return from
	}
	out := make([]link, 0, len(from)+len(added))
	out = append(out, from...)
	for _, l := range gone {
		if k := slices.Index(out, l); k >= 0 {
			out = slices.Delete(out, k, k+1)
		}
	}
	for _, l := range added {
		if has(maybe, l.child) {
			out = append(out, l)
		}
	}
	return slices.Clip(out)
}

// number gives nodes their numbers, subtrees first, and lays the links out in
// one array. Trees that turn out to hold nothing get none.
func (f *Forest) number(s *shelf, maybe []uint64, kids [][]link) {
	f.nodes = make(map[uint32]uint32, len(f.blobs))
	for i, b := range f.blobs {
		f.nodes[b] = uint32(i)
	}
	f.start = []uint32{0}
	state := make([]uint8, len(s.records)) // 1: under way, 2: done
	type frame struct {
		rec  uint32
		next int
	}
	var stack []frame
	for i := range s.records {
		if state[i] != 0 || len(kids[i]) == 0 || !has(maybe, s.records[i].number) {
			continue
		}
		state[i] = 1
		stack = append(stack[:0], frame{rec: uint32(i)})
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			list := kids[top.rec]
			if top.next < len(list) {
				child := list[top.next].child
				top.next++
				if k := s.of[child]; k != none && state[k] == 0 {
					// A tree within itself, which only a broken hash could
					// make, is under way and not entered again.
					state[k] = 1
					stack = append(stack, frame{rec: k})
				}
				continue
			}
			f.place(s.records[top.rec].number, list)
			state[top.rec] = 2
			stack = stack[:len(stack)-1]
		}
	}
}

func (f *Forest) place(number uint32, list []link) {
	n := len(f.kids)
	for _, l := range list {
		if node, ok := f.nodes[l.child]; ok {
			f.kids = append(f.kids, link{node, l.name})
		}
	}
	if len(f.kids) == n {
		return
	}
	slices.SortFunc(f.kids[n:], func(a, b link) int {
		if a.name != b.name {
			return int(a.name) - int(b.name)
		}
		return int(a.child) - int(b.child)
	})
	f.nodes[number] = uint32(len(f.blobs) + len(f.start) - 1)
	f.start = append(f.start, uint32(len(f.kids)))
}

// Len is the number of nodes.
func (f *Forest) Len() int { return len(f.blobs) + len(f.start) - 1 }

func (f *Forest) kidsOf(node uint32) []link {
	t := node - uint32(len(f.blobs))
	return f.kids[f.start[t]:f.start[t+1]]
}

func (f *Forest) isBlob(node uint32) bool { return node < uint32(len(f.blobs)) }

// node gives the node of an object, none if it holds nothing.
func (f *Forest) node(number uint32) uint32 {
	if number == none {
		return none
	}
	if n, ok := f.nodes[number]; ok {
		return n
	}
	return none
}
