package decode

// A stretch is a part of a chain that decodes to text, as indices of its
// characters. The unit of base64 is a group of four characters, that of hex a
// pair.
type stretch struct {
	Span
	hex   bool
	utf16 bool // the text has a NUL at every other byte
}

// Least stretches, in decoded bytes: what drawn data has by chance less than
// once in 10^7 characters.
const (
	minText = 18
	minHex  = 16
	minWide = 28
)

// probeStep is the distance of two probes, in characters. A least stretch has a
// whole group (four whole pairs) at each alignment within it.
const probeStep = 16

// textByte holds the bytes of text: printable ASCII, tab and line ends.
var textByte = func() (t [256]bool) {
	for i := 0x20; i < 0x7f; i++ {
		t[i] = true
	}
	t['\t'], t['\n'], t['\r'] = true, true, true
	return t
}()

// firstSix has a bit for each value of a character that can begin a group of
// text: those of tab and line feed (2), carriage return (3) and 0x20 to 0x7e; and
// 0, for UTF-16.
const firstSix uint64 = 1<<0 | 1<<2 | 1<<3 | (1<<32 - 1<<8)

func group(c []byte) (a, b, d byte) {
	_ = c[3]
	p, q, r, s := six[c[0]], six[c[1]], six[c[2]], six[c[3]]
	return p<<2 | q>>4, q<<4 | r>>2, r<<6 | s
}

// wide tells whether a group is of UTF-16: NUL and text by turns.
func wide(a, b, d byte) bool {
	return b == 0 && textByte[a] && textByte[d] || a == 0 && d == 0 && textByte[b]
}

// nextStretch is the first stretch that is seen from index i on.
func (c *chain) nextStretch(i int) (stretch, bool) {
	for s := c.chars; i+7 <= len(s); i += probeStep {
		for k := i; k < i+4; k++ {
			v := six[s[k]]
			if firstSix>>v&1 == 0 {
				continue
			}
			a, b, d := group(s[k:])
			switch {
			case textByte[a] && textByte[b] && textByte[d]:
				if st, ok := c.extend(k); ok {
					return st, true
				}
			case wide(a, b, d):
				if st, ok := c.extendWide(k); ok {
					return st, true
				}
			}
		}
		if i+9 <= len(s) {
			for k := i; k < i+2; k++ {
				if hexText(s[k:]) && hexText(s[k+2:]) && hexText(s[k+4:]) && hexText(s[k+6:]) {
					if st, ok := c.extendHex(k); ok {
						return st, true
					}
				}
			}
		}
	}
	return stretch{}, false
}

func hexText(s []byte) bool {
	hi, lo := nibble[s[0]], nibble[s[1]]
	return hi < 8 && lo < 16 && textByte[hi<<4|lo]
}

// extend reads text in both directions from the group at k.
func (c *chain) extend(k int) (stretch, bool) {
	s := c.chars
	lo, hi, n := k, k+4, 3
	for lo >= 4 {
		a, b, d := group(s[lo-4:])
		if !textByte[a] || !textByte[b] || !textByte[d] {
			if textByte[d] {
				n++
				if textByte[b] {
					n++
				}
			}
			break
		}
		lo, n = lo-4, n+3
	}
	for hi < len(s) {
		g := [4]byte{'A', 'A', 'A', 'A'}
		have := copy(g[:], s[hi:]) - 1 // bytes
		a, b, d := group(g[:])
		if have == 3 && textByte[a] && textByte[b] && textByte[d] {
			hi, n = hi+4, n+3
			continue
		}
		if have > 0 && textByte[a] {
			n++
			if have > 1 && textByte[b] {
				n++
			}
		}
		break
	}
	return stretch{Span: Span{lo, hi}}, n >= minText
}

func (c *chain) extendWide(k int) (stretch, bool) {
	s := c.chars
	ok := func(at, from int) bool {
		a, b, d := group(s[at:])
		p, q, r := group(s[from:])
		return wide(a, b, d) && wide(p, q, r) && (a == 0) != (p == 0)
	}
	lo, hi := k, k+4
	for lo >= 4 && ok(lo-4, lo) {
		lo -= 4
	}
	for hi+4 <= len(s) && ok(hi, hi-4) {
		hi += 4
	}
	return stretch{Span: Span{lo, hi}, utf16: true}, (hi-lo)/4*3 >= minWide
}

func (c *chain) extendHex(k int) (stretch, bool) {
	s := c.chars
	lo, hi := k, k+8
	for lo >= 2 && hexText(s[lo-2:]) {
		lo -= 2
	}
	for hi+2 <= len(s) && hexText(s[hi:]) {
		hi += 2
	}
	return stretch{Span: Span{lo, hi}, hex: true}, hi-lo >= 2*minHex
}
