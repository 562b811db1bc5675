package randomness

import "math"

// Entropy is Shannon's entropy of the characters in bits per character.
func Entropy(s []byte) float64 {
	if len(s) == 0 {
		return 0
	}
	var n [256]uint16
	if len(s) > math.MaxUint16 {
		s = s[:math.MaxUint16]
	}
	for _, b := range s {
		n[b]++
	}
	h := 0.0
	total := float64(len(s))
	for _, b := range s { // each character once: its count is cleared after use
		if c := n[b]; c > 0 {
			p := float64(c) / total
			h -= p * math.Log2(p)
			n[b] = 0
		}
	}
	return h
}

// Profile is what the models say of one string. The zero value is that of the
// empty string.
type Profile struct {
	// Len is the number of bytes; Letters, Digits, Separators and Others count
	// them by class, Uppers the capitals among the letters.
	Len, Letters, Uppers, Digits, Separators, Others int
	// Alphabet is the smallest alphabet that holds every character.
	Alphabet Alphabet
	// Spelling is the log odds, in nats, of the letters alone: drawn against
	// spelt. Mixing is that of cases, digits and separators, given a person's
	// habits, against the same draw. Total is their sum: see Score.
	Spelling, Mixing, Total float64
	// Changes counts the changes between letters and digits.
	Changes int
}

// Alphabet is a set of characters that machines draw from.
type Alphabet uint8

// Alphabets from small to large.
const (
	None Alphabet = iota
	Decimal
	HexLower
	HexUpper
	Lower
	Upper
	Base32
	LowerDigits
	UpperDigits
	Mixed     // letters of both cases
	Base62    // letters and digits
	Base64    // with + / =
	Base64URL // with - _
	Printable
	Text // spaces, control characters or bytes beyond ASCII
)

var alphabetNames = [...]string{"none", "decimal", "lower-case hexadecimal", "upper-case hexadecimal",
	"lower-case letters", "upper-case letters", "base32", "lower-case letters and digits",
	"upper-case letters and digits", "letters", "letters and digits", "base64", "base64url",
	"printable characters", "text"}

func (a Alphabet) String() string { return alphabetNames[a] }

var alphabetLog = func() (l [Text + 1]float64) {
	for i, n := range [...]float64{1, 10, 16, 16, 26, 26, 32, 36, 36, 52, 62, 65, 64, 94, 110} {
		l[i] = math.Log(n)
	}
	return
}()

var log26 = math.Log(26)

// Score is the log odds in nats that the string was drawn by a machine rather
// than written by a person: above zero drawn, below zero written. It grows
// with the length of the string.
func Score(s []byte) float64 { p := Measure(s); return p.Total }

const ( // what an alphabet must be able to hold
	hasHexLower = 1 << iota
	hasLower
	hasHexUpper
	hasUpper
	has01
	has27
	has89
	hasPlus
	hasDash
	hasPunct
	hasText
)

// maxMeasured bounds the work on one string; the rest tells nothing new.
const maxMeasured = 512

// Measure holds the models against each other. It looks at no more than the
// first 512 bytes.
func Measure(s []byte) Profile {
	p := Profile{Len: len(s)}
	if len(s) > maxMeasured {
		s = s[:maxMeasured]
	}
	var has uint
	var c1, c2 uint8     // the classes before
	var x, y uint8       // the letters before, within the word
	prev := uint8(10)    // the digit before
	var spell, mix int32 // costs in units
	end := len(s)        // padding is neither drawn nor written
	for end > 0 && end > len(s)-2 && s[end-1] == '=' {
		end--
		has |= hasPlus
	}
	for _, b := range s[:end] {
		c := classOf[b]
		mix += classCost(c1, c2, c)
		switch c {
		case lower, upper:
			p.Letters++
			if c == upper {
				p.Uppers++
				if b <= 'F' {
					has |= hasHexUpper
				} else {
					has |= hasUpper
				}
			} else if b <= 'f' {
				has |= hasHexLower
			} else {
				has |= hasLower
			}
			if c2 != lower && c2 != upper || c == upper && c2 == lower {
				x, y = 0, 0
				if c2 == digit {
					p.Changes++
				}
			}
			z := symbolOf[b]
			spell += trigram(x, y, z)
			x, y = y, z
			prev = 10
		case digit:
			p.Digits++
			d := b - '0'
			switch {
			case d <= 1:
				has |= has01
			case d <= 7:
				has |= has27
			default:
				has |= has89
			}
			if c2 == lower || c2 == upper {
				p.Changes++
			}
			mix += digitCost(prev, d)
			prev = d
		case separator:
			p.Separators++
			mix += 20 // one of six, the common ones more often
			prev = 10
			switch b {
			case '-', '_':
				has |= hasDash
			case '/':
				has |= hasPlus
			case ' ':
				has |= hasText
			default:
				has |= hasPunct
			}
		default:
			p.Others++
			mix += 54 // one of thirty
			prev = 10
			switch {
			case b == '+':
				has |= hasPlus
			case b < ' ' || b > '~':
				has |= hasText
			default:
				has |= hasPunct
			}
		}
		c1, c2 = c2, c
	}
	p.Alphabet = alphabetFor(has)
	per := alphabetLog[p.Alphabet]
	p.Spelling = float64(spell)*unit - float64(p.Letters)*log26
	p.Total = float64(spell+mix)*unit - float64(end)*per
	p.Mixing = p.Total - p.Spelling
	return p
}

func alphabetFor(has uint) Alphabet {
	const digits = has01 | has27 | has89
	switch {
	case has == 0:
		return None
	case has&hasText != 0:
		return Text
	case has&hasPunct != 0, has&hasPlus != 0 && has&hasDash != 0:
		return Printable
	case has&hasPlus != 0:
		return Base64
	case has&hasDash != 0:
		return Base64URL
	case has&^digits == 0:
		return Decimal
	case has&^(digits|hasHexLower) == 0:
		return HexLower
	case has&^(digits|hasHexUpper) == 0:
		return HexUpper
	case has&^(hasHexLower|hasLower) == 0:
		return Lower
	case has&^(hasHexUpper|hasUpper) == 0:
		return Upper
	case has&^(hasHexUpper|hasUpper|has27) == 0:
		return Base32
	case has&^(hasHexLower|hasLower|digits) == 0:
		return LowerDigits
	case has&^(hasHexUpper|hasUpper|digits) == 0:
		return UpperDigits
	case has&digits == 0:
		return Mixed
	}
	return Base62
}
