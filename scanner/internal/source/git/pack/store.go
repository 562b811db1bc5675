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
	mapped   bool
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

	noMap bool // for tests: read as on systems that cannot map files
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
		mapped:   !opts.noMap,
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
		p, err := openPack(filepath.Join(dir, name), s.hashSize, s.mapped)
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
	f, err := openFile(name, s.mapped)
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
