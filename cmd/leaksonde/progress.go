package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/leaksonde/leaksonde/scanner"
)

// progress shows on a terminal that work goes on, once it takes longer than a
// second.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // nil: silent
	next  time.Time
	shown bool
}

func newProgress(quiet bool) *progress {
	p := &progress{next: time.Now().Add(time.Second)}
	if !quiet && term.IsTerminal(int(os.Stderr.Fd())) {
		p.w = os.Stderr
	}
	return p
}

// update shows the counts, five times a second at most.
func (p *progress) update(files, bytes int64) {
	if p.w == nil || files%64 != 0 && bytes < 1<<20 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(200*time.Millisecond), true
	fmt.Fprintf(p.w, "\r\x1b[Kscanned %d files, %.1f MB", files, float64(bytes)/1e6)
}

func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.w = nil
}

func printStats(w io.Writer, s scanner.Stats) {
	fmt.Fprintf(w, "bytes %d, literal hits %d, candidates %d, matches %d\n", s.Bytes, s.Hits, s.Candidates, s.Matches)
	fmt.Fprintf(w, "%-48s %12s %10s\n", "rule", "candidates", "matches")
	for _, r := range s.Rules {
		fmt.Fprintf(w, "%-48s %12d %10d\n", r.Rule, r.Candidates, r.Matches)
	}
}
