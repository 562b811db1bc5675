package reporters

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fakeKey is assembled at run time: no piece of this repository looks like a
// live credential.
func fakeKey(prefix string) string { return prefix + strings.Repeat("aB3", 14) + "Zz9Q" }

// fixture is a run that has something of everything.
func fixture() *finding.Report {
	key := fakeKey("sk-" + "proj-")
	shown := "sk-" + "proj-****Zz9Q"
	line := `OPENAI_API_KEY="` + shown + `"  # ask Ann before use`
	at := strings.Index(line, shown)
	introduced := finding.Event{
		Commit: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", Author: "Ann Example",
		Date: time.Date(2019, 3, 2, 10, 11, 12, 0, time.FixedZone("", 3600)), Path: "config/prod.env",
	}
	removed := finding.Event{
		Commit: "5e6f708192a3b4c5d6e7f8091a2b3c4d1a2b3c4d", Author: "Bob Example",
		Date: introduced.Date.Add(4 * 24 * time.Hour), Path: "config/prod.env",
	}
	places := []finding.Occurrence{{
		Path: "config/prod.env", Line: 12, Column: at + 1, EndLine: 12, EndColumn: at + 1 + len(key),
		Exposure: finding.ExposureEnv, Excerpt: line, ExcerptStart: at, ExcerptEnd: at + len(shown),
		Field: "OPENAI_API_KEY",
	}}
	for _, p := range []string{"deploy/a.yaml", "deploy/b.yaml", "deploy/c.yaml", "deploy/d.yaml", "deploy/e.yaml"} {
		places = append(places, finding.Occurrence{
			Path: p, Line: 3, Column: 5, EndLine: 3, EndColumn: 60, DecodedFrom: []string{"base64"},
			Exposure: finding.ExposureInfrastructure,
		})
	}
	active := &finding.Finding{
		Fingerprint: "v1:00112233445566778899aabbccddeeff", Rule: "openai-project-api-key",
		Provider: "openai", Kind: "project-api-key", Description: "OpenAI project API key",
		Severity: finding.SeverityCritical, Confidence: finding.High,
		Secret: key, Redacted: shown, Occurrences: places, Suppressed: 2,
		Facts: map[string]string{"account": "org-example"},
		Evidence: []finding.Evidence{
			{Name: "prefix", Weight: 9, Detail: "prefix and length are OpenAI's"},
			{Name: "random", Weight: 3, Detail: "42 random characters"},
			{Name: "path", Weight: -0.5, Detail: "file name"},
		},
		Verification: &finding.Verification{
			State: finding.Active, Reason: "HTTP 200 from api.openai.com",
			Facts: map[string]string{"organisation": "Example, Inc."},
		},
		Remediation: finding.Remediation{
			RotateURL: "https://platform.openai.com/api-keys",
			Steps: []string{
				"Create a new key in the project's settings and put it into the secret store.",
				"Deploy it everywhere the old one is in use.",
				"Delete the old key.",
				"Look through the usage page for calls that were not yours.",
				"Tell the owner of the project.",
			},
			Docs: []string{"https://platform.openai.com/docs/api-reference/project-api-keys"},
		},
		Alternatives: []string{"generic-api-key"}, Tags: []string{"ai"},
	}
	old := &finding.Finding{
		Fingerprint: "v1:ffeeddccbbaa99887766554433221100", Rule: "aws-access-key",
		Provider: "aws", Kind: "access-key", Description: "AWS access key",
		Severity: finding.SeverityHigh, Confidence: finding.Medium,
		Secret: fakeKey(""), Redacted: "****Zz9Q",
		Parts: []finding.Part{{
			Name: "access-key-id", Secret: "AK" + "IA" + strings.Repeat("Q7", 8), Redacted: "AK" + "IA****Q7Q7",
			Path: "old/" + "d\xe9j\xe0 vu.py", Line: 6, Column: 9,
		}},
		Occurrences: []finding.Occurrence{{
			Path: "old/d\xe9j\xe0 vu.py", Line: 7, Column: 9, EndLine: 7, EndColumn: 49, Versions: 31,
			Commit: removed.Commit, Blob: "0123456789012345678901234567890123456789",
			Exposure: finding.ExposureSource,
		}},
		Lifetime: &finding.Lifetime{
			Introduced: introduced, Removed: &removed,
			Intervals: []finding.Interval{{Introduced: introduced, Removed: &removed}},
			Paths:     []string{"old/d\xe9j\xe0 vu.py"},
			Refs:      []string{"refs/heads/legacy", "refs/remotes/origin/legacy"}, RefCount: 2, ReachableFrom: 14,
		},
	}
	weak := &finding.Finding{
		Fingerprint: "v1:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f", Rule: "generic-password",
		Provider: "generic", Kind: "password", Description: "Password",
		Severity: finding.SeverityLow, Confidence: finding.Low,
		Secret: "hunter" + "2hunter2", Redacted: "****",
		Occurrences: []finding.Occurrence{{
			Path: "test/evil\x1b[31m\nname\u202e.txt", Line: 1, Column: 1, EndLine: 1, EndColumn: 15,
			Exposure: finding.ExposureTest,
		}},
		Verification: &finding.Verification{State: finding.Unverifiable, Reason: "no provider"},
	}
	cov := &finding.Coverage{
		Files: 1204, Objects: 83211, Commits: 5120, Bytes: 812_345_678,
		Scope: []string{"history: every ref, stash and notes", "index", "working tree: tracked and untracked"},
	}
	cov.Suppress("inline allow", 3)
	cov.Suppress("ignore file", 1)
	for _, g := range []finding.Gap{
		{Path: "node_modules/", Reason: finding.ReasonIgnored, Bytes: 120_000_000},
		{Path: "run/app.sock", Reason: finding.ReasonNotRegular},
		{Path: "private/key.db", Reason: finding.ReasonUnreadable, Detail: "permission denied", Bytes: 4096},
		{Path: "", Reason: finding.ReasonShallow, Detail: "9 commits have parents that are not here"},
	} {
		cov.Add(g)
	}
	return &finding.Report{
		Run: finding.Run{
			Tool: "leaksonde", Version: "v0.1.0", RuleSet: "sha256:0a1b2c", Rules: 310,
			Config: "built-in", Scope: "history, index, worktree", Roots: []string{"."},
			RuleInfo: map[string]finding.RuleInfo{
				"openai-project-api-key": {
					ID: "openai-project-api-key", Description: "OpenAI project API key",
					Provider: "openai", Kind: "project-api-key",
					Severity: finding.SeverityCritical, Confidence: finding.High,
					Tags: []string{"ai"}, Remediation: active.Remediation,
				},
			},
		},
		Coverage: cov,
		Findings: []*finding.Finding{active, old, weak},
	}
}

// clean is a run that found nothing and missed nothing.
func clean() *finding.Report {
	r := fixture()
	r.Findings = nil
	r.Coverage = &finding.Coverage{Files: 12, Bytes: 34_567, Scope: []string{"files below the root"}}
	r.Run.Scope = "worktree"
	return r
}

func render(t *testing.T, format string, o Options, report *finding.Report) []byte {
	t.Helper()
	var buf bytes.Buffer
	r, err := New(format, &buf, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := Replay(r, report); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update accepts it); got:\n%s", file, got)
	}
}
