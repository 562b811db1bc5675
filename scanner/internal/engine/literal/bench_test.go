package literal

import (
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed testdata/names.txt
var names string

// prefixes are public beginnings of tokens: what the rules' exact literals look like.
const prefixes = `ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glsoat- xoxb- xoxp- xoxa- xapp- AKIA ASIA ABIA
ACCA AIza ya29. sk- sk_live_ sk_test_ rk_live_ pk_live_ sk-ant- hf_ eyJ SG. npm_ pypi- dop_v1_ doo_v1_ shpat_ shpss_
shppa_ shpca_ sq0atp- sq0csp- EAAA key- lin_api_ pscale_ tskey- figd_ dckr_pat_ hvs. hvb. -----BEGIN PRIVATE nfp_
rubygems_ secret_ ntn_ PMAK- r8_ gsk_ xai- pplx- fw_ glc_ glsa_ NRAK- NRII- dt0c01. sbp_ AGE-SECRET-KEY- LTAI AKCp
Basic Bearer ATATT AQVN t1. phc_ phx_ sntrys_ sntryu_ CCIPAT_ tfp_ atlasv1. ops_eyJ GOCSPX- https://hooks. mongodb+srv://
postgres:// mysql:// redis:// amqp:// discord.com/api/webhooks/ apify_api_ brev_ cfut_ csk- duffel_ EZAK EZTK fio-u- flb_
FLWSECK frame.io ico- iap_ keyid LAD MGP NF- oy2 p8e- patch PKs pul- rdme_ rpa_ sgp_ sl. SLAC squ_ ssws tk. tok_ v1.0- vcp_`

// keywords are what generic rules look for; they are frequent in any source.
const keywords = `key pass token secret auth passwd password api_key apikey access credential client_secret private jwt pwd`

// providerPatterns returns up to n patterns: the exact prefixes, the keywords and the names of
// providers, folded, in an order that keeps the mix for small n.
func providerPatterns(n int) []Pattern {
	p := append(exact(strings.Fields(prefixes)...), folded(strings.Fields(keywords)...)...)
	for name := range strings.Lines(names) {
		if name = strings.TrimSpace(name); len(name) >= 3 {
			p = append(p, Pattern{name, true})
		}
	}
	for i := 0; len(p) < n; i++ { // more providers than there are today
		p = append(p, Pattern{syllables(rand.New(rand.NewPCG(uint64(i), 1))), true})
	}
	rand.New(rand.NewPCG(11, 12)).Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p[:n]
}

func syllables(rng *rand.Rand) string {
	const consonants, vowels = "bcdfghklmnprstvwz", "aeiou"
	var b strings.Builder
	for range 2 + rng.IntN(3) {
		b.WriteByte(consonants[rng.IntN(len(consonants))])
		b.WriteByte(vowels[rng.IntN(len(vowels))])
		if rng.IntN(2) == 0 {
			b.WriteByte("nrlstm"[rng.IntN(6)])
		}
	}
	return b.String()
}

// sourceText returns size bytes that look like source: keywords, identifiers built of English-like
// syllables, numbers, indentation, and about one pattern in 300 bytes.
func sourceText(size int, patterns []Pattern, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields(`if else for while return function def class import from const let var public static void int
		string bool true false nil null none this self error result value index count length name type data list map
		request response handler context config options message buffer default interface struct package include`)
	var b bytes.Buffer
	for b.Len() < size {
		b.WriteString(strings.Repeat(" ", 4*rng.IntN(4)))
		for range 2 + rng.IntN(7) {
			switch r := rng.IntN(100); {
			case r < 45:
				b.WriteString(words[rng.IntN(len(words))])
			case r < 75:
				b.WriteString(syllables(rng))
			case r < 80:
				fmt.Fprint(&b, rng.IntN(10000))
			case r < 81 && len(patterns) > 0:
				b.WriteString(patterns[rng.IntN(len(patterns))].Bytes)
			default:
				b.WriteString([]string{"(", ")", " = ", ".", ", ", "_", "{", "}", ": ", `"`, "->", " == "}[rng.IntN(12)])
			}
			if rng.IntN(2) == 0 {
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes()[:size]
}

// benchText is generated, or the files below LEAKSONDE_BENCH_TREE, joined, up to 64 MB.
func benchText(b *testing.B) []byte {
	root := os.Getenv("LEAKSONDE_BENCH_TREE")
	if root == "" {
		return sourceText(4<<20, providerPatterns(1000), 42)
	}
	var text []byte
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || len(text) > 64<<20 {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.IndexByte(content[:min(len(content), 8000)], 0) < 0 {
			text = append(text, content...)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// BenchmarkAppend searches pieces of 256 KiB, as the engine would. Hits and candidates (samples
// that passed the filter) are given per kilobyte.
func BenchmarkAppend(b *testing.B) {
	text := benchText(b)
	b.Run("yardstick=bytes.Count", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			bytes.Count(text, []byte{'~'})
		}
	})
	for _, n := range []int{10, 300, 1000, 2000} {
		s := mustCompile(b, providerPatterns(n))
		for _, scan := range scans() {
			b.Run(fmt.Sprintf("patterns=%d/scan=%s", n, scan), func(b *testing.B) {
				useScan(s, scan)
				var hits []Hit
				total := 0
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					total = 0
					for at := 0; at < len(text); at += 256 << 10 {
						hits = s.Append(hits[:0], text, at, min(len(text), at+256<<10))
						total += len(hits)
					}
				}
				kilobytes := float64(len(text)) / 1000
				b.ReportMetric(float64(total)/kilobytes, "hits/kB")
				b.ReportMetric(float64(countCandidates(s, text))/kilobytes, "candidates/kB")
			})
		}
	}
}

// countCandidates says how many samples pass the portable filter.
func countCandidates(s *Searcher, text []byte) (total int) {
	var buf [candidateBuffer]candidate
	for p := 0; p < len(text)-sampleWidth; {
		next, n := s.filter.scanPortable(text, p, len(text)-sampleWidth, buf[:])
		total, p = total+n, next
	}
	return total
}

// BenchmarkSmallWindow is what the delta walk does: many small windows of a text.
func BenchmarkSmallWindow(b *testing.B) {
	patterns := providerPatterns(1000)
	text := sourceText(1<<20, patterns, 42)
	s := mustCompile(b, patterns)
	for _, size := range []int{1, 32, 100, 300, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			var hits []Hit
			at := 0
			for b.Loop() {
				hits = s.Append(hits[:0], text, at, at+size)
				if at += 4099; at+size > len(text) {
					at = 0
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{10, 300, 1000, 2000} {
		patterns := providerPatterns(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				mustCompile(b, patterns)
			}
		})
	}
}
