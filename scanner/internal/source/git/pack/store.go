package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// Store reads the objects of a repository: the packs and loose objects of one
// or more objects directories (the repository's own, then its alternates).
// It is safe for concurrent use.
type Store struct {
	hashSize int
	limit    int64
	dirs     []*objectDir
	cache    *baseCache
	scratch  sync.Pool

	reloading sync.Mutex
	last      atomic.Pointer[Pack] // the latest hit: neighbours live together

	numberOnce sync.Once
	parts      atomic.Pointer[[]part]

	faultMu sync.Mutex
	faults  []error
}

// objectDir is one objects directory.
type objectDir struct {
	path  string
	packs atomic.Pointer[packList]
}

// packList is what was found in objects/pack at one time. It is not changed
// once published; packs stay open in later lists when their files are gone,
// so numbers and positions stay valid.
type packList struct {
	packs    []*Pack
	byName   map[string]*Pack
	bad      map[string]bool // could not be opened; reported once
	multi    *multiIndex
	multiTo  []*Pack // multi.packs, opened; nil where that failed
	covered  map[*Pack]bool
	modified time.Time
}

// Options of a Store; the zero value is good.
type Options struct {
	// MaxObject is the largest object that is read, in bytes: 0 means 512 MiB.
	// Larger ones give ErrTooLarge.
	MaxObject int64
	// Cache is how many bytes of delta bases Get keeps: 0 means 16 MiB.
	Cache int64
}

// OpenStore opens the packs in objectDirs. hashSize is 20 or 32 bytes.
//
// A directory without packs is no error, nor is a pack that cannot be opened:
// the rest is still to be read. Faults tells what failed.
func OpenStore(objectDirs []string, hashSize int, opts Options) (*Store, error) {
	if hashSize != object.SHA1Size && hashSize != object.SHA256Size {
		return nil, fmt.Errorf("%w: hashes of %d bytes", ErrFormat, hashSize)
	}
	if opts.MaxObject <= 0 {
		opts.MaxObject = 512 << 20
	}
	if opts.Cache <= 0 {
		opts.Cache = 16 << 20
	}
	s := &Store{
		hashSize: hashSize,
		limit:    min(opts.MaxObject, MaxObjectSize),
		cache:    newBaseCache(opts.Cache),
	}
	s.scratch.New = func() any { return new(scratch) }
	for _, path := range objectDirs {
		info, err := os.Stat(path)
		if err == nil && !info.IsDir() {
			err = fmt.Errorf("%s: not a directory", path)
		}
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("opening objects: %w", err)
		}
		d := &objectDir{path: path}
		d.packs.Store(&packList{})
		s.dirs = append(s.dirs, d)
		s.load(d)
	}
	return s, nil
}

// Close unmaps and closes all packs. Nothing may be read afterwards.
func (s *Store) Close() error {
	var errs []error
	for _, d := range s.dirs {
		for _, p := range d.packs.Load().packs {
			errs = append(errs, p.close())
		}
	}
	return errors.Join(errs...)
}

// HashSize is the number of bytes in an ID: 20 or 32.
func (s *Store) HashSize() int { return s.hashSize }

// Faults are the packs, indexes and directories that could not be read. What
// they hold is missing from the store.
func (s *Store) Faults() []error {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	return slices.Clone(s.faults)
}

func (s *Store) fault(err error) {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	s.faults = append(s.faults, err)
}

// Packs are the packs that are open, those of the first directory first.
func (s *Store) Packs() []*Pack {
	var all []*Pack
	for _, d := range s.dirs {
		all = append(all, d.packs.Load().packs...)
	}
	return all
}

// load looks for packs in a directory. It tells whether it found new ones.
func (s *Store) load(d *objectDir) bool {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	dir := filepath.Join(d.path, "pack")
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		s.fault(err)
		return false
	}
	old := d.packs.Load()
	if info.ModTime().Equal(old.modified) {
		return false
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		s.fault(err)
	}
	list := &packList{
		packs: slices.Clone(old.packs), byName: map[string]*Pack{}, bad: map[string]bool{},
		multi: old.multi, modified: info.ModTime(),
	}
	for _, p := range old.packs {
		list.byName[filepath.Base(p.name)] = p
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, "pack-") || !strings.HasSuffix(name, ".pack") || list.byName[name] != nil {
			continue
		}
		if old.bad[name] {
			list.bad[name] = true
			continue
		}
		p, err := openPack(filepath.Join(dir, name), s.hashSize)
		if errors.Is(err, fs.ErrNotExist) && !exists(filepath.Join(dir, name)) {
			continue // repacked since the directory was listed
		}
		if err != nil {
			list.bad[name] = true
			s.fault(err)
			continue
		}
		list.packs = append(list.packs, p)
		list.byName[name] = p
	}
	s.loadMulti(list, filepath.Join(dir, "multi-pack-index"))
	d.packs.Store(list)
	return len(list.packs) > len(old.packs)
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// loadMulti reads the multi-pack-index, if there is one and more than one
// pack to look through. It is read, not mapped: it is replaced now and then.
func (s *Store) loadMulti(list *packList, name string) {
	if len(list.packs) < 2 {
		return
	}
	f, err := openFile(name)
	if err != nil {
		return
	}
	// Stays mapped for the life of the process if it is used: lists share it.
	raw, err := f.all()
	if err == nil {
		list.multi, err = parseMultiIndex(raw, s.hashSize)
	}
	if err != nil {
		list.multi = nil
		f.close()
		s.fault(fileError(name, err))
		return
	}
	list.covered = map[*Pack]bool{}
	for _, n := range list.multi.packs {
		p := list.byName[strings.TrimSuffix(n, ".idx")+".pack"]
		if strings.HasSuffix(n, ".pack") {
			p = list.byName[n]
		}
		list.multiTo = append(list.multiTo, p)
		if p != nil {
			list.covered[p] = true
		}
	}
}

// find gives a pack that holds the object, and its position there.
func (s *Store) find(id *object.ID) (*Pack, int, bool) {
	last := s.last.Load()
	if last != nil {
		if pos, ok := last.idx.find(id); ok {
			return last, pos, true
		}
	}
	for _, d := range s.dirs {
		list := d.packs.Load()
		if list.multi != nil {
			if i, ok := list.multi.find(id); ok && list.multiTo[i] != nil {
				if pos, ok := list.multiTo[i].idx.find(id); ok {
					s.last.Store(list.multiTo[i])
					return list.multiTo[i], pos, true
				}
			}
		}
		for _, p := range list.packs {
			if p == last || list.covered[p] {
				continue
			}
			if pos, ok := p.idx.find(id); ok {
				s.last.Store(p)
				return p, pos, true
			}
		}
	}
	return nil, 0, false
}

// refresh looks for packs that came since; it tells whether any did.
func (s *Store) refresh() bool {
	found := false
	for _, d := range s.dirs {
		if s.load(d) {
			found = true
		}
	}
	return found
}

func (s *Store) looseFile(id object.ID) (string, bool) {
	for _, d := range s.dirs {
		if name := looseName(d.path, id); exists(name) {
			return name, true
		}
	}
	return "", false
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
	return s.get(id, buf, 0)
}

func (s *Store) get(id object.ID, buf []byte, hops int) (typ object.Type, content []byte, err error) {
	sc := s.scratch.Get().(*scratch)
	defer s.release(sc)
	defer guard(&err)()
	var first error
	for {
		p, pos, ok := s.find(&id)
		if ok {
			typ, content, err = s.getPacked(p, pos, buf, hops, sc)
			if err == nil {
				return typ, content, nil
			}
			first = withID(err, id)
			// Another pack may hold a copy that can be read.
			for _, q := range s.Packs() {
				if q == p {
					continue
				}
				if pos, ok := q.idx.find(&id); ok {
					if typ, content, err = s.getPacked(q, pos, buf, hops, sc); err == nil {
						return typ, content, nil
					}
				}
			}
		}
		if name, ok := s.looseFile(id); ok {
			typ, content, err = readLoose(name, id, buf, s.limit, sc)
			if err == nil || !errors.Is(err, fs.ErrNotExist) {
				return typ, content, err
			}
		}
		if first != nil {
			return 0, nil, first
		}
		if !s.refresh() {
			return 0, nil, &Error{Offset: -1, ID: id, Err: ErrNotFound}
		}
	}
}

func (s *Store) getPacked(p *Pack, pos int, buf []byte, hops int, sc *scratch) (object.Type, []byte, error) {
	off, ok := p.idx.offset(pos)
	if !ok {
		return 0, nil, fileError(p.idxFile.name, fmt.Errorf("%w: offset of object %v", ErrCorrupt, p.ID(pos)))
	}
	outside := func(id object.ID, hops int) (object.Type, []byte, error) { return s.get(id, nil, hops) }
	return p.read(off, buf, s.limit, s.cache, outside, hops, sc)
}

// readAt reads the object at an offset of a pack, keeping nothing.
func (s *Store) readAt(p *Pack, off int64, sc *scratch) (object.Type, []byte, error) {
	outside := func(id object.ID, hops int) (object.Type, []byte, error) { return s.get(id, nil, hops) }
	return p.read(off, nil, s.limit, newBaseCache(0), outside, 0, sc)
}

// otherCopy reads an object from anywhere but one pack.
func (s *Store) otherCopy(id object.ID, not *Pack) (typ object.Type, content []byte, ok bool) {
	sc := s.scratch.Get().(*scratch)
	defer s.release(sc)
	var err error
	defer guard(&err)()
	for _, p := range s.Packs() {
		if pos, ok := p.idx.find(&id); ok && p != not {
			if typ, content, err = s.getPacked(p, pos, nil, 0, sc); err == nil {
				return typ, content, true
			}
		}
	}
	if not == nil {
		return 0, nil, false // it was the loose one that failed
	}
	if name, ok := s.looseFile(id); ok {
		if typ, content, err = readLoose(name, id, nil, s.limit, sc); err == nil {
			return typ, content, true
		}
	}
	return 0, nil, false
}

// Header gives an object's type and size without reading all of it.
func (s *Store) Header(id object.ID) (object.Type, int64, error) {
	return s.header(id, 0)
}

func (s *Store) header(id object.ID, hops int) (typ object.Type, size int64, err error) {
	sc := s.scratch.Get().(*scratch)
	defer s.release(sc)
	defer guard(&err)()
	for {
		if p, pos, ok := s.find(&id); ok {
			off, ok := p.idx.offset(pos)
			if !ok {
				return 0, 0, fileError(p.idxFile.name, fmt.Errorf("%w: offset of object %v", ErrCorrupt, id))
			}
			typ, size, err = p.header(off, func(id object.ID, hops int) (object.Type, error) {
				t, _, err := s.header(id, hops)
				return t, err
			}, hops, sc)
			return typ, size, withID(err, id)
		}
		if name, ok := s.looseFile(id); ok {
			typ, size, err = looseHeaderAt(name, id, sc)
			if err == nil || !errors.Is(err, fs.ErrNotExist) {
				return typ, size, err
			}
		}
		if !s.refresh() {
			return 0, 0, &Error{Offset: -1, ID: id, Err: ErrNotFound}
		}
	}
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
