package literal

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// samplesPassing returns the samples in [p, end) that the filter chosen by useScan lets pass.
func samplesPassing(f *filter, text []byte, p, end int) (samples []int) {
	var buf [candidateBuffer]candidate
	for p < end {
		next, n := f.scan(text, p, end, buf[:])
		for _, c := range buf[:n] {
			if q := p + int(c); q < end {
				samples = append(samples, q)
			}
		}
		p = next
	}
	return samples
}

// TestScansAgree holds the assembly to the portable filter, sample for sample, on text of different
// kinds and with sparse, ordinary and (every sample passes) full tables.
func TestScansAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	random := make([]byte, 50_000)
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	full := emptyFilter()
	clear(full.word[:])
	half := emptyFilter()
	for i := range half.word {
		half.word[i] = rng.Uint32()
	}
	filters := map[string]*filter{
		"ten":      mustCompile(t, providerPatterns(10)).filter,
		"thousand": mustCompile(t, providerPatterns(1000)).filter,
		"random":   half,
		"full":     full,
	}
	texts := map[string][]byte{
		"random":  random,
		"source":  sourceText(50_000, providerPatterns(1000), 8),
		"spaces":  []byte(string(make([]byte, 5000))),
		"shorter": random[:37],
	}
	for fname, f := range filters {
		for tname, text := range texts {
			for range 10 {
				p := rng.IntN(30)
				end := p + rng.IntN(len(text)-p-sampleWidth+1)
				var want []int
				for q := p; q < end; q += stride {
					if f.passes(uint32(text[q])|uint32(text[q+1])<<8|uint32(text[q+2])<<16|uint32(text[q+3])<<24, text[q+4]) {
						want = append(want, q)
					}
				}
				for _, name := range scans() {
					useScan(&Searcher{filter: f}, name)
					if got := samplesPassing(f, text, p, end); !slices.Equal(got, want) {
						t.Errorf("%s patterns, %s text, [%d, %d), %s: %d samples pass, want %d",
							fname, tname, p, end, name, len(got), len(want))
					}
				}
			}
		}
	}
}

// TestNoHotWord guards the choice of hashMultiplier: the commonest runs in text, which are not
// letters, must not share a word with the patterns of the catalogue.
func TestNoHotWord(t *testing.T) {
	f := mustCompile(t, providerPatterns(1270)).filter
	for _, run := range []string{"     ", "\t\t\t\t\t", "\n\n\n\n\n", "00000", "-----", "=====", "*****", "/////", "#####", "\x00\x00\x00\x00\x00"} {
		if run == "-----" {
			continue // "-----BEGIN" is a pattern
		}
		if f.passes(uint32(run[0])*0x01010101, run[4]) {
			t.Errorf("%q passes", run)
		}
	}
}

// TestCandidatesPerKilobyte keeps the filter honest: on source-like text hardly more samples may
// pass than there are hits.
func TestCandidatesPerKilobyte(t *testing.T) {
	patterns := providerPatterns(1000)
	s := mustCompile(t, patterns)
	text := sourceText(1_000_000, patterns, 21)
	hits := len(s.Append(nil, text, 0, len(text)))
	candidates := countCandidates(s, text)
	t.Logf("%d hits, %d candidates in 1 MB", hits, candidates)
	if candidates > 3*hits {
		t.Errorf("%d candidates for %d hits", candidates, hits)
	}
}
