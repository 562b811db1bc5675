package reporters

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// What the formats for platforms say of a rule and of gaps.

// helpText is the help of a rule as plain text.
func helpText(r finding.RuleInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\nWhat to do:\n", nonEmpty(visible(r.Description), r.ID))
	for i, s := range remediationSteps(r.Remediation) {
		fmt.Fprintf(&b, "%d. %s\n", i+1, visible(s))
	}
	if u := r.Remediation.RotateURL; u != "" {
		fmt.Fprintf(&b, "\nRotate it at %s\n", visible(u))
	}
	for _, d := range r.Remediation.Docs {
		b.WriteString(docText(d) + "\n")
	}
	return b.String()
}

// helpMarkdown is the help of a rule in Markdown.
func helpMarkdown(r finding.RuleInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", markdown(nonEmpty(r.Description, r.ID)))
	b.WriteString("Whoever can read the place where this credential stands can use it. " +
		"Taking it out of the file is not enough: it stays in the history, in clones and in logs. Revoke it first.\n\n" +
		"## What to do\n\n")
	for i, s := range remediationSteps(r.Remediation) {
		fmt.Fprintf(&b, "%d. %s\n", i+1, markdown(s))
	}
	if u := link(r.Remediation.RotateURL); u != "" {
		fmt.Fprintf(&b, "\nRotate it at %s\n", u)
	}
	for _, d := range r.Remediation.Docs {
		switch {
		case !isURL(d):
			fmt.Fprintf(&b, "\n%s\n", markdown(sentenceOf(d)))
		case link(d) != "":
			fmt.Fprintf(&b, "\nSee %s\n", link(d))
		}
	}
	fmt.Fprintf(&b, "\n## If it is no secret\n\n"+
		"Add `leaksonde:allow` with a reason on the line or above it, or the finding's fingerprint to `.leaksondeignore`.\n\n"+
		"Rule: %s\n", code(r.ID))
	return b.String()
}

// isURL tells an address from a remark: a rule's docs may be either.
func isURL(doc string) bool {
	scheme, rest, ok := strings.Cut(doc, "://")
	return ok && rest != "" && !strings.ContainsFunc(scheme, unicode.IsSpace) && !strings.ContainsFunc(rest, unicode.IsSpace)
}

// docText is one of a rule's docs as plain text.
func docText(doc string) string {
	if isURL(doc) {
		return "See " + visible(doc)
	}
	return visible(sentenceOf(doc))
}

// sentenceOf gives a remark a capital letter and a full stop.
func sentenceOf(s string) string {
	s = strings.TrimSpace(s)
	r, n := utf8.DecodeRuneInString(s)
	if n > 0 {
		s = string(unicode.ToUpper(r)) + s[n:]
	}
	if s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

func remediationSteps(r finding.Remediation) []string {
	if len(r.Steps) > 0 {
		return r.Steps
	}
	return []string{
		"Revoke it where it was issued.",
		"Put a new one into a secret store, not into the source.",
		"Take the old one out of the file.",
		"Look through the access logs for uses that were not yours.",
	}
}

// gapSentence says what was left out or missed for one reason, naming at most n.
func gapSentence(t finding.Tally, gaps []finding.Gap, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", t.Count, reasonText(t.Reason))
	if t.Bytes > 0 {
		fmt.Fprintf(&b, " (%s)", bytesText(t.Bytes))
	}
	var named int64
	for _, g := range gaps {
		if g.Reason != t.Reason || named == int64(n) {
			continue
		}
		b.WriteString([]string{": ", "; "}[min(named, 1)] + gapText(g))
		named++
	}
	if rest := t.Count - named; named > 0 && rest > 0 {
		fmt.Fprintf(&b, "; and %d more", rest)
	}
	b.WriteByte('.')
	if r := remedy(t.Reason); r != "" {
		b.WriteString(" Remedy: " + strings.TrimPrefix(r, "-> ") + ".")
	}
	return b.String()
}
