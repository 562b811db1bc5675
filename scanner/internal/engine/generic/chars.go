package generic

// Properties of bytes, as the readers of names and values need them.
const (
	nameByte  = 1 << iota // may stand inside a name
	wordByte              // letter, digit or underscore
	spaceByte             // blank or tab
	endsPlain             // ends a value without quotes
	quoteByte             // " ' `
	openByte              // may follow a name (and then a value)
)

var props = func() (p [256]uint8) {
	for i := range 256 {
		b := byte(i)
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '_':
			p[i] = nameByte | wordByte
		case b >= 0x80:
			p[i] = nameByte
		case b == ' ' || b == '\t':
			p[i] = spaceByte | endsPlain | openByte
		case b < ' ':
			p[i] = endsPlain
		}
	}
	for _, b := range []byte("\"'`") {
		p[b] |= quoteByte | endsPlain | openByte
	}
	for _, b := range []byte("-.$") {
		p[b] |= nameByte
	}
	for _, b := range []byte(",;)}]<>|(\x7f") {
		p[b] |= endsPlain
	}
	p[0xEF] |= openByte // full-width colon and equals sign
	for _, b := range []byte("=:,(>]<\\&?|)+!#~*[.") {
		p[b] |= openByte
	}
	return
}()

func is(b byte, prop uint8) bool { return props[b]&prop != 0 }

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
func isLower(b byte) bool { return 'a' <= b && b <= 'z' }
func isUpper(b byte) bool { return 'A' <= b && b <= 'Z' }
func isAlpha(b byte) bool { return isLower(b | 0x20) }
func isHex(b byte) bool   { return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'f' }

// at is text[i], or a line end where there is no such byte: beyond the text is
// like beyond the line.
func at(text []byte, i int) byte {
	if uint(i) < uint(len(text)) {
		return text[i]
	}
	return '\n'
}

// fold compares text at i with an ASCII lower-case word, either case.
func fold(text []byte, i int, word string) bool {
	if i < 0 || i+len(word) > len(text) {
		return false
	}
	for k := range len(word) {
		b := text[i+k]
		if isUpper(b) {
			b |= 0x20
		}
		if b != word[k] {
			return false
		}
	}
	return true
}

// has tells whether s holds the ASCII lower-case word, either case.
func has(s []byte, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0]|0x20 && fold(s, i, word) {
			return true
		}
	}
	return false
}
