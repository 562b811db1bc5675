package reporters

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// maxSummary keeps a step summary well under GitHub's 1 MiB: a longer one is
// not cut but dropped as a whole.
const maxSummary = 900_000

// maxGuides bounds the rules whose remediation is spelled out.
const maxGuides = 20

// markdownReport writes a page of GitHub Flavored Markdown: a job summary, a
// comment, a ticket.
type markdownReport struct {
	w        io.Writer
	findings []*finding.Finding
	limit    int
}

func newMarkdown(w io.Writer, _ Options) Reporter { return &markdownReport{w: w, limit: maxSummary} }

// GitHubSummary writes a report for $GITHUB_STEP_SUMMARY, under 900 kB. It is
// the markdown format.
func GitHubSummary(w io.Writer, report *finding.Report) error {
	return Replay(guard(newMarkdown(w, Options{}), Options{}), report)
}

func (m *markdownReport) Finding(f *finding.Finding) error {
	m.findings = append(m.findings, f)
	return nil
}

func (m *markdownReport) Close(run finding.Run, c *finding.Coverage) error {
	if c == nil {
		c = &finding.Coverage{}
	}
	slices.SortStableFunc(m.findings, byImportance)
	var t tally
	for _, f := range m.findings {
		t.add(f)
	}
	head, foot := summaryHead(&t, c), summaryFoot(run, c)
	guides := m.guides(m.limit / 4)
	out := bytes.NewBuffer(head)
	m.table(out, m.limit-len(guides)-len(foot))
	out.Write(guides)
	out.Write(foot)
	return write(m.w, out.Bytes())
}

func summaryHead(t *tally, c *finding.Coverage) []byte {
	var b bytes.Buffer
	switch {
	case t.total > 0:
		fmt.Fprintf(&b, "## Leaksonde found %s\n\n", t)
	case c.Incomplete():
		b.WriteString("## Leaksonde could not read everything\n\n")
	default:
		b.WriteString("## Leaksonde found no secrets\n\n")
	}
	if c.Incomplete() {
		fmt.Fprintf(&b, "> [!CAUTION]\n> The scan is incomplete, so this is not a clean result. %s\n\n", markdown(clip(missedText(c, maxGaps), 20_000)))
	}
	return b.Bytes()
}

// table writes as many rows as fit into limit bytes of out.
func (m *markdownReport) table(out *bytes.Buffer, limit int) {
	if len(m.findings) == 0 {
		return
	}
	out.WriteString("| Severity | What | Where | Value | State |\n|---|---|---|---|---|\n")
	const reserve = 200 // for the line that counts the rest
	for i, f := range m.findings {
		row := summaryRow(f)
		if out.Len()+len(row)+reserve > limit {
			fmt.Fprintf(out, "\n**%d more findings do not fit in here;** the other reports have them.\n", len(m.findings)-i)
			break
		}
		out.WriteString(row)
	}
	out.WriteByte('\n')
}

func summaryRow(f *finding.Finding) string {
	o := f.Occurrences[primary(f)]
	where := cell(place(o))
	if n := len(f.Occurrences); n > 1 {
		where += fmt.Sprintf(" and %d more", n-1)
	}
	var notes []string
	switch state(f) {
	case finding.Active:
		notes = append(notes, "**live**")
	case finding.Inactive, finding.Unknown, finding.Unverifiable:
		notes = append(notes, string(state(f)))
	}
	if !standing(f) {
		notes = append(notes, "only in history")
	}
	notes = append(notes, f.Confidence.String()+" confidence")
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", f.Severity,
		markdown(nonEmpty(f.Description, f.Rule)), where, cell(f.Redacted), strings.Join(notes, ", "))
}

// guides spells out the remediation of each rule once, in at most limit bytes.
func (m *markdownReport) guides(limit int) []byte {
	var b bytes.Buffer
	seen := map[string]bool{}
	for _, f := range m.findings {
		if seen[f.Rule] || len(seen) == maxGuides {
			continue
		}
		seen[f.Rule] = true
		var g strings.Builder
		fmt.Fprintf(&g, "<details><summary>What to do: %s</summary>\n\n", html(nonEmpty(f.Description, f.Rule)))
		for i, s := range remediationSteps(f.Remediation) {
			fmt.Fprintf(&g, "%d. %s\n", i+1, markdown(s))
		}
		if u := link(f.Remediation.RotateURL); u != "" {
			fmt.Fprintf(&g, "\nRotate it at %s\n", u)
		}
		g.WriteString("\n</details>\n\n")
		if b.Len()+g.Len() > limit {
			break
		}
		b.WriteString(g.String())
	}
	return b.Bytes()
}

func summaryFoot(run finding.Run, c *finding.Coverage) []byte {
	var b bytes.Buffer
	item := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "- %s: %s\n", label, markdown(clip(text, 4000)))
		}
	}
	item("Scanned", scannedText(run, c))
	item("Scope", strings.Join(slices.Concat([]string{run.Scope}, c.Scope), "; "))
	item("Rules", rulesText(run))
	gaps := c.Gaps()
	for _, t := range c.Tallies() {
		if !t.Incomplete {
			item("Left out", gapSentence(t, gaps, maxGaps))
		}
	}
	item("Allowed", suppressedText(c))
	return b.Bytes()
}
