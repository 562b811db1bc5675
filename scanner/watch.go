package scanner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/source/follow"
	"github.com/leaksonde/leaksonde/scanner/internal/source/stream"
)

// WatchOptions say what is watched.
type WatchOptions struct {
	// Paths are files and globs.
	Paths []string
	// FromStart reads files that are there at the start from their beginning,
	// else from their end. The checkpoint comes before; files that appear later
	// are read from their beginning.
	FromStart bool
	// Checkpoint is a file in which it is kept what has been told; "" is none.
	// It holds no secrets.
	Checkpoint string
	// Poll is the time between two looks at a file; 0 stands for 100 ms.
	Poll time.Duration
	// Trouble is called with what cannot be read; it is in the coverage, too.
	Trouble func(path string, err error)
}

// checkpoint is the checkpoint file.
type checkpoint struct {
	Version int            `json:"version"`
	Files   []follow.State `json:"files"`
}

const checkpointVersion = 1

// Watch follows files until ctx is done and calls report for each secret at
// its first sight. The end by ctx is none too early: it leaves no gap.
//
// With a checkpoint, what was told before an orderly end is not told again by
// the next run, and what was written between the two is. When the process is
// killed, what was told since the last checkpoint (one poll) is told once more.
func (s *Scanner) Watch(ctx context.Context, o WatchOptions, report func(*finding.Finding) error) (finding.Run, *finding.Coverage, error) {
	w := &watch{s: s, report: report, seen: newRepeats(maxRepeats), open: map[*watched]bool{}, told: map[string]*finding.Finding{}}
	states, err := readCheckpoint(o.Checkpoint)
	if err != nil {
		return finding.Run{}, nil, &UsageError{err.Error()}
	}
	f := follow.New(follow.Options{
		Patterns: o.Paths, FromStart: o.FromStart, Poll: o.Poll, Back: streamCarry, States: states,
		Open: w.openFile,
		Polled: func(states []follow.State) error {
			return writeCheckpoint(o.Checkpoint, states)
		},
		Trouble: func(path string, err error) {
			w.coverage.Add(finding.Gap{Path: filepath.ToSlash(path), Reason: finding.ReasonUnreadable, Detail: err.Error()})
			if o.Trouble != nil {
				o.Trouble(path, err)
			}
		},
	})
	err = f.Run(ctx)
	for x := range w.open {
		x.close()
	}
	addRepeated(&w.coverage, w.repeated)
	s.redactGaps(&w.coverage)
	return s.run("watch", slices.Clone(o.Paths), slices.Collect(maps.Values(w.told))), &w.coverage, err
}

// watch is what the files of one Watch share.
type watch struct {
	s        *Scanner
	report   func(*finding.Finding) error
	seen     *repeats
	coverage finding.Coverage
	told     map[string]*finding.Finding
	repeated int64
	open     map[*watched]bool
}

func (w *watch) openFile(s follow.State) (follow.Sink, error) {
	scan := newStreamScan(w.s, filepath.ToSlash(s.Path), w.seen, w.report)
	scan.told = w.told
	scan.offset, scan.line, scan.column, scan.floor = s.Offset, s.Line, s.Column, s.Told
	x := &watched{w: w, scan: scan, offset: s.Offset}
	w.open[x] = true
	return x, nil
}

// watched is one file.
type watched struct {
	w      *watch
	scan   *streamScan
	text   []byte // what is in view
	offset int64  // of text[0]
}

// watchPiece is how much is searched at a time, in bytes.
const watchPiece = 256 << 10

// Text implements follow.Sink.
func (x *watched) Text(p []byte) error {
	for len(p) > 0 {
		n := min(len(p), watchPiece)
		if drop := len(x.text) - streamCarry; drop > 0 && len(x.text)+n > streamCarry+watchPiece {
			// The scan counts the lines of what goes before it is overwritten.
			x.offset += int64(drop)
			x.scan.move(stream.Window{Text: x.text[drop:], Offset: x.offset})
			x.text = x.text[:copy(x.text, x.text[drop:])]
		}
		fresh := len(x.text)
		x.text = append(x.text, p[:n]...)
		p = p[n:]
		if err := x.scan.window(stream.Window{Text: x.text, Fresh: fresh, Offset: x.offset}); err != nil {
			return err
		}
	}
	return nil
}

// Pause implements follow.Sink.
func (x *watched) Pause() error {
	return x.scan.window(stream.Window{Text: x.text, Fresh: len(x.text), Offset: x.offset, Idle: true})
}

// End implements follow.Sink.
func (x *watched) End() error {
	err := x.scan.window(stream.Window{Text: x.text, Fresh: len(x.text), Offset: x.offset, Last: true})
	x.close()
	return err
}

// State implements follow.Sink.
func (x *watched) State(s *follow.State) {
	t := x.scan
	s.Offset, s.Line, s.Column = t.offset, t.line, t.column
	s.Told = max(t.floor, t.settled, t.offset+int64(t.peeked))
}

func (x *watched) close() {
	if x.w.open[x] {
		delete(x.w.open, x)
		x.w.coverage.Files++
		x.w.coverage.Bytes += x.offset + int64(len(x.text))
		x.w.coverage.Merge(&x.scan.coverage)
		x.w.repeated += x.scan.repeated
	}
}

func readCheckpoint(path string) ([]follow.State, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the checkpoint: %w", err)
	}
	var c checkpoint
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("the checkpoint %s is damaged (%v); remove it to start anew", path, err)
	}
	if c.Version != checkpointVersion {
		return nil, fmt.Errorf("the checkpoint %s has version %d, this program knows %d; remove it to start anew", path, c.Version, checkpointVersion)
	}
	return c.Files, nil
}

// writeCheckpoint replaces the file at once, or not at all.
func writeCheckpoint(path string, states []follow.State) error {
	if path == "" {
		return nil
	}
	text, err := json.Marshal(checkpoint{checkpointVersion, states})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".leaksonde-*")
	if err != nil {
		return fmt.Errorf("cannot write the checkpoint: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("cannot write the checkpoint: %w", err)
	}
	// The name, too, must survive a crash; not every system can sync a directory.
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync()
		d.Close()
	}
	return nil
}
