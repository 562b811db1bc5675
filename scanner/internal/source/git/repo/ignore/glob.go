package ignore

import "strings"

// glob is a pattern split at its slashes. "**" standing alone is any number of
// segments.
type glob []string

// splitGlob cuts a pattern at slashes that stand outside of a class.
func splitGlob(pattern string) glob {
	var segs glob
	start := 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			if i+1 < len(pattern) && pattern[i+1] == '/' {
				segs = append(segs, pattern[start:i])
				start = i + 2
			}
			i++
		case '[':
			if end := classEnd(pattern, i); end > 0 {
				i = end - 1
			}
		case '/':
			segs = append(segs, pattern[start:i])
			start = i + 1
		}
	}
	segs = append(segs, pattern[min(start, len(pattern)):])
	// Three stars are two, and "a/**/**/b" is "a/**/b".
	out := segs[:0]
	for _, s := range segs {
		if len(s) > 2 && strings.Trim(s, "*") == "" {
			s = "**"
		}
		if s == "**" && len(out) > 0 && out[len(out)-1] == "**" {
			continue
		}
		out = append(out, s)
	}
	return out
}

// match tells whether path, slash-separated and without empty segments,
// matches. A last "**" wants at least one segment. Only the latest "**" is
// ever tried again: what stands before it has matched as early as it can.
func (g glob) match(path string, fold bool) bool {
	gi := 0
	starG, starP := -1, ""
	more := true // path holds a segment still to be matched
	for {
		if gi < len(g) && g[gi] == "**" {
			if gi == len(g)-1 {
				return more
			}
			gi++
			starG, starP = gi, path
			continue
		}
		if !more {
			return gi == len(g)
		}
		if gi < len(g) {
			seg, rest, cut := strings.Cut(path, "/")
			if matchSegment(g[gi], seg, fold) {
				gi++
				path, more = rest, cut
				continue
			}
		}
		if starG < 0 {
			return false
		}
		_, rest, cut := strings.Cut(starP, "/")
		if !cut {
			return false
		}
		gi, path, more, starP = starG, rest, true, rest
	}
}

// matchSegment matches one name against one segment of a pattern: * ? [] and
// backslash. Only the latest star is ever tried again, so the time is bounded
// by the product of the two lengths.
func matchSegment(pat, name string, fold bool) bool {
	pi, ni := 0, 0
	starP, starN := -1, 0
	for ni < len(name) || pi < len(pat) {
		if pi < len(pat) {
			if pat[pi] == '*' {
				for pi < len(pat) && pat[pi] == '*' {
					pi++
				}
				if pi == len(pat) {
					return true
				}
				starP, starN = pi, ni
				continue
			}
			if ni < len(name) {
				if w := matchOne(pat, pi, name[ni], fold); w > 0 {
					pi += w
					ni++
					continue
				}
			}
		}
		if starP < 0 || starN >= len(name) {
			return false
		}
		starN++
		pi, ni = starP, starN
	}
	return true
}

// matchOne matches one byte against the pattern at i, and gives the width of
// what it matched there, or 0.
func matchOne(pat string, i int, c byte, fold bool) int {
	switch pat[i] {
	case '?':
		return 1
	case '[':
		end := classEnd(pat, i)
		if end < 0 {
			return 0 // no closing bracket: git matches nothing
		}
		if inClass(pat[i+1:end-1], c, fold) {
			return end - i
		}
		return 0
	case '\\':
		if i+1 == len(pat) {
			return 0
		}
		if same(pat[i+1], c, fold) {
			return 2
		}
		return 0
	}
	if same(pat[i], c, fold) {
		return 1
	}
	return 0
}

// classEnd gives the index after the bracket that closes the class at i, or -1.
func classEnd(pat string, i int) int {
	i++
	if i < len(pat) && (pat[i] == '!' || pat[i] == '^') {
		i++
	}
	for first := true; i < len(pat); first = false {
		switch {
		case pat[i] == ']' && !first:
			return i + 1
		case pat[i] == '\\':
			i += 2
		case strings.HasPrefix(pat[i:], "[:"):
			if end := strings.Index(pat[i+2:], ":]"); end >= 0 && isWord(pat[i+2:i+2+end]) {
				i += end + 4
			} else {
				i++
			}
		default:
			i++
		}
	}
	return -1
}

func isWord(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// inClass tells whether c is in the class whose inside is body.
func inClass(body string, c byte, fold bool) bool {
	negated := false
	if body != "" && (body[0] == '!' || body[0] == '^') {
		negated = true
		body = body[1:]
	}
	found := false
	for i := 0; i < len(body); {
		if strings.HasPrefix(body[i:], "[:") {
			if end := strings.Index(body[i+2:], ":]"); end >= 0 && isWord(body[i+2:i+2+end]) {
				found = found || inNamed(body[i+2:i+2+end], c, fold)
				i += end + 4
				continue
			}
		}
		lo, w := classByte(body, i)
		i += w
		hi := lo
		if i+1 < len(body) && body[i] == '-' {
			hi, w = classByte(body, i+1)
			i += 1 + w
		}
		if lo <= c && c <= hi {
			found = true
		}
		if fold && isLetter(c) {
			if d := c ^ 0x20; lo <= d && d <= hi {
				found = true
			}
		}
	}
	return found != negated
}

func classByte(body string, i int) (b byte, width int) {
	if body[i] == '\\' && i+1 < len(body) {
		return body[i+1], 2
	}
	return body[i], 1
}

func inNamed(name string, c byte, fold bool) bool {
	lower := 'a' <= c && c <= 'z'
	upper := 'A' <= c && c <= 'Z'
	digit := '0' <= c && c <= '9'
	switch name {
	case "alpha":
		return lower || upper
	case "alnum":
		return lower || upper || digit
	case "digit":
		return digit
	case "lower":
		return lower || fold && upper
	case "upper":
		return upper || fold && lower
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r'
	case "blank":
		return c == ' ' || c == '\t'
	case "punct":
		return '!' <= c && c <= '~' && !lower && !upper && !digit
	case "cntrl":
		return c < ' ' || c == 0x7f
	case "print":
		return ' ' <= c && c <= '~'
	case "graph":
		return '!' <= c && c <= '~'
	case "xdigit":
		return digit || 'a' <= c|0x20 && c|0x20 <= 'f'
	}
	return false
}

func same(a, b byte, fold bool) bool {
	return a == b || fold && a^b == 0x20 && isLetter(a)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
