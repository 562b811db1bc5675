package decode

import (
	"slices"
	"unicode/utf8"
)

var percent = Trigger{family: escapes}

// percents adds the places of percent signs that begin an escape to at.
func (f *Finder) percents(t *Text, at []At) []At {
	n := len(at)
	for _, p := range f.seen.percents {
		if p+2 < len(t.Bytes) && (nibble[t.Bytes[p+1]] < 8 && nibble[t.Bytes[p+2]] < 16 || t.Bytes[p+1] == 'u') {
			at = append(at, At{p, &percent})
		}
	}
	if n > 0 && n < len(at) {
		slices.SortStableFunc(at, func(a, b At) int { return a.Pos - b.Pos })
	}
	return at
}

// escapes visits the views of escapes.
func (f *Finder) escapes(t *Text, at []At) error {
	for fam := escapes; fam <= joined; fam++ {
		if err := f.family(t, at, fam); err != nil {
			return err
		}
	}
	return nil
}

// family makes the views of one family of escapes. Families are kept apart as
// one's escapes may be another's plain text.
func (f *Finder) family(t *Text, at []At, fam family) error {
	v, text := &f.view, t.Bytes
	open, end := false, 0 // end of the last piece
	flush := func() error {
		if !open {
			return nil
		}
		open = false
		f.plain(text, fam, min(len(text), end+Reach+Margin))
		v.Last = v.at >= len(text)
		return t.Visit(v)
	}
	for _, a := range at {
		if a.Trigger.family != fam || a.Pos < end {
			continue
		}
		s, out, kinds := unit(text, a.Pos, fam)
		if s.End == 0 || s.Start < end || !t.concerns(s) {
			continue
		}
		if open && s.Start-end > 2*Reach {
			if err := flush(); err != nil {
				return err
			}
		}
		if !open {
			open = true
			v.reset(max(0, s.Start-Reach-Margin))
		}
		f.plain(text, fam, s.Start)
		if v.at > s.Start {
			continue // swallowed by an escape before
		}
		f.piece(text, s, out, kinds, true)
		end = s.End
	}
	return flush()
}

// unit is the escape that the trigger at pos belongs to, what it stands for and
// its kind. End is 0 if there is none that counts.
func unit(text []byte, pos int, fam family) (s Span, out []byte, kinds []string) {
	var buf [utf8.UTFMax]byte
	n := 0
	switch fam {
	case joined:
		s, ok := joint(text, pos)
		if !ok {
			return Span{}, nil, nil
		}
		return s, nil, kindsJoined
	case quotedPrintable:
		n, out = quoted(text[pos:], buf[:0])
		if n == 0 || len(out) == 0 && (pos == 0 || !tokenByte(text[pos-1]) || pos+n == len(text) || !tokenByte(text[pos+n])) {
			return Span{}, nil, nil
		}
		return Span{pos, pos + n}, out, kindsQP
	}
	// Backslashes before belong to the escape.
	for k := 0; k < 3 && pos > 0 && text[pos] == '\\' && text[pos-1] == '\\'; k++ {
		pos--
	}
	n, out, kinds = escape(text[pos:], buf[:0])
	if n == 0 || len(out) != 1 || out[0] <= ' ' || out[0] >= 0x7f {
		return Span{}, nil, nil
	}
	return Span{pos, pos + n}, out, kinds
}

// plain shows the text up to end, escapes decoded: those that do not make a
// view are part of one.
func (f *Finder) plain(text []byte, fam family, end int) {
	v := &f.view
	if fam == joined {
		v.raw(text, max(v.at, end))
		return
	}
	var buf [utf8.UTFMax]byte
	for i := v.at; i < end; {
		c := text[i]
		if fam == escapes && c != '%' && c != '\\' && c != '&' || fam == quotedPrintable && c != '=' {
			i++
			continue
		}
		var n int
		var out []byte
		kinds := kindsQP
		if fam == escapes {
			n, out, kinds = escape(text[i:min(len(text), i+maxEscape)], buf[:0])
		} else {
			n, out = quoted(text[i:], buf[:0])
		}
		if n == 0 || i+n > end {
			i++
			continue
		}
		f.piece(text, Span{i, i + n}, out, kinds, false)
		i += n
	}
	v.raw(text, max(v.at, end))
}

// piece shows out, which s stands for. If that is nothing, s is shown as part of
// the byte before.
func (f *Finder) piece(text []byte, s Span, out []byte, kinds []string, anchor bool) {
	v := &f.view
	v.raw(text, s.Start)
	begin := len(v.Text)
	v.at = s.End
	if len(out) == 0 {
		if begin == 0 {
			return
		}
		begin--
		v.to[begin] = int32(s.End)
		if n := len(v.Pieces); n > 0 && v.Pieces[n-1].End > begin {
			v.Pieces[n-1].Anchor = v.Pieces[n-1].Anchor || anchor
			return
		}
	}
	for _, c := range out {
		v.put(c, s.Start, s.End)
	}
	v.Pieces = append(v.Pieces, Piece{Span: Span{begin, len(v.Text)}, Kinds: kinds, Anchor: anchor})
}
