package reporters

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain tells whether s is printable ASCII, as nearly all texts are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// deceptive tells whether a terminal, a browser or a viewer might act on r
// instead of showing it: control characters, line and paragraph separators,
// and all format characters (bidirectional overrides, zero-width marks, tags)
// but the two joiners that emoji and several scripts need. See Unicode TR 36,
// section 2.4, and "Trojan Source" (CVE-2021-42574).
func deceptive(r rune) bool {
	const zwnj, zwj = '\u200c', '\u200d'
	switch {
	case r < ' ', r == 0x7f:
		return true
	case r < 0x80, r == zwnj, r == zwj:
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// visible makes s safe to show on one line: what is deceptive becomes a Go-like
// escape, bytes that are no UTF-8 become \xNN. A backslash stays as it is, so
// that visible(visible(s)) == visible(s) and Windows paths stay readable.
func visible(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !deceptive(r):
			b.WriteString(s[i : i+n])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

// utf8Text writes bytes that are no UTF-8 as \xNN and leaves the rest alone.
func utf8Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}
