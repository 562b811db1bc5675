package redact

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
)

// sample draws text with secrets of many kinds close to each other.
type sample struct {
	t    *testing.T
	set  *rules.Set
	rand *rand.Rand
}

func newSample(t *testing.T) *sample {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return &sample{t, set, rand.New(rand.NewPCG(1, 2))}
}

func (s *sample) body(n int) string {
	b := make([]byte, n*3/4)
	for i := range b {
		b[i] = byte(s.rand.Uint32())
	}
	return base64.StdEncoding.EncodeToString(b)
}

// key is a private key in a string, its line ends escaped, without an end.
func (s *sample) key(label string, n int) string {
	var b strings.Builder
	b.WriteString("-----" + "BEGIN " + label + "PRIVATE KEY-----")
	for body := s.body(n); body != ""; {
		cut := min(64, len(body))
		b.WriteString(`\n` + body[:cut])
		body = body[cut:]
	}
	return b.String()
}

func (s *sample) secret(rule string) string {
	r := s.set.Lookup(rule)
	if r == nil {
		s.t.Fatalf("no rule %s", rule)
	}
	x, err := r.Expand("{{secret}}", s.rand.IntN(1<<20))
	if err != nil {
		s.t.Fatal(err)
	}
	return x.Text
}

func (s *sample) text(pieces int) []byte {
	var b strings.Builder
	for range pieces {
		switch s.rand.IntN(8) {
		case 0:
			fmt.Fprintf(&b, `{"key": "%s", "t": "%s"}`, s.key("ENCRYPTED ", 300+s.rand.IntN(9000)), s.secret("github-personal-access-token-classic"))
		case 1:
			fmt.Fprintf(&b, `{"key": "%s"} `, s.key("RSA ", 300+s.rand.IntN(3000)))
		case 2:
			fmt.Fprintf(&b, "password: %s ", s.body(24))
		case 3:
			fmt.Fprintf(&b, "api_key=%s ", s.body(40))
		case 4:
			fmt.Fprintf(&b, "postgres://user:%s@db/x ", s.body(16)[:14])
		case 5:
			b.WriteString(strings.Repeat("lorem ipsum ", s.rand.IntN(3000)))
		default:
			fmt.Fprintf(&b, "x %s ", s.secret("github-personal-access-token-classic"))
		}
		if s.rand.IntN(3) == 0 {
			b.WriteByte('\n')
		}
	}
	return []byte(b.String())
}

// No excerpt shows eight bytes in a row of any match, whatever its confidence.
func TestExcerptShowsNoNeighbour(t *testing.T) {
	s := newSample(t)
	e, err := engine.New(s.set, engine.Options{Minimum: finding.Medium})
	if err != nil {
		t.Fatal(err)
	}
	collect := func(e *engine.Engine, text []byte) (all []engine.Match) {
		_ = e.Find(text, engine.Span{End: len(text)}, engine.Whole, &engine.Scratch{}, func(m *engine.Match) error {
			all = append(all, *m)
			return nil
		})
		return all
	}
	r := New(e)
	const begin = "-----" + "BEGIN "
	public := begin + "RSA PRIVATE KEY----- " + begin + "ENCRYPTED PRIVATE KEY-----"
	excerpts := 0
	for range 8 {
		text := s.text(40)
		covered := make([]bool, len(text))
		secretAt := map[string]string{} // eight bytes of some secret: its rule
		for _, m := range collect(e.WithMinimum(finding.Low), text) {
			for i := m.Secret.Start + m.Prefix; i < m.Secret.End; i++ {
				covered[i] = true
			}
			for i := m.Secret.Start + m.Prefix; i+8 <= m.Secret.End; i++ {
				secretAt[string(text[i:i+8])] = m.Rule.ID
			}
			for _, p := range m.Parts {
				for i := p.Span.Start; i+8 <= p.Span.End; i++ {
					secretAt[string(text[i:i+8])] = m.Rule.ID
				}
			}
		}
		// "postgres" is secret in one place and plain in another.
		for i := 0; i+8 <= len(text); i++ {
			if !covered[i] || strings.Contains(public, string(text[i:i+8])) {
				delete(secretAt, string(text[i:i+8]))
			}
		}
		raw := collect(e, text)
		view := r.Text(text, raw)
		for _, m := range raw {
			out, start, end := view.Excerpt(m.Secret)
			if start < 0 || end > len(out) || start > end {
				t.Fatalf("excerpt [%d, %d) of %d bytes", start, end, len(out))
			}
			excerpts++
			for i := 0; i+8 <= len(out); i++ {
				if of, ok := secretAt[out[i:i+8]]; ok {
					t.Fatalf("rule %s: the excerpt %q shows %q of a secret of rule %s", m.Rule.ID, out, out[i:i+8], of)
				}
			}
		}
	}
	if excerpts < 100 {
		t.Fatalf("only %d excerpts", excerpts)
	}
}

// What an excerpt redacts does not depend on which were made before it.
func TestExcerptsAreIndependent(t *testing.T) {
	s := newSample(t)
	e, err := engine.New(s.set, engine.Options{Minimum: finding.Medium})
	if err != nil {
		t.Fatal(err)
	}
	text := s.text(60)
	var raw []engine.Match
	_ = e.Find(text, engine.Span{End: len(text)}, engine.Whole, &engine.Scratch{}, func(m *engine.Match) error {
		raw = append(raw, *m)
		return nil
	})
	r := New(e)
	shared := r.Text(text, raw)
	for i := len(raw) - 1; i >= 0; i-- {
		a, _, _ := shared.Excerpt(raw[i].Secret)
		if b, _, _ := r.Text(text, raw).Excerpt(raw[i].Secret); a != b {
			t.Fatalf("%q, alone %q", a, b)
		}
	}
}
