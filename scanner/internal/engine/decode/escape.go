package decode

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Trigger is a literal whose occurrence begins a piece, or stands in it.
type Trigger struct {
	Text string
	Fold bool
	family
}

type family uint8

const (
	escapes family = iota
	quotedPrintable
	joined
)

// Triggers are the literals whose hits Escapes wants, in the order of their
// numbers.
func Triggers() []Trigger {
	var out []Trigger
	add := func(f family, fold bool, texts ...string) {
		for _, t := range texts {
			out = append(out, Trigger{t, fold, f})
		}
	}
	// Escapes of printable ASCII. Of those that stand for a space or a control
	// character no token is made.
	add(escapes, false, `\u00`, `\U0000`, `\u{`, `\x2`, `\x3`, `\x4`, `\x5`, `\x6`, `\x7`, `\/\/`,
		`&#x`, `&#X`, `&#1`, `&#3`, `&#4`, `&#5`, `&#6`, `&#7`, `&#8`, `&#9`, `&amp;`, `&quot;`, `&equals;`, `&colon;`, `&plus;`, `&sol;`)
	add(quotedPrintable, false, "=3D", "=\r\n")
	add(joined, false, `"+"`, `'+'`, `+ "`, `+ '`, "\" +\n", "' +\n", "\" +\r", "' +\r", "\" .\n", "' .\n", "\" ..\n", "\" &\n", "\" & _\n", "\" \\\n", "' \\\n", "\"\\\n", "'\\\n", "\" <>\n")
	return out
}

// entities are the named ones that stand for what tokens and assignments hold.
var entities = map[string]byte{
	"amp": '&', "quot": '"', "apos": '\'', "lt": '<', "gt": '>', "equals": '=', "colon": ':', "plus": '+', "sol": '/',
	"lowbar": '_', "hyphen": '-', "dash": '-', "period": '.', "num": '#', "dollar": '$', "percnt": '%', "commat": '@', "excl": '!',
	"ast": '*', "semi": ';', "comma": ',', "nbsp": ' ', "tilde": '~', "lpar": '(', "rpar": ')', "quest": '?', "bsol": '\\', "grave": '`', "Hat": '^', "vert": '|',
}

var (
	kindsPercent = []string{"percent"}
	kindsUnicode = []string{"unicode-escape"}
	kindsHexEsc  = []string{"hex-escape"}
	kindsSlash   = []string{"json-escape"}
	kindsEntity  = []string{"html-entity"}
	kindsQP      = []string{"quoted-printable"}
	kindsJoined  = []string{"joined-strings"}
)

// maxEscape bounds the length of an escape.
const maxEscape = 16

// escape reads the escape at the start of s: n bytes that stand for out. n is 0
// if there is none.
func escape(s []byte, buf []byte) (n int, out []byte, kinds []string) {
	switch s[0] {
	case '%':
		if len(s) >= 6 && s[1] == 'u' {
			if v, ok := hexValue(s[2:6]); ok {
				return 6, utf8.AppendRune(buf, rune(v)), kindsPercent
			}
		}
		if len(s) >= 3 {
			if v, ok := hexValue(s[1:3]); ok {
				return 3, append(buf, byte(v)), kindsPercent
			}
		}
	case '\\':
		// The backslash itself may be escaped, once or twice.
		k := 1
		for k < 4 && k < len(s) && s[k] == '\\' {
			k++
		}
		if k == len(s) {
			return 0, nil, nil
		}
		digits := 0
		kinds = kindsUnicode
		switch s[k] {
		case '/':
			return k + 1, append(buf, '/'), kindsSlash
		case 'x':
			digits, kinds = 2, kindsHexEsc
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		}
		k++
		if digits == 4 && k < len(s) && s[k] == '{' {
			end := bytes.IndexByte(s[k:min(len(s), k+8)], '}')
			if end < 2 {
				return 0, nil, nil
			}
			if v, ok := hexValue(s[k+1 : k+end]); ok {
				return k + end + 1, utf8.AppendRune(buf, rune(v)), kinds
			}
			return 0, nil, nil
		}
		if digits > 0 && k+digits <= len(s) {
			if v, ok := hexValue(s[k : k+digits]); ok {
				if digits == 2 {
					return k + 2, append(buf, byte(v)), kinds
				}
				return k + digits, utf8.AppendRune(buf, rune(v)), kinds
			}
		}
	case '&':
		end := bytes.IndexByte(s[:min(len(s), maxEscape-4)], ';')
		if end < 3 {
			return 0, nil, nil
		}
		name := string(s[1:end])
		if name[0] != '#' {
			if c, ok := entities[name]; ok {
				return end + 1, append(buf, c), kindsEntity
			}
			return 0, nil, nil
		}
		base, number := 10, name[1:]
		if number[0]|0x20 == 'x' {
			base, number = 16, number[1:]
		}
		if v, err := strconv.ParseUint(number, base, 21); err == nil {
			return end + 1, utf8.AppendRune(buf, rune(v)), kindsEntity
		}
	}
	return 0, nil, nil
}

func hexValue(s []byte) (v uint32, ok bool) {
	for _, c := range s {
		if nibble[c] == none {
			return 0, false
		}
		v = v<<4 | uint32(nibble[c])
	}
	return v, len(s) > 0 && v <= 0x7fffffff
}

// quoted reads an escape of quoted-printable; out is empty for a soft line end.
func quoted(s []byte, buf []byte) (n int, out []byte) {
	if s[0] != '=' || len(s) < 2 {
		return 0, nil
	}
	if s[1] == '\n' {
		return 2, buf
	}
	if len(s) < 3 {
		return 0, nil
	}
	if s[1] == '\r' && s[2] == '\n' {
		return 3, buf
	}
	if s[1] > 'F' || s[2] > 'F' {
		return 0, nil
	}
	if v, ok := hexValue(s[1:3]); ok {
		return 3, append(buf, byte(v))
	}
	return 0, nil
}

// At is the place of a trigger in a text.
type At struct {
	Pos     int
	Trigger *Trigger
}

// SoftBreak looks for a line end or joint of strings in the token that begins
// at pos, which no trigger tells of. The result is not to be trusted: Views looks
// again. Calls are with ascending pos; seen keeps how far they have looked.
func SoftBreak(text []byte, pos int, seen *int) (At, bool) {
	const maxLook = 256
	i, end := max(pos, *seen), min(len(text), pos+maxLook)
	for i < end && (six[text[i]] != none || text[i] == '.' || text[i] == ':' || text[i] == '=' && !softLine(text, i)) {
		i++
	}
	*seen = i
	if i >= end {
		return At{}, false
	}
	switch text[i] {
	case '=':
		return At{i, &softQuoted}, true
	case '"', '\'', '\\':
		return At{i, &softJoint}, true
	}
	return At{}, false
}

// softLine tells whether the byte behind i ends a line.
func softLine(text []byte, i int) bool {
	return i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\r')
}

var softQuoted, softJoint = Trigger{family: quotedPrintable}, Trigger{family: joined}

// maxJoint bounds what may stand between two strings that are joined.
const maxJoint = 64

// joint is the span from the quote that ends a string to the one that begins the
// next, if i is in it and nothing but an operator stands between. The strings'
// own characters at both sides must be such as tokens have.
func joint(text []byte, i int) (Span, bool) {
	lo := i
	for lo > 0 && i-lo < maxJoint && bytes.IndexByte([]byte(" \t\r\n+.&<>_\\"), text[lo]) >= 0 {
		lo--
	}
	q := text[lo]
	if lo == 0 || !tokenByte(text[lo-1]) {
		// A line that goes on: a backslash between two bytes of a token.
		if text[i] == '\\' && i > 0 && tokenByte(text[i-1]) {
			return continued(text, i)
		}
		return Span{}, false
	}
	if q != '"' && q != '\'' {
		if text[i] == '\\' {
			return continued(text, i)
		}
		return Span{}, false
	}
	hi := lo + 1
	for hi < len(text) && hi-lo < maxJoint && bytes.IndexByte([]byte(" \t\r\n+.&<>_\\"), text[hi]) >= 0 {
		hi++
	}
	if hi == lo+1 || hi+1 >= len(text) || text[hi] != q || !tokenByte(text[hi+1]) {
		return Span{}, false
	}
	return Span{lo, hi + 1}, true
}

// continued is a backslash at a line's end and the indentation behind it.
func continued(text []byte, i int) (Span, bool) {
	k := i + 1
	if k < len(text) && text[k] == '\r' {
		k++
	}
	if k == len(text) || text[k] != '\n' {
		return Span{}, false
	}
	for k++; k < len(text) && k-i < maxJoint && (text[k] == ' ' || text[k] == '\t'); k++ {
	}
	if k == len(text) || !tokenByte(text[k]) {
		return Span{}, false
	}
	return Span{i, k}, true
}

func tokenByte(c byte) bool { return six[c] != none || c == '=' || c == '.' || c == ':' || c == '%' }
