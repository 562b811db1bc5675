package engine

import (
	"regexp"
	"regexp/syntax"

	"github.com/leaksonde/leaksonde/rules/pattern"
)

// byteSet is a set of byte values.
type byteSet [4]uint64

func (s *byteSet) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

// element is one step of a sequence: a literal, or min to max bytes of a class.
type element struct {
	literal  string // lower case where fold
	fold     bool
	class    byteSet
	min, max int
}

// sequence is a pattern without choice: literals and classes in a row.
type sequence []element

// Bounds of what is compiled to sequences; anything beyond runs as a regexp.
const (
	maxSequences = 24
	maxElements  = 40
	// maxToken bounds the length in bytes of a token without a greatest length.
	maxToken = 8 << 10
)

// shape matches the pattern of a whole token at a given place.
type shape struct {
	sequences []sequence
	fallback  *regexp.Regexp // anchored, longest match; nil if there are sequences
	// first holds the bytes that a match can start with, last those that
	// would continue it.
	first   byteSet
	last    byteSet
	maxLen  int
	minLen  int
	literal int // bytes of fixed text every match has: the measure of specificity
	run     int // the longest piece of it: the dashes of a uuid tell nothing
}

func compileShape(expr string) (*shape, error) {
	re, err := pattern.Parse(expr)
	if err != nil {
		return nil, err
	}
	s := &shape{}
	s.minLen, s.maxLen = pattern.Bounds(re)
	if s.maxLen == pattern.Unbounded || s.maxLen > maxToken {
		s.maxLen = maxToken
	}
	if seqs, ok := sequencesOf(re); ok {
		s.sequences = seqs
		s.literal, s.run = 1<<20, 1<<20
		for _, q := range seqs {
			q.addFirst(&s.first)
			n, run := 0, 0
			for _, e := range q {
				n += len(e.literal)
				run = max(run, len(e.literal))
			}
			s.literal, s.run = min(s.literal, n), min(s.run, run)
			for _, e := range q[1:] {
				if e.literal == "-" {
					s.last.add('-') // groups joined by dashes: one more continues it
				}
			}
			for k := len(q) - 1; k >= 0 && q[k].literal == ""; k-- {
				for i, w := range q[k].class {
					s.last[i] |= w
				}
				if q[k].min > 0 {
					break // what stands before an optional end continues it too
				}
			}
		}
		return s, nil
	}
	s.fallback, err = regexp.Compile("^(?:" + expr + ")")
	if err != nil {
		return nil, err
	}
	s.fallback.Longest()
	s.first = byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	s.literal = 2
	for _, l := range pattern.Literals(re) {
		s.literal = max(s.literal, min(len(l.Text), 4))
	}
	s.run = s.literal
	return s, nil
}

// addFirst adds the bytes that a match of q can start with.
func (q sequence) addFirst(set *byteSet) {
	for i := range q {
		e := &q[i]
		if e.literal != "" {
			set.add(e.literal[0])
			if e.fold && isLower(e.literal[0]) {
				set.add(e.literal[0] - 'a' + 'A')
			}
			return
		}
		for k := range set {
			set[k] |= e.class[k]
		}
		if e.min > 0 {
			return
		}
	}
}

// fixedPrefix is the length of the literal that every match begins with.
func (s *shape) fixedPrefix() int {
	n := 0
	for k, q := range s.sequences {
		if k == 0 {
			n = len(q[0].literal)
		}
		n = min(n, len(q[0].literal))
	}
	return n
}

// match returns the end of the longest match that starts at i and ends at a
// boundary as told by ends; 0 if there is none. looked is raised to one beyond
// the last byte that the answer depended on: len(text)+1 if it depended on the
// text's end.
func (s *shape) match(text []byte, i int, ends endFunc, looked *int) int {
	if s.fallback != nil {
		*looked = max(*looked, i+s.maxLen+1)
		if m := s.fallback.FindIndex(text[i:min(len(text), i+s.maxLen+1)]); m != nil && ends(text, i+m[1]) {
			return i + m[1]
		}
		return 0
	}
	best := 0
	for _, q := range s.sequences {
		if end := q.match(text, i, ends, looked); end > best {
			best = end
		}
	}
	return best
}

// prefix is the length of the fixed text that token begins with.
func (s *shape) prefix(token []byte) int {
	best := 0
	for _, q := range s.sequences {
		if lit := q[0].literal; len(lit) > best && hasLiteral(token, 0, lit, q[0].fold) {
			best = len(lit)
		}
	}
	return best
}

// endFunc tells whether a token may end before i; it looks at text[i] alone.
type endFunc func(text []byte, i int) bool

// match tries the longest repetition of each class first.
func (q sequence) match(text []byte, i int, ends endFunc, looked *int) int {
	for n := range q {
		e := &q[n]
		if e.literal != "" {
			*looked = max(*looked, min(i+len(e.literal), len(text)+1))
			if !hasLiteral(text, i, e.literal, e.fold) {
				return 0
			}
			i += len(e.literal)
			continue
		}
		run := 0
		for limit := min(e.max, len(text)-i); run < limit && e.class.has(text[i+run]); {
			run++
		}
		*looked = max(*looked, i+run+1)
		if run < e.min {
			return 0
		}
		if e.min == e.max {
			i += run
			continue
		}
		rest := q[n+1:]
		if len(rest) == 0 {
			i += run
			break
		}
		for ; run >= e.min; run-- {
			if end := rest.match(text, i+run, ends, looked); end > 0 {
				return end
			}
		}
		return 0
	}
	*looked = max(*looked, i+1)
	if !ends(text, i) {
		return 0
	}
	return i
}

func hasLiteral(text []byte, i int, lit string, fold bool) bool {
	if i+len(lit) > len(text) {
		return false
	}
	for k := range len(lit) {
		c := text[i+k]
		if c != lit[k] && (!fold || lower(c) != lit[k]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// sequencesOf expands re into sequences, if it is simple enough.
func sequencesOf(re *syntax.Regexp) ([]sequence, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []sequence{nil}, true
	case syntax.OpCapture:
		return sequencesOf(re.Sub[0])
	case syntax.OpLiteral:
		e := element{literal: string(re.Rune), fold: re.Flags&syntax.FoldCase != 0, min: 1, max: 1}
		for i := range len(e.literal) {
			if e.literal[i] >= 0x80 {
				return nil, false
			}
		}
		if e.fold {
			b := []byte(e.literal)
			for i := range b {
				b[i] = lower(b[i])
			}
			e.literal = string(b)
		}
		return []sequence{{e}}, true
	case syntax.OpCharClass:
		e := element{min: 1, max: 1}
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i+1] >= 0x80 {
				return nil, false
			}
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				e.class.add(byte(c))
			}
		}
		return []sequence{{e}}, true
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat, syntax.OpQuest:
		return repeatSequences(re)
	case syntax.OpConcat:
		all := []sequence{nil}
		for _, sub := range re.Sub {
			next, ok := sequencesOf(sub)
			if !ok || len(all)*len(next) > maxSequences {
				return nil, false
			}
			var product []sequence
			for _, a := range all {
				for _, b := range next {
					product = append(product, join(a, b))
				}
			}
			all = product
		}
		return all, within(all)
	case syntax.OpAlternate:
		var all []sequence
		for _, sub := range re.Sub {
			s, ok := sequencesOf(sub)
			if !ok {
				return nil, false
			}
			all = append(all, s...)
		}
		return all, len(all) <= maxSequences
	}
	return nil, false
}

func within(all []sequence) bool {
	for _, q := range all {
		variable := 0
		for _, e := range q {
			if e.min != e.max {
				variable++
			}
		}
		if len(q) > maxElements || variable > 4 {
			return false
		}
	}
	return true
}

// join concatenates, merging neighbouring literals.
func join(a, b sequence) sequence {
	out := append(sequence{}, a...)
	for _, e := range b {
		if n := len(out); n > 0 && e.literal != "" && out[n-1].literal != "" && e.fold == out[n-1].fold {
			out[n-1].literal += e.literal
			continue
		}
		out = append(out, e)
	}
	return out
}

// classOfByte is the element of a one-byte literal as a class.
func classOfByte(e *element) element {
	c := element{min: 1, max: 1}
	c.class.add(e.literal[0])
	if e.fold && isLetter(e.literal[0]) {
		c.class.add(e.literal[0] &^ 0x20)
	}
	return c
}

func repeatSequences(re *syntax.Regexp) ([]sequence, bool) {
	lo, hi := re.Min, re.Max
	switch re.Op {
	case syntax.OpStar:
		lo, hi = 0, maxToken
	case syntax.OpPlus:
		lo, hi = 1, maxToken
	case syntax.OpQuest:
		lo, hi = 0, 1
	}
	if hi < 0 {
		hi = maxToken
	}
	sub, ok := sequencesOf(re.Sub[0])
	if !ok {
		return nil, false
	}
	if len(sub) == 1 && len(sub[0]) == 1 && lo != hi && len(sub[0][0].literal) == 1 {
		sub[0][0] = classOfByte(&sub[0][0]) // padding: ={0,2}
	}
	if len(sub) == 1 && len(sub[0]) == 1 && sub[0][0].literal == "" && sub[0][0].min == 1 && sub[0][0].max == 1 {
		e := sub[0][0]
		e.min, e.max = lo, hi
		return []sequence{{e}}, true
	}
	if lo == 0 && hi == 1 {
		return append(sub, nil), len(sub) < maxSequences
	}
	if lo != hi || len(sub) != 1 || lo*len(sub[0]) > maxElements {
		return nil, false
	}
	var q sequence
	for range lo {
		q = join(q, sub[0])
	}
	return []sequence{q}, true
}
