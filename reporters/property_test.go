package reporters

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"pgregory.net/rapid"
)

// spellings are the ways in which a format might write a value.
func spellings(secret string) []string {
	list := []string{
		secret, visible(secret), utf8Text(secret), markdown(secret), html(secret), sarifText(secret),
		url.PathEscape(secret), url.QueryEscape(secret), escapePath(secret), strconv.Quote(secret), strconv.QuoteToASCII(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), strings.ReplaceAll(secret, `"`, `""`),
		strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(secret),
	}
	if b, err := json.Marshal(secret); err == nil {
		list = append(list, string(b[1:len(b)-1]))
	}
	if b, err := encode(secret); err == nil {
		list = append(list, string(b[1:len(b)-1]))
	}
	var b bytes.Buffer
	if xml.EscapeText(&b, []byte(secret)) == nil {
		list = append(list, b.String())
	}
	return list
}

// genSecret makes values that are long enough to be no accident and full of
// what escapes trip over.
func genSecret(t *rapid.T, label string) string {
	return rapid.StringOfN(rapid.SampledFrom([]rune(
		`abcdefgXYZ0189"'\/<>&%$#@!,;:=+-*_.|~{}[]()`+"`\n\r\t\x1b\u00e9\u202e\U0001f511")), minScrub, 60, -1).Draw(t, label)
}

func genText(t *rapid.T, label, secret string) string {
	s := rapid.String().Draw(t, label)
	if rapid.Bool().Draw(t, label+" holds the secret") {
		i := rapid.IntRange(0, len(s)).Draw(t, label+" at")
		s = s[:i] + secret + s[i:]
	}
	return s
}

// genFinding hides the raw value in every text of a finding, as if redaction
// had failed everywhere.
func genFinding(t *rapid.T) *finding.Finding {
	secret, part := genSecret(t, "secret"), genSecret(t, "part")
	text := func(label string) string {
		return genText(t, label, rapid.SampledFrom([]string{secret, part}).Draw(t, label+" which"))
	}
	f := &finding.Finding{
		Fingerprint: "v1:00112233445566778899aabbccddeeff", Rule: "rule", Provider: "p", Kind: "k", Description: text("description"),
		Severity:   finding.Severity(rapid.IntRange(1, 4).Draw(t, "severity")),
		Confidence: finding.Confidence(rapid.IntRange(1, 3).Draw(t, "confidence")),
		Secret:     secret, Redacted: "****", Facts: map[string]string{"fact": text("fact")},
		Parts:        []finding.Part{{Name: "id", Secret: part, Redacted: "****", Path: text("part path"), Line: 1, Column: 1}},
		Evidence:     []finding.Evidence{{Name: "e", Weight: 1, Detail: text("detail")}},
		Verification: &finding.Verification{State: finding.Unknown, Reason: text("reason"), Facts: map[string]string{"f": text("verified")}},
		Lifetime: &finding.Lifetime{
			Introduced: finding.Event{Commit: "c", Author: text("author"), Path: text("event path")},
			Removed:    &finding.Event{Author: text("remover")},
			Intervals:  []finding.Interval{{Introduced: finding.Event{Author: text("interval")}}},
			Paths:      []string{text("paths")}, Refs: []string{text("ref")}, RefCount: 1,
		},
	}
	for range rapid.IntRange(1, 3).Draw(t, "occurrences") {
		o := finding.Occurrence{
			Path: text("path"), Line: 1, Column: 1, EndLine: 1, EndColumn: 2, Excerpt: text("excerpt"), Field: text("field"),
			Commit: rapid.SampledFrom([]string{"", "0123456789abcdef"}).Draw(t, "commit"),
		}
		o.ExcerptStart = rapid.IntRange(0, len(o.Excerpt)).Draw(t, "start")
		o.ExcerptEnd = rapid.IntRange(o.ExcerptStart, len(o.Excerpt)).Draw(t, "end")
		f.Occurrences = append(f.Occurrences, o)
	}
	return f
}

// The promise of this package: no output holds a raw value unless asked.
func TestNoOutputHoldsASecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := genFinding(t)
		report := &finding.Report{Run: finding.Run{Tool: "leaksonde"}, Coverage: &finding.Coverage{}, Findings: []*finding.Finding{f}}
		for _, format := range Formats() {
			for _, o := range []Options{{}, {Verbose: true, Color: true, Width: 200}} {
				var buf bytes.Buffer
				r, err := New(format, &buf, o)
				if err != nil {
					t.Fatal(err)
				}
				if err := Replay(r, report); err != nil {
					t.Fatal(err)
				}
				for _, secret := range []string{f.Secret, f.Parts[0].Secret} {
					for _, s := range spellings(secret) {
						if strings.Contains(buf.String(), s) {
							t.Fatalf("%s holds %q:\n%s", format, s, buf.String())
						}
					}
				}
			}
		}
	})
}

// Formats for platforms hold no raw value even when asked; the others do, or
// the test above would prove nothing.
func TestShowSecrets(t *testing.T) {
	report := fixture()
	for _, format := range Formats() {
		out := string(render(t, format, Options{ShowSecrets: true}, report))
		shows := format == "console" || format == "json" || format == "jsonl" || format == "csv"
		if got := strings.Contains(out, report.Findings[0].Secret); got != shows {
			t.Errorf("%s: shows the secret: %v, want %v", format, got, shows)
		}
		if got := strings.Contains(string(render(t, format, Options{}, report)), report.Findings[0].Secret); got {
			t.Errorf("%s shows the secret unasked", format)
		}
	}
}

// A reporter must not change what others hold.
func TestFindingsAreNotChanged(t *testing.T) {
	report := fixture()
	report.Findings[0].Occurrences[0].Path = "x/" + report.Findings[0].Secret
	before, err := json.Marshal(report.Findings)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range Formats() {
		render(t, format, Options{}, report)
	}
	after, err := json.Marshal(report.Findings)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("a reporter changed the findings")
	}
}

// Every output is what its format says, whatever the texts are.
func TestOutputsAreWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		report := &finding.Report{Coverage: &finding.Coverage{}, Findings: []*finding.Finding{genFinding(t), genFinding(t)}}
		report.Coverage.Add(finding.Gap{Path: rapid.String().Draw(t, "gap"), Reason: finding.ReasonCorrupt, Detail: rapid.String().Draw(t, "gap detail")})
		for _, format := range Formats() {
			var buf bytes.Buffer
			r, err := New(format, &buf, Options{ShowSecrets: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := Replay(r, report); err != nil {
				t.Fatal(err)
			}
			checkFormat(t, format, buf.Bytes())
		}
	})
}

func checkFormat(t *rapid.T, format string, out []byte) {
	if !utf8.Valid(out) {
		t.Fatalf("%s is no UTF-8", format)
	}
	for _, r := range string(out) {
		if r != '\n' && deceptive(r) {
			t.Fatalf("%s holds %U:\n%s", format, r, out)
		}
	}
	for line := range strings.Lines(string(out)) {
		if format != "github" && strings.HasPrefix(strings.TrimLeft(line, " "), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
			t.Fatalf("%s holds a command: %q", format, line)
		}
	}
	var err error
	switch format {
	case "json", "sarif":
		if !json.Valid(out) {
			t.Fatalf("%s is no JSON:\n%s", format, out)
		}
	case "jsonl":
		if n := bytes.Count(out, []byte("\n")); n != 2 {
			t.Fatalf("%d lines", n)
		}
	case "junit":
		err = xml.Unmarshal(out, new(junitSuites))
	case "csv":
		var rows [][]string
		rows, err = csv.NewReader(bytes.NewReader(out)).ReadAll()
		for _, row := range rows {
			for _, c := range row {
				if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
					t.Fatalf("cell %q is a formula", c)
				}
			}
		}
	case "github":
		for line := range strings.Lines(string(out)) {
			if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::warning ") && !strings.HasPrefix(line, "::notice ") {
				t.Fatalf("line %q", line)
			}
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
}
