package reporters

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// tally counts findings for a summary.
type tally struct {
	total, places, live int
	severity            [finding.SeverityCritical + 1]int
}

func (t *tally) add(f *finding.Finding) {
	t.total++
	t.places += len(f.Occurrences)
	if int(f.Severity) < len(t.severity) {
		t.severity[f.Severity]++
	}
	if state(f) == finding.Active {
		t.live++
	}
}

// String is "3 secrets in 7 places: 1 critical, 2 high; 1 is live".
func (t *tally) String() string {
	var by []string
	for s := finding.SeverityCritical; s >= finding.SeverityLow; s-- {
		if n := t.severity[s]; n > 0 {
			by = append(by, humanize.Comma(int64(n))+" "+s.String())
		}
	}
	text := count(t.total, "secret", "secrets")
	if t.total > 0 {
		text += " in " + count(t.places, "place", "places")
	}
	if len(by) > 0 {
		text += ": " + strings.Join(by, ", ")
	}
	if t.live > 0 {
		text += fmt.Sprintf("; %s live", english.PluralWord(t.live, "1 is", humanize.Comma(int64(t.live))+" are"))
	}
	return text
}

// count is english.Plural with thousands separated.
func count[T int | int64](n T, one, many string) string {
	return humanize.Comma(int64(n)) + " " + english.PluralWord(int(n), one, many)
}

func (c *console) Close(run finding.Run, cov *finding.Coverage) error {
	if c.o.Quiet {
		return nil
	}
	if cov == nil {
		cov = &finding.Coverage{}
	}
	c.buf.Reset()
	c.verdict(cov)
	c.row("scanned", scannedText(run, cov))
	c.row("scope", visible(run.Scope))
	c.rows("", visibles(cov.Scope))
	c.row("rules", rulesText(run))
	c.gaps(cov, false)
	c.row("allowed", suppressedText(cov))
	if cov.Incomplete() {
		c.missed(cov)
	}
	return write(c.w, disarm(c.buf.Bytes()))
}

func (c *console) verdict(cov *finding.Coverage) {
	switch {
	case c.count.total > 0:
		c.buf.WriteString(c.st.bad.Sprint("Found " + c.count.String()))
	case cov.Incomplete():
		c.buf.WriteString(c.st.bad.Sprint("No secrets in what was read, but not everything could be read"))
	case cov.Files+cov.Objects+cov.Commits+cov.Bytes == 0:
		c.buf.WriteString(c.st.bold.Sprint("Nothing to scan: nothing in the scope had any content"))
	default:
		c.buf.WriteString(c.st.good.Sprint("Clean: no secrets found"))
	}
	c.buf.WriteByte('\n')
}

func scannedText(run finding.Run, cov *finding.Coverage) string {
	var list []string
	if cov.Files > 0 {
		list = append(list, count(cov.Files, "file", "files"))
	}
	if cov.Objects > 0 {
		list = append(list, count(cov.Objects, "git object", "git objects"))
	}
	if cov.Commits > 0 {
		list = append(list, count(cov.Commits, "commit", "commits"))
	}
	text := bytesText(cov.Bytes)
	if len(list) > 0 {
		text = strings.Join(list, ", ") + "; " + text
	}
	if len(run.Roots) > 0 {
		text += " under " + strings.Join(visibles(run.Roots), ", ")
	}
	return text
}

func bytesText(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

func rulesText(run finding.Run) string {
	if run.Rules == 0 && run.Config == "" {
		return ""
	}
	text := humanize.Comma(int64(run.Rules))
	if run.Config != "" {
		text += " (" + visible(run.Config) + ")"
	}
	return text
}

func suppressedText(cov *finding.Coverage) string {
	var list []string
	for _, what := range slices.Sorted(maps.Keys(cov.Suppressed)) {
		list = append(list, fmt.Sprintf("%s by %s", count(cov.Suppressed[what], "match", "matches"), visible(what)))
	}
	return strings.Join(list, ", ")
}

// gaps lists what was excluded or, under missed, what could not be read.
func (c *console) gaps(cov *finding.Coverage, incomplete bool) {
	label := "left out"
	if incomplete {
		label = "missed"
	}
	all := cov.Gaps()
	for _, t := range cov.Tallies() {
		if t.Incomplete != incomplete {
			continue
		}
		text := humanize.Comma(t.Count) + " " + reasonText(t.Reason)
		if t.Bytes > 0 {
			text += " (" + bytesText(t.Bytes) + ")"
		}
		var lines []string
		for _, g := range all {
			if g.Reason == t.Reason && (c.o.Verbose || len(lines) < maxGaps || t.Count <= maxGaps+1) {
				lines = append(lines, "  "+gapText(g))
			}
		}
		switch rest := t.Count - int64(len(lines)); {
		case rest > 0 && len(lines) > 0:
			lines = append(lines, fmt.Sprintf("  and %s more; --coverage FILE lists them", humanize.Comma(rest)))
		case t.Count == 1 && columns(text)+columns(lines[0]) < c.o.Width-labelWidth:
			text, lines = text+":"+lines[0][1:], nil
		}
		lines = append([]string{text}, lines...)
		if r := remedy(t.Reason); r != "" {
			lines = append(lines, r)
		}
		c.lines(label, lines)
		label = ""
	}
}

func (c *console) missed(cov *finding.Coverage) {
	c.buf.WriteString("\n" + c.st.bad.Sprint("INCOMPLETE: part of the scope was not read, so this is not a clean result") + "\n")
	c.gaps(cov, true)
	c.row("accept", "--allow-incomplete turns exit status 3 into 0 when no findings fail the run")
}

func gapText(g finding.Gap) string {
	text := visible(g.Path)
	if g.Root != "" {
		text = strings.TrimSuffix(visible(g.Root), "/") + "/" + text
	}
	if g.Detail == "" {
		return text
	}
	if text == "" {
		return visible(g.Detail)
	}
	return text + ": " + visible(g.Detail)
}

func reasonText(r finding.Reason) string {
	switch r {
	case finding.ReasonIgnored:
		return "ignored by git"
	case finding.ReasonAllowed:
		return "allowed by .leaksondeignore or leaksonde.toml"
	case finding.ReasonOption:
		return "left out by options"
	case finding.ReasonNotRegular:
		return "not a regular file"
	case finding.ReasonOutside:
		return "linked to outside the tree"
	case finding.ReasonLink:
		return "linked to what is scanned anyway"
	case finding.ReasonSubmodule:
		return "not checked out (submodules)"
	case finding.ReasonStore:
		return "of git's own files (the git scopes read them)"
	case finding.ReasonUnreadable:
		return "unreadable"
	case finding.ReasonTruncated:
		return "cut short"
	case finding.ReasonMissing:
		return "missing from the object store"
	case finding.ReasonCorrupt:
		return "corrupt"
	case finding.ReasonShallow:
		return "cut off by a shallow clone"
	case finding.ReasonCap:
		return "over a size, depth or ratio limit"
	case finding.ReasonLFS:
		return "without their content (Git LFS)"
	case finding.ReasonFormat:
		return "in a format that cannot be read"
	case finding.ReasonCancelled:
		return "not reached before the run was stopped"
	}
	return visible(string(r))
}

// remedy says how to close a gap.
func remedy(r finding.Reason) string {
	switch r {
	case finding.ReasonUnreadable:
		return "-> give read permission, or exclude them in .leaksondeignore"
	case finding.ReasonMissing:
		return "-> git fetch --refetch, or clone without --filter"
	case finding.ReasonCorrupt:
		return "-> git fsck, and clone again if it complains"
	case finding.ReasonShallow:
		return "-> git fetch --unshallow (actions/checkout: fetch-depth: 0)"
	case finding.ReasonCap:
		return "-> raise --max-file-size, or exclude them in .leaksondeignore"
	case finding.ReasonLFS:
		return "-> git lfs pull"
	case finding.ReasonSubmodule:
		return "-> git submodule update --init"
	}
	return ""
}

func visibles(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = visible(s)
	}
	return out
}
