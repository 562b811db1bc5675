package pack

import (
	"fmt"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack/inflate"
)

// baseLookup fetches a delta's base that is not in the delta's pack.
type baseLookup func(id object.ID) (object.Type, []byte, error)

// read gives the object at off, in buf if it fits.
func (p *Pack) read(off int64, buf []byte, limit int64, cache *baseCache, outside baseLookup, s *scratch) (typ object.Type, content []byte, err error) {
	// Down to a whole object or a known base.
	s.chain = s.chain[:0]
	at := off
	var base []byte
	var baseType object.Type
	for {
		if c, t := cache.get(baseKey{p, at}); c != nil {
			base, baseType = c, t
			break
		}
		e, err := p.entryAt(at, s)
		if err != nil {
			return 0, nil, p.fail(at, err)
		}
		s.chain = append(s.chain, link{off: at, data: at + int64(e.headLen), size: e.size, deltaed: e.isDelta()})
		if !e.isDelta() {
			baseType = object.Type(e.kind)
			break
		}
		if len(s.chain) > p.idx.n {
			return 0, nil, p.fail(off, ErrLoop)
		}
		if e.kind == ofsDelta {
			at = e.base
			continue
		}
		pos, ok := p.idx.find(&e.baseID)
		if ok {
			if at, ok = p.idx.offset(pos); !ok {
				return 0, nil, fileError(p.idxFile.name, fmt.Errorf("%w: offset of object %v", ErrCorrupt, e.baseID))
			}
			continue
		}
		if baseType, base, err = outside(e.baseID); err != nil {
			return 0, nil, p.fail(off, fmt.Errorf("%w: %v: %w", ErrBase, e.baseID, cause(err)))
		}
		break
	}
	if len(s.chain) == 0 {
		content = append(grow(buf, len(base)), base...)
		return baseType, content, nil
	}
	// Up again.
	for i := len(s.chain) - 1; i >= 0; i-- {
		l := &s.chain[i]
		if err := p.readLink(l, &base, buf, i == 0, limit, s); err != nil {
			if l.off != off {
				err = fmt.Errorf("%w at offset %d: %w", ErrBase, l.off, err)
			}
			return 0, nil, p.fail(off, err)
		}
		if i > 0 {
			cache.add(baseKey{p, l.off}, baseType, base)
		}
	}
	return baseType, base, nil
}

// readLink replaces base by what the entry l makes of it. The last one goes
// into buf; those before are allocated, as the cache keeps them.
func (p *Pack) readLink(l *link, base *[]byte, buf []byte, last bool, limit int64, s *scratch) error {
	if err := checkSize(l.size, p.end-l.data, limit); err != nil {
		return err
	}
	place := func(size int64) []byte {
		if last {
			return grow(buf, int(size))[:size]
		}
		return make([]byte, size, size+inflate.Slack)
	}
	if !l.deltaed {
		dst := place(l.size)
		if err := p.inflate(dst, l.data, p.end, s); err != nil {
			return err
		}
		*base = dst
		return nil
	}
	s.delta = grow(s.delta, int(l.size))[:l.size]
	if err := p.inflate(s.delta, l.data, p.end, s); err != nil {
		return err
	}
	instructions, size, err := openDelta(s.delta, len(*base), limit)
	if err != nil {
		return err
	}
	dst := place(size)
	if err := applyDelta(dst, *base, instructions, nil); err != nil {
		return err
	}
	*base = dst
	return nil
}

// openDelta checks a delta's sizes against its base and the limit.
func openDelta(delta []byte, base int, limit int64) (instructions []byte, size int64, err error) {
	want, size, in, err := deltaSizes(delta)
	if err != nil {
		return nil, 0, err
	}
	if want != int64(base) {
		return nil, 0, fmt.Errorf("%w: delta for a base of %d bytes, base has %d", ErrCorrupt, want, base)
	}
	if size > limit {
		return nil, 0, fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, size, limit)
	}
	if size > plausible(base, len(delta)) {
		if err := checkDelta(in, size); err != nil {
			return nil, 0, err
		}
	}
	return in, size, nil
}

// header gives type and size without inflating more than a delta's start.
func (p *Pack) header(off int64, outside func(object.ID) (object.Type, error), s *scratch) (object.Type, int64, error) {
	var size int64
	at := off
	for n := 0; ; n++ {
		e, err := p.entryAt(at, s)
		if err != nil {
			return 0, 0, p.fail(at, err)
		}
		if n == 0 {
			size = e.size
			if e.isDelta() {
				if size, err = p.deltaResult(at+int64(e.headLen), s); err != nil {
					return 0, 0, p.fail(off, err)
				}
			}
		}
		switch {
		case !e.isDelta():
			return object.Type(e.kind), size, nil
		case n > p.idx.n:
			return 0, 0, p.fail(off, ErrLoop)
		case e.kind == ofsDelta:
			at = e.base
			continue
		}
		pos, ok := p.idx.find(&e.baseID)
		if ok {
			if at, ok = p.idx.offset(pos); ok {
				continue
			}
			return 0, 0, fileError(p.idxFile.name, fmt.Errorf("%w: offset of object %v", ErrCorrupt, e.baseID))
		}
		t, err := outside(e.baseID)
		if err != nil {
			return 0, 0, p.fail(off, fmt.Errorf("%w: %v: %w", ErrBase, e.baseID, cause(err)))
		}
		return t, size, nil
	}
}

// deltaResult reads the size of the result from a delta's first bytes.
func (p *Pack) deltaResult(off int64, s *scratch) (int64, error) {
	src, err := p.data.at(off, int(min(1024, p.end-off)), &s.in)
	if err != nil {
		return 0, err
	}
	var head [20]byte
	n, err := s.z.Prefix(head[:], src)
	if err != nil {
		return 0, inflateError(err)
	}
	_, size, _, err := deltaSizes(head[:n])
	return size, err
}

// grow gives an empty slice with room for n bytes and the inflater's slack,
// in buf if it has it.
func grow(buf []byte, n int) []byte {
	if cap(buf) >= n+inflate.Slack {
		return buf[:0]
	}
	return make([]byte, 0, n+n/8+inflate.Slack)
}
