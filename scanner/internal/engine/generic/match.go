package generic

import "github.com/leaksonde/leaksonde/scanner/finding"

// Candidate is a value that may be a secret.
type Candidate struct {
	// Kind is a slug: "password", "api-key", "token" ...
	Kind string
	// Start and End span the match, from the name to the end of the value.
	Start, End int
	// SecretStart and SecretEnd span the value.
	SecretStart, SecretEnd int
	// EvidenceStart and EvidenceEnd span every byte the decision depended on,
	// one boundary byte on each side: -1 and len(text)+1 where it depended on
	// the text's beginning or ending there.
	EvidenceStart, EvidenceEnd int
	Confidence                 finding.Confidence
	// Score is the log odds that the value is a credential.
	Score float64
}

// Match judges the hit of Literals()[pattern] at pos. It is pure, does not
// allocate and looks no further than MaxLeft and MaxRight.
func Match(text []byte, pos int, pattern int, c *Candidate) bool {
	t := &triggers[pattern]
	if t.role == byName && !is(at(text, readEnd(text, nameEnd(text, pos, t))), openByte) {
		return false // most hits end here
	}
	var p parse
	return p.attempt(text, pos, pattern) && p.judge(c)
}

// nameEnd is where the part of the literal that belongs to the name ends.
func nameEnd(text []byte, pos int, t *trigger) int {
	end := pos + len(t.bytes)
	if !is(text[end-1], nameByte) {
		end--
	}
	return end
}

// attempt reads name and value around a hit.
func (p *parse) attempt(text []byte, pos int, pattern int) bool {
	t := &triggers[pattern]
	p.text = text
	switch t.role {
	case byURL:
		return p.url(pos)
	case byWord:
		return p.header(pos, pos+len(t.bytes))
	case bySQL:
		return p.sql(pos, pos+len(t.bytes))
	case byCurl:
		return p.curl(pos, pos+len(t.bytes))
	case byShort:
		return p.short(pos, pos+len(t.bytes))
	case byDER:
		return p.der(pos, pos+len(t.bytes))
	case byJWK:
		return p.jwk(pos, pos+len(t.bytes))
	}
	return p.named(pos, nameEnd(text, pos, t))
}

// named reads "name, operator, value" around a literal at [pos, end).
func (p *parse) named(pos, end int) bool {
	text := p.text
	e := readEnd(text, end)
	if !is(at(text, e), openByte) {
		return false
	}
	p.name.start = pos
	if !p.bridge(e) {
		return false
	}
	// a value can begin here, or this is prose
	if p.form == spaced && p.quick(pos) {
		return false
	}
	if !p.name.read(text, pos, e) {
		return false
	}
	if !p.surround() {
		return false
	}
	if !p.value() {
		return false
	}
	if p.form == call && p.quote != 0 && (p.name.class == credential || p.name.facts&nameSingle == 0) {
		p.second()
	}
	p.whole = p.name.start
	p.after()
	return true
}

// second moves on from the user to the password of a call such as
// NetworkCredential("user", "password").
func (p *parse) second() {
	own := p.text[p.name.own:p.name.ownEnd]
	if p.name.class != credential && !fold(own, 0, "directoryentry") {
		return
	}
	for range 2 {
		i := p.end + 1
		if at(p.text, i) != ',' {
			return
		}
		i = skip(p.text, i+1)
		if at(p.text, i) == '@' {
			i++
		}
		p.hi = max(p.hi, i+1)
		if at(p.text, i) != p.quote {
			return
		}
		start, end, hi := p.start, p.end, p.hi
		if !p.quoted(i + 1) {
			p.start, p.end, p.hi = start, end, max(hi, p.hi)
			return
		}
	}
}

// quick turns down "name value" without an operator where neither a dash nor a
// quote makes it one: nearly all of it is prose.
func (p *parse) quick(pos int) bool {
	if q := at(p.text, p.start); is(q, quoteByte) {
		// PASSWORD 'value', set KEY "value"; but not: pass "--quiet" down
		return at(p.text, p.start+1) == '-' || is(at(p.text, p.start+1), spaceByte)
	}
	i := pos
	limit := max(0, pos-maxName)
	for i > limit && is(p.text[i-1], nameByte) {
		i--
	}
	b := at(p.text, i)
	if b == '-' {
		return false
	}
	// netrc and Dockerfile: "password x", "ENV API_KEY x"; SecureString
	if fold(p.text, pos, "securestring") {
		return false
	}
	return !(fold(p.text, i-4, "env ") || fold(p.text, i-7, "define ") || fold(p.text, i-5, `\set `) || fold(p.text, i, "password ") && p.netrc(i) || fold(p.text, i, "requirepass ") || fold(p.text, i, "masterauth "))
}

// netrc tells a line that has "login name" before its password.
func (p *parse) netrc(i int) bool {
	lo := max(0, i-96)
	for k := i; k > lo && p.text[k-1] != '\n'; k-- {
		if fold(p.text, k, "login ") || fold(p.text, k, "requirepass") {
			p.see(k, i)
			return true
		}
	}
	return false
}

func (p *parse) see(lo, hi int) {
	if p.lo == 0 && p.hi == 0 || lo < p.lo {
		p.lo = lo
	}
	p.hi = max(p.hi, hi)
}

// surround looks at what stands before the name.
func (p *parse) surround() bool {
	text, n := p.text, &p.name
	i := n.start - 1 - n.dashes
	b := at(text, i)
	if p.facts&atEscaped != 0 && b != '"' && b != '\'' {
		p.facts |= atPhrase
	}
	if is(b, quoteByte) || b == ':' && p.form == pair || p.facts&atQuotedName != 0 {
		if p.facts&atQuotedName != 0 && !is(b, quoteByte) && b != ';' {
			// the name is the tail of a string: "Enter password" = ...
			p.facts |= atPhrase
		}
		i--
		b = at(text, i)
		if b == '\\' || b == '@' {
			i--
			b = at(text, i)
		}
		if b == '[' {
			i--
			b = at(text, i)
		}
	}
	if n.dashes > 0 {
		switch p.form {
		case spaced:
			p.form = option
		case assign:
			p.form = optionEq
		case colon:
			if at(text, n.start-1) == '-' { // a YAML list has a blank there
				p.form = colon
			}
		}
	} else if p.form == assign && p.facts&atSpacesAround == 0 {
		switch b {
		case '?', '&':
			p.form = query
		case ';':
			p.form = connection
			if fold(text, n.start-5, "&amp;") {
				p.form = query
			}
		}
	}
	// back over blanks
	lo := i
	limit := max(-1, i-maxBlanks)
	for lo > limit && is(at(text, lo), spaceByte) {
		lo--
	}
	c := at(text, lo)
	switch {
	case c == '\n' || c == '\r':
		p.facts |= atLineStart
	case c == '#', c == '/' && at(text, lo-1) == '/', c == '*', c == '-' && at(text, lo-1) == '-' && lo < i, c == ';' && lo < i && at(text, lo-1) == '\n':
		p.facts |= atComment
		p.facts |= atLineStart
	case c == '-' && lo < i && (at(text, lo-1) == '\n' || is(at(text, lo-1), spaceByte)):
		p.facts |= atLineStart // YAML list
	case b == '.' || b == '>' && at(text, i-1) == '-' || b == '@':
		p.facts |= atMember
	case is(c, wordByte) && lo < i:
		// export NAME=, ENV NAME=, const name =, String name =
		w := lo
		wl := max(-1, lo-24)
		for w > wl && is(at(text, w), nameByte) {
			w--
		}
		word := text[w+1 : lo+1]
		if len(word) == 6 && fold(word, 0, "export") || len(word) == 3 && (fold(word, 0, "env") || fold(word, 0, "arg") || fold(word, 0, "set")) {
			p.facts |= atLineStart
		} else if declares(word) {
			p.facts |= atDeclared
		} else {
			p.facts |= atProse
		}
		lo = w
	}
	p.lo = lo
	p.context = n.start
	for limit := max(0, n.start-maxContext); p.context > limit && text[p.context-1] != '\n'; {
		p.context--
	}
	p.lo = min(p.lo, p.context)
	return true
}

// maxContext bounds the words before a name that are looked at.
const maxContext = 64

func declares(w []byte) bool {
	switch string(w) {
	case "const", "let", "var", "val", "final", "String", "string", "String?", "static", "auto", "str", "char", "CharSequence", "def", "my",
		"local", "readonly", "private", "public", "protected", "define", "NSString", "byte", "bytes", "CString", "QString", "wstring", "Object", "object", "dim", "Dim", "global":
		return true
	}
	return false
}

// after looks at what stands behind the value.
func (p *parse) after() {
	text := p.text
	i := p.end
	if p.quote == '&' {
		i += 6
	} else if p.quote != 0 {
		if p.facts&atEscaped != 0 {
			i++
		}
		i++
	}
	p.wholeEnd = i
	j := i
	limit := min(len(text), i+8)
	for j < limit && is(text[j], spaceByte) {
		j++
	}
	switch b := at(text, j); {
	case b == '\n' || b == '\r':
		p.facts |= atLineEnd
	case b == ';':
		p.facts |= atSemicolon
	case b == ',':
		p.facts |= atComma
	case b == '(':
		p.facts |= atOpenParen
	case b == '+', b == '.' && p.quote != 0 && !isAlpha(at(text, j+1)), b == '%' && p.quote != 0:
		p.facts |= atJoined
	case b == ')' || b == ']' || b == '}':
		p.facts |= atCloser
	case j > i && is(b, wordByte):
		p.facts |= atMore
	}
	p.hi = max(p.hi, j+2)
}
