package reporters

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"pgregory.net/rapid"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"a/b c.go":             "a/b c.go",
		`C:\temp`:              `C:\temp`,
		"\x1b[31mred\x1b[0m":   `\x1b[31mred\x1b[0m`,
		"a\nb\r\tc\x00\x7f":    `a\nb\r\tc\x00\x7f`,
		"\u009b31m":            `\u009b31m`,
		"abc\u202etxt.exe":     `abc\u202etxt.exe`,
		"\u200bzero\ufeff":     `\u200bzero\ufeff`,
		"\U000e0041tag":        `\U000e0041tag`,
		"line\u2028sep":        `line\u2028sep`,
		"é 鍵 👩\u200d🚀":         "é 鍵 👩\u200d🚀",
		"\xff\xc3":             `\xff\xc3`,
		"##[add-mask]x":        `#\x23[add-mask]x`,
		"##vso[task.x]y":       `#\x23vso[task.x]y`,
		"## heading [link](x)": "## heading [link](x)",
		"###[x]":               `##\x23[x]`,
	} {
		if got := visible(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\x1b[0m\xff\u202e##[x]::")
	f.Fuzz(func(t *testing.T, s string) {
		v := visible(s)
		if !utf8.ValidString(v) || strings.ContainsFunc(v, deceptive) {
			t.Errorf("%q gives %q", s, v)
		}
		if visible(v) != v {
			t.Errorf("%q: not idempotent: %q, %q", s, v, visible(v))
		}
	})
}

func FuzzEncode(f *testing.F) {
	f.Add("a\x1b[0m\u009b\u202e\U000e0041<&>##[x]\u007f")
	f.Fuzz(func(t *testing.T, s string) {
		s = utf8Text(s)
		b, err := encode([]string{s})
		if err != nil {
			t.Fatal(err)
		}
		var back []string
		if err := json.Unmarshal(b, &back); err != nil || back[0] != s {
			t.Errorf("%q comes back as %q, %v", s, back, err)
		}
		if strings.ContainsFunc(string(b), deceptive) || bytes.Contains(b, []byte("##")) {
			t.Errorf("%q gives %s", s, b)
		}
	})
}

func TestDisarm(t *testing.T) {
	in := "plain\n  ::set-output name=x::y\n::add-mask::z\nfoo ::bar\n"
	want := "plain\n  \\x3a:set-output name=x::y\n\\x3a:add-mask::z\nfoo ::bar\n"
	if got := string(disarm([]byte(in))); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCommandEscapes(t *testing.T) {
	var b bytes.Buffer
	command(&b, "error", [][2]string{{"file", "a,b:c%\n"}, {"title", "t"}}, "50%: a,b\r\n::x")
	if got, want := b.String(), "::error file=a%2Cb%3Ac%25%0A,title=t::50%25: a,b%0D%0A::x\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "": "", "=1+1": "'=1+1", "+1": "'+1", "-----BEGIN": "'-----BEGIN", "@SUM(A1)": "'@SUM(A1)",
		"  =1": "'  =1", "\t=1": `\t=1`, "＝1": "'＝1", "a=b": "a=b", "v1:00": "v1:00",
	} {
		if got := inert(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestMarkdownEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"plain text.": "plain text.", "<b>@ann & [x](y)": `&lt;b\>&#64;ann &amp; \[x\]\(y\)`, "a|b\n# c": `a\|b\\n\# c`,
	} {
		if got := markdown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "a|b": `a|b`, "": "`  `"} {
		if got := code(in); !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := cell("a|b"); got != "`a\\|b`" {
		t.Errorf("cell %q", got)
	}
	if got := link("javascript:alert(1)"); got != "" {
		t.Errorf("link %q", got)
	}
}

func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-zé鍵]{1,12} ?){0,20}`).Draw(t, "text")
		width := rapid.IntRange(5, 40).Draw(t, "width")
		lines := wrap(text, width)
		if got, want := strings.Fields(strings.Join(lines, " ")), strings.Fields(text); !slices.Equal(got, want) {
			t.Fatalf("words %q, want %q", got, want)
		}
		for _, l := range lines {
			if columns(l) > width && strings.Contains(l, " ") {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
	})
}

func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.StringMatching(`[a-zé鍵 ]{0,60}`)
		pre, mid, post := gen.Draw(t, "pre"), gen.Draw(t, "mid"), gen.Draw(t, "post")
		width := rapid.IntRange(20, 100).Draw(t, "width")
		a, b, c := window(pre, mid, post, width)
		if n := columns(a) + columns(b) + columns(c); n > width {
			t.Fatalf("%d columns, limit %d: %q %q %q", n, width, a, b, c)
		}
		if columns(mid) <= width-2 && b != mid {
			t.Fatalf("the secret %q is cut to %q", mid, b)
		}
		for _, p := range [][2]string{{pre, a}, {mid, b}, {post, c}} {
			if p[0] != p[1] && p[1] != "" && !strings.Contains(p[1], ellipsis) {
				t.Fatalf("%q is cut to %q without a mark", p[0], p[1])
			}
		}
	})
}

func TestFormatForPath(t *testing.T) {
	for path, want := range map[string]string{
		"out.json": "json", "a/b.jsonl": "jsonl", "x.sarif": "sarif", "x.sarif.json": "sarif", "X.SARIF": "sarif",
		"r.csv": "csv", "r.xml": "junit", "r.junit.xml": "junit", "r.txt": "console", "r.md": "markdown", `c:\a.b\r.json`: "json",
		"r.html": "", "json": "", "dir.json/file": "",
	} {
		if got, ok := FormatForPath(path); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", path, got, ok, want)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	_, err := New("yaml", nil, Options{})
	if err == nil || !strings.Contains(err.Error(), `unknown format "yaml" (want one of console, json, jsonl, `) {
		t.Errorf("%v", err)
	}
}

type failing struct{}

var errFull = errors.New("no space left on device")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreReported(t *testing.T) {
	for _, format := range Formats() {
		r, err := New(format, failing{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Replay(r, fixture()); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// counting counts writes: a line of jsonl must be one.
type counting struct{ n int }

func (c *counting) Write(p []byte) (int, error) { c.n++; return len(p), nil }

func TestJSONLWritesWholeLines(t *testing.T) {
	var c counting
	r, err := New("jsonl", &c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fixture().Findings {
		if err := r.Finding(f); err != nil {
			t.Fatal(err)
		}
		if c.n != i+1 {
			t.Fatalf("%d writes after %d findings", c.n, i+1)
		}
	}
}

func TestAnnotationLimit(t *testing.T) {
	for n, want := range map[int]int{0: 0, 9: 9, 10: 10, 11: 10, 500: 10} {
		out := string(render(t, "github", Options{}, many(n)))
		if got := strings.Count(out, "\n"); got != want {
			t.Errorf("%d findings: %d annotations, want %d", n, got, want)
		}
		if n == 500 && (!strings.Contains(out, "and 491 secrets") || strings.Contains(out, "LOW%3A")) {
			t.Errorf("the rest is not counted:\n%s", out)
		}
	}
}

func TestSummaryStaysUnderTheLimit(t *testing.T) {
	report := many(300)
	for _, limit := range []int{3000, 20_000, maxSummary} {
		var buf bytes.Buffer
		if err := Replay(&markdownReport{w: &buf, limit: limit}, report); err != nil {
			t.Fatal(err)
		}
		if buf.Len() > limit {
			t.Errorf("%d bytes, limit %d", buf.Len(), limit)
		}
		if cut := strings.Contains(buf.String(), "do not fit"); cut != (limit < maxSummary) {
			t.Errorf("limit %d: the cut is stated: %v", limit, cut)
		}
	}
	huge := many(20_000)
	huge.Findings[0].Remediation.Steps = []string{strings.Repeat("step ", 1_000_000)}
	var buf bytes.Buffer
	if err := GitHubSummary(&buf, huge); err != nil {
		t.Fatal(err)
	}
	if buf.Len() > maxSummary {
		t.Errorf("%d bytes", buf.Len())
	}
}

func TestAfter(t *testing.T) {
	start := fixture().Findings[1].Lifetime.Introduced.Date
	for hours, want := range map[int]string{
		0: " within the hour", 1: " 1 hour later", 47: " 47 hours later", 48: " 2 days later", 24 * 89: " 89 days later",
		24 * 365: " 12 months later", 24 * 800: " 2 years later", -24: " 2019-03-01",
	} {
		if got := after(start, start.Add(time.Duration(hours)*time.Hour)); got != want {
			t.Errorf("%d hours: %q, want %q", hours, got, want)
		}
	}
}

func TestImportanceOrder(t *testing.T) {
	mk := func(s finding.Severity, c finding.Confidence, v finding.VerificationState) *finding.Finding {
		f := &finding.Finding{Severity: s, Confidence: c, Occurrences: []finding.Occurrence{{Path: "a"}}}
		if v != "" {
			f.Verification = &finding.Verification{State: v}
		}
		return f
	}
	order := []*finding.Finding{
		mk(finding.SeverityCritical, finding.High, finding.Active),
		mk(finding.SeverityLow, finding.Low, finding.Active),
		mk(finding.SeverityCritical, finding.High, finding.Unknown),
		mk(finding.SeverityCritical, finding.Low, ""),
		mk(finding.SeverityHigh, finding.High, ""),
		mk(finding.SeverityLow, finding.Low, ""),
		mk(finding.SeverityCritical, finding.High, finding.Inactive),
	}
	for i := range order[1:] {
		if byImportance(order[i], order[i+1]) >= 0 {
			t.Errorf("%d does not go before %d: %d, %d", i, i+1, importance(order[i]), importance(order[i+1]))
		}
	}
}

func TestSuffixesAreKnownOnce(t *testing.T) {
	seen := map[string]string{}
	for _, f := range known() {
		for _, s := range f.suffixes {
			if seen[s] != "" {
				t.Errorf("%s means %s and %s", s, seen[s], f.name)
			}
			seen[s] = f.name
		}
	}
}
