package mask

import (
	"bytes"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
)

var shared = sync.OnceValues(func() (*rules.Set, *Masker) {
	set, err := rules.Builtin()
	if err != nil {
		panic(err)
	}
	m, err := New(Options{Rules: set})
	if err != nil {
		panic(err)
	}
	return set, m
})

func example(t testing.TB, id, template string, seed int) (text, secret string) {
	t.Helper()
	set, _ := shared()
	x, err := set.Lookup(id).Expand(template, seed)
	if err != nil {
		t.Fatal(err)
	}
	return x.Text, x.Secret
}

// logText mixes examples of the rules with noise.
func logText(r *rand.Rand, size int) []byte {
	set, _ := shared()
	var b bytes.Buffer
	for b.Len() < size {
		rule := set.Rules[r.IntN(len(set.Rules))]
		if templates := slices.Concat(rule.Examples, rule.Counterexamples); len(templates) > 0 {
			if x, err := rule.Expand(templates[r.IntN(len(templates))], r.IntN(1000)); err == nil {
				b.WriteString(x.Text[:len(x.Text)-r.IntN(2)*r.IntN(4)])
			}
		}
		for range r.IntN(6) {
			b.WriteString([]string{"\n", "\n", " ", "\x00\xff\xfe", "2026-01-02T03:04:05Z INFO request done in 12 ms\n", "token: ", `{"a":"b"}`, strings.Repeat("x", 700), "\r\n"}[r.IntN(9)])
		}
	}
	return b.Bytes()
}

// matches are what a text still holds.
func matches(t testing.TB, m *Masker, text []byte) []string {
	t.Helper()
	var out []string
	var s engine.Scratch
	if err := m.engine.Find(text, engine.Span{Start: 0, End: len(text)}, engine.Whole, &s, func(f *engine.Match) error {
		lo, hi := max(0, f.Secret.Start-80), min(len(text), f.Secret.End+20)
		out = append(out, f.Rule.ID+": "+string(text[lo:f.Secret.Start])+"«"+string(text[f.Secret.Start:f.Secret.End])+"»"+string(text[f.Secret.End:hi]))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func piecewise(m *Masker, text []byte, r *rand.Rand, most int, pauses bool) []byte {
	var out bytes.Buffer
	f := filter{m: m}
	for len(text) > 0 {
		n := min(len(text), 1+r.IntN(most))
		if nl := bytes.IndexByte(text[n-1:], '\n'); pauses && nl >= 0 {
			n += nl // within a mere word a pause may part a secret, as doc.go says
		}
		f.write(text[:n], &out)
		text = text[n:]
		if pauses && r.IntN(4) == 0 {
			f.pause(&out)
		}
	}
	f.close(&out)
	return out.Bytes()
}

// TestMask: the pieces in which a text comes do not matter, and what leaves
// holds no match, also where the stream paused between lines.
func TestMask(t *testing.T) {
	_, m := shared()
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		text := logText(r, 20_000+r.IntN(200_000))
		want := m.Bytes(text)
		if bytes.Count(want, []byte("[")) < 50 {
			t.Fatal("hardly anything is masked")
		}
		for _, left := range matches(t, m, want) {
			t.Errorf("seed %d: still there: %q", seed, left)
		}
		for _, most := range []int{50, 5000, 300_000} {
			if got := piecewise(m, text, r, most, false); !bytes.Equal(got, want) {
				t.Fatalf("seed %d: pieces of up to %d make a difference", seed, most)
			}
			for _, left := range matches(t, m, piecewise(m, text, r, most, true)) {
				t.Errorf("seed %d, with pauses: still there: %q", seed, left)
			}
		}
	}
}

func TestStyles(t *testing.T) {
	set, _ := shared()
	line, secret := example(t, "openai-project-api-key", `key {{secret}} used`, 1)
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Style: Stars}, "key " + strings.Repeat("*", len(secret)) + " used"},
		{Options{Style: Fixed}, "key [masked] used"},
		{Options{Style: Last4}, "key ****" + secret[len(secret)-4:] + " used"},
		{Options{Template: "<{provider} {kind}>"}, "key <openai project-api-key> used"},
		{Options{Style: Fixed, Values: []string{"used"}}, "key [masked] [masked]"},
	} {
		c.o.Rules = set
		m, err := New(c.o)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.String(line); got != c.want {
			t.Errorf("%v: %q, want %q", c.o, got, c.want)
		}
	}
	if _, err := New(Options{Style: "bold"}); err == nil {
		t.Error("an unknown style is no error")
	}
	_, m := shared()
	first, second := m.String(line), m.String("again "+secret+"\n")
	i := strings.Index(first, "[openai-project-api-key:")
	if i < 0 || !strings.Contains(second, first[i:strings.Index(first, "]")+1]) {
		t.Errorf("the same value has two tags: %q, %q", first, second)
	}
}

// syncBuffer may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func await(t *testing.T, b *syncBuffer, want string) {
	t.Helper()
	for range 500 {
		if b.String() == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("have %q, want %q", b.String(), want)
}

// TestPrompt: a prompt shows without a line end, the beginning of a secret
// does not, whatever the time.
func TestPrompt(t *testing.T) {
	_, m := shared()
	var out syncBuffer
	w := m.Writer(&out)
	write := func(s string) { _, _ = io.WriteString(w, s) }
	write("Password: ")
	await(t, &out, "Password: ")
	write("Press any key to continue")
	await(t, &out, "Password: Press any key to continue")
	write("\n")
	shown := out.String() + "\n"
	await(t, &out, shown)
	_, secret := example(t, "github-personal-access-token-classic", `{{secret}}`, 3)
	write("using " + secret[:20])
	time.Sleep(4 * delay)
	await(t, &out, shown+"using ")
	write(secret[20:])
	time.Sleep(2 * delay)
	await(t, &out, shown+"using ")
	write("\nok")
	await(t, &out, shown+"using "+strings.TrimSuffix(m.String(secret+"\n"), "\n")+"\nok")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKeyBlock: of a private key nothing shows while it comes line by line.
func TestKeyBlock(t *testing.T) {
	set, m := shared()
	var text string
	for _, r := range set.Rules {
		if r.Matcher == "pem" && len(r.Examples) > 0 && len(r.Context) == 0 {
			text, _ = example(t, r.ID, r.Examples[0], 1)
			break
		}
	}
	if strings.Count(text, "\n") < 2 {
		t.Fatalf("no block over lines: %q", text)
	}
	var out bytes.Buffer
	f := filter{m: m}
	for line := range strings.SplitAfterSeq("start\n"+text+"\nend\n", "\n") {
		f.write([]byte(line), &out)
		f.pause(&out)
	}
	f.close(&out)
	if got := out.String(); !strings.HasPrefix(got, "start\n[") || !strings.HasSuffix(got, "]\n\nend\n") || strings.Count(got, "\n") > 4 {
		t.Errorf("%q", got)
	}
}

func TestReader(t *testing.T) {
	_, m := shared()
	text := logText(rand.New(rand.NewPCG(3, 3)), 50_000)
	got, err := io.ReadAll(m.Reader(bytes.NewReader(text)))
	if err != nil || !bytes.Equal(got, m.Bytes(text)) {
		t.Error("what is read is not what was masked", err)
	}
	binary := make([]byte, 100_000)
	for i := range binary {
		binary[i] = byte(i * i)
	}
	if !bytes.Equal(m.Bytes(binary), binary) {
		t.Error("bytes that are no text are changed")
	}
}

func TestHandler(t *testing.T) {
	_, m := shared()
	_, secret := example(t, "openai-project-api-key", `{{secret}}`, 1)
	var out bytes.Buffer
	l := slog.New(m.Handler(slog.NewJSONHandler(&out, nil)))
	l.With("token", secret).WithGroup("request").Info("sent "+secret, "n", 12,
		slog.Group("headers", "authorization", "Bearer "+secret), "url", struct{ Key string }{secret},
		"password", "Vq7#"+"kk29!bLm2xZ", "error", io.EOF)
	got := out.String()
	if strings.Contains(got, secret) || strings.Contains(got, "Vq7#") || !strings.Contains(got, `"n":12`) || !strings.Contains(got, `"error":"EOF"`) {
		t.Error(got)
	}
	if strings.Count(got, "[openai-project-api-key:") != 4 {
		t.Error(got)
	}
}
