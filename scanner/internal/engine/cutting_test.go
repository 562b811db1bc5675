package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

func builtin(t testing.TB) (*rules.Set, *Engine) {
	t.Helper()
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(set, Options{Minimum: finding.Low})
	if err != nil {
		t.Fatal(err)
	}
	return set, e
}

// noise are texts around secrets: source, prose, long lines, binary.
var noise = []string{
	"\n", " ", "\r\n", "func main() {\n\tfmt.Println(\"hello\")\n}\n", "// the quick brown fox jumps over the lazy dog\n",
	"key", "token: ", "password = \"", "\"", "sk-", "eyJ", "-----BEGIN", "-----", "\x00\x01\xff\xfe", "{\"a\": [1, 2, 3]}\n",
	"https://user:", "@example.com/", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdef", "\\n", "%3D", "Bearer ",
}

// randomText mixes examples of the rules with noise.
func randomText(set *rules.Set, r *rand.Rand, size int) []byte {
	var b bytes.Buffer
	coders := encoders()
	for b.Len() < size {
		switch r.IntN(4) {
		case 0:
			rule := set.Rules[r.IntN(len(set.Rules))]
			templates := slices.Concat(rule.Examples, rule.Counterexamples)
			if len(templates) == 0 {
				continue
			}
			x, err := rule.Expand(templates[r.IntN(len(templates))], r.IntN(1000))
			if err != nil {
				continue
			}
			text := x.Text
			if r.IntN(8) == 0 { // cut off
				text = text[:r.IntN(len(text)+1)]
			}
			if r.IntN(3) == 0 { // encoded, perhaps more than once
				for range 1 + r.IntN(2) {
					text = coders[r.IntN(len(coders))].encode(text)
				}
			}
			b.WriteString(text)
		case 1:
			for range r.IntN(200) {
				b.WriteByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-_ \n\"':"[r.IntN(72)])
			}
		default:
			b.WriteString(noise[r.IntN(len(noise))])
		}
		if r.IntN(3) == 0 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

func describe(m *Match) string {
	return fmt.Sprintf("%s secret %d-%d whole %d-%d evidence %d-%d %s parts %v from %v %q", m.Rule.ID,
		m.Secret.Start, m.Secret.End, m.Whole.Start, m.Whole.End, m.Evidence.Start, m.Evidence.End, m.Confidence, m.Parts, m.DecodedFrom, m.Value)
}

func findAll(t testing.TB, e *Engine, text []byte, fresh Span, edges Edges, shift int) []string {
	t.Helper()
	var out []string
	var s Scratch
	err := e.Find(text, fresh, edges, &s, func(m *Match) error {
		m.Shift(shift)
		out = append(out, describe(m))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkCutting holds what Find emits for random pieces of a text against one
// pass over the whole.
func checkCutting(t testing.TB, e *Engine, text []byte, r *rand.Rand) {
	t.Helper()
	want := findAll(t, e, text, Span{0, len(text)}, Whole, 0)
	var got []string
	var cuts []int
	for at := 0; at < len(text); {
		next := min(len(text), at+1+r.IntN(1+r.IntN(len(text))))
		lo := max(0, at-Bound)
		got = append(got, findAll(t, e, text[lo:next], Span{at - lo, next - lo}, Edges{Start: lo == 0, End: next == len(text)}, lo)...)
		at = next
		cuts = append(cuts, at)
	}
	// Two views may show the same thing; which of them do can depend on the cut.
	slices.Sort(want)
	slices.Sort(got)
	want, got = slices.Compact(want), slices.Compact(got)
	var diff []string
	for _, w := range want {
		if _, ok := slices.BinarySearch(got, w); !ok {
			diff = append(diff, "whole  "+w)
		}
	}
	for _, g := range got {
		if _, ok := slices.BinarySearch(want, g); !ok {
			diff = append(diff, "pieces "+g)
		}
	}
	if diff != nil {
		t.Fatalf("%d bytes: whole and pieces differ (cut at %d):\n%s", len(text), cuts, strings.Join(diff, "\n"))
	}
}

// TestCutting: any cutting gives the same result.
func TestCutting(t *testing.T) {
	set, e := builtin(t)
	rounds := 40
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		text := randomText(set, r, 1000+r.IntN(60_000))
		checkCutting(t, e, text, r)
	}
}

// TestLocality: what stands outside of a match's evidence does not matter.
func TestLocality(t *testing.T) {
	set, e := builtin(t)
	for seed := range 20 {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		text := randomText(set, r, 20_000)
		var s Scratch
		var all []Match
		_ = e.Find(text, Span{0, len(text)}, Whole, &s, func(m *Match) error { all = append(all, *m); return nil })
		if len(all) == 0 {
			continue
		}
		for range 60 {
			m := all[r.IntN(len(all))]
			if m.Evidence.Start <= 0 || m.Evidence.End >= len(text) {
				continue // it may depend on the text's ends
			}
			other := randomText(set, r, 3000)
			moved := slices.Concat(other, text[m.Evidence.Start:m.Evidence.End], other)
			shift := len(other) - m.Evidence.Start
			want := m
			want.Shift(shift)
			found := findAll(t, e, moved, Span{0, len(moved)}, Whole, 0)
			if !slices.Contains(found, describe(&want)) {
				t.Fatalf("seed %d: lost in other surroundings: %s\n%q", seed, describe(&m), text[m.Evidence.Start:m.Evidence.End])
			}
		}
	}
}

func FuzzCutting(f *testing.F) {
	set, e := builtin(f)
	f.Add([]byte("token = \"x\"\n"), uint64(1))
	for i := range 8 {
		f.Add(randomText(set, rand.New(rand.NewPCG(uint64(i), 3)), 2000), uint64(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		if len(text) > 1<<16 {
			return
		}
		checkCutting(t, e, text, rand.New(rand.NewPCG(seed, 4)))
	})
}
