package literal

import "encoding/binary"

// The filter looks at every second byte position of the text only: the samples. A sample at p
// sees the five bytes b0..b4 = text[p:p+5]. b1, b2 and four bits of b3 are hashed to one of the
// table's words. The upper half of the word has a bit for each value of b0's low nibble, the lower
// half one for each of b4's: the sample passes if both its bits are clear. (The low nibble is the
// same for both cases of a letter; b1 to b3 are folded by clearing bit 5.)
//
// A pattern is entered for two samples, one at an even and one at an odd distance from its start,
// and exactly one of these is looked at wherever the pattern stands. What a sample sees beside the
// pattern is unknown, so all the bits are cleared: sixteen of a half of the word for b0 or b4, all
// words that differ in b3 only. Three bytes of a pattern seen are enough to do without more than
// that; a pattern of six bytes is seen with five of them by either sample.
const (
	wordBits  = 16
	words     = 1 << wordBits
	wordShift = 32 - wordBits
	// hashedBits are the bits of the little-endian load of b0..b3 that choose the word.
	hashedBits = 0x0FDFDF00
	// hashMultiplier was the best of some thousand that were tried: the one that lets the fewest
	// samples of ordinary text pass for patterns like the catalogue's. (An arbitrary one may send
	// a run of spaces to the word of a common pattern.)
	hashMultiplier = 0x198A8DDD

	// stride is the distance of two samples.
	stride = 2
	// sampleWidth is how many bytes from a sample on it sees.
	sampleWidth = 5
	// maxDist bounds the distance of a sample from the start of its pattern, and so how far beyond a
	// window the filter has to look. Later bytes of long patterns are hardly ever needed.
	maxDist = 14
)

// filter is the table. Immutable once all patterns are in.
type filter struct {
	word [words]uint32
	// maskB0 and maskB4 have, for each byte, the bit that it tests as b0 or b4.
	maskB0, maskB4 [256]uint32
	// gather is whether to use the assembly.
	gather bool
}

// emptyFilter returns one that lets nothing pass.
func emptyFilter() *filter {
	f := new(filter)
	for i := range f.word {
		f.word[i] = none
	}
	for b := range 256 {
		f.maskB0[b] = b0Bit(byte(b))
		f.maskB4[b] = b4Bit(byte(b))
	}
	return f
}

// A candidate is a sample that passed, as its distance from the start of the scan.
type candidate uint32

// wordIndex takes the little-endian load of b0..b3.
func wordIndex(b0123 uint32) uint32 { return (b0123 & hashedBits) * hashMultiplier >> wordShift }

// b0Bit is in the upper half: shifting the word left by the nibble brings it to bit 31. b4Bit is
// in the lower half, sixteen further down.
func b0Bit(b byte) uint32 { return 1 << (31 - b&15) }
func b4Bit(b byte) uint32 { return 1 << (15 - b&15) }

const (
	anyB0 = 0xFFFF0000
	anyB4 = 0x0000FFFF
	none  = 0xFFFFFFFF
)

// passes says whether the sample that sees b0123 and b4 passes.
func (f *filter) passes(b0123 uint32, b4 byte) bool {
	return f.word[wordIndex(b0123)]&(f.maskB0[byte(b0123)]|f.maskB4[b4]) == 0
}

// sampleWords returns the words that the sample at distance dist from the start of pattern may look
// at, and the bits to clear in them. b1 and b0 or b2 must be bytes of the pattern.
func sampleWords(pattern string, dist int, buf []uint32) (index []uint32, bits uint32) {
	if dist >= 0 {
		bits = b0Bit(pattern[dist])
	} else {
		bits = anyB0
	}
	if dist+4 < len(pattern) {
		bits |= b4Bit(pattern[dist+4])
	} else {
		bits |= anyB4
	}
	// b1 to b3, each with the values that it may have, folded.
	index = buf[:0]
	known := uint32(pattern[dist+1]) << 8
	switch {
	case dist+3 < len(pattern):
		index = append(index, wordIndex(known|uint32(pattern[dist+2])<<16|uint32(pattern[dist+3])<<24))
	case dist+2 < len(pattern):
		for b3 := range uint32(16) {
			index = append(index, wordIndex(known|uint32(pattern[dist+2])<<16|b3<<24))
		}
	default:
		for b2 := range uint32(256) {
			if b2<<16&hashedBits != b2<<16 {
				continue // the same as without the bit that is not hashed
			}
			for b3 := range uint32(16) {
				index = append(index, wordIndex(known|b2<<16|b3<<24))
			}
		}
	}
	return index, bits
}

// wildcards is the most words that a sample may look at: b2 without its bit 5, four bits of b3.
const wildcards = 128 * 16

// placesOf is the most words that both samples of a pattern of n bytes may look at.
func placesOf(n int) int {
	switch n {
	case 2:
		return wildcards + 16
	case 3:
		return 16 + 1
	}
	return 2
}

// scanPortable writes the candidates among the samples p, p+stride, ... below end to buf, in
// ascending order, and returns the first sample that it did not look at and the number written. It
// stops when buf may not hold the candidates of a further step. All samples must see bytes of text.
func (f *filter) scanPortable(text []byte, p, end int, buf []candidate) (next, n int) {
	start := p
	// Four samples a step, on two loads of eight bytes. One branch for each is cheaper than
	// putting their outcomes together, since nearly all fail.
	for p+4*stride <= end && p+4*stride+4 <= len(text) {
		x := binary.LittleEndian.Uint64(text[p : p+8])
		y := binary.LittleEndian.Uint64(text[p+4 : p+12])
		if n > len(buf)-4 {
			return p, n
		}
		if f.passes(uint32(x), byte(x>>32)) {
			buf[n] = candidate(p - start)
			n++
		}
		if f.passes(uint32(x>>16), byte(x>>48)) {
			buf[n] = candidate(p - start + stride)
			n++
		}
		if f.passes(uint32(y), byte(y>>32)) {
			buf[n] = candidate(p - start + 2*stride)
			n++
		}
		if f.passes(uint32(y>>16), byte(y>>48)) {
			buf[n] = candidate(p - start + 3*stride)
			n++
		}
		p += 4 * stride
	}
	for ; p < end && n < len(buf); p += stride {
		if f.passes(binary.LittleEndian.Uint32(text[p:]), text[p+4]) {
			buf[n] = candidate(p - start)
			n++
		}
	}
	return p, n
}
