package reporters

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// maxAnnotations is how many annotations GitHub shows: 10 of a level and step,
// the rest is dropped without a word. We stay at 10 of all levels together,
// since a job shares 50 among its steps.
// https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
const maxAnnotations = 10

// github writes workflow commands, which GitHub Actions turns into annotations:
// the most important findings, a count of the rest, and a warning if the scan
// was incomplete.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
type github struct {
	w        io.Writer
	findings []*finding.Finding
}

func newGitHub(w io.Writer, _ Options) Reporter { return &github{w: w} }

func (g *github) Finding(f *finding.Finding) error {
	g.findings = append(g.findings, f)
	return nil
}

func (g *github) Close(_ finding.Run, c *finding.Coverage) error {
	slices.SortStableFunc(g.findings, byImportance)
	var out bytes.Buffer
	room := maxAnnotations
	if c != nil && c.Incomplete() {
		room--
		command(&out, "warning", [][2]string{{"title", "Leaksonde: the scan is incomplete"}}, missedText(c, 3))
	}
	shown := g.findings
	if len(shown) > room {
		shown = shown[:room-1]
	}
	for _, f := range shown {
		annotate(&out, f)
	}
	if rest := g.findings[len(shown):]; len(rest) > 0 {
		var t tally
		for _, f := range rest {
			t.add(f)
		}
		command(&out, "notice", [][2]string{{"title", "Leaksonde: more findings"}},
			"and "+t.String()+". The job summary and the reports have them.")
	}
	return write(g.w, out.Bytes())
}

func annotate(out *bytes.Buffer, f *finding.Finding) {
	level := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[sarifLevel(f.Severity)]
	o := f.Occurrences[primary(f)]
	var props [][2]string
	text := sentence(f)
	if standing(f) {
		file := o.Path
		if o.Root != "" {
			file = strings.TrimSuffix(o.Root, "/") + "/" + file
		}
		line, end := max(o.Line, 1), max(o.EndLine, o.Line, 1)
		props = append(props, [2]string{"file", visible(file)},
			[2]string{"line", fmt.Sprint(line)}, [2]string{"endLine", fmt.Sprint(end)})
		if line == end && o.Column > 0 { // columns of a longer range are refused
			props = append(props, [2]string{"col", fmt.Sprint(o.Column)}, [2]string{"endColumn", fmt.Sprint(max(o.EndColumn, o.Column))})
		}
	} else {
		// The line of an old version would point at something else today.
		text += fmt.Sprintf(" It stood at %s in commit %s.", place(o), short(o.Commit))
	}
	title := fmt.Sprintf("%s: %s", strings.ToUpper(f.Severity.String()), nonEmpty(visible(f.Description), f.Rule))
	props = append(props, [2]string{"title", title})
	command(out, level, props, text+" Rule "+visible(f.Rule)+", fingerprint:"+f.Fingerprint)
}

// command writes one workflow command. Escapes are those of the toolkit:
// percent and line ends everywhere, colon and comma also in properties.
func command(out *bytes.Buffer, name string, props [][2]string, message string) {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	out.WriteString("::" + name)
	for i, p := range props {
		out.WriteString([]string{" ", ","}[min(i, 1)] + p[0] + "=" + property.Replace(p[1]))
	}
	out.WriteString("::" + data.Replace(message) + "\n")
}

// missedText says what an incomplete scan missed, naming at most n of a reason.
func missedText(c *finding.Coverage, n int) string {
	var list []string
	gaps := c.Gaps()
	for _, t := range c.Tallies() {
		if t.Incomplete {
			list = append(list, gapSentence(t, gaps, n))
		}
	}
	return strings.Join(list, " ")
}
