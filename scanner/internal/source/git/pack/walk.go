package pack

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// A Visitor looks at objects. Each worker of a walk has its own, so it needs
// no lock; states may pass from one to another.
type Visitor[S any] interface {
	// Visit is called once for each object in scope, a delta's base before
	// the delta. It returns what it wants to know of this object when the
	// objects made from it come; it must not change that afterwards, as
	// other workers may read it. base is what was returned for the delta's
	// base, the zero S where o.Segments is nil.
	//
	// The state of a leaf is dropped at once: o.Leaf tells that there is no
	// need to make one.
	Visit(o *Object, base S) S
}

// A Releaser is a Visitor that wants states back which nobody will ask for
// any more, to use their memory again. Not all states come back.
type Releaser[S any] interface {
	Release(S)
}

// Object is what a Visitor sees. It and its slices are valid during the call.
type Object struct {
	ID      object.ID
	Type    object.Type
	Number  int    // as of Store.Number
	Content []byte // must not be written to
	// Base is the content of the delta's base and Segments where the parts of
	// Content come from, in order and without gaps. Segments is nil if
	// nothing is known about this object's base: search all of it. (A delta
	// that makes an empty object has Segments that are empty, not nil.)
	Base     []byte
	Segments []Segment
	Leaf     bool // no object in scope is made from this one
}

// WalkOptions say what is walked; the zero value is everything.
type WalkOptions struct {
	Types object.Set // 0 means all
	// Want limits the walk to objects by number; nil means all. Bases of
	// wanted objects are read but not delivered. Calls are not concurrent.
	Want    func(number int) bool
	Workers int // 0 means GOMAXPROCS
	// Hold is how many bytes of delta bases a worker keeps waiting for their
	// other children: 0 means 24 MiB. Beyond it they are rebuilt.
	Hold int
	// OnError is told of what cannot be read, a *Error nearly always. Calls
	// are not concurrent, but come from any goroutine. The walk goes on. If
	// it is nil, Walk returns the first.
	OnError func(error)
}

// Walk delivers every object once, bases before the deltas made from them,
// from all packs and the loose objects. visitor makes the Visitor of a worker.
// The order is not determined, only that. Walk ends early when ctx does, with
// its error.
func Walk[S any](ctx context.Context, s *Store, opts WalkOptions, visitor func(worker int) Visitor[S]) error {
	if opts.Types == 0 {
		opts.Types = object.All
	}
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	if opts.Hold <= 0 {
		opts.Hold = 24 << 20
	}
	var first error
	if opts.OnError == nil {
		opts.OnError = func(err error) {
			if first == nil {
				first = err
			}
		}
	}
	r := &run[S]{store: s, opts: opts}
	stop := context.AfterFunc(ctx, func() {
		r.stopped.Store(true)
		r.queue.wake()
	})
	defer stop()
	for i := range opts.Workers {
		w := &walker[S]{run: r, visitor: visitor(i), segs: make([]Segment, 0, 256)}
		w.releaser, _ = w.visitor.(Releaser[S])
		r.workers = append(r.workers, w)
	}
	parts := s.numbered()
	for i := range parts {
		if r.stopped.Load() {
			break
		}
		r.walkPart(&parts[i])
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return first
}

// run is one Walk.
type run[S any] struct {
	store   *Store
	opts    WalkOptions
	workers []*walker[S]
	stopped atomic.Bool

	queue queue[S]
	roots atomic.Int64 // the next root, or loose object, to be taken

	mu   sync.Mutex
	lost []error // of the current part
}

func (r *run[S]) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost = append(r.lost, err)
}

// wants is the filter for the positions of a part; nil if all are wanted.
func (r *run[S]) wants(p *part) func(pos int) bool {
	want := r.opts.Want
	switch {
	case want == nil && p.dup == nil:
		return nil
	case want == nil:
		return func(pos int) bool { return !p.isDup(pos) }
	}
	return func(pos int) bool { return !p.isDup(pos) && want(p.first+pos) }
}

func (r *run[S]) walkPart(p *part) {
	err := func() (err error) {
		defer guard(&err)()
		if p.pack != nil {
			r.walkPack(p)
		} else {
			r.walkLoose(p)
		}
		r.salvage(p)
		return nil
	}()
	if err != nil { // the index was cut short under the mapping
		r.opts.OnError(p.pack.fail(-1, err))
	}
}

func (r *run[S]) walkPack(p *part) {
	f := growForest(p.pack, r.opts.Types, r.wants(p), r.store.typeOf, len(r.workers), r.report)
	r.parallel(func(w *walker[S]) { w.walkForest(p, f) })
}

func (r *run[S]) walkLoose(p *part) {
	want := r.wants(p)
	wanted := make([]bool, p.n) // asked here, as Want is not for concurrent use
	for i := range wanted {
		wanted[i] = want == nil || want(i)
	}
	r.parallel(func(w *walker[S]) {
		for !r.stopped.Load() {
			i := int(r.roots.Add(1)) - 1
			if i >= p.n {
				return
			}
			if wanted[i] {
				w.visitLoose(p, i)
			}
		}
	})
}

func (r *run[S]) parallel(work func(w *walker[S])) {
	r.roots.Store(0)
	r.queue.reset(len(r.workers))
	var wg sync.WaitGroup
	for _, w := range r.workers[1:] {
		wg.Go(func() { work(w) })
	}
	work(r.workers[0])
	wg.Wait()
}

// salvage looks for other copies of what could not be read, and reports what
// has none.
func (r *run[S]) salvage(p *part) {
	lost := r.lost
	r.lost = nil
	w := r.workers[0]
	for _, err := range lost {
		var e *Error
		if errors.As(err, &e) && !e.ID.IsZero() && !r.stopped.Load() {
			if i, ok := p.find(&e.ID); ok {
				if want := r.wants(p); want != nil && !want(i) {
					continue
				}
				if typ, content, ok := r.store.otherCopy(e.ID, p.pack); ok {
					if r.opts.Types.Has(typ) {
						var none S
						w.visitor.Visit(&Object{ID: e.ID, Type: typ, Number: p.first + i, Content: content, Leaf: true}, none)
					}
					continue
				}
			}
		}
		r.opts.OnError(err)
	}
}

// walker is one worker.
type walker[S any] struct {
	run      *run[S]
	visitor  Visitor[S]
	releaser Releaser[S]

	part  *part
	f     *forest
	s     scratch
	pool  buffers
	stack []frame[S]
	held  int // bytes of content in stack
	delta []byte
	loose []byte
	segs  []Segment
	obj   Object
}

// frame is a node whose children are being walked.
type frame[S any] struct {
	node    uint32
	next    uint32 // the next child, a place in forest.kids
	end     uint32
	content []byte // nil: dropped, to be rebuilt
	state   S
	visited bool // state is one
	shared  bool // another worker may hold content and state
}

func (w *walker[S]) walkForest(p *part, f *forest) {
	w.part, w.f = p, f
	r := w.run
	for !r.stopped.Load() {
		if i := int(r.roots.Add(1)) - 1; i < len(f.roots) {
			w.guarded(f.roots[i], func() { w.root(f.roots[i]) })
			continue
		}
		t, ok := r.queue.take(&r.stopped)
		if !ok {
			break
		}
		w.guarded(t.frame.node, func() {
			w.push(t.frame)
			w.descend()
		})
	}
	w.f, w.part = nil, nil
}

// guarded walks what hangs on a node; a file cut short under the mapping
// costs that tree.
func (w *walker[S]) guarded(node uint32, walk func()) {
	err := func() (err error) {
		defer guard(&err)()
		walk()
		return nil
	}()
	if err != nil {
		w.run.report(w.f.p.fail(w.f.offset(node), err))
		clear(w.stack)
		w.stack, w.held = w.stack[:0], 0
	}
}

// root walks a whole tree.
func (w *walker[S]) root(i uint32) {
	content, err := w.readRoot(i)
	if err != nil {
		if content = w.rescue(i); content == nil {
			w.f.failTree(i, err, w.run.report)
			return
		}
	}
	w.visit(i, content, nil, nil)
	w.descend()
}

// rescue gets a node that cannot be read here from somewhere else, so that
// what hangs on it is not lost; nil if there is no other copy.
func (w *walker[S]) rescue(i uint32) []byte {
	typ, content, ok := w.run.store.otherCopy(w.f.id(i), w.f.p)
	if !ok || typ != w.f.types[i] {
		return nil
	}
	return content
}

// readRoot reads a node that has no base in its pack.
func (w *walker[S]) readRoot(i uint32) ([]byte, error) {
	e, err := w.f.header(i, &w.s)
	if err != nil {
		return nil, err
	}
	if e.isDelta() {
		_, base, err := w.run.store.Get(e.baseID, nil)
		if err != nil {
			return nil, fmt.Errorf("%w: %v: %w", ErrBase, e.baseID, cause(err))
		}
		return w.apply(i, base, nil)
	}
	off := w.f.offset(i) + int64(e.headLen)
	limit := w.f.limit(i)
	if err := checkSize(e.size, limit-off, w.run.store.limit); err != nil {
		return nil, err
	}
	content := w.pool.get(int(e.size))
	if err := w.f.p.inflate(content, off, limit, &w.s); err != nil {
		w.pool.put(content)
		return nil, err
	}
	return content, nil
}

// apply makes a node's content from its base's.
func (w *walker[S]) apply(i uint32, base []byte, segs *[]Segment) ([]byte, error) {
	e, err := w.f.header(i, &w.s)
	if err != nil {
		return nil, err
	}
	off := w.f.offset(i) + int64(e.headLen)
	limit := w.f.limit(i)
	if err := checkSize(e.size, limit-off, w.run.store.limit); err != nil {
		return nil, err
	}
	w.delta = grow(w.delta, int(e.size))[:e.size]
	if err := w.f.p.inflate(w.delta, off, limit, &w.s); err != nil {
		return nil, err
	}
	in, size, err := openDelta(w.delta, len(base), w.run.store.limit)
	if err != nil {
		return nil, err
	}
	content := w.pool.get(int(size))
	if err := applyDelta(content, base, in, segs); err != nil {
		w.pool.put(content)
		return nil, err
	}
	if cap(w.delta) > 4<<20 {
		w.delta = nil
	}
	return content, nil
}

// visit delivers a node and pushes it if there is more below. from is the
// base's frame; it is popped first if this was its last child. Without segs
// the node was not made from it.
func (w *walker[S]) visit(i uint32, content []byte, from *frame[S], segs []Segment) {
	start, end := w.f.children(i)
	var state, base S
	wanted := w.f.isWanted(i)
	if wanted {
		o := &w.obj
		pos := w.f.pos(i)
		*o = Object{ID: w.f.p.idx.id(pos), Type: w.f.types[i], Number: w.part.first + pos, Content: content, Leaf: start == end}
		if from != nil && from.visited && segs != nil {
			base = from.state
			o.Base, o.Segments = from.content, segs
		}
		state = w.visitor.Visit(o, base)
	}
	if from != nil && from.next == from.end {
		w.pop()
	}
	if start == end {
		w.pool.put(content)
		if wanted && w.releaser != nil {
			w.releaser.Release(state)
		}
		return
	}
	w.push(frame[S]{node: i, next: start, end: end, content: content, state: state, visited: wanted})
}

func (w *walker[S]) push(f frame[S]) {
	w.stack = append(w.stack, f)
	w.held += cap(f.content)
	for k := 0; w.held > w.run.opts.Hold && k < len(w.stack)-1; k++ {
		w.drop(&w.stack[k])
	}
}

// drop gives up a frame's content, not its state.
func (w *walker[S]) drop(f *frame[S]) {
	w.held -= cap(f.content)
	if !f.shared {
		w.pool.put(f.content)
	}
	f.content = nil
}

func (w *walker[S]) pop() {
	f := &w.stack[len(w.stack)-1]
	w.drop(f)
	if f.visited && !f.shared && w.releaser != nil {
		w.releaser.Release(f.state)
	}
	*f = frame[S]{}
	w.stack = w.stack[:len(w.stack)-1]
}

// descend walks what hangs on the stack.
func (w *walker[S]) descend() {
	r := w.run
	for len(w.stack) > 0 && !r.stopped.Load() {
		f := &w.stack[len(w.stack)-1]
		if f.next == f.end {
			w.pop()
			continue
		}
		if f.content == nil && !w.rebuild(f) {
			w.pop()
			continue
		}
		if f.end-f.next > 1 && r.queue.hungry() {
			// The last child has the most below it.
			f.shared = true
			f.end--
			t := *f
			t.next, t.end = f.end, f.end+1
			r.queue.put(task[S]{t})
		}
		kid := w.f.kids[f.next]
		f.next++
		content, err := w.apply(kid, f.content, &w.segs)
		segs := w.segs
		if err != nil {
			segs = nil
			if content = w.rescue(kid); content == nil {
				w.f.failTree(kid, err, r.report)
				continue
			}
		}
		w.visit(kid, content, f, segs)
	}
	if len(w.stack) > 0 { // stopped
		clear(w.stack)
		w.stack, w.held = w.stack[:0], 0
	}
}

// rebuild reads a node again whose content was dropped. It was read before,
// so an error is a change on disk.
func (w *walker[S]) rebuild(f *frame[S]) bool {
	off := w.f.offset(f.node)
	_, content, err := w.run.store.readAt(w.f.p, off, &w.s)
	if err != nil {
		for ; f.next < f.end; f.next++ {
			w.f.failTree(w.f.kids[f.next], err, w.run.report)
		}
		return false
	}
	f.content = content
	f.shared = true // not from the pool
	w.held += cap(content)
	return true
}

// visitLoose reads and delivers a loose object.
func (w *walker[S]) visitLoose(p *part, i int) {
	id := p.loose[i]
	typ, content, err := readLooseOf(w.run.opts.Types, looseName(p.dir.path, id), id, w.loose, w.run.store.limit, &w.s)
	if err != nil {
		w.run.report(err)
		return
	}
	if content == nil {
		return
	}
	var none S
	w.obj = Object{ID: id, Type: typ, Number: p.first + i, Content: content, Leaf: true}
	state := w.visitor.Visit(&w.obj, none)
	if w.releaser != nil {
		w.releaser.Release(state)
	}
	if cap(content) <= 4<<20 {
		w.loose = content
	}
}
