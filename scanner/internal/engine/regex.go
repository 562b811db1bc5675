package engine

import (
	"bytes"
	"regexp"
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
	required     [][]pattern.Literal
	oneLine      bool // no match contains a line end
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
	if re, err := pattern.Parse(r.Regex); err == nil {
		m.required = pattern.Required(re)
		m.oneLine = !pattern.CrossesLines(re)
	}
	return m, nil
}

// possible tells whether text holds what every match must contain.
func (m *regexMatcher) possible(text []byte) bool {
	if len(m.required) == 0 || len(text) > maxPossible {
		return true
	}
	var buf [maxPossible]byte
	folded := buf[:len(text)]
	for i, c := range text {
		folded[i] = lower(c)
	}
	for _, set := range m.required {
		if !slices.ContainsFunc(set, func(l pattern.Literal) bool {
			if l.Fold {
				return bytes.Contains(folded, []byte(l.Text))
			}
			return bytes.Contains(text, []byte(l.Text))
		}) {
			return false
		}
	}
	return true
}

// maxPossible bounds the text that possible looks at: two windows and a match.
const maxPossible = 3 * window

// regexBound is the greatest length of a match of a rule's regex.
func regexBound(r *rules.Rule) int {
	if longest := r.Longest(); longest != pattern.Unbounded && longest < window {
		return longest
	}
	return window
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
	// One byte before and after, so that \b, ^ and $ see what stands there.
	first, last := max(0, lo-1), min(len(text), end+1)
	if m.oneLine {
		if nl := bytes.LastIndexByte(text[first:h.pos], '\n'); nl >= 0 {
			first += nl
			out.Evidence.Start = first
		}
		if nl := bytes.IndexByte(text[h.pos:last], '\n'); nl >= 0 {
			last = h.pos + nl + 1
			out.Evidence.End = last
		}
	}
	anchored := hi-lo < maxAnchored
	if (m.oneLine || !anchored) && !m.possible(text[first:last]) {
		return false
	}
	if anchored {
		for start := max(0, lo); start <= hi; start++ {
			re, from := m.inner, start-1
			if start == 0 {
				re, from = m.first, 0
			}
			if from >= last {
				return false
			}
			loc := re.FindSubmatchIndex(text[from:last])
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
	for from := first; from <= hi && from < last; {
		loc := m.re.FindSubmatchIndex(text[from:last])
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
	if _, written := randomness.Syntax(value); written {
		return false
	}
	if m.rule.Entropy > 0 && randomness.Entropy(value) <= m.rule.Entropy {
		return false
	}
	if m.rule.MinRandomness > 0 && randomness.Score(value) < m.rule.MinRandomness {
		return false
	}
	*out = Match{Rule: m.rule, Kind: m.rule.Kind, Whole: whole, Secret: secret, Evidence: out.Evidence, Confidence: m.rule.Confidence, rank: 8}
	return true
}
