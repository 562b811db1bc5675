package pack

import (
	"errors"
	"fmt"
	"math/bits"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// forest is how the objects of one pack hang together: whole objects are
// roots, each delta is a child of its base. A node is an entry's place in the
// order of offsets, 0 to n-1.
//
// A pack of half a million objects must fit in some ten megabytes, so there
// are no structs per node but a few flat arrays; children stand in one array,
// those of a node side by side (compressed rows).
type forest struct {
	p       *Pack
	posBits uint
	order   []uint64 // offset<<posBits | position, ascending; one more for the end
	types   []object.Type
	start   []uint32 // children of node i: kids[start[i]:start[i+1]]
	kids    []uint32 // only such that lead to something wanted
	roots   []uint32 // likewise
	outside map[uint32]object.ID
	wanted  []uint64 // bit set: deliver; nil: all
}

func (f *forest) len() int              { return len(f.order) - 1 }
func (f *forest) offset(i uint32) int64 { return int64(f.order[i] >> f.posBits) }
func (f *forest) limit(i uint32) int64  { return int64(f.order[i+1] >> f.posBits) }
func (f *forest) pos(i uint32) int      { return int(f.order[i] & (1<<f.posBits - 1)) }
func (f *forest) id(i uint32) object.ID { return f.p.idx.id(f.pos(i)) }
func (f *forest) children(i uint32) (from, to uint32) {
	return f.start[i], f.start[i+1]
}
func (f *forest) isWanted(i uint32) bool {
	return f.wanted == nil || f.wanted[i>>6]>>(i&63)&1 == 1
}

// Bases that are not nodes.
const (
	baseNone    = -1 // a whole object
	baseOutside = -2 // in another pack
	baseBad     = -3 // the entry cannot be read; reported
)

// growForest reads all entry headers of a pack. External bases are asked of
// typeOf. want tells which positions to deliver, nil means all. What is
// wrong is told to report; the rest is a good forest.
func growForest(p *Pack, types object.Set, want func(pos int) bool, typeOf func(object.ID) (object.Type, error), workers int, report func(error)) *forest {
	f := &forest{p: p, outside: map[uint32]object.ID{}}
	f.sortOffsets(report)
	bases := f.readHeaders(workers, report)
	f.link(bases)
	f.resolve(bases, types, want, typeOf, report)
	return f
}

// sortOffsets fills order. The index is in the order of ids, which is random,
// so a radix sort pays: three rounds for a pack below 8 GB.
func (f *forest) sortOffsets(report func(error)) {
	x := f.p.idx
	f.posBits = uint(bits.Len(uint(x.n)))
	bad := func(pos int, what string) {
		report(&Error{File: f.p.idxFile.name, Offset: -1, ID: x.id(pos), Err: fmt.Errorf("%w: %s", ErrCorrupt, what)})
	}
	keys := make([]uint64, 0, x.n+1)
	for pos := range x.n {
		off, ok := x.offset(pos)
		if !ok || off < headerSize || off >= f.p.end || bits.Len64(uint64(off))+int(f.posBits) > 64 {
			bad(pos, "offset outside of the pack")
			continue
		}
		keys = append(keys, uint64(off)<<f.posBits|uint64(pos))
	}
	other := make([]uint64, len(keys), cap(keys))
	const digit = 11
	for shift := f.posBits; shift < f.posBits+uint(bits.Len64(uint64(f.p.end))); shift += digit {
		var at [1 << digit]uint32
		for _, k := range keys {
			at[k>>shift&(1<<digit-1)]++
		}
		sum := uint32(0)
		for i, n := range at {
			at[i] = sum
			sum += n
		}
		for _, k := range keys {
			d := k >> shift & (1<<digit - 1)
			other[at[d]] = k
			at[d]++
		}
		keys, other = other, keys
	}
	// An entry is one object's.
	kept := keys[:0]
	for i, k := range keys {
		if i > 0 && k>>f.posBits == keys[i-1]>>f.posBits {
			bad(int(k&(1<<f.posBits-1)), "two objects at one offset")
			continue
		}
		kept = append(kept, k)
	}
	f.order = append(kept, uint64(f.p.end)<<f.posBits)
}

// buckets finds nodes by offset: the first node at or after every step-th
// offset.
type buckets struct {
	f     *forest
	shift uint
	first []uint32
}

func (f *forest) buckets() buckets {
	n := f.len()
	b := buckets{f: f}
	for f.p.end>>b.shift > int64(n)+1 {
		b.shift++
	}
	b.first = make([]uint32, f.p.end>>b.shift+2)
	k := 0
	for i := range n {
		for at := int(f.offset(uint32(i)) >> b.shift); k <= at; k++ {
			b.first[k] = uint32(i)
		}
	}
	for ; k < len(b.first); k++ {
		b.first[k] = uint32(n)
	}
	return b
}

func (b *buckets) find(off int64) (node uint32, ok bool) {
	if off < 0 || off >= b.f.p.end {
		return 0, false
	}
	i := b.first[off>>b.shift]
	for b.f.offset(i) < off { // ends at the end's own key
		i++
	}
	return i, int(i) < b.f.len() && b.f.offset(i) == off
}

// readHeaders gives the base of every node, in parallel over runs of nodes.
func (f *forest) readHeaders(workers int, report func(error)) []int32 {
	n := f.len()
	f.types = make([]object.Type, n)
	bases := make([]int32, n)
	find := f.buckets()
	var mu sync.Mutex
	run := func(from, to int) (err error) {
		defer guard(&err)()
		var s scratch
		for i := from; i < to; i++ {
			bases[i] = baseBad
			fail := func(err error) {
				mu.Lock()
				defer mu.Unlock()
				report(withID(f.p.fail(f.offset(uint32(i)), err), f.id(uint32(i))))
			}
			e, err := f.header(uint32(i), &s)
			switch {
			case err != nil:
				fail(err)
			case e.kind == ofsDelta:
				base, ok := find.find(e.base)
				if !ok {
					fail(fmt.Errorf("%w: no object at offset %d", ErrBase, e.base))
					continue
				}
				bases[i] = int32(base)
			case e.kind == refDelta:
				if pos, ok := f.p.idx.find(&e.baseID); ok {
					off, _ := f.p.idx.offset(pos)
					if base, ok := find.find(off); ok {
						bases[i] = int32(base)
						continue
					}
				}
				bases[i] = baseOutside
				mu.Lock()
				f.outside[uint32(i)] = e.baseID
				mu.Unlock()
			default:
				bases[i] = baseNone
				f.types[i] = object.Type(e.kind)
			}
		}
		return nil
	}
	workers = max(1, min(workers, n/4096))
	var wg sync.WaitGroup
	for w := range workers {
		from, to := n/workers*w, n/workers*(w+1)
		if w == workers-1 {
			to = n
		}
		wg.Go(func() {
			if err := run(from, to); err != nil {
				for i := from; i < to; i++ {
					bases[i] = baseBad
				}
				mu.Lock()
				report(f.p.fail(f.offset(uint32(from)), err))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return bases
}

// header reads the header of a node, which must end where the next begins.
func (f *forest) header(i uint32, s *scratch) (entry, error) {
	off := f.offset(i)
	text, err := f.p.data.at(off, int(min(maxHeader, f.limit(i)-off)), &s.in)
	if err != nil {
		return entry{}, err
	}
	return parseEntry(text, off, f.p.hashSize)
}

// link fills start and kids from the bases.
func (f *forest) link(bases []int32) {
	n := f.len()
	f.start = make([]uint32, n+1)
	for _, b := range bases {
		if b >= 0 {
			f.start[b+1]++
		}
	}
	for i := range n {
		f.start[i+1] += f.start[i]
	}
	f.kids = make([]uint32, f.start[n])
	// Filling moves each start to its row's end, which is the next row's
	// start; shifting the array by one sets it right again.
	for i, b := range bases {
		if b >= 0 {
			f.kids[f.start[b]] = uint32(i)
			f.start[b]++
		}
	}
	copy(f.start[1:], f.start[:n])
	f.start[0] = 0
}

// resolve goes down from the roots: types for all nodes, loops found. Then
// it goes up: what leads to nothing wanted is cut off, and the child with the
// most below it is put last, so that a walk which gives up a node's bytes
// before its last child holds no more than log2(n) of them.
func (f *forest) resolve(bases []int32, types object.Set, want func(pos int) bool, typeOf func(object.ID) (object.Type, error), report func(error)) {
	n := f.len()
	queue := make([]uint32, 0, n)
	for i, b := range bases {
		switch b {
		case baseNone:
			queue = append(queue, uint32(i))
		case baseOutside:
			t, err := typeOf(f.outside[uint32(i)])
			if err != nil {
				f.failTree(uint32(i), fmt.Errorf("%w: %v: %w", ErrBase, f.outside[uint32(i)], cause(err)), report)
				delete(f.outside, uint32(i))
				continue
			}
			f.types[i] = t
			queue = append(queue, uint32(i))
		case baseBad:
			// Reported itself; what hangs on it is not.
			from, to := f.children(uint32(i))
			for _, kid := range f.kids[from:to] {
				f.failTree(kid, ErrBase, report)
			}
		}
	}
	numRoots := len(queue)
	for at := 0; at < len(queue); at++ {
		i := queue[at]
		from, to := f.children(i)
		for _, kid := range f.kids[from:to] {
			f.types[kid] = f.types[i]
			queue = append(queue, kid)
		}
	}
	f.findLoops(bases, report)

	weight := make([]uint32, n)
	if want != nil {
		f.wanted = make([]uint64, (n+63)/64)
	}
	for at := len(queue) - 1; at >= 0; at-- {
		i := queue[at]
		if types.Has(f.types[i]) && (want == nil || want(f.pos(i))) {
			weight[i]++
			if want != nil {
				f.wanted[i>>6] |= 1 << (i & 63)
			}
		}
		if b := bases[i]; b >= 0 {
			weight[b] += weight[i]
		}
	}
	f.prune(weight)
	for _, i := range queue[:numRoots] {
		if weight[i] > 0 {
			f.roots = append(f.roots, i)
		}
	}
}

// prune takes out children without weight and puts the heaviest last.
func (f *forest) prune(weight []uint32) {
	kept := uint32(0)
	for i := range f.len() {
		from, to := f.start[i], f.start[i+1]
		f.start[i] = kept
		heavy, most := kept, uint32(0)
		for _, kid := range f.kids[from:to] {
			if w := weight[kid]; w > 0 {
				f.kids[kept] = kid
				if w >= most {
					heavy, most = kept, w
				}
				kept++
			}
		}
		if most > 0 {
			f.kids[heavy], f.kids[kept-1] = f.kids[kept-1], f.kids[heavy]
		}
	}
	f.start[f.len()] = kept
	f.kids = f.kids[:kept]
}

// findLoops reports nodes that hang on no root: REF deltas that lead to
// themselves. Their types were never set, and failTree marks what it reported.
func (f *forest) findLoops(bases []int32, report func(error)) {
	for i, t := range f.types {
		if t == 0 && bases[i] >= 0 {
			f.types[i] = failed
			report(withID(f.p.fail(f.offset(uint32(i)), ErrLoop), f.id(uint32(i))))
		}
	}
}

// failed marks nodes that cannot be read and have been reported.
const failed object.Type = 0xff

// failTree reports a node and all below it as lost.
func (f *forest) failTree(i uint32, err error, report func(error)) {
	stack := []uint32{i}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if f.types[i] == failed {
			continue
		}
		e := &Error{File: f.p.name, Offset: f.offset(i), ID: f.id(i), Err: err}
		if f.types[i] <= object.Tag {
			e.Type = f.types[i]
		}
		f.types[i] = failed
		report(e)
		from, to := f.children(i)
		stack = append(stack, f.kids[from:to]...)
		if !errors.Is(err, ErrBase) {
			err = fmt.Errorf("%w: %w", ErrBase, err)
		}
	}
}
