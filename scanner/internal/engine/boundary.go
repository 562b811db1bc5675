package engine

// A boundary is what may stand before and after a token.
type boundary uint8

const (
	wordBoundary   boundary = iota // no letter, digit or underscore
	strictBoundary                 // nor - + / =
	noBoundary
)

func boundaryOf(name string, byDefault boundary) boundary {
	switch name {
	case "word":
		return wordBoundary
	case "strict":
		return strictBoundary
	case "none":
		return noBoundary
	}
	return byDefault
}

var (
	wordBytes   = setOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
	strictBytes = setOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/=")
)

func setOf(s string) (b byteSet) {
	for i := range len(s) {
		b.add(s[i])
	}
	return b
}

// maxEscape is how far back startsAt looks to tell the end of an escape
// sequence from a letter: \u003d, ESC [ 38 ; 5 ; 208 m.
const maxEscape = 12

// startsAt tells whether a token may start at i, judged by the at most
// maxEscape bytes before it.
func (b boundary) startsAt(text []byte, i int) bool {
	if i == 0 || b == noBoundary {
		return true
	}
	c := text[i-1]
	if !wordBytes.has(c) {
		// key=VALUE and path/VALUE are fine before, even where the token may
		// not continue over = or /; VALUE-VALUE and a+b are one word.
		return b == wordBoundary || c != '-' && c != '+'
	}
	return endsEscape(text[max(0, i-maxEscape):i])
}

// endsEscape tells whether s ends in an escape sequence, so that its last
// letter is none of the text's: \n, %3D, \u003d, \x3d, ESC[0m.
func endsEscape(s []byte) bool {
	n := len(s)
	hex := func(k int) bool {
		if n < k {
			return false
		}
		for _, c := range s[n-k:] {
			if c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
				continue
			}
			return false
		}
		return true
	}
	switch {
	case n >= 2 && s[n-2] == '\\' && (s[n-1] == 'n' || s[n-1] == 't' || s[n-1] == 'r'):
		return true
	case n >= 3 && s[n-3] == '%' && hex(2):
		return true
	case n >= 6 && s[n-6] == '\\' && s[n-5] == 'u' && hex(4):
		return true
	case n >= 4 && s[n-4] == '\\' && s[n-3] == 'x' && hex(2):
		return true
	case s[n-1] == 'm':
		for k := n - 2; k >= 0; k-- {
			if c := s[k]; c == '[' {
				return k > 0 && s[k-1] == 0x1b
			} else if (c < '0' || c > '9') && c != ';' {
				return false
			}
		}
	}
	return false
}

// endsAt tells whether a token whose last byte class is last may end before i,
// judged by the byte at i alone.
func (b boundary) endsAt(text []byte, i int, last *byteSet) bool {
	if i >= len(text) || b == noBoundary {
		return true
	}
	c := text[i]
	if last.has(c) {
		return false
	}
	if b == strictBoundary {
		return !strictBytes.has(c)
	}
	return !wordBytes.has(c)
}
