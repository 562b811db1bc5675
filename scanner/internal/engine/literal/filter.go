package literal

import "encoding/binary"

// The filter looks at every second byte position of the text only: the samples. A sample at p
// sees the five bytes b0..b4 = text[p:p+5], in two ways.
//
// Long patterns (4 bytes and more): b1 b2 b3, case-folded, are hashed to one of gramWords words.
// The upper half of the word has a bit for each value of b0's low nibble, the lower half one for
// each of b4's: a sample passes if both its bits are set. So a pattern of six bytes is tested with
// five of them at either parity, and one of four bytes with all four (b0 unknown at one parity, b4
// at the other: all sixteen bits of that half set). The low nibble is the same for both cases of a
// letter.
//
// Short patterns (2 and 3 bytes): b1 b2, folded, are hashed to one of pairWords words. A pattern
// XYZ at p+1 is found through the word of XY and a bit for b3 = Z in its lower half, and at p
// through the word of YZ and a bit for b0 = X in its upper half; a sample passes if either bit is
// set.
const (
	gramBits  = 13
	gramWords = 1 << gramBits
	gramShift = 32 - gramBits
	// gramMask keeps b1 b2 b3 of the little-endian load of b0..b3 and clears bit 5 of each, which
	// folds letters (and pairs up some other bytes: confirmation sorts that out).
	gramMask = 0xDFDFDF00

	pairBits  = 11
	pairWords = 1 << pairBits
	pairShift = 32 - pairBits
	pairMask  = 0x00DFDF00

	// hashMul is 2^32 divided by the golden ratio, made odd (Knuth's multiplicative hashing).
	hashMul = 0x9E3779B1

	// stride is the distance of two samples.
	stride = 2
	// sampleWidth is how many bytes from a sample on must be readable.
	sampleWidth = 5
)

type filter struct {
	gram [gramWords]uint32
	pair [pairWords]uint32
	// long and short say whether there are patterns of that class at all.
	long, short bool
}

// A candidate is a sample that passed: its distance from the start of the run, shifted left by
// one, with the low bit set if it passed as a short one.
type candidate uint32

func gramIndex(b0123 uint32) uint32 { return (b0123 & gramMask) * hashMul >> gramShift }
func pairIndex(b0123 uint32) uint32 { return (b0123 & pairMask) * hashMul >> pairShift }

// firstBit is the bit for b0, in the upper half: shifting the word left by the nibble brings it to
// bit 31. lastBit is the bit for b3 or b4, in the lower half.
func firstBit(b byte) uint32 { return 1 << (31 - b&15) }
func lastBit(b byte) uint32  { return 1 << (15 - b&15) }

const (
	anyFirst = 0xFFFF0000
	anyLast  = 0x0000FFFF
)

// addLong makes the sample at distance d from the start of pat pass: d is -1 to len(pat)-4.
func (f *filter) addLong(pat string, d int) {
	f.long = true
	bits := uint32(0)
	if d >= 0 {
		bits |= firstBit(pat[d])
	} else {
		bits |= anyFirst
	}
	if d+4 < len(pat) {
		bits |= lastBit(pat[d+4])
	} else {
		bits |= anyLast
	}
	f.gram[gramOf(pat, d)] |= bits
}

// gramOf returns the gram word that the sample at distance d from the start of pat looks at.
func gramOf(pat string, d int) uint32 {
	return gramIndex(uint32(pat[d+1])<<8 | uint32(pat[d+2])<<16 | uint32(pat[d+3])<<24)
}

// addShort makes the samples one byte before pat and at its start pass.
func (f *filter) addShort(pat string) {
	f.short = true
	before := &f.pair[pairIndex(uint32(pat[0])<<8|uint32(pat[1])<<16)]
	if len(pat) == 3 {
		*before |= lastBit(pat[2])
		f.pair[pairIndex(uint32(pat[1])<<8|uint32(pat[2])<<16)] |= firstBit(pat[0])
		return
	}
	*before |= anyLast
	for b := range 256 {
		f.pair[pairIndex(uint32(pat[1])<<8|uint32(b)<<16)] |= firstBit(pat[0])
	}
}

// run passes the candidates among the samples p, p+stride, ... below end to v. Each of them has
// sampleWidth readable bytes. It returns the first sample that it did not look at.
func (f *filter) run(v *verifier, p, end int) int {
	// A short run is not worth a buffer.
	var buf [candidateBuffer]candidate
	for p < end {
		next, n := f.scan(v.text, p, end, &buf)
		for _, c := range buf[:n] {
			v.check(p, c)
		}
		p = next
	}
	return p
}

// runTail looks at the samples below end that are too near to the end of the text to have
// sampleWidth bytes, on a copy padded with zeros. Confirmation works on the text itself.
func (f *filter) runTail(v *verifier, p, end int) {
	var tail [16]byte
	var buf [candidateBuffer]candidate
	copy(tail[:], v.text[p:])
	_, n := f.scanPortable(tail[:], 0, end-p, &buf)
	for _, c := range buf[:n] {
		v.check(p, c)
	}
}

// scanPortable writes the candidates among the samples p, p+stride, ... below end to buf, in
// ascending order, and returns the first sample that it did not look at and the number written. It
// stops early when buf may not hold the candidates of a further step.
func (f *filter) scanPortable(text []byte, p, end int, buf *[candidateBuffer]candidate) (next, n int) {
	start := p
	// Two samples a step: one 8-byte load has the bytes of both.
	for p+stride < end && p+8 <= len(text) {
		x := binary.LittleEndian.Uint64(text[p:])
		w0, w1 := uint32(x), uint32(x>>16)
		var pass0, pass1 uint32
		if f.long {
			g0, g1 := f.gram[gramIndex(w0)], f.gram[gramIndex(w1)]
			pass0 = g0 << (w0 & 15) & (g0 << 16 << (x >> 32 & 15))
			pass1 = g1 << (w1 & 15) & (g1 << 16 << (x >> 48 & 15))
		}
		var short0, short1 uint32
		if f.short {
			s0, s1 := f.pair[pairIndex(w0)], f.pair[pairIndex(w1)]
			short0 = s0<<(w0&15) | s0<<16<<(w0>>24&15)
			short1 = s1<<(w1&15) | s1<<16<<(w1>>24&15)
		}
		if int32(pass0|pass1|short0|short1) < 0 {
			if n+4 > len(buf) {
				return p, n
			}
			c := candidate(p-start) << 1
			buf[n] = c
			n += int(pass0 >> 31)
			buf[n] = c | 1
			n += int(short0 >> 31)
			c += stride << 1
			buf[n] = c
			n += int(pass1 >> 31)
			buf[n] = c | 1
			n += int(short1 >> 31)
		}
		p += 2 * stride
	}
	for ; p < end; p += stride {
		if n+2 > len(buf) {
			return p, n
		}
		w := binary.LittleEndian.Uint32(text[p:])
		c := candidate(p-start) << 1
		if f.long {
			g := f.gram[gramIndex(w)]
			buf[n] = c
			n += int(g << (w & 15) & (g << 16 << (text[p+4] & 15)) >> 31)
		}
		if f.short {
			s := f.pair[pairIndex(w)]
			buf[n] = c | 1
			n += int((s<<(w&15) | s<<16<<(w>>24&15)) >> 31)
		}
	}
	return p, n
}
