package reporters

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Options are what the user chose about the output. The zero value is right
// for a pipe: redacted, no colour, 80 columns.
type Options struct {
	// ShowSecrets prints raw values in console, json, jsonl and csv. Formats for
	// platforms (sarif, github, markdown, junit) never do.
	ShowSecrets bool
	// Color is for terminals; reporters never look at the terminal themselves.
	Color bool
	// Quiet leaves out the summary of the console format.
	Quiet bool
	// Verbose lists all occurrences, gaps and remediation steps.
	Verbose bool
	// Width is the number of columns of the console; 0 means 80.
	Width int
}

// Reporter receives findings in canonical order (on a stream: in order of
// sight), then the close of the run. It is used by one goroutine at a time and
// keeps no reference to a finding's raw values. After an error it is done.
type Reporter interface {
	Finding(f *finding.Finding) error
	Close(run finding.Run, c *finding.Coverage) error
}

type format struct {
	name string
	// suffixes of file names that mean this format, lower case.
	suffixes []string
	open     func(io.Writer, Options) Reporter
	// raw formats show raw values if the user asks for them. The others are made
	// to be uploaded to a platform, and never do.
	raw bool
}

// known lists the formats, the default first. It is a function because the
// package has no variables that could be changed.
func known() []format {
	return []format{
		{"console", []string{".txt"}, newConsole, true},
		{"json", []string{".json"}, newJSON, true},
		{"jsonl", []string{".jsonl", ".ndjson"}, newJSONL, true},
		{"sarif", []string{".sarif", ".sarif.json"}, newSARIF, false},
		{"github", nil, newGitHub, false},
		{"markdown", []string{".md"}, newMarkdown, false},
		{"junit", []string{".xml"}, newJUnit, false},
		{"csv", []string{".csv"}, newCSV, true},
	}
}

// Formats are the names that New knows, the default first.
func Formats() []string {
	var names []string
	for _, f := range known() {
		names = append(names, f.name)
	}
	return names
}

// New makes a reporter of the given format that writes to w.
func New(name string, w io.Writer, o Options) (Reporter, error) {
	for _, f := range known() {
		if f.name == name {
			o.ShowSecrets = o.ShowSecrets && f.raw
			return guard(f.open(w, o), o), nil
		}
	}
	return nil, fmt.Errorf("unknown format %q (want one of %s)", name, strings.Join(Formats(), ", "))
}

// FormatForPath tells the format that a file name asks for, by its longest
// known suffix: "report.sarif.json" is SARIF.
func FormatForPath(file string) (name string, ok bool) {
	base := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	longest := ""
	for _, f := range known() {
		for _, s := range f.suffixes {
			if len(s) > len(longest) && strings.HasSuffix(base, s) {
				name, longest = f.name, s
			}
		}
	}
	return name, longest != ""
}

// Replay gives a whole report to a reporter.
func Replay(r Reporter, report *finding.Report) error {
	for _, f := range report.Findings {
		if err := r.Finding(f); err != nil {
			return err
		}
	}
	return r.Close(report.Run, report.Coverage)
}

// byImportance orders findings for formats that show only the first so many:
// live ones first, then by severity and confidence, then canonically.
func byImportance(a, b *finding.Finding) int {
	if c := importance(b) - importance(a); c != 0 {
		return c
	}
	return finding.Compare(a, b)
}

// importance is 0 to 100. Severity decides, confidence breaks ties; a value
// known to be live goes before all others, one known to be dead behind them.
// SARIF calls this the rank of a result (2.1.0, 3.27.25).
func importance(f *finding.Finding) int {
	rank := 15*int(f.Severity) + 4*int(f.Confidence) // 19 .. 72
	switch state(f) {
	case finding.Active:
		rank = 88 + 3*int(f.Severity) // 91 .. 100
	case finding.Inactive:
		rank /= 4 // .. 18
	}
	if !standing(f) {
		rank--
	}
	return min(max(rank, 0), 100)
}

func state(f *finding.Finding) finding.VerificationState {
	if f.Verification == nil {
		return ""
	}
	return f.Verification.State
}

// standing is false for a value that is only in the history.
func standing(f *finding.Finding) bool {
	if f.Lifetime == nil || f.Lifetime.AtHead {
		return true
	}
	return slices.ContainsFunc(f.Occurrences, func(o finding.Occurrence) bool { return o.Commit == "" })
}

// primary is the occurrence to show first: one that can be opened in the
// checkout, if there is one.
func primary(f *finding.Finding) int {
	return max(0, slices.IndexFunc(f.Occurrences, func(o finding.Occurrence) bool { return o.Commit == "" }))
}
