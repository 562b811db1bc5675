package engine

import (
	"regexp"
	"regexp/syntax"
	"slices"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/rules/pattern"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// regexMatcher runs a pattern as it stands around a hit: for rules in the
// gitleaks format and for what no other matcher can say.
type regexMatcher struct {
	rule  *rules.Rule
	re    *regexp.Regexp
	group int
	// first and inner match at the beginning of what they are given: first a
	// text's true beginning, inner from one byte before the match on, so that
	// \b and ^ see what stands there.
	first, inner *regexp.Regexp
	longest      int // of a match, in bytes; at most window
	// factors are looked for before the pattern is tried: package regexp takes
	// a hundred nanoseconds for each byte of a window, and most windows lack a
	// word that the pattern needs.
	factors []wordSet
	// tail is what follows from the literal on, nil if that is not known.
	tail *regexp.Regexp
}

// window is how far a user's pattern may look beyond the hit, in bytes.
const window = 4 << 10

// maxAnchored is the greatest number of places at which a match could begin
// that are tried one by one; beyond it the pattern is searched for.
const maxAnchored = 4

func newRegexMatcher(r *rules.Rule) (*regexMatcher, error) {
	m := &regexMatcher{rule: r, group: r.SecretGroup, longest: regexBound(r)}
	var err error
	if m.re, err = regexp.Compile(r.Regex); err != nil {
		return nil, err
	}
	if m.first, err = regexp.Compile(`\A(?:` + r.Regex + ")"); err != nil {
		return nil, err
	}
	if m.inner, err = regexp.Compile(`\A(?s:.)(?:` + r.Regex + ")"); err != nil {
		return nil, err
	}
	if m.group == 0 && m.re.NumSubexp() > 0 {
		m.group = 1
	}
	parsed, err := pattern.Parse(r.Regex)
	if err != nil {
		return nil, err
	}
	m.factors = regexFactors(parsed)
	if tail, ok := pattern.Tail(parsed); ok {
		if m.tail, err = regexp.Compile(`\A(?:` + tail + ")"); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// wordSet are literals of which a match must contain one, at least min and at
// most max bytes from its start (max < 0: anywhere).
type wordSet struct {
	words    []pattern.Literal
	first    byteSet
	min, max int
}

// regexFactors are the literals that a match must contain besides those that
// lead to the rule.
func regexFactors(re *syntax.Regexp) []wordSet {
	triggers := pattern.Literals(re)
	var out []wordSet
	for _, set := range pattern.Factors(re) {
		if slices.Equal(set, triggers) {
			continue
		}
		f := wordSet{words: set, min: set[0].Min}
		for _, l := range set {
			f.min = min(f.min, l.Min)
			switch {
			case l.Max == pattern.Unbounded:
				f.max = -1
			case f.max >= 0:
				f.max = max(f.max, l.Max+len(l.Text))
			}
			f.first.add(l.Text[0])
			if l.Fold && isLower(l.Text[0]) {
				f.first.add(l.Text[0] &^ 0x20)
			}
		}
		out = append(out, f)
	}
	return out
}

// in tells whether one of the words lies in text.
func (f *wordSet) in(text []byte) bool {
	for i, c := range text {
		if !f.first.has(c) {
			continue
		}
		for k := range f.words {
			if w := &f.words[k]; hasLiteral(text, i, w.Text, w.Fold) {
				return true
			}
		}
	}
	return false
}

// possible tells whether a match that begins in [lo, hi] and ends by end can
// hold every word that the pattern needs.
func (m *regexMatcher) possible(text []byte, lo, hi, end int) bool {
	for i := range m.factors {
		f := &m.factors[i]
		from, to := max(0, lo+f.min), min(end, len(text))
		if f.max >= 0 {
			to = min(to, hi+f.max)
		}
		if from >= to || !f.in(text[from:to]) {
			return false
		}
	}
	return true
}

// regexBound is the greatest length of a match of a rule's regex.
func regexBound(r *rules.Rule) int {
	re, err := pattern.Parse(r.Regex)
	if err != nil {
		return window
	}
	_, longest := pattern.Bounds(re)
	if longest == pattern.Unbounded || longest > window {
		return window
	}
	return longest
}

// regexTriggers are the literals that lead to a regex rule: those that a match
// must contain, if they are known, else the rule's keywords.
func regexTriggers(r *rules.Rule) (lits []pattern.Literal, keyword bool) {
	re, err := pattern.Parse(r.Regex)
	if err == nil {
		if lits = pattern.Literals(re); lits != nil {
			return lits, false
		}
	}
	for _, k := range r.Keywords {
		lits = append(lits, pattern.Literal{Text: k, Fold: true})
	}
	return lits, len(lits) > 0
}

// regexBounds are how far from a hit the evidence of a regex can lie.
func regexBounds(r *rules.Rule, lits []pattern.Literal, keyword bool) (left, right int) {
	if keyword || len(lits) == 0 {
		return window + 4, window + literal.MaxPatternLen + 4
	}
	longest := regexBound(r)
	for _, l := range lits {
		if l.Max == pattern.Unbounded {
			return window + 4, longest + 4
		}
		left = max(left, l.Max)
	}
	return min(left, window) + 4, longest + 4
}

// match reports a match that contains the hit or, for keyword rules, the first
// one in the window that ends behind it.
func (m *regexMatcher) match(text []byte, h hit, out *Match) bool {
	lo, hi := h.pos-min(h.ref.max, window), h.pos-h.ref.min
	end := hi + m.longest // of any match
	if h.ref.context {
		lo, hi = h.pos-window, h.pos+h.length+window
		end = hi
	}
	out.Evidence = Span{lo - 1, end + 1}
	if !m.possible(text, lo, hi, end) {
		return false
	}
	if hi-lo < maxAnchored {
		for start := max(0, lo); start <= hi; start++ {
			re, from := m.inner, start-1
			if start == 0 {
				re, from = m.first, 0
			}
			loc := re.FindSubmatchIndex(text[from:min(len(text), start+m.longest+1)])
			if loc == nil {
				continue
			}
			if from < start {
				loc[0] = 1
			}
			if from+loc[1] >= h.pos+h.length && m.judge(text, from, loc, out) {
				return true
			}
		}
		return false
	}
	if m.tail != nil && !h.ref.context && !m.tail.Match(text[h.pos:min(len(text), end+1)]) {
		return false
	}
	for from := max(0, lo-1); from <= hi; {
		loc := m.re.FindSubmatchIndex(text[from:min(len(text), end+1)])
		if loc == nil || from+loc[0] > hi {
			return false
		}
		ends := from + loc[1]
		if (ends >= h.pos+h.length || h.ref.context && ends > h.pos) && m.judge(text, from, loc, out) {
			return true
		}
		from += max(loc[0], 1)
		if loc[0] == 0 {
			continue
		}
		from++
	}
	return false
}

func (m *regexMatcher) judge(text []byte, from int, loc []int, out *Match) bool {
	whole := Span{from + loc[0], from + loc[1]}
	secret := whole
	if g := 2 * m.group; g < len(loc) && loc[g] >= 0 && loc[g] < loc[g+1] {
		secret = Span{from + loc[g], from + loc[g+1]}
	}
	value := text[secret.Start:secret.End]
	if m.rule.Entropy > 0 && randomness.Entropy(value) <= m.rule.Entropy {
		return false
	}
	if m.rule.MinRandomness > 0 && randomness.Score(value) < m.rule.MinRandomness {
		return false
	}
	*out = Match{Rule: m.rule, Kind: m.rule.Kind, Whole: whole, Secret: secret, Evidence: out.Evidence, Confidence: m.rule.Confidence, rank: 8}
	return true
}
