package pack

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// trip bounds how a read may lead from pack to pack through delta bases that
// are elsewhere. On disk git writes no such delta; hostile packs could send a
// read in circles, or, as every copy of an object is tried, into a maze.
type trip struct{ depth, left int }

func newTrip() *trip { return &trip{left: 1000} }

func (t *trip) enter() bool {
	if t.depth == 64 || t.left == 0 {
		return false
	}
	t.depth++
	t.left--
	return true
}

// Has tells whether the object is there, not whether it can be read.
func (s *Store) Has(id object.ID) (has bool) {
	var err error
	defer guard(&err)()
	for {
		if _, _, ok := s.find(&id); ok {
			return true
		}
		if _, ok := s.looseFile(id); ok {
			return true
		}
		if !s.refresh() {
			return false
		}
	}
}

// Get reads an object. The content is put into buf, up to its capacity, if it
// fits; it is the caller's either way.
func (s *Store) Get(id object.ID, buf []byte) (object.Type, []byte, error) {
	return s.get(id, buf, newTrip())
}

func (s *Store) get(id object.ID, buf []byte, t *trip) (typ object.Type, content []byte, err error) {
	sc := s.scratch.Get().(*scratch)
	defer s.release(sc)
	err = s.copies(id, func(p *Pack, off int64) (err error) {
		typ, content, err = p.read(off, buf, s.limit, s.cache, s.outside(t), sc)
		return err
	}, func(name string) (err error) {
		typ, content, err = readLoose(name, id, buf, s.limit, sc)
		return err
	})
	return typ, content, err
}

// outside reads delta bases that are not in the delta's pack.
func (s *Store) outside(t *trip) baseLookup {
	return func(id object.ID) (object.Type, []byte, error) {
		if !t.enter() {
			return 0, nil, ErrLoop
		}
		defer func() { t.depth-- }()
		return s.get(id, nil, t)
	}
}

// Header gives an object's type and size without reading all of it.
func (s *Store) Header(id object.ID) (object.Type, int64, error) {
	return s.header(id, newTrip())
}

func (s *Store) header(id object.ID, t *trip) (typ object.Type, size int64, err error) {
	sc := s.scratch.Get().(*scratch)
	defer s.release(sc)
	outside := func(id object.ID) (object.Type, error) {
		if !t.enter() {
			return 0, ErrLoop
		}
		defer func() { t.depth-- }()
		typ, _, err := s.header(id, t)
		return typ, err
	}
	err = s.copies(id, func(p *Pack, off int64) (err error) {
		typ, size, err = p.header(off, outside, sc)
		return err
	}, func(name string) (err error) {
		typ, size, err = looseHeaderAt(name, id, sc)
		return err
	})
	return typ, size, err
}

// copies tries an object's copies until one can be read: packed ones, loose
// ones, and then those that came into the repository in the meantime. The
// error is the first.
func (s *Store) copies(id object.ID, packed func(*Pack, int64) error, loose func(name string) error) (err error) {
	defer guard(&err)()
	var first error
	try := func(p *Pack, pos int) bool {
		off, ok := p.idx.offset(pos)
		err := error(nil)
		if ok {
			err = withID(packed(p, off), id)
		} else {
			err = &Error{File: p.idxFile.name, Offset: -1, ID: id, Err: fmt.Errorf("%w: offset", ErrCorrupt)}
		}
		if first == nil {
			first = err
		}
		return err == nil
	}
	for {
		p, pos, ok := s.find(&id)
		if ok {
			if try(p, pos) {
				return nil
			}
			for _, q := range s.Packs() {
				if q == p {
					continue
				}
				if pos, ok := q.idx.find(&id); ok && try(q, pos) {
					return nil
				}
			}
		}
		if name, ok := s.looseFile(id); ok {
			err := loose(name)
			if err == nil || !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if first != nil {
			return first
		}
		if !s.refresh() {
			return &Error{Offset: -1, ID: id, Err: ErrNotFound}
		}
	}
}

// readAt reads the object at an offset of a pack, keeping nothing.
func (s *Store) readAt(p *Pack, off int64, sc *scratch) (object.Type, []byte, error) {
	return p.read(off, nil, s.limit, newBaseCache(0), s.outside(newTrip()), sc)
}

// otherCopy reads an object from anywhere but one pack; not from its loose
// file either if not is nil, as that is then what failed.
func (s *Store) otherCopy(id object.ID, not *Pack) (typ object.Type, content []byte, ok bool) {
	sc := s.scratch.Get().(*scratch)
	defer s.release(sc)
	var err error
	defer guard(&err)()
	for _, p := range s.Packs() {
		if pos, found := p.idx.find(&id); found && p != not {
			if off, good := p.idx.offset(pos); good {
				if typ, content, err = p.read(off, nil, s.limit, s.cache, s.outside(newTrip()), sc); err == nil {
					return typ, content, true
				}
			}
		}
	}
	if not == nil {
		return 0, nil, false
	}
	if name, found := s.looseFile(id); found {
		if typ, content, err = readLoose(name, id, nil, s.limit, sc); err == nil {
			return typ, content, true
		}
	}
	return 0, nil, false
}

// release gives scratch back, without what an unusually large object left.
func (s *Store) release(sc *scratch) {
	const keep = 4 << 20
	if cap(sc.in) <= keep && cap(sc.delta) <= keep {
		s.scratch.Put(sc)
	}
}

func withID(err error, id object.ID) error {
	var e *Error
	if errors.As(err, &e) && e.ID.IsZero() {
		e.ID = id
	}
	return err
}
