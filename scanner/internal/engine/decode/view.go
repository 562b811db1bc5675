package decode

import (
	"bytes"
	"slices"
)

// Span is a half-open range of byte offsets.
type Span struct{ Start, End int }

// Len is the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Reach is how many bytes of the source a view shows on either side of a piece,
// and how far from a piece evidence may lie to count. Ordinary rules look no
// further on a line.
const Reach = 640

// Margin is how many bytes beyond a part of a piece its being one may depend
// on: the least stretch that counts, a line end with indentation, a look at the
// next line.
const Margin = 128

// Piece is an encoded part in a view.
type Piece struct {
	// Span is where the decoded bytes stand in the view.
	Span
	// Kinds is the way the piece was decoded, outermost first.
	Kinds []string
	// Anchor tells that the piece gives rise to a view by itself.
	Anchor bool
}

// View is a text with the way back to the one it was made from, the source.
type View struct {
	Text []byte
	// from and to delimit the source of each byte. Both ascend.
	from, to []int32
	// packed is the source of all bytes alike, if it is not empty.
	packed Span
	// Pieces are the encoded parts, in order and disjoint.
	Pieces []Piece
	// First and Last tell that the view begins or ends where the source does.
	First, Last bool

	at int // offset in the source up to which the view goes
}

func (v *View) reset(at int) {
	v.Text, v.from, v.to, v.Pieces = v.Text[:0], v.from[:0], v.to[:0], v.Pieces[:0]
	v.packed, v.at = Span{}, at
	v.First, v.Last = at == 0, false
}

// raw shows the source up to end as it stands.
func (v *View) raw(src []byte, end int) {
	v.Text = append(v.Text, src[v.at:end]...)
	for i := v.at; i < end; i++ {
		v.from = append(v.from, int32(i))
		v.to = append(v.to, int32(i+1))
	}
	v.at = max(v.at, end)
}

// put shows a byte decoded from the source's [from, to).
func (v *View) put(c byte, from, to int) {
	v.Text = append(v.Text, c)
	v.from = append(v.from, int32(from))
	v.to = append(v.to, int32(to))
}

// finish shows what stands behind the last piece.
func (v *View) finish(src []byte) {
	v.raw(src, min(len(src), v.at+Reach+Margin))
	v.Last = v.at == len(src)
}

// Source is the stretch of the source that s was made from. s is not empty.
func (v *View) Source(s Span) Span {
	if v.packed.End > 0 {
		return v.packed
	}
	return Span{int(v.from[s.Start]), int(v.to[s.End-1])}
}

// Verbatim tells whether s stands in the source as it does in the view.
func (v *View) Verbatim(s Span) bool {
	return !v.touches(s, false)
}

// Kinds says how s was decoded, outermost first; nil if it was not. Where
// several encodings stand side by side the first is named.
func (v *View) Kinds(s Span) []string {
	if i := v.after(s.Start); i < len(v.Pieces) && v.Pieces[i].Start < s.End {
		return v.Pieces[i].Kinds
	}
	return nil
}

// Fits tells whether a name outside of a run can have a value within: if it is
// all of what the run decodes to.
func (v *View) Fits(whole, secret Span) bool {
	i := v.after(secret.Start)
	if i == len(v.Pieces) || v.Pieces[i].Start >= secret.End {
		return true
	}
	p := v.Pieces[i]
	if k := p.Kinds[0]; k != kindsBase64[0] && k != kindsHex[0] || whole.Start >= p.Start {
		return true
	}
	// What is left may be the line's end.
	rest := bytes.TrimRight(v.Text[min(secret.End, p.End):p.End], "\r\n")
	return secret.Start == p.Start && len(rest) == 0
}

// Transport tells whether s was encoded for the sake of the text around it:
// escapes, other encodings of characters, and base64 that is the value of a YAML
// or JSON member, as in a Kubernetes Secret. Base64 in other places may well be
// the form in which a key is issued.
func (v *View) Transport(s Span) bool {
	i := v.after(s.Start)
	if i == len(v.Pieces) || v.packed.End > 0 {
		return false
	}
	p := v.Pieces[i]
	if k := p.Kinds[0]; k != kindsBase64[0] && k != kindsHex[0] {
		return true
	}
	k := p.Start
	if k > 0 && v.Text[k-1] == '"' {
		k--
	}
	blanks := 0
	for ; k > 0 && blanks < 4 && v.Text[k-1] == ' '; k-- {
		blanks++
	}
	return k > 0 && v.Text[k-1] == ':' && p.Kinds[0] == kindsBase64[0]
}

// after is the index of the first piece that ends behind offset.
func (v *View) after(offset int) int {
	i, _ := slices.BinarySearchFunc(v.Pieces, offset, func(p Piece, at int) int {
		if p.End <= at {
			return -1
		}
		return 1
	})
	return i
}

// touches tells whether a piece (an anchor) has bytes in s.
func (v *View) touches(s Span, anchor bool) bool {
	for _, p := range v.Pieces[v.after(s.Start):] {
		if p.Start >= s.End {
			break
		}
		if p.Anchor || !anchor {
			return true
		}
	}
	return false
}

// Evidence turns the evidence of a match in the view to that in the source. It
// reports false if the match is none that the view vouches for: it touches no
// anchor, reaches too far from one, or depends on where the view was cut.
// The result reaches beyond the source's ends where the answer could be another
// one with more text there.
func (v *View) Evidence(s Span) (Span, bool) {
	if s.Start < 0 && !v.First || s.End > len(v.Text) && !v.Last {
		return Span{}, false
	}
	cut := Span{max(s.Start, 0), min(s.End, len(v.Text))}
	first, last := -1, -1
	for _, p := range v.Pieces[v.after(cut.Start):] {
		if p.Start >= cut.End {
			break
		}
		if p.Anchor {
			if first < 0 {
				first = max(p.Start, cut.Start)
			}
			last = min(p.End, cut.End) - 1
		}
	}
	if first < 0 {
		return Span{}, false
	}
	if v.packed.End > 0 {
		return Span{v.packed.Start - Margin, v.packed.End + Margin}, true
	}
	out := v.Source(cut)
	if int(v.from[first])-out.Start > Reach || out.End-int(v.to[last]) > Reach {
		return Span{}, false
	}
	return Span{out.Start - Margin, out.End + Margin}, true
}

// Decoded tells whether s has decoded bytes.
func (v *View) Decoded(s Span) bool { return v.touches(s, false) }
