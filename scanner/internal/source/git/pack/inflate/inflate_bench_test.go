package inflate

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	kzlib "github.com/klauspost/compress/zlib"
)

// BenchmarkInflate sets the three inflaters side by side, on text like source
// code in the sizes that packs have: most entries are small.
func BenchmarkInflate(b *testing.B) {
	for _, size := range []int{60, 250, 1000, 4000, 20000, 200000} {
		r := rand.New(rand.NewPCG(9, uint64(size)))
		var streams [][]byte
		for range 16 {
			streams = append(streams, append(deflated(b, text(r, size), 6), make([]byte, 16)...))
		}
		dst := make([]byte, size, size+Slack)
		b.Run(fmt.Sprintf("own/%d", size), func(b *testing.B) {
			var z Inflater
			b.SetBytes(int64(size))
			for i := 0; b.Loop(); i++ {
				if _, err := z.Zlib(dst, streams[i%16]); err != nil {
					b.Fatal(err)
				}
			}
		})
		readers := func(b *testing.B, rd io.ReadCloser) {
			b.SetBytes(int64(size))
			var src bytes.Reader
			for i := 0; b.Loop(); i++ {
				src.Reset(streams[i%16])
				rd.(zlib.Resetter).Reset(&src, nil)
				if _, err := io.ReadFull(rd, dst); err != nil {
					b.Fatal(err)
				}
				rd.Read(make([]byte, 1)) // to the checksum
			}
		}
		b.Run(fmt.Sprintf("klauspost/%d", size), func(b *testing.B) {
			rd, _ := kzlib.NewReader(bytes.NewReader(streams[0]))
			readers(b, rd)
		})
		b.Run(fmt.Sprintf("stdlib/%d", size), func(b *testing.B) {
			rd, _ := zlib.NewReader(bytes.NewReader(streams[0]))
			readers(b, rd)
		})
	}
}
