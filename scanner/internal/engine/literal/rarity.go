package literal

import _ "embed"

// rarityTable says how rarely a sample of ordinary text sees what a pattern would show it, in
// eighths of a bit (8 = one in two). It was counted by rarity_generate.go over source of several languages,
// documentation and logs. Bytes are counted as the filter sees them: b1 and b2 by class (see
// class), b0, b3 and b4 by their low nibbles. In sequence:
//
//	-log2 P(b1, b2, b3)    [classes][classes][16]
//	-log2 P(b0 | b1, b2)   [classes][classes][16]
//	-log2 P(b4 | b2, b3)   [classes][16][16]
//
//go:embed rarity.bin
var rarityTable string

const (
	classes    = 32
	rarityB0   = classes * classes * 16
	rarityB4   = rarityB0 + classes*classes*16
	raritySize = rarityB4 + classes*16*16
)

// class lumps together bytes that are alike in how rare they make their neighbours: a letter is one
// for itself in either case, digits are one, white space is one.
func class(b byte) int {
	switch c := b | 0x20; {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case '0' <= b && b <= '9':
		return 26
	case b == '_':
		return 27
	case b == '-':
		return 28
	case b == ' ' || b == '\t' || b == '\n' || b == '\r':
		return 29
	case b < 0x80:
		return 30
	}
	return 31
}

// rarity estimates the sample at distance dist from the start of pattern. It sees b1 to b3 in it.
func rarity(pattern string, dist int) int {
	b1, b2, b3 := class(pattern[dist+1]), class(pattern[dist+2]), int(pattern[dist+3]&15)
	r := int(rarityTable[(b1*classes+b2)*16+b3])
	if dist >= 0 {
		r += int(rarityTable[rarityB0+(b1*classes+b2)*16+int(pattern[dist]&15)])
	}
	if dist+4 < len(pattern) {
		r += int(rarityTable[rarityB4+(b2*16+b3)*16+int(pattern[dist+4]&15)])
	}
	return r
}

// samplePoints chooses the two samples that reveal pattern: the rarest at an even and the rarest at
// an odd distance from its start. A pattern and the samples have either equal or different parity,
// so wherever it stands exactly one of the two is looked at.
func samplePoints(pattern string) [2]int {
	points := [2]int{0, -1}
	if len(pattern) > 4 {
		points[1] = 1
	}
	var rarest [2]int
	first := -1
	if len(pattern) > 4 {
		first = 0 // so that b0 to b3 are of the pattern: see confirmer
	}
	for dist := first; dist+3 < len(pattern) && dist <= maxDist; dist++ {
		if r := rarity(pattern, dist); r > rarest[dist&1] {
			points[dist&1], rarest[dist&1] = dist, r
		}
	}
	return points
}
