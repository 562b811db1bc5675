package engine

import (
	"bytes"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/internal/engine/decode"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// maxDepth is how many encodings may lie in one another.
const maxDepth = 7

// The budget of one call in bytes of views: encodings that grow (compressed
// data) or overlap end there, whatever the bounds of each.
const (
	budgetBase   = 32 << 20
	budgetFactor = 8
)

// decoding is what an engine needs to look into encodings.
type decoding struct {
	triggers []decode.Trigger
	of       []*decode.Trigger // by literal; nil for those that are none
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

// decodeScratch holds the buffers of decoding, by depth.
type decodeScratch struct {
	levels [maxDepth]struct {
		finder decode.Finder
		hits   []literal.Hit
		at     []decode.At
	}
	spent, budget int
	gap           string
}

// Gap says what the last Find left undecoded; "" is nothing. A scan of such a
// text is not complete.
func (s *Scratch) Gap() string { return s.decode.gap }

// origin is a match as it was found, in the decoded text.
type origin struct {
	text  []byte
	match Match
}

// decoded tries the rules in what is encoded in the text.
func (e *Engine) decoded(text []byte, hits []literal.Hit, fresh Span, edges Edges, s *Scratch, judge func(*Match) error) error {
	d := &s.decode
	d.gap, d.spent, d.budget = "", 0, budgetBase+budgetFactor*len(text)
	t := decode.Text{Bytes: text, Region: decode.Span{Start: max(0, fresh.Start-Bound), End: min(len(text), fresh.End+Bound)}}
	at := e.triggers(d.levels[0].at[:0], &t, hits)
	d.levels[0].at = at
	const around = decode.Reach + decode.Margin
	if t.Region.Len() > fresh.Len()+8*around {
		// Little is fresh: what is encoded counts if it is near.
		near := t
		near.Region = decode.Span{Start: max(0, fresh.Start-around), End: min(len(text), fresh.End+around)}
		if !d.levels[0].finder.Any(&near, at) {
			return nil
		}
	}
	return e.views(&t, at, s, 0, func(m *Match) error {
		// What is larger would be found or not depending on how a text is cut.
		// Compressed data is the exception: there is no part of it to be found.
		if m.Evidence.Len() > Bound && !slices.ContainsFunc(m.DecodedFrom, decode.Packed) {
			return nil
		}
		return judge(m)
	})
}

// views tries the rules in the views of a text, and in the views of those.
func (e *Engine) views(t *decode.Text, at []decode.At, s *Scratch, depth int, emit func(*Match) error) error {
	level := &s.decode.levels[depth]
	t.Gap = func(what string) { s.decode.gap = what }
	t.Visit = func(v *decode.View) error {
		s.decode.spent += len(v.Text)
		if s.decode.spent > s.decode.budget {
			s.decode.gap = "the encoded data in it unpacks to too much, read in part"
			return nil
		}
		return e.view(v, s, depth, emit)
	}
	return level.finder.Views(t, at)
}

// triggers are the hits of triggers, and the places where a token may be broken.
func (e *Engine) triggers(at []decode.At, t *decode.Text, hits []literal.Hit) []decode.At {
	sorted := true
	for _, h := range hits {
		if tr := e.decoding.of[h.Pattern]; tr != nil {
			at = append(at, decode.At{Pos: int(h.Pos), Trigger: tr})
			continue
		}
		if refs := e.refs[h.Pattern]; len(refs) > 0 && !refs[0].context {
			if a, ok := decode.SoftBreak(t.Bytes, int(h.Pos)); ok {
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
func (e *Engine) view(v *decode.View, s *Scratch, depth int, emit func(*Match) error) error {
	lift := func(m *Match) error {
		if m.Confidence < e.minimum {
			return nil
		}
		out, ok := lifted(m, v)
		if !ok {
			return nil
		}
		return emit(&out)
	}
	level := &s.decode.levels[depth]
	whole := Span{0, len(v.Text)}
	level.hits = e.Hits(level.hits[:0], v.Text, 0, len(v.Text))
	if err := e.direct(v.Text, level.hits, whole, lift); err != nil {
		return err
	}
	t := decode.Text{Bytes: v.Text, Region: decode.Span(whole), Concerns: v.Decoded}
	inner := depth + 1
	if inner == maxDepth { // not followed any more, but said
		if t.Encoded() {
			s.decode.gap = "encodings in one another deeper than the limit, read in part"
		}
		return nil
	}
	at := e.triggers(s.decode.levels[inner].at[:0], &t, level.hits)
	s.decode.levels[inner].at = at
	return e.views(&t, at, s, inner, lift)
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
		if s.Len() == 0 {
			return Span{}
		}
		return Span(v.Source(decode.Span(s)))
	}
	out.Secret, out.Whole = source(m.Secret), source(m.Whole)
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
