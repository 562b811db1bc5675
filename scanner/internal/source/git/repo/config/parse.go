package config

import (
	"bytes"
	"errors"
	"strings"
)

// MaxErrors bounds the errors reported of one file; a file of noise gives no
// more.
const MaxErrors = 20

// Parse reads the text of one file; name stands in entries and errors. After a
// bad line it goes on with the next one.
func Parse(name string, text []byte) (*Config, error) {
	p := &parser{name: name, text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), line: 1, c: &Config{}}
	for p.pos < len(p.text) {
		p.statement()
	}
	return p.c, errors.Join(p.errs...)
}

type parser struct {
	name      string
	text      []byte
	pos, line int

	section, subsection string
	inSection           bool

	c    *Config
	errs []error
}

// statement reads one header or key, or skips blanks and one comment.
func (p *parser) statement() {
	switch ch := p.text[p.pos]; {
	case ch == '\n':
		p.pos++
		p.line++
	case ch == ' ' || ch == '\t' || ch == '\r' || ch == '\v' || ch == '\f':
		p.pos++
	case ch == '#' || ch == ';':
		p.skipLine()
	case ch == '[':
		p.header()
	case isAlpha(ch):
		p.key()
	default:
		p.fail("a line starts with neither a key nor a [section]")
	}
}

// header reads [section], [section "sub"] or the old [section.sub].
func (p *parser) header() {
	p.inSection = false
	p.pos++
	start := p.pos
	for p.pos < len(p.text) && (isName(p.text[p.pos]) || p.text[p.pos] == '.') {
		p.pos++
	}
	name := strings.ToLower(string(p.text[start:p.pos]))
	sub := ""
	if section, rest, dotted := strings.Cut(name, "."); dotted {
		name, sub = section, rest
	}
	if p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
			p.pos++
		}
		quoted, ok := p.subsectionName()
		if !ok {
			return
		}
		if sub != "" {
			sub += "."
		}
		sub += quoted
	}
	if p.pos >= len(p.text) || p.text[p.pos] != ']' || name == "" {
		p.fail("a [section] header is not well formed")
		return
	}
	p.pos++
	p.section, p.subsection, p.inSection = name, sub, true
}

func (p *parser) subsectionName() (string, bool) {
	if p.pos >= len(p.text) || p.text[p.pos] != '"' {
		p.fail("a subsection's name is not in quotes")
		return "", false
	}
	p.pos++
	var b []byte
	for p.pos < len(p.text) {
		ch := p.text[p.pos]
		if ch == '\\' && p.pos+1 < len(p.text) && p.text[p.pos+1] != '\n' {
			b = append(b, p.text[p.pos+1])
			p.pos += 2
			continue
		}
		if ch == '\n' {
			break
		}
		p.pos++
		if ch == '"' {
			return string(b), true
		}
		b = append(b, ch)
	}
	p.fail("a subsection's name has no closing quote")
	return "", false
}

func (p *parser) key() {
	line, start := p.line, p.pos
	for p.pos < len(p.text) && isName(p.text[p.pos]) {
		p.pos++
	}
	key := strings.ToLower(string(p.text[start:p.pos]))
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
	e := Entry{Section: p.section, Subsection: p.subsection, Key: key, File: p.name, Line: line}
	if p.pos < len(p.text) {
		switch p.text[p.pos] {
		case '\n', '\r', '#', ';':
		case '=':
			p.pos++
			v, ok := p.value()
			if !ok {
				return
			}
			e.Value, e.HasValue = v, true
		default:
			p.fail("a key is followed by neither \"=\" nor the end of the line")
			return
		}
	}
	if !p.inSection {
		p.errorAt(line, "a key stands before any [section]")
		return
	}
	p.c.Entries = append(p.c.Entries, e)
}

// value reads up to the end of the line: quotes group, a backslash escapes or
// continues the line, a comment sign outside of quotes ends it, blanks around
// it do not count.
func (p *parser) value() (string, bool) {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
	var b []byte
	keep := 0 // length of b up to the last byte that is no trailing blank
	quoted := false
	for p.pos < len(p.text) {
		ch := p.text[p.pos]
		if ch == '\n' || ch == '\r' && p.pos+1 < len(p.text) && p.text[p.pos+1] == '\n' {
			break
		}
		p.pos++
		switch {
		case ch == '"':
			quoted = !quoted
			keep = len(b)
		case ch == '\\':
			out, cont, ok := p.escape()
			if !ok {
				return "", false
			}
			if !cont {
				b = append(b, out)
				keep = len(b)
			}
		case !quoted && (ch == '#' || ch == ';'):
			p.skipLine()
			return string(b[:keep]), true
		default:
			b = append(b, ch)
			if quoted || ch != ' ' && ch != '\t' {
				keep = len(b)
			}
		}
	}
	if quoted {
		p.fail("a value has no closing quote")
		return "", false
	}
	return string(b[:keep]), true
}

func (p *parser) escape() (out byte, continued, ok bool) {
	if p.pos >= len(p.text) {
		return 0, true, true
	}
	ch := p.text[p.pos]
	if ch == '\r' && p.pos+1 < len(p.text) && p.text[p.pos+1] == '\n' {
		p.pos++
		ch = '\n'
	}
	switch ch {
	case '\n':
		p.pos++
		p.line++
		return 0, true, true
	case 'n':
		ch = '\n'
	case 't':
		ch = '\t'
	case 'b':
		ch = '\b'
	case '"', '\\':
	default:
		p.fail("a value holds an unknown escape")
		return 0, false, false
	}
	p.pos++
	return ch, false, true
}

// fail records an error at the current line and skips the rest of it.
func (p *parser) fail(reason string) {
	p.errorAt(p.line, reason)
	p.skipLine()
}

func (p *parser) errorAt(line int, reason string) {
	if len(p.errs) < MaxErrors {
		p.errs = append(p.errs, &Error{p.name, line, reason})
	}
}

func (p *parser) skipLine() {
	if i := bytes.IndexByte(p.text[p.pos:], '\n'); i >= 0 {
		p.pos += i
		return
	}
	p.pos = len(p.text)
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isName(c byte) bool { return isAlpha(c) || '0' <= c && c <= '9' || c == '-' }
