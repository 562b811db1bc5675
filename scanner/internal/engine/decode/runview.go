package decode

import "bytes"

// Finder finds views. It is one goroutine's and keeps its buffers; the zero
// value is ready.
type Finder struct {
	view  View
	chain chain
	seen  survey
	pack  unpacker
}

// Text is what a Finder works on.
type Text struct {
	Bytes []byte
	// Region is where pieces are looked for. They may reach out of it.
	Region Span
	// Concerns tells whether a piece in s is of interest; nil: any is. It is
	// asked for each run, so that views of views are made of new text only.
	Concerns func(s Span) bool
	// End tells that the text ends where its bytes do.
	End bool
	// Visit is called for each view, which is valid until it returns.
	Visit func(*View) error
	// Gap is called for what is not decoded in full.
	Gap func(what string)
}

func (t *Text) concerns(s Span) bool { return t.Concerns == nil || t.Concerns(s) }

var (
	kindsBase64 = []string{"base64"}
	kindsHex    = []string{"hex"}
)

// Views visits all views of the text. At are the places of triggers, ascending.
func (f *Finder) Views(t *Text, at []At) error {
	f.seen.look(t.Bytes, t.Region.Start, t.Region.End)
	if err := f.wide(t); err != nil {
		return err
	}
	if err := f.escapes(t, f.percents(t, at)); err != nil {
		return err
	}
	return f.runs(t)
}

// Any tells whether there may be something encoded in the text's region: false
// is certain.
func (f *Finder) Any(t *Text, at []At) bool {
	for _, a := range at {
		if t.Region.Start <= a.Pos && a.Pos < t.Region.End {
			return true
		}
	}
	f.seen.look(t.Bytes, t.Region.Start, t.Region.End)
	if len(f.seen.percents) > 0 || len(f.seen.nul) > 0 {
		return true
	}
	for _, run := range f.seen.runs {
		if !t.concerns(run) {
			continue
		}
		c := chain{chars: t.Bytes[run.Start:run.End]}
		if _, ok := c.nextStretch(0); ok || c.packing() != notPacked {
			return true
		}
	}
	return false
}

// Encoded tells whether a run in the text decodes to text, for one that is not
// looked into any more.
func (t *Text) Encoded() bool {
	var seen survey
	seen.look(t.Bytes, 0, len(t.Bytes))
	for _, run := range seen.runs {
		c := chain{chars: t.Bytes[run.Start:run.End]}
		if _, ok := c.nextStretch(0); ok && t.concerns(run) {
			return true
		}
	}
	return false
}

// runs visits the views of base64 and hexadecimal text.
func (f *Finder) runs(t *Text) error {
	text := t.Bytes
	limit := min(len(text), t.Region.End)
	open := false // f.view is being made
	flush := func() error {
		if !open {
			return nil
		}
		open = false
		f.view.finish(text)
		return t.Visit(&f.view)
	}
	before, end := true, 0
	for _, run := range f.seen.runs {
		if run.Start < end {
			continue // in the chain before
		}
		for run.End < len(text) && run.End >= limit && six[text[run.End]] != none {
			run.End++
		}
		c := &f.chain
		c.follow(text, run, before, limit+MaxPacked)
		before = false
		end = max(c.end, run.End)
		whole := Span{c.pos(0), c.end}
		if !t.concerns(whole) {
			continue
		}
		if packed := c.packing(); packed != notPacked {
			if err := flush(); err != nil {
				return err
			}
			if done, err := f.unpack(t, c, packed); err != nil {
				return err
			} else if done {
				continue
			}
		}
		if far := c.index(limit + maxChained); far < len(c.chars) {
			c.trim(far)
		}
		s, ok := c.nextStretch(c.index(t.Region.Start - maxChained))
		for next := s; ok; s = next {
			s, next, ok = c.cluster(s)
			lo, hi, cutLeft, cutRight := c.bounds(s)
			if open && (cutLeft || c.pos(lo) < f.view.at || c.pos(lo)-f.view.at > 2*Reach) {
				if err := flush(); err != nil {
					return err
				}
			}
			if !open {
				open = true
				start := max(0, c.pos(lo)-Reach-Margin)
				if cutLeft {
					start = c.pos(lo)
				}
				f.view.reset(start)
				f.view.First = f.view.First && !cutLeft
			}
			f.show(t, c, s, lo, hi)
			if cutRight {
				open = false
				if err := t.Visit(&f.view); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// cluster joins to s the stretches of the same alignment that follow it closely;
// next is the first one that does not.
func (c *chain) cluster(s stretch) (out, next stretch, ok bool) {
	unit := 4
	if s.hex {
		unit = 2
	}
	for {
		next, ok = c.nextStretch(s.End)
		if !ok || next.hex != s.hex || next.utf16 != s.utf16 || (next.Start-s.Start)%unit != 0 || next.Start-s.End > Reach/2 {
			return s, next, ok
		}
		s.End = next.End
	}
}

// trim takes away the characters from the i'th on.
func (c *chain) trim(i int) {
	c.end = c.pos(i)
	c.chars = c.chars[:i]
}

// bounds is the part of the chain that is decoded for s, and whether Reach cuts
// it off from the rest of the chain on either side.
func (c *chain) bounds(s stretch) (lo, hi int, cutLeft, cutRight bool) {
	if !s.hex {
		lo, hi = s.Start%4, len(c.chars)
		if s.Start-lo > Reach {
			lo, cutLeft = s.Start-Reach, true
		}
		if hi-s.End > Reach {
			hi, cutRight = s.End+Reach, true
		}
		return lo, hi, cutLeft, cutRight
	}
	pair := func(i int) bool { return nibble[c.chars[i]] < 16 && nibble[c.chars[i+1]] < 16 }
	for lo = s.Start; lo >= 2 && pair(lo-2); lo -= 2 {
		if s.Start-lo >= Reach {
			cutLeft = true
			break
		}
	}
	for hi = s.End; hi+2 <= len(c.chars) && pair(hi); hi += 2 {
		if hi-s.End >= Reach {
			cutRight = true
			break
		}
	}
	return lo, hi, cutLeft, cutRight
}

// show decodes the stretch and, at its alignment, what the chain has within
// Reach around it.
func (f *Finder) show(t *Text, c *chain, s stretch, lo, hi int) {
	v, text := &f.view, t.Bytes
	start := c.pos(lo)
	kinds := kindsBase64
	if s.hex {
		kinds = kindsHex
		if start >= 2 && text[start-1]|0x20 == 'x' && (text[start-2] == '0' || text[start-2] == '\\') && start-2 >= v.at {
			start -= 2
		}
	}
	v.raw(text, start)
	begin := len(v.Text)
	first, last := begin, begin // the stretch's bytes in the view
	seg := 0
	pos := func(i int) int {
		for seg+1 < len(c.segs) && c.segs[seg+1].at <= i {
			seg++
		}
		return c.segs[seg].pos + i - c.segs[seg].at
	}
	if s.hex {
		for i := lo; i+2 <= hi; i += 2 {
			p, q := nibble[c.chars[i]], nibble[c.chars[i+1]]
			if i == s.Start {
				first = len(v.Text)
			}
			from := pos(i)
			if i == lo {
				from = start // with the prefix
			}
			v.put(p<<4|q, from, pos(i+1)+1)
			if i < s.End {
				last = len(v.Text)
			}
			v.at = pos(i+1) + 1
		}
	} else {
		var p [4]int
		i := lo
		for ; i+2 <= hi; i += 4 {
			n := min(4, hi-i)
			g := [4]byte{'A', 'A', 'A', 'A'}
			for k := range n {
				g[k], p[k] = c.chars[i+k], pos(i+k)
			}
			if i == s.Start {
				first = len(v.Text)
			}
			a, b, d := group(g[:])
			v.put(a, p[0], p[1]+1)
			if n > 2 {
				v.put(b, p[1], p[2]+1)
			}
			if n > 3 {
				v.put(d, p[2], p[3]+1)
			}
			if i < s.End {
				last = len(v.Text)
			}
			v.at = p[n-1] + 1
		}
	}
	if hi == len(c.chars) && len(v.to) > begin && v.at == c.end {
		// Padding belongs to the last byte.
		for k := 0; k < 2; k++ {
			switch {
			case v.at < len(text) && text[v.at] == '=':
				v.at++
			case bytes.HasPrefix(text[v.at:], []byte("%3D")):
				v.at += 3
			}
		}
		v.to[len(v.to)-1] = int32(v.at)
	}
	if begin < first {
		v.Pieces = append(v.Pieces, Piece{Span: Span{begin, first}, Kinds: kinds})
	}
	v.Pieces = append(v.Pieces, Piece{Span: Span{first, last}, Kinds: kinds, Anchor: true})
	if last < len(v.Text) {
		v.Pieces = append(v.Pieces, Piece{Span: Span{last, len(v.Text)}, Kinds: kinds})
	}
}
