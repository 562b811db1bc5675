package generic

// form is the syntax that joins a name and its value.
type form uint8

const (
	noForm     form = iota
	assign          // name = value
	colon           // name: value
	arrow           // name => value
	compare         // name == value
	fallback        // name || value, ${name:-value}
	pair            // "name", value
	call            // name("value")
	element         // <name>value</name>
	attribute       // name="name" value="value"
	option          // --name value
	optionEq        // --name=value
	spaced          // name value (netrc, ENV, PASSWORD 'value')
	query           // ?name=value&
	connection      // ;name=value;
	listed          // name = ["value", ...]
	urlUser         // scheme://user:value@host
	header          // Bearer value
	basicAuth       // Basic base64(user:value)
	sqlBy           // IDENTIFIED BY 'value'
	shortOpt        // mysql -pvalue, curl -u user:value
	jwkMember       // "d": "value"
	numbers         // name = {1, 2, 3 ...
	derKey          // a private key in base64, recognised by its first bytes
	unkeyed         // no name
	formCount
)

var formNames = [...]string{"", "assignment", "name and colon", "arrow", "comparison", "default value", "pair of arguments",
	"call", "XML element", "XML attribute", "option of a command", "option of a command with =", "name and space",
	"parameter of a URL", "part of a connection string", "list", "user part of a URL", "authorisation header",
	"Basic authorisation", "IDENTIFIED BY", "short option of a command", "member of a JSON Web Key", "list of numbers", "private key", "no name"}

// Facts about the surroundings of a value.
const (
	atQuotedName   = 1 << iota // "name": ...
	atPhrase                   // the name is the end of a longer string: "my password" = ...
	atTyped                    // var name string = ...
	atCalled                   // = wrap("value")
	atNew                      // = new Type("value")
	atLookup                   // = getenv("value")
	atJoined                   // = "value" + ...
	atComment                  // # name = value
	atLineStart                // nothing but blanks before the name
	atEscaped                  // \"name\":\"value\"
	atSpacesAround             // name = value, with blanks on both sides
	atLineEnd                  // nothing after the value
	atSemicolon                // value;
	atComma                    // value,
	atOpenParen                // value(
	atMember                   // self.name, $this->name
	atDeclared                 // const name, let name, String name
	atCloser                   // value ) or ] or }
	atProse                    // words before the name on its line
	atMore                     // more words follow an unquoted value
	surroundFacts  = iota
)

// parse is one attempt at one hit. It lives on the stack.
type parse struct {
	text     []byte
	name     name
	form     form
	facts    uint32
	quote    byte // the quote around the value, 0 if there is none
	scheme   uint8
	start    int // of the value
	end      int
	lo, hi   int // every byte looked at lies in [lo, hi)
	whole    int // start of the match
	wholeEnd int
	wrapper  [2]int // the name of the call around the value
	context  int    // where the words before the name begin, as far as looked at
}

const (
	maxBlanks = 48   // blanks between name, operator and value
	maxValue  = 4096 // longest value between quotes
	maxPlain  = 512  // longest value without quotes
)

// MaxLeft and MaxRight bound what Match looks at to either side of a hit's
// first byte.
const (
	MaxLeft  = 512
	MaxRight = maxName + 6*maxBlanks + maxValue + 256
)

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
			if at(text, i) == '=' {
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
	case '+', '~':
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
