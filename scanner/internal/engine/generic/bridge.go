package generic

func skip(text []byte, i int) int {
	limit := min(len(text), i+maxBlanks)
	for i < limit && is(text[i], spaceByte) {
		i++
	}
	return i
}

// bridge reads what joins the name to its value, from the end of the name, and
// leaves p.start at the value's first byte (inside the quotes). It is called
// for every hit, so it looks at the next bytes first.
func (p *parse) bridge(i int) bool {
	text := p.text
	b := at(text, i)
	if !is(b, openByte) {
		return false
	}
	nameQuoted, escaped := false, false
	if b == '\\' {
		if q := at(text, i+1); q == '"' || q == '\'' {
			escaped, nameQuoted = true, true
			i += 2
			b = at(text, i)
		} else {
			return false
		}
	} else if is(b, quoteByte) {
		nameQuoted = true
		i++
		b = at(text, i)
	} else if b == '&' {
		if fold(text, i, "&quot;") {
			nameQuoted = true
			i += 6
			b = at(text, i)
		} else {
			return false
		}
	}
	for b == ']' || b == '*' || nameQuoted && b == ')' {
		i++
		b = at(text, i)
	}
	if b == ')' { // string(name) == "value"
		j := skip(text, i+1)
		if c := at(text, j); (c != '=' && c != '!') || at(text, j+1) != '=' {
			return false
		}
		i = j
		b = at(text, i)
	}
	blanks := 0
	if is(b, spaceByte) {
		j := skip(text, i)
		blanks = j - i
		i = j
		b = at(text, i)
	}
	if nameQuoted {
		p.facts |= atQuotedName
	}
	if escaped {
		p.facts |= atEscaped
	}
	switch b {
	case 0xEF:
		switch wide(text, i) {
		case ':':
			p.form = colon
		case '=':
			p.form = assign
		default:
			return false
		}
		i += 3
	case '=':
		p.form = assign
		switch at(text, i+1) {
		case '>':
			p.form = arrow
			i += 2
		case '=':
			p.form = compare
			i += 2
			if at(text, i) == '=' {
				i++
			}
		default:
			if nameQuoted && blanks == 0 && at(text, i+1) != ' ' && !is(at(text, i+1), quoteByte) && !wordBefore(text, p.name.start) {
				// x="password"=...: no such syntax
			}
			i++
		}
	case ':':
		p.form = colon
		switch at(text, i+1) {
		case '=':
			p.form = assign
			i += 2
		case '-', '+':
			if at(text, p.name.start-1) == '{' || !is(at(text, i+2), spaceByte) {
				p.form = fallback
			}
			i += 2
		case ':':
			if is(at(text, i+2), spaceByte) {
				i += 2 // LDIF
			} else if j := i + 2; at(text, j) == '=' || at(text, j) == ':' && at(text, j+1) == '=' {
				p.form = assign // ::= and :::=
				i = j + 1
				if text[j] == ':' {
					i++
				}
			} else {
				return false
			}
		case '/':
			return false // scheme://
		default:
			i++
		}
		if p.form == colon {
			if j := p.typedAssign(i); j > 0 {
				p.form = assign
				p.facts |= atTyped
				i = j
			}
		}
	case '!':
		if at(text, i+1) != '=' {
			return false
		}
		p.form = compare
		i += 2
		if at(text, i) == '=' {
			i++
		}
	case '|', '?':
		switch {
		case at(text, i+1) == b: // || and ??
			p.form = fallback
			i += 2
			if c := at(text, i); c == '=' || c == ':' {
				i++
			}
		case b == '?' && at(text, i+1) == '=':
			p.form = assign
			i += 2
		case b == '?' && at(text, i+1) == ':':
			p.form = colon
			i += 2
			if j := p.typedAssign(i); j > 0 {
				p.form = assign
				p.facts |= atTyped
				i = j
			} else {
				return false
			}
		default:
			return false
		}
	case '+', '~', '.':
		if at(text, i+1) != '=' {
			return false
		}
		p.form = assign
		i += 2
	case ',':
		if !nameQuoted && at(text, p.name.start-1) != ':' {
			return false
		}
		p.form = pair
		i++
	case '(':
		if nameQuoted {
			return false
		}
		p.form = call
		i++
	case '-':
		if at(text, i+1) == '>' {
			p.form = arrow
			i += 2
		} else if blanks > 0 && fold(text, i, "-string ") {
			p.form = spaced
			i += 8
		} else if blanks > 0 && fold(text, i, "-asplaintext ") {
			p.form = spaced
			i += 13
		} else {
			return false
		}
	case '<':
		if at(text, i+1) == '-' {
			p.form = assign
			i += 2
		} else if at(text, i+1) == '=' {
			p.form = compare
			i += 2
		} else if fold(text, i, "</key><string>") {
			p.form = element
			i += len("</key><string>")
		} else if fold(text, i, "</name><value>") {
			p.form = element
			i += len("</name><value>")
		} else {
			return false
		}
	case '>':
		p.form = element
		i++
	case '"', '\'', '`':
		if nameQuoted || blanks == 0 {
			return false
		}
		p.form = spaced
	case '#':
		if at(text, i+1) == '0' && at(text, i+2) == '=' {
			return false // translation catalogues
		}
		return false
	default:
		if blanks == 0 {
			return false
		}
		switch {
		case nameQuoted && (fold(text, i, "value=") || fold(text, i, "value =")):
			p.form = attribute
			i += 6
			if text[i-1] == ' ' {
				i++
			}
		case fold(text, i, "or ") || fold(text, i, "to eq ") || fold(text, i, "is "):
			return false
		case nameQuoted:
			return false
		default:
			if j := p.typedSpace(i); j > 0 {
				p.form = assign
				p.facts |= atTyped
				i = j
				break
			}
			p.form = spaced
		}
	}
	j := skip(text, i)
	if blanks > 0 && j > i {
		p.facts |= atSpacesAround
	}
	p.start = j
	return true
}

func wordBefore(text []byte, i int) bool { return is(at(text, i-1), wordByte) }

// typedAssign reads a type between a colon and an equals sign, as in
// "name: string | undefined = ", and returns what comes after it, or 0.
func (p *parse) typedAssign(i int) int {
	text := p.text
	i = skip(text, i)
	limit := min(len(text), i+40)
	j := i
	for j < limit {
		b := text[j]
		if !is(b, wordByte) && b != '.' && b != '<' && b != '>' && b != '[' && b != ']' && b != '|' && b != '?' && b != '&' && b != ' ' && b != '\'' {
			break
		}
		j++
	}
	p.hi = max(p.hi, j+2)
	if j > i && at(text, j) == '=' && at(text, j+1) == ' ' && text[j-1] == ' ' && (isAlpha(text[i]) || text[i] == '&') {
		return j + 1
	}
	return 0
}

// typedSpace reads a type between a blank and an equals sign, as in
// "name string = " or "name varchar(20) = ".
func (p *parse) typedSpace(i int) int {
	text := p.text
	limit := min(len(text), i+32)
	j := i
	for j < limit && (is(text[j], wordByte) || text[j] == '*' || text[j] == '.' || text[j] == '[' || text[j] == ']') {
		j++
	}
	if j == i {
		return 0
	}
	k := skip(text, j)
	p.hi = max(p.hi, k+2)
	if k > j && at(text, k) == '=' && at(text, k+1) == ' ' {
		return k + 1
	}
	return 0
}
