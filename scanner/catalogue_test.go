package scanner

import (
	"testing"

	"github.com/leaksonde/leaksonde/rules"
)

// TestCatalogue holds every built-in rule against its examples.
func TestCatalogue(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	failures, count := TestExamples(set)
	for _, f := range failures {
		t.Error(f)
	}
	if count < 2*len(set.Rules) {
		t.Errorf("%d examples for %d rules", count, len(set.Rules))
	}
}
