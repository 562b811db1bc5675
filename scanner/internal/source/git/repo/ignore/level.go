package ignore

import (
	"strings"
)

// maxPatterns bounds the patterns taken of one file.
const maxPatterns = 100_000

// level is the patterns of one file. A pattern's number is its place in the
// file: the highest that matches decides.
type level struct {
	// base is the length of the path of the directory the patterns are
	// relative to, with its slash.
	base int
	fold bool

	// names and suffixes hold the patterns that look at the last segment
	// alone: "config.log", "*.o" (keyed by what follows the last dot).
	names, suffixes map[string][]rule
	// paths holds those without wildcards that look at the whole path below
	// the file's directory: "/git-add", "doc/tags".
	paths map[string][]rule
	// others are tried one by one, the last first.
	others []otherRule
}

type rule struct {
	n       int
	negated bool
	dirOnly bool
}

type otherRule struct {
	rule
	segs     glob
	baseOnly bool // no slash: matches the last segment
}

// parseLevel reads the text of one .gitignore; nil if it holds no pattern.
func parseLevel(text string, base int, fold bool) *level {
	l := &level{base: base, fold: fold, names: map[string][]rule{}, suffixes: map[string][]rule{}, paths: map[string][]rule{}}
	text = strings.TrimPrefix(text, "\ufeff")
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		if n++; n > maxPatterns {
			break
		}
		l.add(n, trimBlanks(line))
	}
	if len(l.names)+len(l.suffixes)+len(l.paths)+len(l.others) == 0 {
		return nil
	}
	return l
}

// trimBlanks drops trailing blanks that no backslash protects.
func trimBlanks(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
		case '\\':
			i++
			end = min(i+1, len(s))
		default:
			end = i + 1
		}
	}
	return s[:end]
}

func (l *level) add(n int, pat string) {
	r := rule{n: n}
	if strings.HasPrefix(pat, "!") {
		r.negated = true
		pat = pat[1:]
	}
	if strings.HasSuffix(pat, "/") {
		r.dirOnly = true
		pat = pat[:len(pat)-1]
	}
	baseOnly := !strings.Contains(pat, "/")
	pat = strings.TrimPrefix(pat, "/")
	if pat == "" {
		return
	}
	if !baseOnly {
		// "**/name" looks at the last segment alone.
		if rest, ok := strings.CutPrefix(pat, "**/"); ok && rest != "" && !strings.Contains(rest, "/") {
			baseOnly, pat = true, rest
		}
	}
	if baseOnly {
		if plain, ok := unescape(pat); ok {
			plain = l.key(plain)
			l.names[plain] = append(l.names[plain], r)
			return
		}
		if ext, ok := strings.CutPrefix(pat, "*."); ok {
			if plain, ok := unescape(ext); ok && !strings.Contains(plain, ".") {
				plain = l.key(plain)
				l.suffixes[plain] = append(l.suffixes[plain], r)
				return
			}
		}
		l.others = append(l.others, otherRule{rule: r, segs: glob{pat}, baseOnly: true})
		return
	}
	if plain, ok := unescape(pat); ok {
		plain = l.key(plain)
		l.paths[plain] = append(l.paths[plain], r)
		return
	}
	l.others = append(l.others, otherRule{rule: r, segs: splitGlob(pat)})
}

func (l *level) key(s string) string {
	if l.fold {
		return lowerASCII(s)
	}
	return s
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r | 0x20
		}
		return r
	}, s)
}

// unescape gives the plain name a pattern without wildcards stands for.
func unescape(pat string) (string, bool) {
	if !strings.ContainsAny(pat, `*?[\`) {
		return pat, true
	}
	if strings.ContainsAny(pat, "*?[") {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(pat); i++ {
		if pat[i] == '\\' {
			if i++; i == len(pat) {
				return "", false
			}
		}
		b.WriteByte(pat[i])
	}
	return b.String(), true
}

// verdict of one level: nothing said, ignored, or taken in again.
type verdict int8

const (
	silent verdict = iota
	ignored
	included
)

// judge says what the last matching pattern of the level says of path, whose
// last segment is name.
func (l *level) judge(path, name string, isDir bool) verdict {
	best := 0
	v := silent
	try := func(rules []rule) {
		for i := len(rules) - 1; i >= 0; i-- {
			r := rules[i]
			if r.n < best {
				return
			}
			if r.dirOnly && !isDir {
				continue
			}
			best, v = r.n, r.says()
			return
		}
	}
	key := l.key(name)
	try(l.names[key])
	if len(l.suffixes) > 0 {
		if dot := strings.LastIndexByte(key, '.'); dot >= 0 {
			try(l.suffixes[key[dot+1:]])
		}
	}
	if len(l.paths) > 0 {
		try(l.paths[l.key(path[l.base:])])
	}
	for i := len(l.others) - 1; i >= 0; i-- {
		o := &l.others[i]
		if o.n < best {
			break
		}
		if o.dirOnly && !isDir {
			continue
		}
		if o.baseOnly && matchSegment(o.segs[0], name, l.fold) || !o.baseOnly && o.segs.match(path[l.base:], l.fold) {
			return o.says()
		}
	}
	return v
}

func (r rule) says() verdict {
	if r.negated {
		return included
	}
	return ignored
}
