package generic

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// source is text in the manner of program source: telling words come up as
// often as they do in public repositories (every 400 bytes or so), nearly all
// of them in names that are given no value.
func source(size int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	lines := []string{"\tfor key, value := range m.keys {\n", "// authenticate checks the token and returns the user's key.\n", "if err := s.passThrough(ctx, req); err != nil {\n",
		"\treturn nil, fmt.Errorf(\"reading %s: %w\", name, err)\n", "key := strings.ToLower(k)\n", "\tconst result = await this.fetchAll(query, options);\n", "tokens = append(tokens, tok)\n",
		"    def validate(self, value, schema=None):\n", "  <div className=\"row\" key={item.id}>{item.name}</div>\n", "static int parse_header(struct buffer *b, size_t n)\n{\n",
		"password: ${DB_PASSWORD}\n", "see https://example.org/docs/page.html for the whole story\n", "\tif (!node->next || node->flags & NODE_SEEN)\n\t\tcontinue;\n"}
	var b bytes.Buffer
	for b.Len() < size {
		b.WriteString(lines[r.IntN(len(lines))])
		for range r.IntN(4) {
			fmt.Fprintf(&b, "\tvalue%d := compute(%d, other)\n", r.IntN(100), r.IntN(1000))
		}
	}
	return b.Bytes()
}

type hit struct{ pos, pattern int }

func benchmarkHits(b *testing.B, text []byte) {
	var all []hit
	hits(text, func(pos, pattern int) { all = append(all, hit{pos, pattern}) })
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	found := 0
	for b.Loop() {
		found = 0
		for _, h := range all {
			var c Candidate
			if Match(text, h.pos, h.pattern, &c) {
				found++
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/hit")
	b.ReportMetric(float64(len(all))/float64(len(text))*1e6, "hits/MB")
	b.ReportMetric(float64(found), "found")
}

func BenchmarkSource(b *testing.B) { benchmarkHits(b, source(1<<20)) }

func BenchmarkDense(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	benchmarkHits(b, generated(r, 1<<18))
}

// hostile texts: telling words as densely as they can stand, and long values.
var hostile = map[string]func(n int) []byte{
	"password=": func(n int) []byte { return bytes.Repeat([]byte("password="), n/9) },
	"key:":      func(n int) []byte { return bytes.Repeat([]byte("key:"), n/4) },
	"token=\"x": func(n int) []byte { return bytes.Repeat([]byte("token=\"x"), n/8) },
	"open quote": func(n int) []byte {
		return append(bytes.Repeat([]byte("key='"), 1), bytes.Repeat([]byte("pass "), n/5)...)
	},
	"://":        func(n int) []byte { return bytes.Repeat([]byte("://:"), n/4) },
	"a://b:c@":   func(n int) []byte { return bytes.Repeat([]byte("a://b:c@"), n/8) },
	"pw":         func(n int) []byte { return bytes.Repeat([]byte("pw"), n/2) },
	"Bearer aaa": func(n int) []byte { return bytes.Repeat([]byte("Bearer aaaaaaaa:"), n/16) },
	"bearer=":    func(n int) []byte { return bytes.Repeat([]byte("bearer:"), n/7) },
	"curl -u":    func(n int) []byte { return bytes.Repeat([]byte("curl -u"), n/7) },
	"mysql -p":   func(n int) []byte { return bytes.Repeat([]byte("mysql -p"), n/8) },
	"numbers":    func(n int) []byte { return bytes.Repeat([]byte("key={1,"), n/7) },
	"calls":      func(n int) []byte { return bytes.Repeat([]byte("key=f("), n/6) },
	"blanks":     func(n int) []byte { return bytes.Repeat([]byte("key          "), n/13) },
}

func BenchmarkHostile(b *testing.B) {
	for name, f := range hostile {
		b.Run(name, func(b *testing.B) { benchmarkHits(b, f(1<<16)) })
	}
}
