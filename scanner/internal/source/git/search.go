package git

import (
	"context"

	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// Holder is an object that holds values of interest.
type Holder struct {
	Number int // as of pack.Store.Number
	ID     object.ID
	Type   object.Type
	Values []int32 // ascending, without repetition; shared, not to be changed
}

// Options of a search.
type Options struct {
	// Types limits what is searched; 0 means all.
	Types object.Set
	// Want limits the search to objects by number; nil means all.
	Want func(number int) bool
	// Workers is the number of goroutines; 0 means GOMAXPROCS.
	Workers int
	// Plain searches every object in full: the oracle of the delta walk.
	Plain bool
	// Values turns the raw matches of an object into the values it holds. It
	// is called by one goroutine per worker, for objects with raw matches
	// only. What it returns must not depend on where the matches stand: an
	// object whose matches are those of its base, moved, shares its values.
	Values func(worker int, text []byte, raw []engine.Match) []int32
	// Each is told of every object searched, before its content is gone.
	Each func(worker int, o *pack.Object)
	// OnGap is told of objects that were not read in full, for a bound's sake.
	// It is called by one goroutine per worker.
	OnGap func(worker int, id object.ID, what string)
	// OnError is told of what cannot be read; see pack.WalkOptions.
	OnError func(error)
}

// Search searches the objects of a store. Holders come in no particular order.
func Search(ctx context.Context, s *pack.Store, e *engine.Engine, o Options) ([]Holder, error) {
	var visitors []*visitor
	err := pack.Walk(ctx, s, pack.WalkOptions{Types: o.Types, Want: o.Want, Workers: o.Workers, OnError: o.OnError},
		func(worker int) pack.Visitor[*state] {
			v := &visitor{engine: e, names: e.Undecoded(), opt: &o, worker: worker}
			visitors = append(visitors, v)
			return v
		})
	var all []Holder
	for _, v := range visitors {
		all = append(all, v.holders...)
	}
	return all, err
}

// state is what objects made from this one inherit.
type state struct {
	engine.Carried
	values []int32
}

// visitor is one worker's part.
type visitor struct {
	engine *engine.Engine
	// names is for trees: between their names stand raw hashes and NULs, which
	// look like every encoding there is.
	names   *engine.Engine
	opt     *Options
	worker  int
	scratch engine.Scratch
	copies  []engine.Copy
	free    []*state
	holders []Holder
}

// Visit implements pack.Visitor.
func (v *visitor) Visit(o *pack.Object, base *state) *state {
	if v.opt.Each != nil {
		v.opt.Each(v.worker, o)
	}
	e := v.engine
	if o.Type == object.Tree {
		e = v.names
	}
	st := v.state()
	if v.opt.Plain || o.Segments == nil || base == nil {
		e.FindAll(o.Content, &st.Carried)
	} else {
		v.copies = v.copies[:0]
		for _, s := range o.Segments {
			if s.Src != pack.Inserted {
				v.copies = append(v.copies, engine.Copy{Dst: int(s.Dst), Src: int(s.Src), Len: int(s.Len)})
			}
		}
		e.Inherit(o.Content, &base.Carried, len(o.Base), v.copies, &v.scratch, &st.Carried)
	}
	if st.Gap != "" && v.opt.OnGap != nil {
		v.opt.OnGap(v.worker, o.ID, st.Gap)
	}
	switch {
	case len(st.Raw) == 0:
		st.values = nil
	case st.Same:
		st.values = base.values
	default:
		st.values = v.opt.Values(v.worker, o.Content, st.Raw)
	}
	if len(st.values) > 0 {
		v.holders = append(v.holders, Holder{Number: o.Number, ID: o.ID, Type: o.Type, Values: st.values})
	}
	if o.Leaf {
		v.Release(st)
		return nil
	}
	return st
}

func (v *visitor) state() *state {
	if n := len(v.free); n > 0 {
		st := v.free[n-1]
		v.free = v.free[:n-1]
		return st
	}
	return &state{}
}

// Release implements pack.Releaser.
func (v *visitor) Release(st *state) {
	const most = 1 << 16 // hits and matches; larger buffers are not kept
	if st == nil || len(v.free) >= 256 || cap(st.Hits) > most || cap(st.Raw) > most/16 {
		return
	}
	st.values, st.Same = nil, false
	v.free = append(v.free, st)
}
