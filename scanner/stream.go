package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/source/stream"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// How long a finding waits. A match is told when nothing that comes can change
// what is said of it: when engine.Bound more bytes (25 KiB) are there, so that
// every match that overlaps it is known. A stream that is not that fast is not
// waited for: once it pauses for streamQuiet, or has brought less than that in
// streamPatience, what stands on complete lines is decided as if the stream
// ended there. Then a value may be told as what it looks like alone, and once
// more as part of a credential whose other part came later.
const (
	streamQuiet    = 50 * time.Millisecond
	streamPatience = 500 * time.Millisecond
	// streamCarry lets the longest evidence, and what stands around it, be in
	// view when a match is told.
	streamCarry = 2*engine.Bound + 4<<10
	// lineRest is how much of a line that does not end is waited for behind a
	// secret: an inline allow may stand there.
	lineRest = 640
	// shadowed is how far back what was told is remembered in full: more than
	// what an excerpt shows.
	shadowed = 1 << 10
	// settleStep is how many bytes are settled at a time, at least.
	settleStep = 4 << 10
)

// Stream scans a stream to its end, or until ctx is done, and calls report for
// each secret at its first sight. Lines and offsets count over the whole stream.
// Memory does not grow with it: the last million values are remembered, and
// repeats of them are only counted. A stream that was ended by ctx is in the
// coverage as cancelled, one that could not be read on as truncated; the error
// is that of report.
func (s *Scanner) Stream(ctx context.Context, name string, src io.Reader, report func(*finding.Finding) error) (finding.Run, *finding.Coverage, error) {
	t := newStreamScan(s, name, newRepeats(maxRepeats), report)
	opt := stream.Options{Carry: streamCarry, Quiet: streamQuiet, Patience: streamPatience}
	n, err := stream.Read(ctx, src, opt, t.window)
	return t.close(ctx, n, err)
}

// streamScan scans one stream.
type streamScan struct {
	textScan
	report   func(*finding.Finding) error
	coverage finding.Coverage
	seen     *repeats
	repeated int64
	told     map[string]*finding.Finding // one by rule, bare: what run needs
	err      error                       // of report

	tail   engine.Tail
	text   []byte // of the last window
	offset int64
	// pending are raw matches that are not settled, shadows those that were:
	// their parts may overlap what comes, and they must not show in excerpts.
	// Offsets are those of the window.
	pending, shadows []engine.Match
	settled          int64 // offset in the stream up to which pending is settled
	peeked           int   // offset up to which idle windows have told
	floor            int64 // what ends before was told in an earlier run
	// early are secrets that were told when the stream was idle, by their
	// place in the stream.
	early []streamSpan
}

type streamSpan struct{ start, end int64 }

func newStreamScan(s *Scanner, name string, seen *repeats, report func(*finding.Finding) error) *streamScan {
	t := &streamScan{report: report, seen: seen, told: map[string]*finding.Finding{}}
	t.textScan = textScan{s: s, sink: t.sight, again: t.again, suppress: func(what string) { t.coverage.Suppress(what, 1) }, gap: t.coverage.Add}
	t.begin(name)
	return t
}

// window is visited by the stream.
func (t *streamScan) window(w stream.Window) error {
	t.move(w)
	if w.Idle {
		t.idle(w)
		return t.err
	}
	err := t.tail.Find(t.s.engine, w.Text, w.Fresh, engine.Edges{Start: w.Offset == 0, End: w.Last}, func(m *engine.Match) error {
		t.pending = append(t.pending, *m)
		return nil
	})
	if err != nil {
		return err
	}
	if gap := t.tail.Gap(); gap != "" && !t.gapped {
		t.gapped = true
		t.gap(finding.Gap{Path: t.path, Reason: finding.ReasonCap, Detail: gap})
	}
	limit := len(w.Text) - engine.Bound
	if w.Last {
		limit = len(w.Text)
	}
	// Not for every few bytes: a settlement looks at all that is pending.
	if len(t.pending) > 0 && (w.Last || w.Offset+int64(limit) >= t.settled+settleStep) {
		t.settled = w.Offset + int64(limit)
		t.settle(w, limit)
	}
	return t.err
}

// move follows the window's beginning.
func (t *streamScan) move(w stream.Window) {
	if n := int(w.Offset - t.offset); n > 0 {
		t.advance(t.text[:n])
		t.tail.Drop(n)
		for _, list := range [][]engine.Match{t.pending, t.shadows} {
			for i := range list {
				list[i].Shift(-n)
			}
		}
		t.peeked = max(0, t.peeked-n)
	}
	t.text, t.offset = w.Text, w.Offset
}

// settle tells what ends before the limit: nothing unknown overlaps it.
func (t *streamScan) settle(w stream.Window, limit int) {
	raw := slices.Concat(t.shadows, t.pending)
	at := newPlace(w.Text, t.line, t.column)
	shown := t.s.redactor.Text(w.Text, raw)
	resolved := engine.Resolve(raw)
	for i := range resolved {
		m := &resolved[i]
		if m.Secret.End > limit || t.isShadow(m) {
			continue
		}
		place := streamSpan{w.Offset + int64(m.Secret.Start), w.Offset + int64(m.Secret.End)}
		if place.end <= t.floor {
			continue
		}
		if i := slices.Index(t.early, place); i >= 0 {
			t.early = slices.Delete(t.early, i, i+1)
			continue
		}
		t.emit(w.Text, m, &at, shown)
	}
	for _, m := range t.pending {
		if m.Secret.End <= limit {
			t.shadows = append(t.shadows, m)
		}
	}
	t.pending = slices.DeleteFunc(t.pending, func(m engine.Match) bool { return m.Secret.End <= limit })
	t.shadows = slices.DeleteFunc(t.shadows, func(m engine.Match) bool { return m.Reach().End <= limit-shadowed })
	t.early = slices.DeleteFunc(t.early, func(s streamSpan) bool { return s.end <= w.Offset+int64(limit) })
}

func (t *streamScan) isShadow(m *engine.Match) bool {
	return slices.ContainsFunc(t.shadows, func(s engine.Match) bool { return s.Rule == m.Rule && s.Secret == m.Secret })
}

// idle tells what stands on complete lines, decided by the text there is.
func (t *streamScan) idle(w stream.Window) {
	cut := bytes.LastIndexByte(w.Text[t.peeked:], '\n') + 1 + t.peeked
	if len(w.Text)-cut > lineRest {
		cut = max(cut, len(w.Text)-lineRest)
	}
	if cut == t.peeked {
		return
	}
	raw := slices.Concat(t.shadows, t.pending)
	_ = t.tail.Peek(t.s.engine, w.Text[:cut], t.peeked, w.Offset == 0, func(m *engine.Match) error {
		if m.Evidence.End > cut && !growing(m, w.Text) {
			raw = append(raw, *m)
		}
		return nil
	})
	t.peeked = cut
	if len(raw) == 0 {
		return
	}
	at := newPlace(w.Text, t.line, t.column)
	shown := t.s.redactor.Text(w.Text[:cut], raw)
	resolved := engine.Resolve(raw)
	for i := range resolved {
		m := &resolved[i]
		place := streamSpan{w.Offset + int64(m.Secret.Start), w.Offset + int64(m.Secret.End)}
		if m.Secret.End > cut || place.end <= t.floor || t.isShadow(m) || slices.Contains(t.early, place) {
			continue
		}
		t.early = append(t.early, place)
		t.emit(w.Text[:cut], m, &at, shown)
	}
}

// growing tells of a key block that its end has not come yet.
func growing(m *engine.Match, text []byte) bool {
	return m.Rule.Matcher == "pem" && !bytes.HasSuffix(text[m.Secret.Start:m.Secret.End], []byte("-----"))
}

// again tells whether a value was told before, and counts it. A value that was
// told with less confidence is told once more.
func (t *streamScan) again(m *engine.Match, text []byte) bool {
	if t.seen.add(valueKey(valueOf(m, text), t.s.opt.FingerprintKey), uint8(m.Confidence)) {
		return false
	}
	t.repeated++
	return true
}

// sight makes a finding of a first sight and hands it on.
func (t *streamScan) sight(s sighting) {
	if t.err != nil {
		return
	}
	c := newCollector()
	c.add(s)
	for _, f := range t.s.findings(c, nil) {
		if t.told[f.Rule] == nil {
			t.told[f.Rule] = &finding.Finding{Rule: f.Rule}
		}
		t.err = t.report(f)
	}
}

// close ends the run: n and err are what reading came to.
func (t *streamScan) close(ctx context.Context, n int64, err error) (finding.Run, *finding.Coverage, error) {
	c := &t.coverage
	c.Bytes = n
	switch {
	case err == nil || t.err != nil:
	case errors.Is(err, ctx.Err()):
		c.Add(finding.Gap{Path: t.path, Reason: finding.ReasonCancelled, Detail: "interrupted"})
	default:
		c.Add(finding.Gap{Path: t.path, Reason: finding.ReasonTruncated, Detail: err.Error()})
	}
	addRepeated(c, t.repeated)
	t.s.redactGaps(c)
	return t.s.run("stream", []string{t.path}, slices.Collect(maps.Values(t.told))), c, t.err
}

func addRepeated(c *finding.Coverage, n int64) {
	if n > 0 {
		c.Scope = append(c.Scope, fmt.Sprintf("%d more occurrences of the same values, not told one by one", n))
	}
}

// valueKey identifies a value in the table of repeats.
func valueKey(value string, key []byte) (k [16]byte) {
	copy(k[:], triage.Digest(value, key))
	return k
}
