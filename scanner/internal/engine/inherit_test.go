package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// edit makes a text from a base by copies and insertions, as a delta would.
func edit(base []byte, set *rules.Set, r *rand.Rand) (text []byte, copies []Copy) {
	at := 0
	if r.IntN(4) == 0 && len(base) > 0 {
		at = r.IntN(len(base))
	}
	for range 1 + r.IntN(8) {
		switch {
		case r.IntN(3) == 0:
			text = append(text, randomText(set, r, 1+r.IntN(300))...)
		case r.IntN(6) == 0 && len(base) > 0: // jump anywhere, back too
			at = r.IntN(len(base))
		case r.IntN(4) == 0: // delete
			at = min(len(base), at+r.IntN(60))
		}
		n := min(len(base)-at, r.IntN(len(base)+1))
		if r.IntN(4) == 0 {
			n = len(base) - at
		}
		if n > 0 {
			copies = append(copies, Copy{Dst: len(text), Src: at, Len: n})
			text = append(text, base[at:at+n]...)
			at += n
		}
	}
	return text, copies
}

func checkInherited(t testing.TB, e *Engine, text []byte, got *Carried) {
	t.Helper()
	var want Carried
	e.FindAll(text, &want)
	if !slices.Equal(got.Hits, want.Hits) {
		t.Fatalf("%d hits, want %d: %v", len(got.Hits), len(want.Hits), firstDifference(got.Hits, want.Hits))
	}
	var g, w []string
	for i := range got.Raw {
		g = append(g, describe(&got.Raw[i]))
	}
	for i := range want.Raw {
		w = append(w, describe(&want.Raw[i]))
	}
	slices.Sort(g)
	slices.Sort(w)
	for i := 0; i < max(len(g), len(w)); i++ {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("inherited and plain differ:\ninherited %v\nplain     %v", at(g, i), at(w, i))
		}
	}
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return "(none)"
}

func firstDifference(a, b []literal.Hit) any {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return []literal.Hit{a[i], b[i]}
		}
	}
	return "one is longer"
}

// TestInherit: along chains of edits, what is inherited is what a plain search
// of each text finds.
func TestInherit(t *testing.T) {
	set, e := builtin(t)
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		base := randomText(set, r, r.IntN(30_000))
		var known Carried
		e.FindAll(base, &known)
		var s Scratch
		for range 6 {
			text, copies := edit(base, set, r)
			var next Carried
			e.Inherit(text, &known, len(base), copies, &s, &next)
			checkInherited(t, e, text, &next)
			base, known = text, next
		}
	}
}

func FuzzInherit(f *testing.F) {
	set, e := builtin(f)
	for i := range 8 {
		f.Add(randomText(set, rand.New(rand.NewPCG(uint64(i), 6)), 2000), uint64(i))
	}
	f.Fuzz(func(t *testing.T, base []byte, seed uint64) {
		if len(base) > 1<<16 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 7))
		var known, next Carried
		var s Scratch
		e.FindAll(base, &known)
		text, copies := edit(base, set, r)
		e.Inherit(text, &known, len(base), copies, &s, &next)
		checkInherited(t, e, text, &next)
	})
}
