package generic

// value reads the value that starts at p.start: quotes, prefixes and calls
// around it, and where it ends.
func (p *parse) value() bool {
	text := p.text
	i := p.start
	b := at(text, i)
	if b == '\n' || b == '\r' {
		return false
	}
	if b == '(' && p.form != call {
		i = skip(text, i+1)
		b = at(text, i)
	}
	if b == '{' || b == '[' {
		j := skip(text, i+1)
		if is(at(text, j), quoteByte) {
			p.form = listed
			i = j
			b = at(text, i)
		} else if isDigit(at(text, j)) {
			return p.numbers(j)
		}
	}
	for range 3 {
		switch {
		case b == '\\' && (at(text, i+1) == '"' || at(text, i+1) == '\''):
			p.facts |= atEscaped
			return p.quoted(i + 2)
		case is(b, quoteByte):
			return p.quoted(i + 1)
		case b == '&' && fold(text, i, "&quot;"):
			p.start = i + 6
			p.quote = '&'
			return p.until('&')
		case b == '@' && at(text, i+1) == '"', b == '$' && at(text, i+1) == '"':
			return p.quoted(i + 2)
		case isAlpha(b) || b == '_' || b == '$' || b == '&' || b == '[' || b == '*' || b == '@':
			// a prefix, a call, or a value without quotes
			j := i
			limit := min(len(text), i+maxName)
			for j < limit && (is(text[j], nameByte) || text[j] == ':' && at(text, j+1) == ':' || text[j] == ':' && text[j-1] == ':' ||
				text[j] == '[' && at(text, j+1) == ']' || text[j] == ']' && text[j-1] == '[' || text[j] == '&' || text[j] == '*' || text[j] == '@') {
				j++
			}
			p.hi = max(p.hi, j+2)
			if j == limit && j < len(text) {
				p.start = i
				return p.plain()
			}
			c := at(text, j)
			switch {
			case is(c, quoteByte) && j-i <= 3 && c != '`':
				i = j
				b = c
				continue
			case c == ' ' && j-i == 3 && string(text[i:j]) == "new" && isAlpha(at(text, j+1)):
				p.facts |= atNew
				i = j + 1
				b = at(text, i)
				continue
			case c == '{':
				if d := skip(text, j+1); isDigit(at(text, d)) && (has(text[i:j], "byte") || has(text[i:j], "uint8") || has(text[i:j], "char")) {
					return p.numbers(d)
				}
				p.start = i
				return p.plain()
			case c == '[' && p.facts&atNew != 0:
				// new byte[16] {1, 2 ...
				k := j
				for k < j+8 && at(text, k) != ']' {
					k++
				}
				k = skip(text, k+1)
				if d := skip(text, k+1); at(text, k) == '{' && isDigit(at(text, d)) {
					return p.numbers(d)
				}
				return false
			case c == '(':
				k := skip(text, j+1)
				d := at(text, k)
				p.hi = max(p.hi, k+2)
				if is(d, quoteByte) || d == '@' && at(text, k+1) == '"' || isAlpha(d) && j-i > 0 {
					p.facts |= atCalled
					if lookupCall(text[i:j]) {
						p.facts |= atLookup
						return false
					}
					p.wrapper = [2]int{i, j}
					if is(d, quoteByte) || d == '@' {
						i = k
						b = d
						continue
					}
					// String(b"..."), new String(Base64.decode("
					i = k
					b = d
					continue
				}
				return false
			default:
				if p.facts&(atCalled|atNew) != 0 {
					return false
				}
				p.start = i
				return p.plain()
			}
		default:
			if p.facts&(atCalled|atNew) != 0 {
				return false
			}
			p.start = i
			return p.plain()
		}
	}
	return false
}

// lookupCall tells calls that fetch a value by name from those that wrap one.
func lookupCall(f []byte) bool {
	for i := len(f) - 1; i > 0; i-- { // last part of a path
		if f[i] == '.' || f[i] == ':' {
			if len(f)-i > 2 {
				f = f[i+1:]
			}
			break
		}
	}
	for _, w := range [...]string{"get", "env", "fetch", "find", "lookup", "load", "read", "param", "config", "prompt", "input",
		"query", "select", "translate", "gettext", "label", "field", "column", "format", "require", "import", "open", "sprintf", "resolve",
		"property", "setting", "file", "path", "join", "exec", "option", "flag", "getopt", "describe", "import", "variable", "var(", "expect", "random",
		"regex", "pattern", "match", "replace", "locate", "xpath", "selector", "element", "cookie", "header", "arg", "symbol", "key"} {
		if has(f, w) {
			return true
		}
	}
	return len(f) == 1 && (f[0] == 't' || f[0] == '_' || f[0] == '$' || f[0] == 'q' || f[0] == 'i') || string(f) == "tr" || string(f) == "__"
}

// quoted reads a value from behind its opening quote.
func (p *parse) quoted(i int) bool {
	text := p.text
	q := text[i-1]
	if q == '\\' {
		return false
	}
	p.quote = q
	p.start = i
	if at(text, i) == q && at(text, i+1) == q { // """ and '''
		i += 2
		p.start = i
	}
	limit := min(len(text), i+maxValue)
	if p.facts&atEscaped != 0 {
		for ; i < limit; i++ {
			switch b := text[i]; {
			case b == '\\':
				if at(text, i+1) == q {
					p.end = i
					p.hi = max(p.hi, i+2)
					return true
				}
				if at(text, i+1) == '\\' {
					i++
				}
			case b == '\n' || b == '"' && q == '"':
				return false
			}
		}
		return false
	}
	for ; i < limit; i++ {
		switch b := text[i]; {
		case b == q:
			if q == '\'' && at(text, i+1) == q && at(text, i+2) != q && isAlpha(at(text, i+2)) {
				i++ // SQL's doubled quote
				continue
			}
			p.end = i
			p.hi = max(p.hi, i+1)
			return true
		case b == '\\' && q != '`':
			i++
		case b == '\n':
			return false
		}
	}
	return false
}

// until reads a value up to a byte.
func (p *parse) until(stop byte) bool {
	limit := min(len(p.text), p.start+maxValue)
	for i := p.start; i < limit; i++ {
		if b := p.text[i]; b == stop {
			p.end = i
			p.hi = max(p.hi, i+1)
			return true
		} else if b == '\n' {
			return false
		}
	}
	return false
}

// plain reads a value without quotes. How far it goes depends on the form.
func (p *parse) plain() bool {
	text := p.text
	i := p.start
	limit := min(len(text), i+maxPlain)
	switch p.form {
	case element:
		for i < limit && text[i] != '<' && text[i] != '\n' {
			i++
		}
		if at(text, i) != '<' || at(text, i+1) != '/' && !fold(text, i, "<!") {
			return false
		}
	case assign, colon:
		// In an INI or .env file everything but blanks is value; in code
		// punctuation ends it. What begins the line decides.
		ini := p.facts&atLineStart != 0 && p.facts&atSpacesAround == 0 || p.form == colon && p.facts&atQuotedName == 0
		inURL := p.name.before == '?' || p.name.before == '&'
		inString := is(p.name.before, quoteByte) && p.facts&atQuotedName == 0 // "access_token=..."
		ini = ini || inString
		for i < limit {
			b := text[i]
			if b <= ' ' || b == '"' || b == '`' || b == '\\' || b == '\'' && (!ini || inString || i == p.start || !is(at(text, i+1), wordByte)) {
				break
			}
			if b == '&' && (inURL || inString || !ini) || b == '<' && !(i == p.start) {
				break
			}
			if is(b, endsPlain) && b < 0x80 {
				if ini && b != '|' && !inURL {
					// closing brackets and commas belong to the value only if
					// more of it follows
					if b == ',' || b == ';' || b == ')' || b == ']' || b == '}' || b == '>' {
						if c := at(text, i+1); c <= ' ' || c == '"' || c == '\'' || c == '`' || c == ',' || c == ';' || c == ')' || c == ']' || c == '}' {
							if !(b == '>' && text[p.start] == '<' || b == '}' && opened(text[p.start:i], '{') || b == ')' && opened(text[p.start:i], '(') || b == ']' && opened(text[p.start:i], '[')) {
								break
							}
						}
					}
				} else if !(b == '>' && text[p.start] == '<' || b == '}' && opened(text[p.start:i], '{')) {
					break
				}
			}
			i++
		}
	default:
		for i < limit {
			b := text[i]
			if b <= ' ' || is(b, quoteByte) || b == '\\' {
				break
			}
			if is(b, endsPlain) && b < 0x80 && b != '>' && b != ']' && b != '|' {
				break
			}
			if b == '&' && p.form != option {
				break
			}
			i++
		}
	}
	if i == limit && i < len(text) {
		return false
	}
	p.end = i
	p.hi = max(p.hi, i+1)
	return p.end > p.start
}

func opened(s []byte, bracket byte) bool {
	for _, b := range s {
		if b == bracket {
			return true
		}
	}
	return false
}

// numbers reads a list of bytes written as numbers: {0x1f, 0x8b or [31, 139.
func (p *parse) numbers(i int) bool {
	text := p.text
	p.start = i
	limit := min(len(text), i+maxValue)
	count := 0
	for i < limit {
		j := i
		for j < limit && (isHex(text[j]) || text[j] == 'x' || text[j] == 'X') {
			j++
		}
		if j == i || j-i > 4 {
			break
		}
		count++
		i = skip(text, j)
		if at(text, i) != ',' {
			break
		}
		i = skip(text, i+1)
	}
	p.hi = max(p.hi, i+1)
	if count < 8 {
		return false
	}
	p.form, p.end = numbers, i
	for p.end > p.start && !isHex(text[p.end-1]) {
		p.end--
	}
	return true
}
