package engine

import (
	"slices"
	"sort"

	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// Carried is what is known of a text after a search: enough to search another
// text that was made from it by copying and inserting.
type Carried struct {
	// Hits are all literal hits, ordered by (Pos, Pattern).
	Hits []literal.Hit
	// Raw are all raw matches, ordered by Evidence.Start.
	Raw []Match
	// Same tells that Raw was inherited whole, in order and without a new
	// match: the text holds the same secrets as its base.
	Same bool
	// Gap says what was left undecoded, here or in a base; "" is nothing.
	Gap string
}

// Copy says that text[Dst:Dst+Len] is base[Src:Src+Len].
type Copy struct{ Dst, Src, Len int }

// FindAll searches a whole text into c, whose buffers are used again.
func (e *Engine) FindAll(text []byte, c *Carried) {
	c.Hits = e.Hits(c.Hits[:0], text, 0, len(text))
	c.Raw, c.Same, c.Gap = c.Raw[:0], false, ""
	_ = e.Match(text, c.Hits, []Span{{0, len(text)}}, Whole, &c.Gap, func(m *Match) error {
		c.Raw = append(c.Raw, *m)
		return nil
	})
	c.sort()
}

// Inherit searches a text that holds copies of a base, into c, whose buffers
// are used again. copies are in order of Dst and do not overlap there; what
// they leave out was inserted. The result is the one of FindAll: a hit's
// evidence is its own bytes and a match's its evidence span, so what lies in
// one copy is taken over, and only what touches an inserted byte, or a seam
// between two copies, is looked at.
func (e *Engine) Inherit(text []byte, base *Carried, baseLen int, copies []Copy, s *Scratch, c *Carried) {
	s.copies = joinCopies(s.copies[:0], copies)
	s.fresh = freshSpans(s.fresh[:0], s.copies, baseLen, len(text))
	// Literal hits: those within a copy, and new ones around fresh spans.
	old := s.inherited[:0]
	for _, k := range s.copies {
		first := sort.Search(len(base.Hits), func(i int) bool { return int(base.Hits[i].Pos) >= k.Src })
		for _, h := range base.Hits[first:] {
			end := int(h.Pos) + e.lengths[h.Pattern]
			if int(h.Pos) >= k.Src+k.Len {
				break
			}
			if end <= k.Src+k.Len {
				old = append(old, literal.Hit{Pos: h.Pos + int32(k.Dst-k.Src), Pattern: h.Pattern})
			}
		}
	}
	s.inherited = old
	s.hits = s.hits[:0]
	reach, done := e.literals.MaxLen()-1, 0
	for _, f := range s.fresh {
		from, to := max(done, f.Start-reach), min(len(text), f.End)
		if from < to {
			s.hits = e.Hits(s.hits, text, from, to)
			done = to
		}
	}
	fresh := s.hits[:0]
	next := 0
	for _, h := range s.hits {
		pos, end := int(h.Pos), int(h.Pos)+e.lengths[h.Pattern]
		for next < len(s.copies) && s.copies[next].Dst+s.copies[next].Len <= pos {
			next++
		}
		if next < len(s.copies) && s.copies[next].Dst <= pos && end <= s.copies[next].Dst+s.copies[next].Len {
			continue // within a copy: inherited
		}
		fresh = append(fresh, h)
	}
	c.Hits = mergeHits(c.Hits[:0], old, fresh)
	// Raw matches likewise.
	c.Raw, c.Gap = c.Raw[:0], base.Gap
	next = 0 // how many matches were taken over in their order, from the first
	for _, k := range s.copies {
		c.Raw, next = appendInherited(c.Raw, base.Raw, k, baseLen, len(text), next)
	}
	kept := len(c.Raw)
	if len(s.fresh) > 0 {
		_ = e.Match(text, c.Hits, s.fresh, Whole, &c.Gap, func(m *Match) error {
			c.Raw = append(c.Raw, *m)
			return nil
		})
	}
	c.Same = next == len(base.Raw) && len(c.Raw) == kept
	c.sort()
}

func (c *Carried) sort() {
	if !slices.IsSortedFunc(c.Raw, byEvidence) {
		slices.SortFunc(c.Raw, byEvidence)
	}
}

func byEvidence(a, b Match) int {
	if d := a.Evidence.Start - b.Evidence.Start; d != 0 {
		return d
	}
	return Compare(&a, &b)
}

// joinCopies drops empty copies and joins those that are contiguous in base
// and text: there is no seam between them.
func joinCopies(out, copies []Copy) []Copy {
	for _, k := range copies {
		if k.Len <= 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Dst+out[n-1].Len == k.Dst && out[n-1].Src+out[n-1].Len == k.Src {
			out[n-1].Len += k.Len
			continue
		}
		out = append(out, k)
	}
	return out
}

// freshSpans are what lies between the copies: inserted bytes and, where two
// copies meet that were apart in the base, empty spans; so too at the text's
// ends where the base's are gone.
func freshSpans(out []Span, copies []Copy, baseLen, textLen int) []Span {
	at := 0
	for i, k := range copies {
		if k.Dst > at || i > 0 || k.Src > 0 {
			out = append(out, Span{at, k.Dst})
		}
		at = k.Dst + k.Len
	}
	if at < textLen || len(copies) == 0 || copies[len(copies)-1].Src+copies[len(copies)-1].Len < baseLen {
		out = append(out, Span{at, textLen})
	}
	return out
}

// appendInherited takes over the matches whose evidence lies in one copy. A
// match that depended on an end of the base must find that end here, too. next
// is raised while matches come in their order, and -1 once they do not.
func appendInherited(out, raw []Match, k Copy, baseLen, textLen, next int) ([]Match, int) {
	lo, hi := k.Src, k.Src+k.Len
	if k.Src == 0 && k.Dst == 0 {
		lo = -1 << 30
	}
	if k.Src+k.Len == baseLen && k.Dst+k.Len == textLen {
		hi = 1 << 62
	}
	first := sort.Search(len(raw), func(i int) bool { return raw[i].Evidence.Start >= lo })
	for i := first; i < len(raw) && raw[i].Evidence.Start < hi; i++ {
		m := raw[i]
		if m.Evidence.End <= hi {
			if i == next {
				next++
			} else {
				next = -1
			}
			if k.Dst != k.Src {
				m.Shift(k.Dst - k.Src)
			}
			out = append(out, m)
		}
	}
	return out, next
}

// mergeHits merges two ordered lists.
func mergeHits(out, a, b []literal.Hit) []literal.Hit {
	for len(a) > 0 && len(b) > 0 {
		if a[0].Pos < b[0].Pos || a[0].Pos == b[0].Pos && a[0].Pattern <= b[0].Pattern {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}
