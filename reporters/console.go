package reporters

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// How much the console shows before it says "and N more". Verbose shows all.
const (
	maxPlaces = 3
	maxSteps  = 3
	maxGaps   = 3
)

// console is the format for people: one block a finding, then a summary that
// says what was looked at and what was not.
type console struct {
	w     io.Writer
	o     Options
	st    styles
	count tally
	// blocks is false for a console that writes the summary alone.
	blocks bool
	buf    bytes.Buffer
}

func newConsole(w io.Writer, o Options) Reporter {
	if o.Width <= 0 {
		o.Width = 80
	}
	o.Width = max(o.Width, 40)
	return &console{w: w, o: o, st: newStyles(o.Color), blocks: true}
}

// Summary is a reporter that counts findings and writes only the summary of
// the console format: for standard error, beside a report in another format.
func Summary(w io.Writer, o Options) Reporter {
	c := newConsole(w, o).(*console)
	c.blocks = false
	return guard(c, o)
}

func (c *console) Finding(f *finding.Finding) error {
	c.count.add(f)
	if !c.blocks {
		return nil
	}
	c.buf.Reset()
	c.heading(f)
	first := primary(f)
	c.excerpt(f.Occurrences[first])
	c.details(f, first)
	c.buf.WriteByte('\n')
	return write(c.w, disarm(c.buf.Bytes()))
}

func (c *console) heading(f *finding.Finding) {
	what := visible(f.Description)
	if what == "" {
		what = visible(f.Provider + " " + f.Kind)
	}
	c.buf.WriteString(c.st.severity(f.Severity).Sprint(strings.ToUpper(f.Severity.String())))
	c.buf.WriteString("  " + c.st.bold.Sprint(what))
	switch state(f) {
	case finding.Active:
		c.buf.WriteString("  " + c.st.live.Sprint("[LIVE]"))
	case finding.Inactive:
		c.buf.WriteString("  " + c.st.dim.Sprint("[inactive]"))
	}
	fmt.Fprintf(&c.buf, "\n  %s\n", c.st.place.Sprint(place(f.Occurrences[primary(f)])))
}

// place is the form that terminals and editors make clickable.
func place(o finding.Occurrence) string {
	p := o.Path
	if o.Root != "" {
		p = strings.TrimSuffix(o.Root, "/") + "/" + p
	}
	return fmt.Sprintf("%s:%d:%d", visible(p), o.Line, o.Column)
}

// aside says of a place what cannot be seen there.
func aside(f *finding.Finding, o finding.Occurrence) string {
	var notes []string
	if o.Commit != "" && !standing(f) {
		notes = append(notes, "only in history: commit "+short(o.Commit))
	}
	if len(o.DecodedFrom) > 0 {
		notes = append(notes, "inside "+visible(strings.Join(o.DecodedFrom, " > ")))
	}
	if o.Versions > 1 {
		notes = append(notes, humanize.Comma(int64(o.Versions))+" versions of the file")
	}
	if o.Field != "" {
		notes = append(notes, "field "+visible(o.Field))
	}
	return strings.Join(notes, ", ")
}

func (c *console) excerpt(o finding.Occurrence) {
	if o.Excerpt == "" {
		return
	}
	gutter := fmt.Sprintf("%6d | ", o.Line)
	pre, mid, post := split(o)
	pre, mid, post = window(visible(pre), visible(mid), visible(post), c.o.Width-len(gutter))
	fmt.Fprintf(&c.buf, "\n%s%s%s%s\n", c.st.dim.Sprint(gutter), pre, c.st.secret.Sprint(mid), post)
	if mid != "" {
		fmt.Fprintf(&c.buf, "%s%s%s\n", c.st.dim.Sprint("       | "),
			strings.Repeat(" ", columns(pre)), c.st.secret.Sprint(strings.Repeat("^", columns(mid))))
	}
	c.buf.WriteByte('\n')
}

func (c *console) details(f *finding.Finding, first int) {
	if f.Secret != "" {
		c.lines("secret", []string{visible(f.Secret)})
	} else if f.Redacted != "" && !strings.Contains(f.Occurrences[first].Excerpt, f.Redacted) {
		c.lines("value", []string{visible(f.Redacted)})
	}
	c.row("where", aside(f, f.Occurrences[first]))
	c.lines("also at", c.others(f, first))
	c.lines("with", partTexts(f.Parts))
	c.row("evidence", confidenceText(f))
	c.row("checked", verificationText(f))
	c.row("impact", impactText(f))
	c.row("known", factsText(f.Facts))
	c.row("history", lifetimeText(f.Lifetime))
	c.rows("why", reasons(f))
	c.rows("do now", c.steps(f.Remediation))
	c.row("rule", visible(f.Rule))
	c.lines("ignore", []string{"fingerprint:" + f.Fingerprint + "  (in .leaksondeignore)"})
}

func (c *console) others(f *finding.Finding, first int) []string {
	var list []string
	for i, o := range f.Occurrences {
		if i == first {
			continue
		}
		line := place(o)
		if a := aside(f, o); a != "" {
			line += "  (" + a + ")"
		}
		list = append(list, line)
	}
	for _, o := range f.Mentions {
		list = append(list, place(o)+"  (the value alone)")
	}
	list = c.cut(list, maxPlaces, "places; --verbose lists them")
	if f.Suppressed > 0 {
		list = append(list, fmt.Sprintf("(%d more are allowed and not shown)", f.Suppressed))
	}
	return list
}

func (c *console) steps(r finding.Remediation) []string {
	var list []string
	for i, s := range r.Steps {
		list = append(list, fmt.Sprintf("%d. %s", i+1, visible(s)))
	}
	list = c.cut(list, maxSteps, "steps; --verbose lists them")
	if len(list) == 0 {
		list = []string{"Revoke it where it was issued, put a new one into a secret store, then take this one out."}
	}
	if r.RotateURL != "" {
		list = append(list, "rotate at "+visible(r.RotateURL))
	}
	if c.o.Verbose {
		for _, d := range r.Docs {
			if isURL(d) {
				list = append(list, "see "+visible(d))
			} else {
				list = append(list, visible(sentenceOf(d)))
			}
		}
	}
	return list
}

// cut keeps the first n of list and says how many are missing. One line is
// never replaced by another that says that one line is missing.
func (c *console) cut(list []string, n int, what string) []string {
	if c.o.Verbose || len(list) <= n+1 {
		return list
	}
	more := fmt.Sprintf("and %s more %s", humanize.Comma(int64(len(list)-n)), what)
	return append(slices.Clip(list[:n]), more)
}

const labelWidth = 11 // "  evidence "

// row writes a labelled, wrapped text; an empty text is left out.
func (c *console) row(label, text string) {
	if text != "" {
		c.rows(label, []string{text})
	}
}

// rows writes several texts under one label, wrapped.
func (c *console) rows(label string, texts []string) {
	var lines []string
	for _, t := range texts {
		lines = append(lines, wrap(t, c.o.Width-labelWidth)...)
	}
	c.lines(label, lines)
}

// lines writes lines under one label as they are: paths and values, which
// have to stay in one piece to be clicked and copied.
func (c *console) lines(label string, lines []string) {
	for _, line := range lines {
		c.buf.WriteString(c.st.dim.Sprintf("  %-*s", labelWidth-2, label))
		c.buf.WriteString(line + "\n")
		label = ""
	}
}

// short is an object id as people write it.
func short(id string) string {
	if len(id) > 10 {
		return visible(id[:10])
	}
	return visible(id)
}
