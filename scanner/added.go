package scanner

import (
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/linediff"
)

// lines are the lines of a text that no older text has.
type lines []linediff.Span

func addedLines(text []byte, olds [][]byte) lines { return linediff.Added(text, olds...) }

// touches tells whether a match lies on such a line: its secret, or the key or
// part that makes it one.
func (l lines) touches(m *engine.Match) bool {
	if linediff.Touches(l, m.Whole.Start, m.Whole.End) || linediff.Touches(l, m.Secret.Start, m.Secret.End) {
		return true
	}
	for _, p := range m.Parts {
		if linediff.Touches(l, p.Span.Start, p.Span.End) {
			return true
		}
	}
	return false
}
