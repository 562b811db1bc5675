package scanner

import (
	"bytes"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/annotate"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/redact"
	"github.com/leaksonde/leaksonde/scanner/internal/source/dir"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// textScan scans one file or stream window by window. It is one goroutine's
// and is used again for the next file.
type textScan struct {
	s        *Scanner
	sink     func(sighting)
	ignored  *triage.IgnoreFile
	suppress func(what string)
	gap      func(finding.Gap)
	root     string
	// keep, if set, tells which matches are of interest.
	keep func(*engine.Match) bool
	// again, if set, tells which values were reported before.
	again func(m *engine.Match, text []byte) bool

	scratch engine.Scratch
	raw     []engine.Match
	path    string
	// line is the number of line ends before the window's first byte, column
	// the number of bytes before it on its line.
	line   int
	column int
	// from is where the matches of the window that are still to be reported begin.
	from int
	// carried are raw matches of former windows that later ones may overlap.
	carried []engine.Match
	// gapped tells that a gap of this file is in the ledger.
	gapped bool
}

// begin starts a file.
func (t *textScan) begin(path string) {
	t.path, t.line, t.column = path, 0, 0
	t.carried, t.from = t.carried[:0], 0
	t.gapped = false
	if path != "" && len(t.s.pathRules) > 0 {
		t.named(path)
	}
}

// named applies the rules on names alone. What such a rule finds is the file:
// its path is the value, and no secret.
func (t *textScan) named(path string) {
	for _, r := range t.s.pathRules {
		if !t.s.allowlists.PathFits(r, path) || t.ignored.Rule(r.ID) ||
			t.s.allowlists.Any(r) && t.s.allowlists.Allowed(triage.Candidate{Rule: r, Path: path, Secret: path, Whole: path, Line: path}) {
			continue
		}
		t.sink(sighting{rule: r, kind: r.Kind, confidence: r.Confidence, secret: path, prefix: len(path), at: finding.Occurrence{
			Root: t.root, Path: path, Line: 1, Column: 1, EndLine: 1, EndColumn: 1, Versions: 1, Exposure: annotate.ExposureOf(path),
		}})
	}
}

// window searches one window; matches are reported when no later window can
// overlap them.
func (t *textScan) window(w dir.Window) error {
	t.raw = append(t.raw[:0], t.carried...)
	t.carried = t.carried[:0]
	fresh := engine.Span{Start: w.FreshStart, End: len(w.Text)}
	err := t.s.engine.Find(w.Text, fresh, engine.Edges{Start: w.First, End: w.Last}, &t.scratch, func(m *engine.Match) error {
		t.raw = append(t.raw, *m)
		return nil
	})
	if err != nil {
		return err
	}
	if gap := t.scratch.Gap(); gap != "" && !t.gapped {
		t.gapped = true
		t.gap(finding.Gap{Path: t.path, Reason: finding.ReasonCap, Detail: gap})
	}
	settled := w.Next
	if !w.Last {
		// What is reported of the next window has as much text before it as a
		// secret beside it may take: its excerpt must show nothing of that.
		settled = min(len(w.Text), w.Next+engine.Bound)
	}
	if len(t.raw) > 0 {
		t.report(w, settled)
	}
	t.from = settled - w.Next
	t.advance(w.Text[:w.Next])
	return nil
}

// carry is how much of a window the next one must show again.
const carry = 2 * engine.Bound

// report resolves overlaps and hands on what is settled. What begins later
// waits for the next window, which shows it again.
func (t *textScan) report(w dir.Window, settled int) {
	raw := append([]engine.Match(nil), t.raw...)
	resolved := engine.Resolve(raw)
	at := newPlace(w.Text, t.line, t.column)
	shown := t.s.redactor.Text(w.Text, t.raw)
	for i := range resolved {
		if m := &resolved[i]; m.Secret.Start >= t.from && m.Secret.Start < settled {
			t.emit(w.Text, m, &at, shown)
		}
	}
	if w.Last {
		return
	}
	// Keep what the next window can still overlap or must report.
	for i := range t.raw {
		m := t.raw[i]
		m.Parts = append([]engine.Part(nil), m.Parts...)
		if m.Secret.End > settled || m.Secret.Start >= settled {
			m.Shift(-w.Next)
			t.carried = append(t.carried, m)
		}
	}
}

// emit locates, judges and hands on one match.
func (t *textScan) emit(text []byte, m *engine.Match, at *place, shown *redact.Text) {
	if m.Confidence < t.s.opt.MinConfidence || t.keep != nil && !t.keep(m) {
		return
	}
	if t.ignored.Rule(m.Rule.ID) {
		t.suppress("rule in " + triage.IgnoreFileName)
		return
	}
	if !t.s.allowlists.PathFits(m.Rule, t.path) {
		return
	}
	if !t.s.opt.Untrusted && triage.InlineAllowed(text, m.Whole.Start, m.Whole.End) {
		t.suppress("inline " + triage.InlineMarker)
		return
	}
	s := sight(m, text)
	if t.s.allowlists.Any(m.Rule) && t.s.allowlists.Allowed(triage.Candidate{
		Rule: m.Rule, Path: t.path, Secret: s.secret,
		Whole: string(text[m.Whole.Start:m.Whole.End]), Line: lineOf(text, m.Secret),
	}) {
		t.suppress("allow list")
		return
	}
	if t.again != nil && t.again(m, text) {
		return
	}
	s.evidence = t.s.engine.Explain(text, m)
	o := &s.at
	o.Root, o.Path, o.Versions, o.Exposure = t.root, t.path, 1, annotate.ExposureOf(t.path)
	o.Line, o.Column = at.of(m.Secret.Start)
	o.EndLine, o.EndColumn = at.of(m.Secret.End)
	o.Excerpt, o.ExcerptStart, o.ExcerptEnd = shown.Excerpt(m.Secret)
	for i, p := range m.Parts {
		s.parts[i].Path = t.path
		s.parts[i].Line, s.parts[i].Column = at.of(p.Span.Start)
	}
	t.sink(s)
}

// advance counts the lines of text that leaves the window.
func (t *textScan) advance(text []byte) {
	t.line += bytes.Count(text, []byte{'\n'})
	if nl := bytes.LastIndexByte(text, '\n'); nl >= 0 {
		t.column = len(text) - nl - 1
	} else {
		t.column += len(text)
	}
}

// place turns offsets into lines and columns. It remembers the last place, so
// that matches in order cost one pass over the text in all.
type place struct {
	text         []byte
	line, column int // of text[0], counted from 0
	seen         int // offset up to which lines are counted
	lines        int // line ends in text[:seen]
	start        int // of the line that holds seen; -column if it began before
}

func newPlace(text []byte, line, column int) place {
	return place{text: text, line: line, column: column, start: -column}
}

func (p *place) of(offset int) (line, column int) {
	if offset < p.seen {
		*p = newPlace(p.text, p.line, p.column)
	}
	between := p.text[p.seen:offset]
	if nl := bytes.LastIndexByte(between, '\n'); nl >= 0 {
		p.lines += bytes.Count(between, []byte{'\n'})
		p.start = p.seen + nl + 1
	}
	p.seen = offset
	return p.line + p.lines + 1, offset - p.start + 1
}

// maxJudgedLine bounds the line that allow lists look at, on each side of a
// secret.
const maxJudgedLine = 4 << 10

func lineOf(text []byte, s engine.Span) string {
	lo, hi := max(0, s.Start-maxJudgedLine), min(len(text), s.End+maxJudgedLine)
	lo += bytes.LastIndexByte(text[lo:s.Start], '\n') + 1
	if nl := bytes.IndexByte(text[s.End:hi], '\n'); nl >= 0 {
		hi = s.End + nl
	}
	return string(text[lo:hi])
}

// Bytes scans a text that is all there is, under a name for its place.
func (s *Scanner) Bytes(name string, text []byte) []*finding.Finding {
	c := newCollector()
	t := &textScan{s: s, sink: c.add, suppress: func(what string) { c.coverage.Suppress(what, 1) }, gap: c.coverage.Add}
	t.begin(strings.ReplaceAll(name, `\`, "/"))
	_ = t.window(dir.Window{Text: text, Next: len(text), First: true, Last: true})
	return s.findings(c, nil)
}
