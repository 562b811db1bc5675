package rules

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/leaksonde/leaksonde/rules/pattern"
)

// analysis is what follows from a rule's patterns alone. It is worked out once
// for the built-in rules and kept with them (see compact.go): parsing the
// patterns at each start would take longer than most scans.
type analysis struct {
	triggers []pattern.Literal
	keyword  bool
	longest  int
	parts    []int
	digest   string
}

// Triggers are the literals of which one stands in, or with keyword true near,
// every match of the rule's token or regex; nil if there are none. Context
// words are not among them.
func (r *Rule) Triggers() (literals []pattern.Literal, keyword bool) {
	a := r.analyse()
	return a.triggers, a.keyword
}

// Longest is the greatest length in bytes of a match of the rule's token or
// regex, pattern.Unbounded if there is none.
func (r *Rule) Longest() int { return r.analyse().longest }

// LongestPart is Longest for the i-th part.
func (r *Rule) LongestPart(i int) int { return r.analyse().parts[i] }

func (r *Rule) analyse() *analysis {
	if r.analysis != nil {
		return r.analysis
	}
	a := &analysis{longest: pattern.Unbounded}
	expr := r.Token
	if expr == "" {
		expr = r.Regex
	}
	if re, err := pattern.Parse(expr); err == nil && expr != "" {
		_, a.longest = pattern.Bounds(re)
		if r.Matcher == "pem" || len(r.Context) == 0 && r.Matcher == "" {
			a.triggers = pattern.Literals(re)
		}
	}
	if a.triggers == nil && r.Regex != "" {
		for _, k := range r.Keywords {
			a.triggers = append(a.triggers, pattern.Literal{Text: k, Fold: true})
		}
		a.keyword = len(a.triggers) > 0
	}
	for _, p := range r.Parts {
		longest := pattern.Unbounded
		if re, err := pattern.Parse(p.Token); err == nil {
			_, longest = pattern.Bounds(re)
		}
		a.parts = append(a.parts, longest)
	}
	c := *r
	c.File, c.Line, c.Examples, c.Counterexamples, c.Docs, c.Steps, c.RotateURL, c.Verify = "", 0, nil, nil, nil, nil, "", nil
	if text, err := json.Marshal(&c); err == nil {
		sum := sha256.Sum256(text)
		a.digest = string(sum[:8])
	}
	r.analysis = a
	return a
}
