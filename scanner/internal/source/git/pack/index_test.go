package pack

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// TestFindID looks up what is there and what is next to it, in ids that are
// spread, and that crowd together as no hashes would.
func TestFindID(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 30))
	for _, size := range []int{20, 32} {
		for _, crowd := range []int{0, 1, 3, 8, 12} {
			for _, n := range []int{1, 2, 10, 500, 5000} {
				var ids []object.ID
				for range n {
					var id object.ID
					for i := range size {
						if i >= crowd {
							id[i] = byte(r.Uint32() >> (r.IntN(2) * 6))
						}
					}
					ids = append(ids, id)
				}
				slices.SortFunc(ids, object.ID.Compare)
				ids = slices.Compact(ids)
				var raw []byte
				var objects []built
				for _, id := range ids {
					raw = append(raw, id[:size]...)
					objects = append(objects, built{id: id})
				}
				fan := fanout(objects)
				for i, id := range ids {
					if pos, ok := findID(fan, raw, size, size, &id); !ok || pos != i {
						t.Fatalf("size %d crowd %d n %d: id %d found at %d, %v", size, crowd, n, i, pos, ok)
					}
					at := r.IntN(size)
					id[at] ^= 1 << r.IntN(8)
					want, there := slices.BinarySearchFunc(ids, id, object.ID.Compare)
					if pos, ok := findID(fan, raw, size, size, &id); ok != there || ok && pos != want {
						t.Fatalf("size %d crowd %d n %d: changed id %d found at %d, %v", size, crowd, n, i, pos, ok)
					}
				}
			}
		}
	}
}

func BenchmarkFindID(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 30))
	ids := make([]object.ID, 1<<19)
	for i := range ids {
		for k := range 3 {
			binary.BigEndian.PutUint64(ids[i][8*k:], r.Uint64())
		}
	}
	slices.SortFunc(ids, object.ID.Compare)
	var raw []byte
	var objects []built
	for _, id := range ids {
		raw = append(raw, id[:20]...)
		objects = append(objects, built{id: id})
	}
	fan := fanout(objects)
	const batch = 4096
	best := time.Duration(1 << 62)
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		for k := range batch {
			id := &ids[(i*batch+k)*7919&(1<<19-1)]
			if _, ok := findID(fan, raw, 20, 20, id); !ok {
				b.Fatal(i)
			}
		}
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best.Nanoseconds())/batch, "best-ns/id")
}
