package randomness

import _ "embed"

//go:generate go run train.go -o model.bin DIRECTORY...

// model holds, one after the other: the trigram codes (two a byte), the
// codebook, the class costs, the digit costs and the table of words.
// Costs are negative logarithms of probabilities in sixteenths of a nat.
//
//go:embed model.bin
var model string

const (
	letters  = 26
	symbols  = letters + 1 // letters and the word boundary, which is 0
	triCodes = symbols * symbols * symbols
	triBytes = (triCodes + 1) / 2

	classes    = 6
	classBytes = classes * classes * classes
	digitBytes = 11 * 10

	atCodebook = triBytes
	atClass    = atCodebook + 16
	atDigit    = atClass + classBytes
	atWords    = atDigit + digitBytes
	wordSlots  = 8192
	modelBytes = atWords + 2*wordSlots

	unit = 1.0 / 16 // nats
)

// Classes of characters, as people mix them.
const (
	edge = iota
	lower
	upper
	digit
	separator
	other
)

// classOf maps bytes to classes; symbolOf maps letters of either case to
// 1..26 and everything else to 0.
var classOf, symbolOf = tables()

func tables() (c, s [256]uint8) {
	for i := range 256 {
		b := byte(i)
		switch {
		case 'a' <= b && b <= 'z':
			c[i], s[i] = lower, b-'a'+1
		case 'A' <= b && b <= 'Z':
			c[i], s[i] = upper, b-'A'+1
		case '0' <= b && b <= '9':
			c[i] = digit
		case b == '_' || b == '-' || b == '.' || b == ' ' || b == '/' || b == ':':
			c[i] = separator
		default:
			c[i] = other
		}
	}
	return
}

// trigram is the cost of letter z after x and y in units.
func trigram(x, y, z uint8) int32 {
	i := (int(x)*symbols+int(y))*symbols + int(z)
	code := model[i>>1] >> (uint(i&1) * 4) & 15
	return int32(model[atCodebook+int(code)])
}

func classCost(x, y, z uint8) int32 {
	return int32(model[atClass+(int(x)*classes+int(y))*classes+int(z)])
}

// digitCost is the cost of digit d after prev, which is 10 at a run's start.
func digitCost(prev, d uint8) int32 {
	return int32(model[atDigit+int(prev)*10+int(d)])
}

// hash is FNV-1a over the lower-cased letters.
func hash(w []byte) uint32 {
	h := uint32(2166136261)
	for _, b := range w {
		h = (h ^ uint32(b|0x20)) * 16777619
	}
	return h
}

// isWord tells whether the letters are a common word of at least three.
func isWord(w []byte) bool {
	h := hash(w)
	print := uint16(h>>16) | 1
	for i := h % wordSlots; ; i = (i + 1) % wordSlots {
		at := atWords + 2*int(i)
		v := uint16(model[at]) | uint16(model[at+1])<<8
		if v == 0 {
			return false
		}
		if v == print {
			return true
		}
	}
}
