package engine

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

func TestIdentifies(t *testing.T) {
	hex := strings.Repeat("0a1b2c3d4e", 4)
	for _, c := range []struct {
		before string
		want   bool
	}{
		{"image@sha256:", true}, {`"integrity": "sha512-`, true}, {"sha1 = ", true}, {"ETag: \"", true}, {"github.com/x/y/commit/", true},
		{"MD5 (x) commit: ", true}, {"project_id = '", true}, {"projectId: ", true}, {"requestUUID=", true}, {"x-guid: ", true}, {"uses: x/y-action@", true},
		{"checksum\n", false}, {"access_key_id = ", false}, {"tokenId: ", false}, {"api_key = ", false}, {"paid: ", false}, {"valid=", false}, {"rehash = ", false}, {"", false},
	} {
		text := []byte(c.before + hex)
		if got := identifies(text, len(c.before), len(text)); got != c.want {
			t.Errorf("%q: %v", c.before, got)
		}
	}
}

// TestContext: beside a service's name a random string is a key, unless it is
// said to be something else or the name is a word of the language.
func TestContext(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(alphabet string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	for _, c := range []struct {
		word, text string
		want       finding.Confidence
	}{
		{"acme", "acme_key: %", finding.Medium},
		{"acme", "acme: %", finding.Medium},
		{"acme", "acme sha1:%", finding.Low},
		{"acme", "acmeProjectId = \"%\"", finding.Low},
		{"acme", "acme_access_key_id = \"%\"", finding.Medium},
		{"magnetic", "magnetic_key = %", finding.Medium},
		{"magnetic", "magnetic = %", finding.Low},
	} {
		set := &rules.Set{Rules: []*rules.Rule{{ID: "acme-api-key", Provider: "acme", Kind: "api-key", Token: "[0-9a-z]{40}", Context: []string{c.word}, Confidence: finding.Medium}}}
		e, err := New(set, Options{Minimum: finding.Low})
		if err != nil {
			t.Fatal(err)
		}
		text := []byte(strings.ReplaceAll(c.text, "%", draw("0123456789abcdefghijklmnopqrstuvwxyz", 40)))
		var got finding.Confidence
		if err := e.Find(text, Span{0, len(text)}, Whole, &Scratch{}, func(m *Match) error { got = max(got, m.Confidence); return nil }); err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", c.text, got, c.want)
		}
	}
}

func TestConnectionStrings(t *testing.T) {
	_, e := builtin(t)
	leet := "S3cr3tP4ss" + "99"
	words := "correcthorse" + "battery"
	for _, c := range []struct {
		text string
		want finding.Confidence
	}{
		{"redis://:" + leet + "@cache.corp.com:6379", finding.Medium},
		{"postgres://app:" + words + "@db.corp.com/app", finding.Medium},
		{"mysql://root:" + leet + "@10.0.3.7/app", finding.Medium},
		{"https://user:" + leet + "@host.corp.com/x", finding.Medium},
		{"jdbc:mysql://db.corp.com/app?user=app&password=" + words, finding.Medium},
		{"postgres://app:" + words + "@localhost/app", finding.Low},
		{"https://user:" + words + "@example.com/x", finding.Low},
		{"postgres://postgres:postgres@db.corp.com/app", finding.Low},
		{"mysql://app:secret@db.corp.com/app", finding.Low},
	} {
		text := []byte(c.text)
		var raw []Match
		if err := e.Find(text, Span{0, len(text)}, Whole, &Scratch{}, func(m *Match) error { raw = append(raw, *m); return nil }); err != nil {
			t.Fatal(err)
		}
		got := finding.Low
		for _, m := range Resolve(raw) {
			got = max(got, m.Confidence)
		}
		if got != c.want {
			t.Errorf("%s: %v", c.text, got)
		}
	}
}
