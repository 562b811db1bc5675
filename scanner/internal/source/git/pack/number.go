package pack

import (
	"errors"
	"runtime"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// part is a run of object numbers: those of one pack, or of the loose objects
// of one directory.
type part struct {
	first int
	n     int
	pack  *Pack
	dir   *objectDir
	loose []object.ID
	dup   []uint64 // bit set: an earlier part holds the object too; nil: none
}

func (p *part) id(i int) object.ID {
	if p.pack != nil {
		return p.pack.idx.id(i)
	}
	return p.loose[i]
}

func (p *part) find(id *object.ID) (int, bool) {
	if p.pack != nil {
		return p.pack.idx.find(id)
	}
	return slices.BinarySearchFunc(p.loose, *id, object.ID.Compare)
}

func (p *part) isDup(i int) bool { return p.dup != nil && p.dup[i>>6]>>(i&63)&1 == 1 }

// numbered gives the parts, numbering the store's objects at the first call.
func (s *Store) numbered() []part {
	s.numberOnce.Do(func() {
		var parts []part
		n := 0
		add := func(p part) {
			p.first = n
			n += p.n
			parts = append(parts, p)
		}
		for _, p := range s.Packs() {
			add(part{pack: p, n: p.Len()})
		}
		for _, d := range s.dirs {
			ids, err := listLoose(d.path, s.hashSize)
			if err != nil {
				s.fault(err)
			}
			if len(ids) > 0 {
				add(part{dir: d, n: len(ids), loose: ids})
			}
		}
		markDuplicates(parts)
		s.parts.Store(&parts)
	})
	return *s.parts.Load()
}

// markDuplicates merges the sorted lists of all parts, so that each object
// counts once: in the first part that has it.
func markDuplicates(parts []part) {
	if len(parts) < 2 {
		return
	}
	// A heap of parts by their next id, then by their place.
	at := make([]int, len(parts))
	next := make([]object.ID, len(parts))
	heap := make([]int, 0, len(parts))
	less := func(a, b int) bool {
		c := next[a].Compare(next[b])
		return c < 0 || c == 0 && a < b
	}
	down := func(i int) {
		for {
			c := 2*i + 1
			if c >= len(heap) {
				return
			}
			if c+1 < len(heap) && less(heap[c+1], heap[c]) {
				c++
			}
			if !less(heap[c], heap[i]) {
				return
			}
			heap[i], heap[c] = heap[c], heap[i]
			i = c
		}
	}
	for k := range parts {
		if parts[k].n > 0 {
			next[k] = parts[k].id(0)
			heap = append(heap, k)
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		down(i)
	}
	var last object.ID
	for any := false; len(heap) > 0; any = true {
		k := heap[0]
		p := &parts[k]
		if any && next[k] == last {
			if p.dup == nil {
				p.dup = make([]uint64, (p.n+63)/64)
			}
			p.dup[at[k]>>6] |= 1 << (at[k] & 63)
		}
		last = next[k]
		if at[k]++; at[k] < p.n {
			next[k] = p.id(at[k])
		} else {
			heap[0] = heap[len(heap)-1]
			heap = heap[:len(heap)-1]
		}
		down(0)
	}
}

// Count is the number of object numbers given out: every number is less.
func (s *Store) Count() int {
	parts := s.numbered()
	if len(parts) == 0 {
		return 0
	}
	last := &parts[len(parts)-1]
	return last.first + last.n
}

// Number gives an object's dense number, from 0 to Count-1, so that what is
// known of objects can be kept in slices instead of maps. Each object has one
// number however many copies there are; some numbers belong to none. They are
// the same for the life of the store. Objects that came into the repository
// after numbering began have none.
func (s *Store) Number(id object.ID) (n int, ok bool) {
	parts := s.numbered()
	for k := range parts {
		// The first part that has it is the one where it is no duplicate.
		if i, ok := parts[k].find(&id); ok {
			return parts[k].first + i, true
		}
	}
	return 0, false
}

// IDOf is the object with a number from Number.
func (s *Store) IDOf(n int) object.ID {
	parts := s.numbered()
	k, ok := slices.BinarySearchFunc(parts, n, func(p part, n int) int { return p.first - n })
	if !ok {
		k--
	}
	return parts[k].id(n - parts[k].first)
}

// Each calls fn with every object of the types, 0 meaning all, in the order
// of their place on disk, until fn returns an error, which is Each's too.
// Types are learnt from entry headers: nothing but those of loose objects is
// inflated. What cannot be read is told to onError and left out.
func (s *Store) Each(types object.Set, onError func(error), fn func(id object.ID, typ object.Type, number int) error) (err error) {
	if types == 0 {
		types = object.All
	}
	defer guard(&err)()
	parts := s.numbered()
	var sc scratch
	for k := range parts {
		p := &parts[k]
		if p.pack == nil {
			for i, id := range p.loose {
				if p.isDup(i) {
					continue
				}
				typ, _, err := looseHeaderAt(looseName(p.dir.path, id), id, &sc)
				if err != nil {
					onError(err)
				} else if types.Has(typ) {
					if err := fn(id, typ, p.first+i); err != nil {
						return err
					}
				}
			}
			continue
		}
		var lost []error
		f := growForest(p.pack, types, nil, s.typeOf, runtime.GOMAXPROCS(0), func(err error) { lost = append(lost, err) })
		for i := range uint32(f.len()) {
			pos := f.pos(i)
			if types.Has(f.types[i]) && !p.isDup(pos) {
				if err := fn(f.p.ID(pos), f.types[i], p.first+pos); err != nil {
					return err
				}
			}
		}
		for _, err := range lost {
			// As in a walk, another copy will do.
			var e *Error
			if errors.As(err, &e) && !e.ID.IsZero() {
				if typ, terr := s.typeOf(e.ID); terr == nil {
					if pos, ok := p.find(&e.ID); ok && types.Has(typ) && !p.isDup(pos) {
						if err := fn(e.ID, typ, p.first+pos); err != nil {
							return err
						}
					}
					continue
				}
			}
			onError(err)
		}
	}
	return nil
}

func (s *Store) typeOf(id object.ID) (object.Type, error) {
	t, _, err := s.Header(id)
	return t, err
}
