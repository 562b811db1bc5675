package scanner

import (
	"fmt"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
)

// TestExamples holds every rule of the set against its examples, which it must
// report with the value that was drawn, and its counterexamples, which it must
// not report. It returns what failed, in order, and how many were tried.
func TestExamples(set *rules.Set) (failures []string, count int) {
	for _, r := range set.Rules {
		e, err := engine.New(&rules.Set{Rules: []*rules.Rule{r}}, engine.Options{Minimum: finding.Low})
		if err != nil {
			failures = append(failures, err.Error())
			continue
		}
		fail := func(format string, args ...any) {
			failures = append(failures, fmt.Sprintf("%s:%d: rule %q: ", r.File, r.Line, r.ID)+fmt.Sprintf(format, args...))
		}
		for i, template := range r.Examples {
			count++
			x, err := r.Expand(template, i)
			if err != nil {
				fail("example %q: %v", template, err)
				continue
			}
			if found := secretsOf(e, x.Text); x.Secret == "" && len(found) == 0 || x.Secret != "" && !found[x.Secret] {
				fail("example %q is not found\n    in %q", template, x.Text)
			}
		}
		for i, template := range r.Counterexamples {
			count++
			x, err := r.Expand(template, i)
			if err != nil {
				fail("counterexample %q: %v", template, err)
				continue
			}
			if found := secretsOf(e, x.Text); len(found) > 0 {
				fail("counterexample %q is reported\n    in %q", template, x.Text)
			}
		}
	}
	return failures, count
}

func secretsOf(e *engine.Engine, text string) map[string]bool {
	found := map[string]bool{}
	var scratch engine.Scratch
	_ = e.Find([]byte(text), engine.Span{End: len(text)}, engine.Whole, &scratch, func(m *engine.Match) error {
		found[text[m.Secret.Start:m.Secret.End]] = true
		return nil
	})
	return found
}
