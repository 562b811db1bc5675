package pack

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"
	"time"

	kzlib "github.com/klauspost/compress/zlib"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack/inflate"
)

// BenchmarkBigInflate times the inflaters on real pack entries, a sample of
// the blobs' deltas and whole ones. The best run counts ("best-MB/s"): the
// mean says more about who else uses the machine.
func BenchmarkBigInflate(b *testing.B) {
	s := bigRepo(b)
	type stream struct {
		src  []byte
		size int
	}
	var streams []stream
	total := 0
	largest := 0
	for _, p := range s.Packs() {
		f := growForest(p, object.SetOf(object.Blob), nil, nil, 1, func(err error) { b.Fatal(err) })
		var sc scratch
		for i := uint32(0); int(i) < f.len(); i += 41 {
			e, err := f.header(i, &sc)
			if err != nil {
				b.Fatal(err)
			}
			if f.types[i] != object.Blob || e.size > 1<<20 {
				continue
			}
			src, _ := p.data.at(f.offset(i)+int64(e.headLen), int(f.limit(i)-f.offset(i))+inflate.Slack, &sc.in)
			streams = append(streams, stream{src, int(e.size)})
			total += int(e.size)
			largest = max(largest, int(e.size))
		}
	}
	dst := make([]byte, largest, largest+inflate.Slack)
	measure := func(name string, one func(s stream) error) {
		b.Run(name, func(b *testing.B) {
			best := time.Duration(1 << 62)
			for b.Loop() {
				start := time.Now()
				for _, s := range streams {
					if err := one(s); err != nil {
						b.Fatal(err)
					}
				}
				best = min(best, time.Since(start))
			}
			b.SetBytes(int64(total))
			b.ReportMetric(float64(total)/1e6/best.Seconds(), "best-MB/s")
			b.ReportMetric(float64(best.Nanoseconds())/float64(len(streams)), "best-ns/object")
		})
	}
	var z inflate.Inflater
	measure("own", func(s stream) error {
		_, err := z.Zlib(dst[:s.size], s.src)
		return err
	})
	var rd bytes.Reader
	reader := func(r io.ReadCloser) func(s stream) error {
		return func(s stream) error {
			rd.Reset(s.src)
			if err := r.(zlib.Resetter).Reset(&rd, nil); err != nil {
				return err
			}
			if _, err := io.ReadFull(r, dst[:s.size]); err != nil {
				return err
			}
			var one [1]byte
			r.Read(one[:]) // to the checksum
			return nil
		}
	}
	if len(streams) > 0 {
		k, _ := kzlib.NewReader(bytes.NewReader(streams[0].src))
		measure("klauspost", reader(k))
		std, _ := zlib.NewReader(bytes.NewReader(streams[0].src))
		measure("stdlib", reader(std))
	}
}
