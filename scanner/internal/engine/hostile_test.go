package engine

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostile are texts made to cost as much as can be.
func hostile(size int) map[string][]byte {
	r := rand.New(rand.NewPCG(1, 1))
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	random := make([]byte, size)
	for i := range random {
		random[i] = alphabet[r.IntN(64)]
	}
	repeat := func(s string) []byte { return bytes.Repeat([]byte(s), size/len(s)+1)[:size] }
	b64 := base64.StdEncoding.EncodeToString
	nested := "some text that is nested"
	for len(nested) < size {
		nested = b64([]byte(nested))
		if len(nested) > size/2 {
			break
		}
	}
	text := b64(repeat("text of ordinary words, "))
	wrapped := strings.Builder{}
	for i := 0; i+76 <= len(text) && wrapped.Len() < size; i += 76 {
		wrapped.WriteString(text[i:i+76] + "\n")
	}
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	_, _ = w.Write(make([]byte, 64<<20))
	_ = w.Close()
	bombs := repeat(b64(bomb.Bytes()[:min(bomb.Len(), 30<<10)]) + "\n")
	small := bytes.Buffer{}
	w.Reset(&small)
	_, _ = w.Write(make([]byte, 4<<20))
	_ = w.Close()
	wide := make([]byte, size)
	for i := 0; i < size; i += 2 {
		wide[i] = alphabet[r.IntN(64)]
	}
	return map[string][]byte{
		"random base64": random, "base64 of text": []byte(text)[:size], "wrapped": []byte(wrapped.String()),
		"all A": repeat("A"), "all U": repeat("U"), "short lines": repeat("QUJDREVGR0hJSktMTU5PUFFS\n"),
		"nested": []byte(nested), "bombs": bombs, "small bombs": repeat(b64(small.Bytes()) + "\n"), "headers": repeat("H4sI"), "header lines": repeat("H4sIAAAAAAAAA3N0cnZxdXMAAA\n"),
		"percent": repeat("%41"), "percent of percent": repeat("%2525252541"), "backslashes": repeat(`\`), "escapes": repeat(`\\\\u0041`),
		"entities": repeat("&#65;"), "open entities": repeat("&#"), "quoted": repeat("=3D=\n"), "soft": repeat("=\r\n"),
		"joints": repeat(`a"+"b`), "joints over lines": repeat("abc\" +\n  \"def"), "utf-16": wide, "NUL": make([]byte, size), "alternating": repeat("A\x00"), "odd": repeat("A\x00B\x00\x00"),
		"hex": repeat("4142434445464748"), "hex of hex": repeat("34313432"), "mixed": repeat("%41QUJDREVGR0hJSktMTU5PUFFS%3D\\u0041&#65;"),
	}
}

// slowest is far from what is expected (a tenth of a second to one), for slow
// machines and the race detector: what is quadratic takes minutes.
const slowest = 30 * time.Second

// TestHostile: time linear in the size, memory bounded, whatever the bytes.
func TestHostile(t *testing.T) {
	_, e := builtin(t)
	size := 4 << 20
	if testing.Short() {
		size = 1 << 20
	}
	for name, text := range hostile(size) {
		var s Scratch
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		const piece = 1 << 20
		for at := 0; at < len(text); at += piece { // as the scanner reads
			lo, hi := max(0, at-Bound), min(len(text), at+piece)
			err := e.Find(text[lo:hi], Span{at - lo, hi - lo}, Edges{lo == 0, hi == len(text)}, &s, func(*Match) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		grown := int64(after.HeapInuse) - int64(before.HeapInuse)
		if perMB := took / time.Duration(size>>20); perMB > slowest || grown > 256<<20 {
			t.Errorf("%s: %v per MB, %d MB more", name, perMB, grown>>20)
		}
		t.Logf("%-20s %8v per MB, %4d MB more; gap %q", name, (took / time.Duration(size>>20)).Round(time.Microsecond), grown>>20, s.Gap())
	}
}
