package reporters

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// junit writes the XML that CI systems read as test results: every finding is
// a failed test, and the first test, "everything in scope was read", passes or
// is in error, so that a report is never empty and an incomplete scan is never
// green. There is no standard; the elements are those of the Jenkins xUnit
// schema that GitLab, Jenkins, Azure and CircleCI have in common.
type junit struct {
	w     io.Writer
	cases []junitCase
}

type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	ClassName string        `xml:"classname,attr"`
	Name      string        `xml:"name,attr"`
	File      string        `xml:"file,attr,omitempty"`
	Line      int           `xml:"line,attr,omitempty"`
	Failure   *junitProblem `xml:"failure"`
	Error     *junitProblem `xml:"error"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func newJUnit(w io.Writer, _ Options) Reporter { return &junit{w: w} }

func (j *junit) Finding(f *finding.Finding) error {
	o := f.Occurrences[primary(f)]
	what := nonEmpty(visible(f.Description), f.Rule)
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", sentence(f))
	for _, o := range f.Occurrences {
		fmt.Fprintf(&text, "%s\n", strings.TrimSpace(place(o)+"  "+aside(f, o)))
	}
	for i, s := range remediationSteps(f.Remediation) {
		fmt.Fprintf(&text, "%d. %s\n", i+1, visible(s))
	}
	if u := f.Remediation.RotateURL; u != "" {
		fmt.Fprintf(&text, "rotate at %s\n", visible(u))
	}
	fmt.Fprintf(&text, "fingerprint:%s\n", f.Fingerprint)
	j.cases = append(j.cases, junitCase{
		ClassName: visible(f.Rule), Name: what + " in " + place(o), File: visible(o.Path), Line: o.Line,
		Failure: &junitProblem{
			Message: fmt.Sprintf("%s (%s severity, %s confidence)", what, f.Severity, f.Confidence),
			Type:    f.Severity.String(), Text: text.String(),
		},
	})
	return nil
}

func (j *junit) Close(run finding.Run, c *finding.Coverage) error {
	first := junitCase{ClassName: "coverage", Name: "everything in scope was read"}
	errors := 0
	if c != nil && c.Incomplete() {
		errors = 1
		first.Error = &junitProblem{Message: "the scan is incomplete", Type: "incomplete", Text: missedText(c, 20)}
	}
	suite := junitSuite{
		Name: nonEmpty(visible(run.Scope), "scan"), Tests: 1 + len(j.cases), Failures: len(j.cases), Errors: errors,
		Cases: append([]junitCase{first}, j.cases...),
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	e := xml.NewEncoder(&out)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{
		Name: nonEmpty(run.Tool, "leaksonde"), Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Suite: suite,
	}); err != nil {
		return fmt.Errorf("writing junit: %w", err)
	}
	out.WriteByte('\n')
	return write(j.w, out.Bytes())
}
