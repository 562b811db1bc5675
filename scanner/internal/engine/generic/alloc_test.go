package generic

import (
	"math/rand/v2"
	"testing"
)

func TestMatchDoesNotAllocate(t *testing.T) {
	text := generated(rand.New(rand.NewPCG(4, 4)), 1<<15)
	hits(text, func(pos, pattern int) {
		var c Candidate
		if n := testing.AllocsPerRun(1, func() { Match(text, pos, pattern, &c) }); n > 0 {
			t.Fatalf("%v allocations at %q", n, text[pos:min(len(text), pos+80)])
		}
	})
}
