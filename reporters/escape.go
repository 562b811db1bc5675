package reporters

import (
	"bytes"
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
//
// It also breaks what build agents take for commands: see disarm.
func visible(s string) string {
	if strings.Contains(s, "##") {
		s = string(disarmHashes([]byte(s)))
	}
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

// disarm keeps build agents from taking scanned text in our output for
// commands. GitHub's runner obeys lines that begin, after blanks, with "::"
// (set-output, add-mask, stop-commands) and "##[command]" anywhere; Azure's
// agent "##vso[task.setvariable ...]", TeamCity "##teamcity[...]". A file name
// in a pull request from a fork is enough to get such text printed.
func disarm(out []byte) []byte {
	out = disarmHashes(out)
	if !bytes.Contains(out, []byte("::")) {
		return out
	}
	lines := bytes.SplitAfter(out, []byte("\n"))
	for i, line := range lines {
		text := bytes.TrimLeft(line, " ")
		if bytes.HasPrefix(text, []byte("::")) {
			indent := line[:len(line)-len(text)]
			lines[i] = fmt.Appendf(nil, `%s\x3a%s`, indent, text[1:])
		}
	}
	return bytes.Join(lines, nil)
}

// disarmHashes writes the second # of "##[" and "##word[" as \x23.
func disarmHashes(b []byte) []byte {
	var out []byte
	done := 0
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '#' || b[i+1] != '#' {
			continue
		}
		j := i + 2
		for j < len(b) && ('a' <= b[j]|0x20 && b[j]|0x20 <= 'z') {
			j++
		}
		if j < len(b) && b[j] == '[' {
			out = append(append(out, b[done:i+1]...), `\x23`...)
			done = i + 2
		}
	}
	if out == nil {
		return b
	}
	return append(out, b[done:]...)
}
