package generic

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The weights that are explained add up to the score.
func TestExplainAddsUp(t *testing.T) {
	text := generated(rand.New(rand.NewPCG(21, 1)), 1<<13)
	n := 0
	hits(text, func(pos, pattern int) {
		var c Candidate
		if !Match(text, pos, pattern, &c) {
			return
		}
		n++
		sum := 0.0
		for _, e := range Explain(text, c) {
			if e.Name == "" || e.Detail == "" {
				t.Errorf("no words for %+v", e)
			}
			sum += e.Weight
		}
		if math.Abs(sum-c.Score) > 1e-3 {
			t.Errorf("%q: explained %.3f, score %.3f", text[c.Start:c.End], sum, c.Score)
		}
	})
	if n < 20 {
		t.Errorf("only %d candidates", n)
	}
	for f := fBias; f < features; f++ {
		if describe(f) == "" || slug(f) == "" {
			t.Errorf("feature %d has no name", f)
		}
	}
}
