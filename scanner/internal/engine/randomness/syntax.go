package randomness

import "bytes"

// Syntax names the language that s is written in, if it describes values rather
// than being one: the regular expression of a rule or of a check on a form, a
// template with double braces. It is for values that a rule of any form found;
// Placeholder asks it too.
func Syntax(s []byte) (reason string, ok bool) {
	if len(s) > maxMeasured {
		s = s[:maxMeasured]
	}
	for i, b := range s {
		switch b {
		case '{', '[', '(', ']', ')', '\\', '^':
			switch rest := s[i:]; {
			case b == '{' && len(rest) > 4 && rest[1] == '{' && bytes.Contains(rest[2:], []byte("}}")):
				return "template", true
			case regexAt(rest), i == 0 && b == '^' && anchored(s):
				return "regular expression", true
			}
		}
	}
	return "", false
}

// regexAt tells whether s begins with what hardly anything but a regular
// expression has: a class with a range, a group with a mark, a quantifier in
// braces behind a class or a group, a quantified escape.
func regexAt(s []byte) bool {
	if len(s) < 3 {
		return false
	}
	switch s[0] {
	case '[':
		i := 1
		if s[i] == '^' {
			i++
		}
		if i+2 >= len(s) || s[i+1] != '-' || classOf[s[i]] != classOf[s[i+2]] || s[i] >= s[i+2] {
			return false
		}
		switch classOf[s[i]] {
		case lower, upper, digit:
			return bytes.IndexByte(s[i+3:], ']') >= 0
		}
	case '(':
		return s[1] == '?' && bytes.IndexByte([]byte(":=!<iPmsx"), s[2]) >= 0
	case ']', ')':
		return quantifier(s[1:])
	case '\\':
		i := 1
		if s[i] == '\\' { // in a string literal
			i++
		}
		if i+1 >= len(s) {
			return false
		}
		switch s[i] {
		case 'd', 'D', 'w', 'W', 's', 'S':
			return s[i+1] == '+' || s[i+1] == '*' || quantifier(s[i+1:])
		case 'b', 'A':
			return s[i+1] == '[' || s[i+1] == '('
		}
	}
	return false
}

// quantifier tells whether s begins with {n}, {n,} or {n,m}.
func quantifier(s []byte) bool {
	if len(s) < 2 || s[0] != '{' || classOf[s[1]] != digit {
		return false
	}
	i := 2
	for i < len(s) && (classOf[s[i]] == digit || s[i] == ',') {
		i++
	}
	return i == len(s) || s[i] == '}'
}

// anchored tells whether s, which begins with ^, is a regular expression of all
// of a text: it ends with $, and between has what a regular expression needs.
func anchored(s []byte) bool {
	return len(s) > 3 && s[len(s)-1] == '$' &&
		(bytes.ContainsAny(s, `[(`) || bytes.Contains(s, []byte(".*")) || bytes.Contains(s, []byte(".+")) || bytes.Contains(s, []byte(`\`)))
}
