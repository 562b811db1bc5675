package inflate

import "math/bits"

// A table entry says what a code means and how many bits it takes:
//
//	bits 0 to 5    bits to drop: the code, and the extra bits of a length or
//	               distance
//	bits 8 to 11   bits of the code alone; of a pointer: bits of its subtable
//	bits 12 to 15  flags
//	bits 16 to 31  literal, length base, distance base, or place of a subtable
const (
	literal     = 1 << 15
	exceptional = 1 << 14 // neither literal nor length nor distance
	subtable    = 1 << 13
	endOfBlock  = 1 << 12
)

const (
	maxLit  = 286
	maxDist = 30

	// Bits of a code that the first look-up sees. Longer codes are rare by
	// design and take a second one.
	litPrimary  = 11
	distPrimary = 8

	// Powers of two above the largest tables that complete codes of 288 and
	// 32 symbols need (2,342 and 402 entries), so that masking replaces a
	// bounds check.
	litSize  = 4096
	distSize = 512
)

// codes are the two codes of a block as tables, and how many bits of each
// code the first look-up takes.
type codes struct {
	lit      [litSize]uint32
	dist     [distSize]uint32
	litBits  uint
	distBits uint
}

// What the symbols mean, as entries without their code's length (RFC 1951).
var (
	litMeaning  = literals()
	distMeaning = distances()
)

func literals() (m [288]uint32) {
	for i := range 256 {
		m[i] = uint32(i)<<16 | literal
	}
	m[256] = exceptional | endOfBlock
	base := uint32(3)
	for i := 257; i < 285; i++ {
		extra := uint32(max(i-261, 0) / 4)
		m[i] = base<<16 | extra
		base += 1 << extra
	}
	m[285] = 258 << 16
	m[286], m[287] = exceptional, exceptional
	return m
}

func distances() (m [32]uint32) {
	base := uint32(1)
	for i := range 30 {
		extra := uint32(max(i-2, 0) / 2)
		m[i] = base<<16 | extra
		base += 1 << extra
	}
	m[30], m[31] = exceptional, exceptional
	return m
}

// withCode adds a code's length to a meaning.
func withCode(meaning uint32, n uint) uint32 { return meaning + uint32(n) | uint32(n)<<8 }

// build fills a table for the code whose symbols have these lengths, looking
// at primary bits at first. It gives the bits in fact looked at. A code must be
// complete, or empty, or have a single symbol of one bit: as compress/flate
// has it, and zlib.
func build(t []uint32, lengths []uint8, meaning []uint32, primary uint) (uint, bool) {
	var count [16]uint16
	for _, n := range lengths {
		count[n&15]++
	}
	count[0] = 0
	longest := uint(15)
	for longest > 0 && count[longest] == 0 {
		longest--
	}
	if longest == 0 {
		t[0], t[1] = withCode(exceptional, 1), withCode(exceptional, 1)
		return 1, true
	}
	// Symbols in the order of their codes, and whether the code is complete.
	var next [16]uint16
	code, sum := 0, uint16(0)
	for n := uint(1); n <= longest; n++ {
		code = code<<1 + int(count[n])
		next[n] = sum
		sum += count[n]
	}
	degenerate := code == 1 && longest == 1
	if code != 1<<longest && !degenerate {
		return 0, false
	}
	var sorted [288]uint16
	for s, n := range lengths {
		if n != 0 {
			sorted[next[n&15]%288] = uint16(s)
			next[n&15]++
		}
	}
	if degenerate {
		t[0], t[1] = withCode(meaning[sorted[0]], 1), withCode(exceptional, 1)
		return 1, true
	}
	primary = min(primary, longest)

	// Codes up to the primary length: the table doubles as the length grows,
	// copying what it has, so that a short code is written once and not at
	// each of its many places. Codes are read from their highest bit but
	// come lowest bit first, so the place is the code reversed.
	size := 1
	symbol := 0
	rcode := uint(0) // the next code, left-aligned in 16 bits
	for n := uint(1); n <= primary; n++ {
		copy(t[size:2*size], t[:size])
		size *= 2
		step := uint(1) << (16 - n)
		for range count[n] {
			t[bits.Reverse16(uint16(rcode))] = withCode(meaning[sorted[symbol]], n)
			symbol++
			rcode += step
		}
	}
	if primary == longest {
		return primary, true
	}

	// Longer codes: a subtable for each group that shares its first bits.
	mask := uint(1)<<primary - 1
	end := uint(1) << primary
	group := ^uint(0)
	var start, width uint
	for n := primary + 1; n <= longest; n++ {
		step := uint(1) << (16 - n)
		for left := uint(count[n]); left > 0; left-- {
			r := uint(bits.Reverse16(uint16(rcode)))
			if r&mask != group {
				group = r & mask
				start = end
				// As wide as the group's codes need: it is complete, so it
				// holds codes until they fill it.
				width = n - primary
				for used := left; used < 1<<width; {
					width++
					used = used<<1 + uint(count[primary+width])
				}
				end += 1 << width
				t[group] = uint32(start)<<16 | exceptional | subtable | uint32(width)<<8 | uint32(primary)
			}
			e := withCode(meaning[sorted[symbol]], n-primary)
			for i := start + r>>primary; i < end; i += 1 << (n - primary) {
				t[i] = e
			}
			symbol++
			rcode += step
		}
	}
	return primary, true
}

// fixed are the codes that RFC 1951 gives for blocks without their own.
var fixed = fixedCodes()

func fixedCodes() *codes {
	c := new(codes)
	var l [288]uint8
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		default:
			l[i] = 8
		}
	}
	c.litBits, _ = build(c.lit[:], l[:], litMeaning[:], litPrimary)
	for i := range 32 {
		l[i] = 5
	}
	c.distBits, _ = build(c.dist[:], l[:32], distMeaning[:], distPrimary)
	return c
}

// precodeOrder is the order in which the lengths of the precode are sent.
var precodeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// precodeMeaning are the precode's symbols as entries.
var precodeMeaning = func() (m [19]uint32) {
	for i := range m {
		m[i] = uint32(i) << 16
	}
	return m
}()

// readTables reads the head of a block with its own codes.
func (z *Inflater) readTables() error {
	z.codes = &z.own
	z.refill()
	lits := int(z.take(5)) + 257
	dists := int(z.take(5)) + 1
	pres := int(z.take(4)) + 4
	if lits > maxLit || dists > maxDist {
		return ErrCorrupt
	}
	var pre [19]uint8
	for i, at := range precodeOrder[:pres] {
		if i == 12 {
			z.refill()
		}
		pre[at] = uint8(z.take(3))
	}
	var t [128]uint32
	preBits, ok := build(t[:], pre[:], precodeMeaning[:], 7)
	if !ok {
		return z.orShort(ErrCorrupt)
	}
	l := &z.lengths
	total := lits + dists
	mask := uint64(1)<<preBits - 1
	for i := 0; i < total; {
		if z.n < 14 {
			z.refill()
		}
		e := t[z.buf&mask&127]
		z.buf >>= e & 63
		z.n -= uint(e & 63)
		if e&exceptional != 0 {
			return z.orShort(ErrCorrupt)
		}
		s := uint8(e >> 16)
		if s < 16 {
			l[i] = s
			i++
			continue
		}
		var n int
		var v uint8
		switch s {
		case 16:
			if i == 0 {
				return z.orShort(ErrCorrupt)
			}
			n, v = 3+int(z.take(2)), l[i-1]
		case 17:
			n = 3 + int(z.take(3))
		default:
			n = 11 + int(z.take(7))
		}
		if i+n > total {
			return z.orShort(ErrCorrupt)
		}
		for k := range n {
			l[i+k] = v
		}
		i += n
	}
	if z.overrun() {
		return ErrShort
	}
	var ok2 bool
	c := z.codes
	c.litBits, ok = build(c.lit[:], l[:lits], litMeaning[:], litPrimary)
	c.distBits, ok2 = build(c.dist[:], l[lits:total], distMeaning[:], distPrimary)
	if !ok || !ok2 {
		return ErrCorrupt
	}
	return nil
}

// orShort prefers the end of the input as the reason for a fault: what was
// read beyond it says nothing.
func (z *Inflater) orShort(err error) error {
	if z.overrun() {
		return ErrShort
	}
	return err
}
