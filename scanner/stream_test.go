package scanner

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/source/stream"
)

// chunks reads a text in pieces of random length.
type chunks struct {
	text []byte
	r    *rand.Rand
	most int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	n := min(1+c.r.IntN(c.most), len(c.text), len(p))
	copy(p, c.text[:n])
	c.text = c.text[n:]
	return n, nil
}

func builtinScanner(t testing.TB, o Options) (*rules.Set, *Scanner) {
	t.Helper()
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(set, o)
	if err != nil {
		t.Fatal(err)
	}
	return set, s
}

// streamed is what a stream without pauses tells, line by line.
func streamed(t testing.TB, s *Scanner, src io.Reader) []string {
	t.Helper()
	var out []string
	scan := newStreamScan(s, "log", newRepeats(maxRepeats), func(f *finding.Finding) error {
		o := f.Occurrences[0]
		out = append(out, fmt.Sprintf("%d:%d-%d:%d %s %s %s", o.Line, o.Column, o.EndLine, o.EndColumn, f.Rule, f.Confidence, o.Excerpt))
		return nil
	})
	n, err := stream.Read(t.Context(), src, stream.Options{Carry: streamCarry}, scan.window)
	if _, c, err := scan.close(t.Context(), n, err); err != nil || c.Incomplete() {
		t.Fatal(err, c.Gaps())
	}
	return out
}

// logText is a log in which examples of the rules stand, on lines and over
// lines, some of them cut off.
func logText(set *rules.Set, r *rand.Rand, size int) []byte {
	var b bytes.Buffer
	for b.Len() < size {
		rule := set.Rules[r.IntN(len(set.Rules))]
		if templates := slices.Concat(rule.Examples, rule.Counterexamples); len(templates) > 0 {
			if x, err := rule.Expand(templates[r.IntN(len(templates))], r.IntN(1000)); err == nil {
				b.WriteString(x.Text[:len(x.Text)-r.IntN(2)*r.IntN(4)])
			}
		}
		for range r.IntN(6) {
			b.WriteString([]string{"\n", "\n", " ", "2026-01-02T03:04:05Z INFO request done in 12 ms\n", "token: ", `{"a":"b"}`, strings.Repeat("x", 700), "\r\n"}[r.IntN(8)])
		}
	}
	return b.Bytes()
}

// TestStreamCutting: the pieces in which a stream comes do not matter.
func TestStreamCutting(t *testing.T) {
	set, s := builtinScanner(t, Options{MinConfidence: finding.Low})
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		text := logText(set, r, 30_000+r.IntN(400_000))
		want := streamed(t, s, bytes.NewReader(text))
		if len(want) < 20 {
			t.Fatalf("only %d findings", len(want))
		}
		for _, most := range []int{40, 3000, 100_000} {
			got := streamed(t, s, &chunks{text, r, most})
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, pieces of up to %d bytes: %s", seed, most, firstDifference(want, got))
			}
		}
	}
}

func firstDifference(want, got []string) string {
	for i := 0; i < len(want) || i < len(got); i++ {
		w, g := "(nothing)", "(nothing)"
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			return fmt.Sprintf("finding %d of %d, %d\nwhole  %s\npieces %s", i, len(want), len(got), w, g)
		}
	}
	return ""
}

// TestStreamLikeFile: a stream tells the values that a file of the same text
// holds.
func TestStreamLikeFile(t *testing.T) {
	set, s := builtinScanner(t, Options{})
	text := logText(set, rand.New(rand.NewPCG(5, 5)), 400_000)
	want := map[string]bool{}
	for _, f := range s.Bytes("log", text) {
		want[f.Fingerprint] = true
	}
	got := map[string]bool{}
	if _, _, err := s.Stream(t.Context(), "log", &chunks{text, rand.New(rand.NewPCG(6, 6)), 60_000}, func(f *finding.Finding) error {
		got[f.Fingerprint] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for f := range want {
		if !got[f] {
			t.Errorf("%s is in the file's findings alone", f)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d values in the stream, %d in the file", len(got), len(want))
	}
}

// manyTokens has a token of its own on each line.
func manyTokens(t testing.TB, set *rules.Set, n int) (text []byte, values []string) {
	rule := set.Lookup("github-personal-access-token-classic")
	if rule == nil {
		t.Fatal("no such rule")
	}
	var b bytes.Buffer
	for i := range n {
		x, err := rule.Expand("2026-01-02T03:04:05Z INFO push by {{secret}}", i)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(x.Text)
		b.WriteByte('\n')
		values = append(values, x.Secret)
	}
	return b.Bytes(), values
}

// TestStreamMany: 40,000 lines with a token on each are all told, each once and
// on its line.
func TestStreamMany(t *testing.T) {
	set, s := builtinScanner(t, Options{})
	n := 40_000
	if testing.Short() {
		n = 4000
	}
	text, values := manyTokens(t, set, n)
	for _, most := range []int{100, 65536} {
		line := 0
		_, c, err := s.Stream(t.Context(), "log", &chunks{text, rand.New(rand.NewPCG(1, 9)), most}, func(f *finding.Finding) error {
			if f.Occurrences[0].Line != line+1 || f.Secret != values[line] {
				t.Fatalf("finding %d is on line %d", line, f.Occurrences[0].Line)
			}
			line++
			return nil
		})
		if err != nil || line != n || c.Bytes != int64(len(text)) {
			t.Fatalf("pieces of up to %d: %d of %d found, %v", most, line, n, err)
		}
	}
}

// TestStreamLive: a finding comes when its line is complete, while the stream
// stays open; a composite's when the stream pauses.
func TestStreamLive(t *testing.T) {
	set, s := builtinScanner(t, Options{})
	text, _ := manyTokens(t, set, 3)
	rd, wr := io.Pipe()
	got := make(chan *finding.Finding, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan *finding.Coverage)
	go func() {
		_, c, err := s.Stream(ctx, "log", rd, func(f *finding.Finding) error { got <- f; return nil })
		if err != nil {
			t.Error(err)
		}
		ended <- c
	}()
	for i, line := range bytes.SplitAfter(bytes.TrimSpace(text), []byte("\n"))[:2] {
		_, _ = wr.Write(line[:30])
		_, _ = wr.Write(line[30 : len(line)-1])
		select {
		case f := <-got:
			t.Fatalf("told before its line is complete: %v", f.Occurrences)
		case <-time.After(3 * streamQuiet):
		}
		_, _ = wr.Write([]byte("\n"))
		select {
		case f := <-got:
			if f.Occurrences[0].Line != i+1 {
				t.Fatalf("line %d, want %d", f.Occurrences[0].Line, i+1)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("not told when its line was complete")
		}
	}
	cancel()
	if c := <-ended; !c.Incomplete() {
		t.Error("a stream that was interrupted is not incomplete")
	}
	if len(got) > 0 {
		t.Error("told twice")
	}
}

func TestRepeats(t *testing.T) {
	const limit = 100
	r := newRepeats(limit)
	rnd := rand.New(rand.NewPCG(1, 1))
	var order [][16]byte // the model: oldest first
	for range 20_000 {
		var key [16]byte
		key[0], key[1] = byte(rnd.IntN(16)), 0 // homes that collide
		key[5] = byte(rnd.IntN(20))
		known := slices.Contains(order, key)
		if r.add(key, 1) == known {
			t.Fatalf("known %v, and the table says otherwise", known)
		}
		if !known {
			if order = append(order, key); len(order) > limit {
				order = order[1:]
			}
		}
	}
	if r.add(order[50], 2) != true || r.add(order[50], 2) != false {
		t.Error("a higher level is told once")
	}
}
