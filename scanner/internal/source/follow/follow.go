package follow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// State is where reading a file stands, for the next run.
type State struct {
	Path string `json:"path"`
	ID   string `json:"id,omitempty"` // device and inode; "" where there are none
	Head Head   `json:"head"`
	// Offset is where to read on. What else has to be known there is the
	// sink's.
	Offset int64 `json:"offset"`
	Line   int   `json:"line"`
	Column int   `json:"column"`
	Told   int64 `json:"told"`
}

// Sink takes the text of one file, in order.
type Sink interface {
	// Text takes what follows; it must not keep p.
	Text(p []byte) error
	// Pause tells that nothing has come for a poll.
	Pause() error
	// End tells that nothing will.
	End() error
	// State fills in Offset, Line, Column and Told.
	State(*State)
}

// Options of a Follower.
type Options struct {
	// Patterns are paths and globs. A glob that matches nothing yet is waited
	// for.
	Patterns []string
	// FromStart reads files that are there at the start from their beginning,
	// else from their end. A State comes before.
	FromStart bool
	Poll      time.Duration // 0 stands for 100 ms
	// Back is how many bytes before the place where reading begins are read,
	// too, for what stands around: State.Told says where what is new begins.
	Back   int64
	States []State
	// Open makes the sink for a file, which is read from s.Offset on.
	Open func(s State) (Sink, error)
	// Polled is called after each poll that changed something, when all sinks
	// have what is there.
	Polled func([]State) error
	// Trouble is called with what could not be read, once per path and cause.
	Trouble func(path string, err error)
}

// Follower follows files. It is one goroutine's.
type Follower struct {
	o       Options
	files   []*file
	first   bool
	told    map[string]bool
	changed bool
	buf     []byte
}

// file is one that is being read.
type file struct {
	state  State
	f      *os.File
	offset int64 // of the next read
	sink   Sink
	fresh  bool // text since the last pause
	waited int  // polls since then, if little came
	came   int  // bytes since then
	quiet  int  // polls without text since the name was lost
	lost   bool // its name is another file's, or nobody's
}

// graceful is for how many polls a file that lost its name is read on: whoever
// writes to it may not have noticed.
const graceful = 50

// A file that never pauses is paused for after so many polls, unless enough
// bytes come.
const (
	patience = 5
	enough   = 64 << 10
)

// New prepares a Follower.
func New(o Options) *Follower {
	if o.Poll <= 0 {
		o.Poll = 100 * time.Millisecond
	}
	return &Follower{o: o, first: true, told: map[string]bool{}, buf: make([]byte, 256<<10)}
}

// Run follows until ctx is done; then the sinks are ended and the states told.
func (f *Follower) Run(ctx context.Context) error {
	tick := time.NewTicker(f.o.Poll)
	defer tick.Stop()
	defer func() {
		for _, x := range f.files {
			x.f.Close()
		}
	}()
	for {
		if err := f.poll(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			for _, x := range f.files {
				if err := x.sink.Pause(); err != nil {
					return err
				}
			}
			return f.o.Polled(f.States())
		case <-tick.C:
		}
	}
}

// States says where reading stands.
func (f *Follower) States() []State {
	var all []State
	for _, x := range f.files {
		x.sink.State(&x.state)
		all = append(all, x.state)
	}
	return all
}

// poll looks at all names and reads what is new.
func (f *Follower) poll() error {
	f.changed = false
	if f.first {
		if err := f.resume(); err != nil {
			return err
		}
	}
	named := map[*file]bool{}
	for _, path := range f.paths() {
		x, err := f.look(path)
		if err != nil {
			return err
		}
		if x != nil {
			named[x] = true
		}
	}
	f.first = false
	kept := f.files[:0]
	for _, x := range f.files {
		x.lost = !named[x]
		end, err := f.read(x)
		if err != nil {
			return err
		}
		if end {
			x.f.Close()
			f.changed = true
			continue
		}
		kept = append(kept, x)
	}
	f.files = kept
	if f.changed && f.o.Polled != nil {
		return f.o.Polled(f.States())
	}
	return nil
}

// paths are the names to look at: compressed files are read only as what became
// of one that was followed.
func (f *Follower) paths() []string {
	var all []string
	for _, p := range f.o.Patterns {
		if _, err := os.Lstat(p); err == nil {
			all = append(all, p)
			continue
		}
		found, err := filepath.Glob(p)
		if err != nil {
			f.trouble(p, err)
		}
		for _, name := range found {
			if !compressed(name) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// look opens what is new under a name. It returns the file that has it.
func (f *Follower) look(path string) (*file, error) {
	info, err := os.Stat(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.trouble(path, err)
		}
		return nil, nil
	}
	if !info.Mode().IsRegular() {
		f.trouble(path, fmt.Errorf("not a regular file"))
		return nil, nil
	}
	for _, x := range f.files {
		if open, err := x.f.Stat(); err == nil && os.SameFile(open, info) {
			return x, nil
		}
	}
	r, err := os.Open(path)
	if err != nil {
		f.trouble(path, err)
		return nil, nil
	}
	s := State{Path: path, ID: identity(info)}
	// The copy of a file that is followed has been read. What took the name of
	// one is none, though it may begin alike.
	for _, x := range f.files {
		if path != x.state.Path && x.state.Head.full() && x.state.Head.of(r) {
			s.Told = min(x.offset, info.Size())
		}
	}
	if f.first && !f.o.FromStart {
		s.Told = info.Size()
	}
	if s.Offset = max(0, s.Told-f.o.Back); s.Offset > 0 {
		if s.Line, s.Column, err = count(r, s.Offset); err != nil {
			f.trouble(path, err)
		}
	}
	return f.start(r, s)
}

// start makes a file of what was opened.
func (f *Follower) start(r *os.File, s State) (*file, error) {
	s.Head.read(r)
	sink, err := f.o.Open(s)
	if err != nil {
		r.Close()
		return nil, err
	}
	x := &file{state: s, f: r, offset: s.Offset, sink: sink}
	f.files = append(f.files, x)
	f.changed = true
	return x, nil
}

// read reads what is new, and tells whether the file is done with.
func (f *Follower) read(x *file) (end bool, err error) {
	info, err := x.f.Stat()
	if err != nil {
		f.trouble(x.state.Path, err)
		return true, x.sink.End()
	}
	if info.Size() < x.offset || !x.state.Head.of(x.f) {
		if err := f.cut(x); err != nil {
			return false, err
		}
	}
	if !x.state.Head.full() {
		x.state.Head.read(x.f)
	}
	for {
		n, err := x.f.ReadAt(f.buf, x.offset)
		if n > 0 {
			x.offset += int64(n)
			x.fresh, x.quiet = true, 0
			if x.came += n; x.came > enough {
				x.came, x.waited = 0, 0
			}
			f.changed = true
			if err := x.sink.Text(f.buf[:n]); err != nil {
				return false, err
			}
		}
		if err == nil && n > 0 {
			continue
		}
		if err != nil && err != io.EOF {
			f.trouble(x.state.Path, err)
		}
		if n == 0 {
			break
		}
	}
	x.waited++
	if x.quiet++; x.fresh && (x.quiet > 1 || x.waited > patience) {
		x.fresh, x.waited, x.came, f.changed = false, 0, 0, true
		if err := x.sink.Pause(); err != nil {
			return false, err
		}
	}
	if x.lost && x.quiet > graceful {
		return true, x.sink.End()
	}
	return false, nil
}

// cut starts a file again that was truncated, after the rest of what stood in
// it has been read from the copy.
func (f *Follower) cut(x *file) error {
	x.sink.State(&x.state)
	old := x.state
	if _, err := f.rest(old, x.offset, x.sink); err != nil {
		return err
	}
	if err := x.sink.End(); err != nil {
		return err
	}
	x.offset, x.fresh = 0, false
	x.state = State{Path: old.Path, ID: old.ID}
	x.state.Head.read(x.f)
	f.changed = true
	var err error
	x.sink, err = f.o.Open(x.state)
	return err
}

func (f *Follower) trouble(path string, err error) {
	key := path + "\x00" + err.Error()
	if !f.told[key] && f.o.Trouble != nil {
		f.told[key] = true
		f.o.Trouble(path, err)
	}
}
