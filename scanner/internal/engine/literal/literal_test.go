package literal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// naive is the definition of Append, without any cleverness.
func naive(patterns []Pattern, text []byte, from, to int) []Hit {
	var hits []Hit
	folded := slices.Clone(text)
	upper(folded)
	lits := make([][]byte, len(patterns))
	for i, p := range patterns {
		lits[i] = []byte(p.Bytes)
		if p.Fold {
			upper(lits[i])
		}
	}
	for pos := from; pos < to; pos++ {
		for i, p := range patterns {
			if !p.Fold && bytes.HasPrefix(text[pos:], lits[i]) || p.Fold && bytes.HasPrefix(folded[pos:], lits[i]) {
				hits = append(hits, Hit{int32(pos), int32(i)})
			}
		}
	}
	return hits
}

func mustCompile(t testing.TB, patterns []Pattern) *Searcher {
	t.Helper()
	s, err := Compile(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check compares every filter of this machine with naive.
func check(t *testing.T, patterns []Pattern, text []byte, from, to int) {
	t.Helper()
	want := naive(patterns, text, from, to)
	s := mustCompile(t, patterns)
	eachScan(t, s, func(t *testing.T) {
		t.Helper()
		got := s.Append(nil, text, from, to)
		if !slices.Equal(got, want) {
			t.Fatalf("%d patterns, text of %d bytes, window [%d, %d):\n got %v\nwant %v\npatterns %v\ntext %.200q",
				len(patterns), len(text), from, to, clip(got), clip(want), patterns, text)
		}
	})
}

func clip(h []Hit) string {
	if len(h) > 20 {
		return fmt.Sprintf("%v … (%d)", h[:20], len(h))
	}
	return fmt.Sprint(h)
}

func exact(lits ...string) (p []Pattern) {
	for _, l := range lits {
		p = append(p, Pattern{Bytes: l})
	}
	return p
}

func folded(lits ...string) (p []Pattern) {
	for _, l := range lits {
		p = append(p, Pattern{Bytes: l, Fold: true})
	}
	return p
}

func TestAppend(t *testing.T) {
	tests := []struct {
		name     string
		patterns []Pattern
		text     string
		want     []Hit
	}{
		{"nothing", nil, "some text", nil},
		{"empty text", exact("ab"), "", nil},
		{"text shorter than pattern", exact("abcdef"), "abcde", nil},
		{"text is the pattern", exact("abcdef"), "abcdef", []Hit{{0, 0}}},
		{"two bytes", exact("ab"), "ab aab", []Hit{{0, 0}, {4, 0}}},
		{"two bytes at the end", exact("ab"), "x ab", []Hit{{2, 0}}},
		{"exact does not fold", exact("Key"), "key KEY Key", []Hit{{8, 0}}},
		{"fold", folded("Key"), "key KEY kEy", []Hit{{0, 0}, {4, 0}, {8, 0}}},
		{"fold leaves other bytes alone", folded("a[b@c{d"), "A[B@C{D A{B`C[D", []Hit{{0, 0}}},
		{"fold leaves control bytes alone", folded("ab-cd"), "ab\rcd ab-CD", []Hit{{6, 0}}},
		{"overlapping itself", exact("aaa"), "aaaaa", []Hit{{0, 0}, {1, 0}, {2, 0}}},
		{"duplicates", exact("token", "token"), "a token", []Hit{{2, 0}, {2, 1}}},
		{"prefixes of each other", exact("sk", "sk-", "sk-a", "sk-ant", "sk-ant-ap"), "sk-ant-ap",
			[]Hit{{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}}},
		{"suffixes of each other", exact("cde", "abcde", "bcde", "de"), "abcde",
			[]Hit{{0, 1}, {1, 2}, {2, 0}, {3, 3}}},
		{"eighth byte and beyond", exact("12345678", "123456789"), "12345678 123456789",
			[]Hit{{0, 0}, {9, 0}, {9, 1}}},
		{"NUL bytes", exact("\x00\x00\x00", "ab\x00\x00"), "ab\x00\x00\x00", []Hit{{0, 1}, {2, 0}}},
		{"padding is no text", exact("ab\x00\x00", "b\x00"), "ab", nil},
		{"no UTF-8", exact("\xff\xfe\xfd\xfc"), "\xff\xff\xfe\xfd\xfc", []Hit{{1, 0}}},
		{"folding is ASCII only", folded("\xe4bcd"), "\xc4bcd \xe4BCD", []Hit{{5, 0}}},
		{"pem", exact("-----BEGIN"), "------BEGIN", []Hit{{1, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mustCompile(t, tt.patterns)
			eachScan(t, s, func(t *testing.T) {
				got := s.Append(nil, []byte(tt.text), 0, len(tt.text))
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
			check(t, tt.patterns, []byte(tt.text), 0, len(tt.text))
		})
	}
}

func TestCompileRejects(t *testing.T) {
	for _, p := range []string{"", "a", strings.Repeat("a", MaxPatternLen+1)} {
		if _, err := Compile(exact("good", p)); err == nil {
			t.Errorf("Compile accepted a pattern of %d bytes", len(p))
		}
	}
}

func TestMaxLen(t *testing.T) {
	if got := mustCompile(t, nil).MaxLen(); got != 0 {
		t.Errorf("no patterns: %d", got)
	}
	if got := mustCompile(t, exact("ab", "abcdef", "abc")).MaxLen(); got != 6 {
		t.Errorf("got %d, want 6", got)
	}
}

func TestWindowOutsideTextPanics(t *testing.T) {
	s := mustCompile(t, exact("abc"))
	for _, w := range [][2]int{{-1, 2}, {0, 6}, {3, 2}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for [%d, %d)", w[0], w[1])
				}
			}()
			s.Append(nil, []byte("abcde"), w[0], w[1])
		}()
	}
}

// TestKeepsEarlierHits holds that what is in hits already stays where it is, whatever its order.
func TestKeepsEarlierHits(t *testing.T) {
	before := []Hit{{900, 3}, {5, 1}}
	got := mustCompile(t, exact("abc")).Append(slices.Clone(before), []byte("abcabc"), 0, 6)
	want := []Hit{{900, 3}, {5, 1}, {0, 0}, {3, 0}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestAlignments puts patterns of every length at every offset of texts around the sizes of a
// vector and a step, with windows that just hold or just miss the start.
func TestAlignments(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, n := range []int{2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33, 64} {
		for _, fold := range []bool{false, true} {
			patterns := []Pattern{{letters[:n], fold}}
			s := mustCompile(t, patterns)
			for _, size := range []int{n, n + 1, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129, 200} {
				for at := 0; at+n <= size; at++ {
					text := bytes.Repeat([]byte{'.'}, size)
					copy(text[at:], letters[:n])
					for _, w := range [][3]int{{0, size, 1}, {at, size, 1}, {at, at + 1, 1}, {0, at, 0}, {at + 1, size, 0}} {
						eachScan(t, s, func(t *testing.T) {
							got := s.Append(nil, text, w[0], w[1])
							if len(got) != w[2] || w[2] == 1 && got[0] != (Hit{int32(at), 0}) {
								t.Fatalf("length %d at %d of %d, window [%d, %d): %v", n, at, size, w[0], w[1], got)
							}
						})
					}
				}
			}
		}
	}
}

// TestRandom compares with the naive twin on small alphabets, where everything overlaps.
func TestRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	rounds := 4000
	if testing.Short() {
		rounds = 400
	}
	for range rounds {
		alphabet := []string{"ab", "aAbB", "abcdefgh", "aqAQ\x01\x00", "\x00\xff ~"}[rng.IntN(5)]
		word := func(n int) string {
			b := make([]byte, n)
			for i := range b {
				b[i] = alphabet[rng.IntN(len(alphabet))]
			}
			return string(b)
		}
		patterns := make([]Pattern, 1+rng.IntN(12))
		for i := range patterns {
			n := 2 + rng.IntN(8)
			if rng.IntN(8) == 0 {
				n = 2 + rng.IntN(MaxPatternLen-1)
			}
			patterns[i] = Pattern{word(n), rng.IntN(2) == 0}
		}
		text := []byte(word(rng.IntN(300)))
		if rng.IntN(2) == 0 && len(text) > 0 {
			copy(text[rng.IntN(len(text)):], patterns[0].Bytes)
		}
		from := rng.IntN(len(text) + 1)
		check(t, patterns, text, from, from+rng.IntN(len(text)-from+1))
		check(t, patterns, text, 0, len(text))
	}
}

// TestDense overflows the candidate buffer and the cheap ordering of hits.
func TestDense(t *testing.T) {
	text := bytes.Repeat([]byte("aA"), 3000)
	check(t, folded("aa", "aaa", "aaaa", "aaaaaaa"), text, 1, len(text)-1)
	check(t, exact("Aa", "aA", "AaA", "aAaA"), text, 0, len(text))
	var many []Pattern
	for i := range 40 {
		many = append(many, Pattern{strings.Repeat("Aa", 2+i%30), true})
	}
	check(t, many, text[:500], 3, 490)
	// More patterns share a word than checkMany has room for.
	check(t, slices.Repeat(exact("token"), trialBuffer+1), bytes.Repeat([]byte("token "), 50), 0, 300)
	// As many hits out of order as add gives up on: the last byte of the long ones is the rare one.
	check(t, slices.Repeat(exact("eeeeeeeeeeeeqx", "ee"), 300), bytes.Repeat([]byte("eeeeeeeeeeeeqx"), 40), 0, 560)
}

// TestSource compares on source-like text with the patterns that the engine has.
func TestSource(t *testing.T) {
	patterns := providerPatterns(400)
	text := sourceText(20_000, patterns, 7)
	check(t, patterns, text, 0, len(text))
	check(t, patterns, text, 333, 7777)
	if n := len(naive(patterns, text, 0, len(text))); n < 50 {
		t.Errorf("only %d hits in the text: it tests too little", n)
	}
}

// TestWindowsAddUp holds the promise that the delta walk relies on: the windows of a cut text have
// together the hits of the whole.
func TestWindowsAddUp(t *testing.T) {
	patterns := providerPatterns(1000)
	text := sourceText(30_000, patterns, 9)
	s := mustCompile(t, patterns)
	whole := s.Append(nil, text, 0, len(text))
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{1, 10, 100, 1000} {
		var parts []Hit
		for at := 0; at < len(text); {
			end := min(len(text), at+1+rng.IntN(size))
			parts = s.Append(parts, text, at, end)
			at = end
		}
		if !slices.Equal(parts, whole) {
			t.Errorf("pieces of up to %d bytes: %d hits, whole has %d", size, len(parts), len(whole))
		}
	}
}

func TestNoAllocation(t *testing.T) {
	patterns := providerPatterns(1000)
	text := sourceText(10_000, patterns, 5)
	s := mustCompile(t, patterns)
	hits := s.Append(nil, text, 0, len(text))
	if n := testing.AllocsPerRun(10, func() { hits = s.Append(hits[:0], text, 0, len(text)) }); n != 0 {
		t.Errorf("%v allocations per call", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	patterns := providerPatterns(300)
	text := sourceText(10_000, patterns, 6)
	s := mustCompile(t, patterns)
	want := s.Append(nil, text, 0, len(text))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got := s.Append(nil, text, 0, len(text)); !slices.Equal(got, want) {
				t.Error("differs from the first call")
			}
		})
	}
	wg.Wait()
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte("key\ntoken\nghp_\n"), []byte("my Key = ghp_token"), uint16(0), uint16(18))
	f.Add([]byte("ab\nabc\nABCDEFGHI\n"), []byte("xabcdefghijkl"), uint16(1), uint16(3))
	f.Fuzz(func(t *testing.T, lits, text []byte, from, to uint16) {
		var patterns []Pattern
		for i, l := range bytes.Split(lits, []byte("\n")) {
			if len(l) >= MinPatternLen && len(l) <= MaxPatternLen && len(patterns) < 50 {
				patterns = append(patterns, Pattern{string(l), i%2 == 0})
			}
		}
		a, b := min(int(from), len(text)), min(int(to), len(text))
		check(t, patterns, text, min(a, b), max(a, b))
	})
}
