package reporters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/santhosh-tekuri/jsonschema/v6"

	// Carries the published schema: see publishedSARIF.
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// publishedSARIF is the schema of the standard (OASIS, SARIF 2.1.0 errata 01).
// It is read out of a SARIF library in the module cache, where it is an
// unexported constant, rather than committed here.
func publishedSARIF(t *testing.T) *jsonschema.Schema {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	source := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && source == "" {
			source, err = strconv.Unquote(lit.Value)
		}
		return source == ""
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(sarifSchema, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(sarifSchema)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSARIFMatchesSchema(t *testing.T) {
	s := publishedSARIF(t)
	for _, report := range []*finding.Report{fixture(), clean(), {}, many(300)} {
		validate(t, s, render(t, "sarif", Options{}, report))
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.Replace(
		render(t, "sarif", Options{}, fixture()), []byte(`"startLine": 12`), []byte(`"startLine": 0`), 1)))
	if err != nil {
		t.Fatal(err)
	}
	if s.Validate(v) == nil {
		t.Error("the schema accepts line 0")
	}
}

// many makes n findings of four rules, of rising importance.
func many(n int) *finding.Report {
	r := &finding.Report{Run: finding.Run{Tool: "leaksonde", Version: "(devel)"}, Coverage: &finding.Coverage{}}
	for i := range n {
		f := &finding.Finding{
			Fingerprint: fmt.Sprintf("v1:%032x", i*7919), Rule: fmt.Sprintf("rule-%d", i%4), Provider: "p", Kind: "k",
			Severity: finding.Severity(1 + i*4/n), Confidence: finding.Medium, Secret: fakeKey("x"), Redacted: "****",
		}
		for j := range 1 + 200*(i%100/99) {
			f.Occurrences = append(f.Occurrences, finding.Occurrence{Path: fmt.Sprintf("d/%06d-%d", i, j), Line: 1, Column: 1, EndLine: 1, EndColumn: 9})
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func decodeSARIF(t *testing.T, doc []byte) sarifDoc {
	t.Helper()
	var log struct{ Runs []sarifDoc }
	if err := json.Unmarshal(doc, &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

type sarifDoc struct {
	Tool        sarifTool
	Invocations []sarifInvocation
	Results     []sarifResult
}

// What GitHub requires beyond the schema.
func TestSARIFForCodeScanning(t *testing.T) {
	for _, report := range []*finding.Report{fixture(), many(300)} {
		run := decodeSARIF(t, render(t, "sarif", Options{ShowSecrets: true}, report))
		seen := map[string]bool{}
		for _, r := range run.Tool.Driver.Rules {
			if seen[r.ID] {
				t.Errorf("rule %s twice", r.ID)
			}
			seen[r.ID] = true
			if r.ID == "" || r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || r.Help.Markdown == "" {
				t.Errorf("rule %q lacks a required text", r.ID)
			}
			if n := len(r.Properties.Tags); n > 10 || r.Properties.Tags[0] != "security" {
				t.Errorf("rule %s: tags %v", r.ID, r.Properties.Tags)
			}
		}
		last := 100
		for _, r := range run.Results {
			if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
				t.Errorf("ruleIndex %d is not %s", r.RuleIndex, r.RuleID)
			}
			if r.Rank > last {
				t.Errorf("rank %d after %d", r.Rank, last)
			}
			last = r.Rank
			if len(r.Locations) != 1 || len(r.RelatedLocations) > 99 || r.Message.Text == "" {
				t.Errorf("%d locations, %d related, message %q", len(r.Locations), len(r.RelatedLocations), r.Message.Text)
			}
			if p := r.PartialFingerprints; len(p) != 1 || len(p["leaksonde/v1"]) != 32 {
				t.Errorf("fingerprints %v", p)
			}
		}
	}
}

func TestSARIFLimits(t *testing.T) {
	report := many(400)
	for _, tt := range []struct {
		name          string
		results, gzip int
		least, most   int
	}{
		{"results", 50, sarifMaxGzip, 50, 50},
		{"size", sarifMaxResults, 4000, 10, 250},
		{"no room at all", sarifMaxResults, 10, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var buf bytes.Buffer
			r := &sarif{w: &buf, maxResults: tt.results, maxGzip: tt.gzip}
			if err := Replay(r, report); err != nil {
				t.Fatal(err)
			}
			run := decodeSARIF(t, buf.Bytes())
			if n := len(run.Results); n < tt.least || n > tt.most {
				t.Errorf("%d results", n)
			}
			if n, err := gzipSize(buf.Bytes()); err != nil || n > tt.gzip && tt.most > 0 {
				t.Errorf("%d bytes compressed, limit %d; %v", n, tt.gzip, err)
			}
			notes := run.Invocations[0].Notifications
			if want := fmt.Sprintf("%d of 400 findings", len(run.Results)); len(notes) == 0 || !strings.Contains(notes[0].Message.Text, want) {
				t.Errorf("the cut is not stated: %v", notes)
			}
			for _, r := range run.Results {
				if len(run.Results) <= 100 && r.Properties.Severity != "critical" {
					t.Errorf("a %s finding took a place", r.Properties.Severity)
				}
			}
		})
	}
}

func TestSARIFIncompleteIsNoSuccess(t *testing.T) {
	run := decodeSARIF(t, render(t, "sarif", Options{}, fixture()))
	if run.Invocations[0].ExecutionSuccessful {
		t.Error("an incomplete run is called successful")
	}
	errors := 0
	for _, n := range run.Invocations[0].Notifications {
		if n.Level == "error" {
			errors++
		}
	}
	if errors != 2 {
		t.Errorf("%d error notifications, want 2", errors)
	}
	if run := decodeSARIF(t, render(t, "sarif", Options{}, clean())); !run.Invocations[0].ExecutionSuccessful {
		t.Error("a complete run is called unsuccessful")
	}
}

func TestSARIFURI(t *testing.T) {
	for _, tt := range []struct{ root, path, want, base string }{
		{"", "a/b.go", "a/b.go", sarifRoot},
		{"", "a b/100%.txt", "a%20b/100%25.txt", sarifRoot},
		{"", "c:/x?y#z", "c%3A/x%3Fy%23z", sarifRoot},
		{"", "d\xe9j\xe0", "d%E9j%E0", sarifRoot},
		{"", "ü.txt", "%C3%BC.txt", sarifRoot},
		{"", "", "-", sarifRoot},
		{"", "//host/x", "host/x", sarifRoot},
		{"sub", "a.go", "sub/a.go", sarifRoot},
		{"/srv/repo", "a b.go", "file:///srv/repo/a%20b.go", ""},
		{`C:\repo`, "a.go", "file:///C:/repo/a.go", ""},
	} {
		got := sarifURI(finding.Occurrence{Root: tt.root, Path: tt.path})
		if got.URI != tt.want || got.URIBaseID != tt.base {
			t.Errorf("%q %q: %q %q, want %q %q", tt.root, tt.path, got.URI, got.URIBaseID, tt.want, tt.base)
		}
	}
}

func TestSemantic(t *testing.T) {
	for v, want := range map[string]string{
		"v1.2.3": "1.2.3", "1.2.3-rc.1+x": "1.2.3-rc.1+x", "(devel)": "", "": "", "v1.2": "",
	} {
		if got := semantic(v); got != want {
			t.Errorf("%q: %q, want %q", v, got, want)
		}
	}
}
