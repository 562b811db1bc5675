package linediff

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAdded(t *testing.T) {
	for _, tc := range []struct {
		text string
		olds []string
		want string // the added lines
	}{
		{"a\nb\nc\n", []string{"a\nc\n"}, "b\n"},
		{"a\nb\n", []string{"b\na\n"}, ""},
		{"a\nb\n", nil, "a\nb\n"},
		{"a\nb\nc", []string{"a\n", "c\n"}, "b\n"},
		{"a\r\nb\r\n", []string{"a\nb\n"}, ""},
		{"a\n\nb\n", []string{"a\nb\n"}, "\n"},
		{"", []string{"a"}, ""},
		{"x", []string{""}, "x"},
	} {
		var olds [][]byte
		for _, o := range tc.olds {
			olds = append(olds, []byte(o))
		}
		var got strings.Builder
		for _, s := range Added([]byte(tc.text), olds...) {
			got.WriteString(tc.text[s.Start:s.End])
		}
		if got.String() != tc.want {
			t.Errorf("%q against %q: got %q", tc.text, tc.olds, got.String())
		}
	}
}

func TestTouches(t *testing.T) {
	spans := []Span{{10, 20}, {30, 40}}
	for _, tc := range []struct {
		start, end int
		want       bool
	}{{0, 10, false}, {0, 11, true}, {19, 25, true}, {20, 30, false}, {20, 31, true}, {40, 50, false}, {15, 15, true}} {
		if got := Touches(spans, tc.start, tc.end); got != tc.want {
			t.Errorf("%d to %d: %v", tc.start, tc.end, got)
		}
	}
}

// TestAgainstModel holds Added against sets of lines.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"", "a", "b", "ab", "a\r", "long line"})).Draw(t, "lines"), "\n")
		})
		text := gen.Draw(t, "text")
		olds := rapid.SliceOfN(gen, 0, 3).Draw(t, "olds")
		lines := func(s string) (out []string) {
			for l := range strings.Lines(s) {
				out = append(out, strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r"))
			}
			return out
		}
		var have []string
		var raw [][]byte
		for _, o := range olds {
			have = append(have, lines(o)...)
			raw = append(raw, []byte(o))
		}
		var want, got []string
		for _, l := range lines(text) {
			if !slices.Contains(have, l) {
				want = append(want, l)
			}
		}
		for _, s := range Added([]byte(text), raw...) {
			got = append(got, lines(text[s.Start:s.End])...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func BenchmarkAdded10MB(b *testing.B) {
	var old, text bytes.Buffer
	for i := range 250_000 {
		fmt.Fprintf(&old, "this is line number %d of the old text\n", i)
		fmt.Fprintf(&text, "this is line number %d of the old text\n", i*2)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		Added(text.Bytes(), old.Bytes())
	}
}
