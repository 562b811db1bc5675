package reporters

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// csvReport writes a row for each occurrence, for spreadsheets: findings are
// told apart by their fingerprint. It has no room for the coverage, so a header
// alone is no proof of a clean run; the exit status and --coverage are.
type csvReport struct {
	w       io.Writer
	secrets bool
	started bool
}

func newCSV(w io.Writer, o Options) Reporter { return &csvReport{w: w, secrets: o.ShowSecrets} }

func csvHeader() []string {
	return []string{
		"severity", "confidence", "verification", "provider", "kind", "description", "root", "path", "line", "column",
		"endLine", "endColumn", "commit", "versions", "decodedFrom", "exposure", "redacted", "introduced", "removed",
		"atHead", "rotateURL", "rule", "fingerprint",
	}
}

func (r *csvReport) Finding(f *finding.Finding) error {
	var introduced, removed, atHead string
	if l := f.Lifetime; l != nil {
		introduced, atHead = wireEvent(l.Introduced).Date, strconv.FormatBool(l.AtHead)
		if l.Removed != nil {
			removed = wireEvent(*l.Removed).Date
		}
	}
	var rows [][]string
	for _, o := range f.Occurrences {
		row := []string{
			f.Severity.String(), f.Confidence.String(), inert(string(state(f))), inert(f.Provider), inert(f.Kind),
			inert(f.Description), inert(o.Root), inert(o.Path), strconv.Itoa(o.Line), strconv.Itoa(o.Column),
			strconv.Itoa(o.EndLine), strconv.Itoa(o.EndColumn), inert(o.Commit), strconv.Itoa(o.Versions),
			inert(strings.Join(o.DecodedFrom, ">")), inert(string(o.Exposure)), inert(f.Redacted), introduced, removed,
			atHead, inert(f.Remediation.RotateURL), inert(f.Rule), inert(f.Fingerprint),
		}
		if r.secrets {
			row = append(row, inert(f.Secret))
		}
		rows = append(rows, row)
	}
	return r.write(rows)
}

func (r *csvReport) Close(finding.Run, *finding.Coverage) error { return r.write(nil) }

func (r *csvReport) write(rows [][]string) error {
	if !r.started {
		header := csvHeader()
		if r.secrets {
			header = append(header, "secret")
		}
		rows = slices.Insert(rows, 0, header)
		r.started = true
	}
	if len(rows) == 0 {
		return nil
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return err
	}
	return write(r.w, out.Bytes())
}

// inert makes a cell that no spreadsheet takes for a formula: one that begins
// with a character that starts a formula gets an apostrophe, which spreadsheets
// read as "text follows". (OWASP, CSV Injection; the wide forms are accepted by
// East Asian editions.) Line breaks and control characters are escaped.
func inert(s string) string {
	s = visible(s)
	if strings.ContainsAny(firstRune(strings.TrimLeft(s, " ")), "=+-@|%＝＋－＠") {
		return "'" + s
	}
	return s
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
