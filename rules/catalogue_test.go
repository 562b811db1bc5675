package rules

import (
	"testing"
)

// TestCatalogueExpands loads the built-in rules and expands every example;
// whether the engine agrees with the examples is tested in package scanner.
func TestCatalogueExpands(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Rules {
		for _, problem := range r.Lint() {
			t.Error(problem)
		}
		for _, list := range [][]string{r.Examples, r.Counterexamples} {
			for i, template := range list {
				x, err := r.Expand(template, i)
				if err != nil {
					t.Errorf("%s: %q: %v", r.ID, template, err)
				}
				if x.Text == "" {
					t.Errorf("%s: %q expands to nothing", r.ID, template)
				}
			}
		}
	}
}
