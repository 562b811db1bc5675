package reporters

import (
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// A rule's docs may be remarks: they are no addresses to see.
func TestDocsAreLinksOrSentences(t *testing.T) {
	r := finding.RuleInfo{ID: "x", Remediation: finding.Remediation{Docs: []string{"shape read off the provider's source", "https://example.com/docs"}}}
	text, page := helpText(r), helpMarkdown(r)
	for _, want := range []string{"Shape read off the provider's source.\n", "See https://example.com/docs\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	for _, want := range []string{"\nShape read off the provider", "See <https://example.com/docs>\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	if strings.Contains(text+page, "See Shape") || strings.Contains(text+page, "See shape") {
		t.Errorf("a remark as a link: %s%s", text, page)
	}
	if got := sarifRuleOf(r).HelpURI; got != "https://example.com/docs" {
		t.Errorf("helpUri %q", got)
	}
	c := &console{o: Options{Verbose: true}}
	if got := strings.Join(c.steps(r.Remediation), "\n"); !strings.Contains(got, "\nShape read off the provider's source.\nsee https://example.com/docs") {
		t.Errorf("console: %s", got)
	}
}
