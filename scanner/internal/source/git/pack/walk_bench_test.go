package pack

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// BenchmarkWalk walks a generated history: files of some 20 KB that are
// edited again and again, as deltas of each other.
func BenchmarkWalk(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 40))
	p := newPack(object.SHA1Size)
	for len(p.objects) < 3000 {
		k := len(p.objects)
		if k%50 == 0 {
			p.whole(object.Blob, randomText(r, 10000+r.IntN(20000)))
			continue
		}
		from := p.objects[k-1].content
		cut, skip := r.IntN(len(from)-100), r.IntN(100)
		text := randomText(r, 1+r.IntN(200))
		content := slices.Concat(from[:cut], text, from[cut+skip:])
		p.ofs(k-1, content, encodeDelta(r, len(from), len(content), []edit{{src: 0, n: cut}, {src: -1, text: text}, {src: cut + skip, n: len(from) - cut - skip}}))
	}
	dir := b.TempDir()
	p.save(b, dir, "a", 2)
	s := open(b, object.SHA1Size, Options{}, dir)
	total := 0
	for _, o := range p.objects {
		total += len(o.content)
	}
	b.Run("walk", func(b *testing.B) {
		b.SetBytes(int64(total))
		b.ReportAllocs()
		for b.Loop() {
			if err := Walk(b.Context(), s, WalkOptions{}, func(int) Visitor[struct{}] { return new(nothing) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get", func(b *testing.B) {
		b.SetBytes(int64(total))
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			for _, o := range p.objects {
				_, content, err := s.Get(o.id, buf)
				if err != nil {
					b.Fatal(err)
				}
				buf = content
			}
		}
	})
}
