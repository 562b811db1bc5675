package generic

// shape is what a value looks like to a reader of code.
type shape uint8

const (
	rejected    shape = iota
	plainWord         // letters only, one case (or capitalised)
	camelWord         // camelCase, PascalCase
	constWord         // UPPER_CASE
	snakeWord         // lower_case or dashed-lower-case
	dottedPath        // a.b.c: property path, host, package, file
	slashPath         // /usr/lib, a/b
	urlShape          // scheme://
	sentence          // words and blanks
	numberShape       // digits, maybe with dots
	uuidShape         // 8-4-4-4-12
	hexShape          // hexadecimal with digits and letters
	wordDigits        // letters and then digits: admin123
	mixedShape        // letters and digits otherwise
	punctShape        // anything with other punctuation
	base64Shape       // letters, digits and + / =
	dashedMixed       // letters, digits, - and _
	foreignText       // bytes beyond ASCII
	formatShape       // %s, {0}
	emailShape        // an address
	byteList          // numbers with commas
	shapeCount
)

var shapeNames = [...]string{"nothing", "a plain word", "a camelCase word", "an UPPER_CASE name", "words with _ or -", "a dotted path", "a path",
	"a URL", "a sentence", "a number", "a UUID", "hexadecimal", "a word and digits", "letters and digits mixed", "a string with punctuation", "base64",
	"letters and digits with _ or -", "text beyond ASCII", "a format", "an e-mail address", "a list of numbers"}

// shapeOf classifies a value and turns down what is a reference to a value
// rather than one: variables, calls, templates.
func shapeOf(v []byte, p *parse) shape {
	var lowers, uppers, digits, dashes, dots, slashes, plus, blanks, others, high, ats, changes int
	for i, b := range v {
		switch {
		case isLower(b):
			lowers++
		case isUpper(b):
			uppers++
		case isDigit(b):
			digits++
			if i > 0 && isAlpha(v[i-1]) {
				changes++
			}
		case b == '_' || b == '-':
			dashes++
		case b == '.':
			dots++
		case b == '/':
			slashes++
		case b == '+' || b == '=' && i+2 >= len(v):
			plus++
		case b == ' ' || b == '\t':
			blanks++
		case b >= 0x80:
			high++
		case b == '@':
			ats++
			others++
		case b < ' ':
			return rejected
		default:
			others++
		}
	}
	n := len(v)
	a := v[0]
	letters := lowers + uppers
	if p.quote == 0 {
		// without quotes: code
		switch a {
		case '$', '{', '<', '(', '[', '&', '*', '%', '!', '|', '>', '~', '#', ',', ')', ']', '}', ';', ':', '=', '?':
			if a == '{' || a == '<' || a == '(' || a == '[' || a == ')' || a == ']' || a == '}' || a == ',' || a == ';' || a == '|' || a == '=' || a == '>' || n < 8 {
				return rejected
			}
			if a == '$' && n > 1 && (isAlpha(v[1]) || v[1] == '_' || v[1] == '{' || v[1] == '(') && !sealed(v) {
				return rejected
			}
			if a == '&' || a == '*' || a == '!' || a == '%' || a == ':' || a == '#' {
				if letters == n-1 || lowers+uppers+dashes+dots == n-1 || a == '%' && v[n-1] == '%' {
					return rejected
				}
			}
		}
		if p.facts&(atOpenParen|atJoined) != 0 && p.form != urlUser && p.form != header && p.form != basicAuth && p.form != shortOpt {
			return rejected
		}
		switch p.form {
		case call, pair, arrow, listed:
			if !isDigit(a) {
				return rejected // a variable
			}
		case assign, colon, compare, fallback:
			if p.facts&atSpacesAround != 0 || p.form == colon || p.form == compare {
				for i := 1; i < n; i++ {
					if (v[i] == '[' || v[i] == '(') && is(v[i-1], wordByte) && lowers+uppers+dashes > digits*2 {
						return rejected // an index or a call
					}
				}
			}
		}
		if n <= 9 && keywordValue(v) {
			return rejected
		}
	}
	if templated(v) || p.quote != 0 && joins(v) {
		return rejected
	}
	switch {
	case p.form == numbers:
		return byteList
	case blanks > 0 && p.quote == 0:
		return rejected
	case hasScheme(v):
		return urlShape
	case blanks > 0:
		if blanks == 1 && letters+digits+dashes+blanks == n && n > 8 && n < 40 {
			return sentence
		}
		return sentence
	case high > 0:
		return foreignText
	case n == 36 && v[8] == '-' && v[13] == '-' && v[18] == '-' && v[23] == '-' && dashes == 4 && others+dots+slashes+plus == 0:
		return uuidShape
	case digits == n || digits+dots == n || digits+dashes == n:
		return numberShape
	case formatted(v):
		return formatShape
	case ats == 1 && dots > 0 && others == 1 && slashes == 0 && plus <= 1 && n < 80 && p.form != urlUser && tailDomain(v):
		return emailShape
	case letters == n:
		if uppers == 0 || lowers == 0 || uppers == 1 && isUpper(a) {
			return plainWord
		}
		return camelWord
	case a == '/' && lowers > digits, a == '.' && (n > 1 && (v[1] == '/' || v[1] == '.')), slashes > 0 && lowers > 2*(digits+uppers) && plus == 0:
		if others == 0 {
			return slashPath
		}
		return punctShape
	case dots > 0 && others == 0 && slashes == 0 && digits*4 <= n && plus == 0:
		return dottedPath
	case others > 0:
		return punctShape
	case plus+slashes > 0:
		return base64Shape
	case dots > 0:
		return dashedMixed
	case dashes > 0 && digits == 0:
		if lowers == 0 {
			return constWord
		}
		return snakeWord
	case dashes > 0:
		return dashedMixed
	}
	hex := true
	for _, b := range v {
		if !isHex(b) {
			hex = false
			break
		}
	}
	if hex && (uppers == 0 || lowers == 0) && n >= 8 {
		return hexShape
	}
	if changes == 1 && isDigit(v[n-1]) && isAlpha(a) && digits <= 4 {
		return wordDigits
	}
	return mixedShape
}

// keywordValue recognises constants of languages and types.
func keywordValue(v []byte) bool {
	switch string(v) {
	case "null", "NULL", "nil", "none", "None", "true", "false", "True", "False", "TRUE", "FALSE", "undefined", "string", "String", "int", "bool", "boolean",
		"str", "bytes", "byte", "char", "void", "var", "this", "self", "nullptr", "object", "Object", "any", "number", "function", "func", "lambda", "new",
		"long", "text", "required", "optional", "yes", "no", "Optional", "varchar", "integer", "required:", "return", "await", "async", "not", "and", "the", "uint8", "int64", "uint64", "int32":
		return true
	}
	return false
}

// templated recognises references that a template engine or shell fills in.
func templated(v []byte) bool {
	for i := 0; i+1 < len(v); i++ {
		switch v[i] {
		case '$':
			if c := v[i+1]; c == '{' || c == '(' || c == '[' {
				return true
			} else if i == 0 && (isAlpha(c) || c == '_') {
				// "$name" alone
				j := i + 2
				for j < len(v) && (is(v[j], wordByte) || v[j] == '.' || v[j] == '[' || v[j] == ']' || v[j] == '-' || v[j] == '>') {
					j++
				}
				if j == len(v) && v[0] == '$' && (v[1] != '2' && v[1] != '1') {
					return true
				}
			}
		case '{':
			if c := v[i+1]; c == '{' || c == '%' {
				return true
			}
			if i == 0 && v[len(v)-1] == '}' && !sealed(v) {
				return true
			}
		case '#':
			if v[i+1] == '{' {
				return true
			}
		case '<':
			if v[i+1] == '%' || i == 0 && v[len(v)-1] == '>' {
				return true
			}
		case '%':
			if i == 0 && v[len(v)-1] == '%' && len(v) > 3 {
				return true
			}
			if v[i+1] == '(' && i == 0 {
				return true
			}
		case '\\':
			if v[i+1] == '(' {
				return true // Swift
			}
		case '[':
			if i == 0 && v[len(v)-1] == ']' {
				return true
			}
		case '*':
			if i+2 < len(v) && v[i+1] == '*' && v[i+2] == '*' {
				return true
			}
		}
	}
	return false
}

// formatted recognises printf and other formats.
func formatted(v []byte) bool {
	for i := 0; i+1 < len(v); i++ {
		switch v[i] {
		case '%':
			if c := v[i+1]; (c == 's' || c == 'd' || c == 'v' || c == '@' || c == 'q' || c == 'x') && (i+2 == len(v) || !is(v[i+2], wordByte)) {
				return true
			}
		case '{':
			j := i + 1
			for j < len(v) && is(v[j], wordByte) {
				j++
			}
			if j < len(v) && v[j] == '}' && j-i < 32 {
				return true
			}
		}
	}
	return false
}

func tailDomain(v []byte) bool {
	i := len(v)
	for i > 0 && isLower(v[i-1]) {
		i--
	}
	n := len(v) - i
	return i > 0 && v[i-1] == '.' && n >= 2 && n <= 6
}

// joins tells a value that is in truth the code between two strings, as in
// "PASSWORD '" + p + "'".
func joins(v []byte) bool {
	a, z := 0, len(v)
	for a < z && (is(v[a], quoteByte) || v[a] == ' ') {
		a++
	}
	for a < z && (is(v[z-1], quoteByte) || v[z-1] == ' ') {
		z--
	}
	return a > 0 && z < len(v) && z-a >= 3 && (v[a] == '+' && v[z-1] == '+' || v[a] == '.' && v[z-1] == '.' || v[a] == '&' && v[z-1] == '&')
}
