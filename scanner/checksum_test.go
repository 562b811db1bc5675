package scanner

import (
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// TestWrongChecksum: a token that its provider never issued is shown to those
// who look for everything, and says why; its name does not make it a secret.
func TestWrongChecksum(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, r := range set.Rules {
		if r.ID != "github-personal-access-token" && r.ID != "npm-access-token" {
			continue
		}
		seen++
		x, err := r.Expand("@badsum", 7)
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t)
		_, value, _ := strings.Cut(strings.TrimSpace(x.Text), "=")
		f.write("a.env", "API_TOKEN="+value+"\nexport const secretKey = \""+value+"\"\n")
		f.write("b.txt", value+"\n")
		if all := f.scan(Options{Scope: ScopeWorktree}).Findings; len(all) != 0 {
			t.Errorf("%s: %s is of %s confidence", r.ID, all[0].Rule, all[0].Confidence)
		}
		all := f.scan(Options{Scope: ScopeWorktree, MinConfidence: finding.Low}).Findings
		if len(all) != 1 || all[0].Provider != "generic" || all[0].Confidence != finding.Low || all[0].Facts["checksum"] != "wrong" || len(all[0].Occurrences) != 3 {
			t.Errorf("%s: %+v", r.ID, all)
		}
		f.commit("c.env", "API_TOKEN="+value+"\n")
		if all := f.scan(Options{}).Findings; len(all) != 0 {
			t.Errorf("%s: in history, %s is of %s confidence", r.ID, all[0].Rule, all[0].Confidence)
		}
	}
	if seen == 0 {
		t.Error("no such rule")
	}
}
