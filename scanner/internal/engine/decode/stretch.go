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

// canBegin has bit 0 for characters that can begin a group of text, bit 1 for
// those that can begin the pair of one in hex.
var canBegin = func() (t [256]uint8) {
	for c := range t {
		if six[c] != none && firstSix>>six[c]&1 != 0 {
			t[c] = 1
		}
	}
	for _, c := range "0234567" {
		t[c] |= 2
	}
	return t
}()

// nextStretch is the first stretch that is seen from index i on.
func (c *chain) nextStretch(i int) (stretch, bool) {
	s := c.chars
	for ; i+9 <= len(s); i += probeStep {
		w := (*[9]byte)(s[i:])
		// Two groups in a row must look right: of the nine characters, five
		// can begin a group, or seven a pair.
		m := uint(canBegin[w[0]]) | uint(canBegin[w[1]])<<2 | uint(canBegin[w[2]])<<4 | uint(canBegin[w[3]])<<6 |
			uint(canBegin[w[4]])<<8 | uint(canBegin[w[5]])<<10 | uint(canBegin[w[6]])<<12 | uint(canBegin[w[7]])<<14 | uint(canBegin[w[8]])<<16
		groups := m & 0x15555
		if g := groups & 0x55 & (groups>>8 | 0x40); g != 0 {
			for k := range 4 {
				if g>>(2*k)&1 == 0 {
					continue
				}
				if st, ok := c.tryGroup(i + k); ok {
					return st, true
				}
			}
		}
		pairs := m & 0x2aaaa
		if p := pairs & (pairs >> 4) & (pairs >> 8) & (pairs >> 12) & 0xa; p != 0 {
			for k := range 2 {
				if p>>(2*k+1)&1 != 0 && i+k+8 <= len(s) && hexText(s[i+k:]) && hexText(s[i+k+2:]) && hexText(s[i+k+4:]) && hexText(s[i+k+6:]) {
					if st, ok := c.extendHex(i + k); ok {
						return st, true
					}
				}
			}
		}
	}
	for k := i; k+4 <= len(s); k++ { // what has less than nine characters left
		if st, ok := c.tryGroup(k); ok {
			return st, true
		}
	}
	return stretch{}, false
}

// tryGroup looks for a stretch around the group at k.
func (c *chain) tryGroup(k int) (stretch, bool) {
	a, b, d := group(c.chars[k:])
	switch {
	case textByte[a] && textByte[b] && textByte[d]:
		return c.extend(k)
	case wide(a, b, d):
		return c.extendWide(k)
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
