package engine

import (
	"bytes"
	"slices"
	"sort"
	"sync"

	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/decode"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// maxDepth is how many encodings may lie in one another.
const maxDepth = 7

// The budget of one call in bytes of views: encodings that grow (compressed
// data) or overlap end there, whatever the bounds of each.
const (
	budgetBase   = 8 << 20
	budgetFactor = 8
)

// decoding is what an engine needs to look into encodings.
type decoding struct {
	triggers []decode.Trigger
	of       []*decode.Trigger // by literal; nil for those that are none
	pool     sync.Pool         // of *decodeScratch
}

func newDecoding(add func(literal.Pattern), index map[literal.Pattern]int32) *decoding {
	d := &decoding{triggers: decode.Triggers()}
	of := map[int32]*decode.Trigger{}
	for i := range d.triggers {
		t := &d.triggers[i]
		p := literal.Pattern{Bytes: t.Text, Fold: t.Fold}
		add(p)
		if p.Fold {
			p.Bytes = string(bytes.ToLower([]byte(p.Bytes)))
		}
		of[index[p]] = t
	}
	d.of = make([]*decode.Trigger, len(index))
	for i, t := range of {
		d.of[i] = t
	}
	return d
}

// decodeScratch holds the buffers of decoding, by depth. Few texts need more
// than the first, so they are pooled, not kept with every goroutine.
type decodeScratch struct {
	levels [maxDepth]struct {
		finder decode.Finder
		hits   []literal.Hit
		at     []decode.At
	}
	regions       []Span
	found         []Match
	spent, budget int
	gap           *string
}

// Gap says what the last Find left undecoded; "" is nothing. A scan of such a
// text is not complete.
func (s *Scratch) Gap() string { return s.gap }

// origin is a match as it was found, in the decoded text.
type origin struct {
	text  []byte
	match Match
}

// decoded tries the rules in what is encoded in the text.
func (e *Engine) decoded(text []byte, hits []literal.Hit, fresh []Span, gap *string, judge func(*Match) error) error {
	d, _ := e.decoding.pool.Get().(*decodeScratch)
	if d == nil {
		d = &decodeScratch{}
	}
	defer e.decoding.pool.Put(d)
	d.gap, d.spent, d.budget = gap, 0, budgetBase+budgetFactor*len(text)
	d.found = d.found[:0]
	for _, r := range d.near(e, text, hits, fresh) {
		t := decode.Text{Bytes: text, Region: decode.Span(r)}
		at := e.triggers(d.levels[0].at[:0], &t, hits)
		d.levels[0].at = at
		if err := e.views(&t, at, d, 0, func(m *Match) error {
			d.found = append(d.found, *m)
			return nil
		}); err != nil {
			return err
		}
	}
	// Two views may show the same thing.
	slices.SortFunc(d.found, byEvidence)
	for i := range d.found {
		m := &d.found[i]
		if i > 0 && m.Evidence == d.found[i-1].Evidence && Compare(m, &d.found[i-1]) == 0 {
			continue
		}
		// What is larger would be found or not depending on how a text is cut.
		// Compressed data is the exception: there is no part of it to be found.
		if m.Evidence.Len() > Bound && !slices.ContainsFunc(m.DecodedFrom, decode.Packed) {
			continue
		}
		if err := judge(m); err != nil {
			return err
		}
	}
	clear(d.found)
	return nil
}

// near are the regions of the text to look at: Bound around the fresh spans, but
// where these are small, only those with something encoded in reach.
func (d *decodeScratch) near(e *Engine, text []byte, hits []literal.Hit, fresh []Span) []Span {
	const around = decode.Reach + decode.Margin
	d.regions = d.regions[:0]
	for _, f := range fresh {
		r := Span{max(0, f.Start-Bound), min(len(text), f.End+Bound)}
		if n := len(d.regions); n > 0 && r.End <= d.regions[n-1].End {
			continue
		}
		if r.Len() > f.Len()+8*around {
			t := decode.Text{Bytes: text, Region: decode.Span{Start: max(0, f.Start-around), End: min(len(text), f.End+around)}}
			level := &d.levels[0]
			level.at = e.triggers(level.at[:0], &t, hits)
			if !level.finder.Any(&t, level.at) {
				continue
			}
		}
		if n := len(d.regions); n > 0 && r.Start <= d.regions[n-1].End {
			d.regions[n-1].End = r.End
			continue
		}
		d.regions = append(d.regions, r)
	}
	return d.regions
}

// views tries the rules in the views of a text, and in the views of those.
func (e *Engine) views(t *decode.Text, at []decode.At, d *decodeScratch, depth int, emit func(*Match) error) error {
	level := &d.levels[depth]
	t.Gap = func(what string) { *d.gap = what }
	t.Visit = func(v *decode.View) error {
		d.spent += len(v.Text)
		if d.spent > d.budget {
			*d.gap = "the encoded data in it unpacks to too much, read in part"
			return nil
		}
		return e.view(v, d, depth, emit)
	}
	return level.finder.Views(t, at)
}

// triggers are the hits of triggers, and the places where a token may be broken.
func (e *Engine) triggers(at []decode.At, t *decode.Text, hits []literal.Hit) []decode.At {
	sorted, seen := true, 0
	first := sort.Search(len(hits), func(i int) bool { return int(hits[i].Pos) >= t.Region.Start })
	for _, h := range hits[first:] {
		if int(h.Pos) >= t.Region.End {
			break
		}
		if tr := e.decoding.of[h.Pattern]; tr != nil {
			at = append(at, decode.At{Pos: int(h.Pos), Trigger: tr})
			continue
		}
		if refs := e.refs[h.Pattern]; len(refs) > 0 && !refs[0].context {
			if a, ok := decode.SoftBreak(t.Bytes, int(h.Pos), &seen); ok {
				at = append(at, a)
				sorted = false
			}
		}
	}
	if !sorted {
		slices.SortStableFunc(at, func(a, b decode.At) int { return a.Pos - b.Pos })
	}
	return at
}

// view tries the rules in one view.
func (e *Engine) view(v *decode.View, d *decodeScratch, depth int, emit func(*Match) error) error {
	lift := func(m *Match) error {
		if m.Confidence < e.minimum && m.Checksum != checksum.Wrong {
			return nil
		}
		out, ok := lifted(m, v)
		if !ok {
			return nil
		}
		return emit(&out)
	}
	level := &d.levels[depth]
	whole := []Span{{0, len(v.Text)}}
	level.hits = e.Hits(level.hits[:0], v.Text, 0, len(v.Text))
	if err := e.direct(v.Text, level.hits, whole, lift); err != nil {
		return err
	}
	t := decode.Text{Bytes: v.Text, Region: decode.Span(whole[0]), Concerns: v.Decoded}
	inner := depth + 1
	if inner == maxDepth { // not followed any more, but said
		if t.Encoded() {
			*d.gap = "encodings in one another deeper than the limit, read in part"
		}
		return nil
	}
	at := e.triggers(d.levels[inner].at[:0], &t, level.hits)
	d.levels[inner].at = at
	return e.views(&t, at, d, inner, lift)
}

// lifted is a match in a view as one in the text that the view was made of.
func lifted(m *Match, v *decode.View) (out Match, ok bool) {
	evidence, ok := v.Evidence(decode.Span(m.Evidence))
	if !ok {
		return Match{}, false
	}
	if m.rank <= 0 && !v.Fits(decode.Span(m.Whole), decode.Span(m.Secret)) {
		return Match{}, false
	}
	out = *m
	out.Evidence = Span(evidence)
	source := func(s Span) Span {
		s.Start, s.End = max(s.Start, 0), min(s.End, len(v.Text))
		if s.Len() <= 0 {
			return Span{}
		}
		return Span(v.Source(decode.Span(s)))
	}
	out.Secret, out.Whole = source(m.Secret), source(m.Whole)
	if len(m.DecodedFrom) == 0 && v.Verbatim(decode.Span(m.Whole)) && !slices.ContainsFunc(m.Parts, func(p Part) bool { return !v.Verbatim(decode.Span(p.Span)) }) {
		// Nothing of it is encoded: the text itself decides whether it ends
		// where a token may end.
		return Match{}, false
	}
	if out.origin == nil {
		lo, hi := max(0, m.Evidence.Start), min(len(v.Text), m.Evidence.End)
		o := &origin{text: bytes.Clone(v.Text[lo:hi]), match: *m}
		o.match.Shift(-lo)
		out.origin = o
	}
	if kinds := v.Kinds(decode.Span(m.Secret)); kinds != nil {
		out.DecodedFrom = slices.Concat(kinds, m.DecodedFrom)
		out.meant = v.Transport(decode.Span(m.Secret))
	}
	if len(out.DecodedFrom) > 0 && m.Value == nil {
		out.Value = bytes.Clone(v.Text[m.Secret.Start:m.Secret.End])
	}
	out.Parts = slices.Clone(m.Parts)
	for i := range out.Parts {
		p := &out.Parts[i]
		if p.Value == nil && !v.Verbatim(decode.Span(p.Span)) {
			p.Value = bytes.Clone(v.Text[p.Span.Start:p.Span.End])
		}
		p.Span = source(p.Span)
	}
	return out, true
}
