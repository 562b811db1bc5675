package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/leaksonde/leaksonde/rules/pattern"
)

// containsLiteral looks for lit; fold is for ASCII letters, lit in lower case.
func containsLiteral(text []byte, lit string, fold bool) bool {
	for i := range text {
		if hasLiteral(text, i, lit, fold) {
			return true
		}
	}
	return false
}

// TestRequired: what a pattern's matches contain by Required, they contain.
func TestRequired(t *testing.T) {
	set, _ := builtin(t)
	r := rand.New(rand.NewPCG(1, 1))
	for _, rule := range set.Rules {
		expr := rule.Regex
		if expr == "" {
			expr = rule.Token
		}
		re, err := pattern.Parse(expr)
		if err != nil || expr == "" {
			continue
		}
		for range 5 {
			text := pattern.Generate(re, r)
			for _, set := range pattern.Required(re) {
				found := false
				for _, l := range set {
					found = found || containsLiteral([]byte(text), l.Text, l.Fold)
				}
				if !found {
					t.Errorf("%s: %q holds none of %v", rule.ID, text, set)
				}
			}
			if lits := pattern.Literals(re); lits != nil {
				found := false
				for _, l := range lits {
					for at := l.Min; at+len(l.Text) <= len(text) && (l.Max == pattern.Unbounded || at <= l.Max); at++ {
						found = found || hasLiteral([]byte(text), at, l.Text, l.Fold)
					}
				}
				if !found {
					t.Errorf("%s: %q holds none of %v where it should", rule.ID, text, lits)
				}
			}
		}
	}
}
