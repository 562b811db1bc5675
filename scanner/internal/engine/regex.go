package engine

import (
	"bytes"
	"regexp"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// regexMatcher runs a pattern as it stands on the lines around a hit: for
// rules in the gitleaks format.
type regexMatcher struct {
	rule  *rules.Rule
	re    *regexp.Regexp
	group int
	// keyword rules accept any match in the window, others the one that
	// contains the hit's literal.
	keyword bool
}

// window is how far a user's pattern may look beyond the hit, in bytes. On
// lines no longer than this it sees whole lines.
const window = 4 << 10

func newRegexMatcher(r *rules.Rule, keyword bool) (*regexMatcher, error) {
	re, err := regexp.Compile(r.Regex)
	if err != nil {
		return nil, err
	}
	group := r.SecretGroup
	if group == 0 && re.NumSubexp() > 0 {
		group = 1
	}
	return &regexMatcher{rule: r, re: re, group: group, keyword: keyword}, nil
}

// match reports the first match in the window that contains the hit or, for
// keyword rules, that starts nearest before its line's end.
func (m *regexMatcher) match(text []byte, hit hit, out *Match) bool {
	lo, hi := max(0, hit.pos-window), min(len(text), hit.pos+hit.length+window)
	evidence := Span{hit.pos - window, hit.pos + hit.length + window}
	if nl := bytes.LastIndexByte(text[lo:hit.pos], '\n'); nl >= 0 {
		lo += nl + 1
		evidence.Start = lo - 1
	}
	// A pattern may go on over the line's end, so the window does too.
	for lo < hi {
		loc := m.re.FindSubmatchIndex(text[lo:hi])
		if loc == nil {
			return false
		}
		whole := Span{lo + loc[0], lo + loc[1]}
		contains := whole.Start <= hit.pos && hit.pos+hit.length <= whole.End
		if contains || m.keyword && whole.End > hit.pos {
			if m.judge(text, lo, whole, loc, out) {
				out.Evidence = evidence
				return true
			}
		}
		if whole.Start > hit.pos && !m.keyword {
			return false
		}
		lo = max(whole.Start+1, lo+1)
	}
	return false
}

func (m *regexMatcher) judge(text []byte, lo int, whole Span, loc []int, out *Match) bool {
	secret := whole
	if g := 2 * m.group; g < len(loc) && loc[g] >= 0 && loc[g] < loc[g+1] {
		secret = Span{lo + loc[g], lo + loc[g+1]}
	}
	value := text[secret.Start:secret.End]
	if m.rule.Entropy > 0 && randomness.Entropy(value) <= m.rule.Entropy {
		return false
	}
	if m.rule.MinRandomness > 0 && randomness.Score(value) < m.rule.MinRandomness {
		return false
	}
	*out = Match{Rule: m.rule, Kind: m.rule.Kind, Whole: whole, Secret: secret, Confidence: m.rule.Confidence, rank: 8}
	return true
}
