package decode

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// wideForm is an encoding of text in units of two or four bytes.
type wideForm struct {
	size   int
	little bool
	kinds  []string
}

var wideForms = [...]wideForm{
	{2, true, []string{"utf-16le"}}, {2, false, []string{"utf-16be"}},
	{4, true, []string{"utf-32le"}}, {4, false, []string{"utf-32be"}},
}

// minUnits is the least number of ASCII characters in a row, by size.
func (w *wideForm) minUnits() int {
	if w.size == 4 {
		return 10
	}
	return 14
}

// ascii tells whether a character of ASCII text stands at the start of s.
func (w *wideForm) ascii(s []byte) bool {
	if w.size == 2 {
		if w.little {
			return s[1] == 0 && textByte[s[0]]
		}
		return s[0] == 0 && textByte[s[1]]
	}
	v := w.value(s)
	return v < 0x7f && textByte[v]
}

func (w *wideForm) value(s []byte) uint32 {
	switch {
	case w.size == 4 && w.little:
		return binary.LittleEndian.Uint32(s)
	case w.size == 4:
		return binary.BigEndian.Uint32(s)
	case w.little:
		return uint32(binary.LittleEndian.Uint16(s))
	}
	return uint32(binary.BigEndian.Uint16(s))
}

// probe tells which form eight bytes look like, by its index; -1 for none.
func probe(x uint64) int {
	switch {
	case x&0xff00ff00ff00ff00 == 0:
		if x&0x00ff000000ff0000 == 0 {
			if x&0x000000ff000000ff != 0 {
				return 2
			}
			return -1
		}
		return 0
	case x&0x00ff00ff00ff00ff == 0:
		if x&0x0000ff000000ff00 == 0 {
			return 3
		}
		return 1
	}
	return -1
}

const step = 16 // of the probes in bytes

// wide visits the views of UTF-16 and UTF-32 text, which may begin and end
// anywhere, also amid bytes that are no text.
func (f *Finder) wide(t *Text) error {
	limit, i := min(t.Region.End, len(t.Bytes)), 0
	for _, nul := range f.seen.nul {
		i = max(i, t.Region.Start, nul-8)
		if err := f.wideBlock(t, &i, min(limit, nul+blockBytes)); err != nil {
			return err
		}
	}
	return nil
}

// wideBlock looks for wide text in a block with NUL bytes; *from is where it has
// got to.
func (f *Finder) wideBlock(t *Text, from *int, limit int) error {
	text := t.Bytes
	i := *from
	defer func() { *from = i }()
	for i < limit {
		nul := bytes.IndexByte(text[i:limit], 0)
		if nul < 0 {
			i = limit
			return nil
		}
		i = max(i, i+nul-8)
		// A probe in each step until a block without NUL.
		for empty := 0; i < limit && empty < 4; i += step {
			found := false
			if i+12 > len(text) {
				i = len(text)
				return nil
			}
			// Wide text has NUL at every other byte at least.
			x := binary.LittleEndian.Uint64(text[i:])
			candidates := i + 4
			if x&0xff00ff00ff00ff00 != 0 && x&0x00ff00ff00ff00ff != 0 || x == 0 {
				candidates = i
			}
			for k := i; k < candidates; k++ {
				x := binary.LittleEndian.Uint64(text[k:])
				form := probe(x)
				if form < 0 {
					continue
				}
				w := &wideForms[form]
				if !w.ascii(text[k:]) {
					continue
				}
				s, ok := w.extend(text, k)
				if !ok {
					continue
				}
				w, s = w.settle(text, s)
				end, err := f.wideView(t, w, s)
				if err != nil {
					return err
				}
				i, found = max(i, end-step), true
				break
			}
			if found || i+step <= len(text) && bytes.IndexByte(text[i:i+step], 0) >= 0 {
				empty = 0
			} else {
				empty++
			}
		}
	}
	return nil
}

// extend is the stretch of ASCII around the unit at k.
func (w *wideForm) extend(text []byte, k int) (Span, bool) {
	lo, hi := k, k+w.size
	for lo >= w.size && k-lo < maxChained && w.ascii(text[lo-w.size:]) {
		lo -= w.size
	}
	for hi+w.size <= len(text) && w.ascii(text[hi:]) {
		hi += w.size
	}
	return Span{lo, hi}, hi-lo >= w.size*w.minUnits()
}

// settle decides between the two byte orders that a stretch may have: the one
// that takes in more, where both ends are seen, or else the one whose units
// begin at multiples of their size, as windows of a file do.
func (w *wideForm) settle(text []byte, s Span) (*wideForm, Span) {
	other := &wideForms[0]
	for i := range wideForms {
		if o := &wideForms[i]; o.size == w.size && o.little != w.little {
			other = o
		}
	}
	// The other order's units begin size-1 bytes earlier or later.
	shift := w.size - 1
	if w.little {
		shift = -shift
	}
	k := s.Start + shift
	if k < 0 {
		k += w.size
	}
	if k+w.size > len(text) || !other.ascii(text[k:]) {
		return w, s
	}
	o, _ := other.extend(text, k)
	if d := o.Len() - s.Len(); d > 0 || d == 0 && s.Start%w.size != 0 && o.Start%w.size == 0 {
		return other, o
	}
	return w, s
}

// wideView visits the view of the stretch s and of those that follow it within
// Reach in the same form; it returns where the last one ends.
func (f *Finder) wideView(t *Text, w *wideForm, s Span) (end int, err error) {
	v, text := &f.view, t.Bytes
	lo := s.Start
	for s.Start-lo < Reach+Margin && lo >= w.size && w.plausible(text[lo-w.size:]) {
		lo -= w.size
	}
	start := lo
	v.reset(start)
	if s.Start-lo < Reach+Margin { // what stands before is in another form
		start = max(0, lo-16)
		v.reset(start)
		v.raw(text, lo)
	}
	run := -1 // where the ASCII stretch at i began, in the view
	first := lo
	last := s.End
	i := lo
	far := t.Region.End + maxChained
	for ; i+w.size <= len(text) && i-last < Reach+Margin && i < far; i += w.size {
		ascii := w.ascii(text[i:])
		if !ascii && run >= 0 {
			v.wideRun(w, run, first, i, t)
			run = -1
		}
		if !ascii && !w.plausible(text[i:]) {
			break
		}
		if ascii && run < 0 {
			run, first = len(v.Text), i
		}
		if ascii && i+w.size-first >= w.size*w.minUnits() {
			last = i + w.size
		}
		r, n := rune(w.value(text[i:])), w.size
		if w.size == 2 && utf16.IsSurrogate(r) && i+4 <= len(text) {
			if p := utf16.DecodeRune(r, rune(w.value(text[i+2:]))); p != utf8.RuneError {
				r, n = p, 4
			}
		}
		var buf [utf8.UTFMax]byte
		for _, c := range utf8.AppendRune(buf[:0], r) {
			v.put(c, i, i+n)
		}
		i += n - w.size
	}
	i = min(i, len(text))
	if run >= 0 {
		v.wideRun(w, run, first, i, t)
	}
	v.at = i
	if i-last < Reach+Margin && i < far {
		v.raw(text, min(len(text), i+16))
	}
	v.First, v.Last = start == 0, v.at == len(text)
	if len(v.Pieces) == 0 {
		return last, nil
	}
	return last, t.Visit(v)
}

// wideRun enters the ASCII from the view's offset begin on, which stands in the
// source from from to to, as a piece.
func (v *View) wideRun(w *wideForm, begin, from, to int, t *Text) {
	anchor := to-from >= w.size*w.minUnits() && t.concerns(Span{from, to})
	v.Pieces = append(v.Pieces, Piece{Span: Span{begin, len(v.Text)}, Kinds: w.kinds, Anchor: anchor})
}

// plausible tells whether s begins with a character that text may have.
func (w *wideForm) plausible(s []byte) bool {
	v := w.value(s)
	return v >= ' ' && v != 0xfeff && v < 0xfff0 && v != 0x7f || v < ' ' && textByte[v] || v > 0xffff && v < 0x110000 && w.size == 4
}
