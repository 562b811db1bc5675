package pack

import (
	"math/bits"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack/inflate"
)

// buffers recycles the byte slices of one worker. Sizes are rounded up to a
// quarter of a power of two, so at most a fifth of a buffer is waste.
type buffers struct {
	free [128][][]byte
	kept int // bytes in free
}

// keepBuffers bounds what a worker sets aside, in bytes; the rest goes to the
// garbage collector.
const keepBuffers = 8 << 20

// class gives the size class that holds n bytes, and its size.
func class(n int) (c, size int) {
	n = max(n, 1<<10)
	top := uint(bits.Len(uint(n-1))) - 3
	quarters := (n - 1) >> top // 4 to 7
	return int(top)*4 + quarters - 4, (quarters + 1) << top
}

// get gives a slice of n bytes with the inflater's slack behind it.
func (b *buffers) get(n int) []byte {
	c, size := class(n + inflate.Slack)
	if list := b.free[c%len(b.free)]; len(list) > 0 {
		p := list[len(list)-1]
		b.free[c%len(b.free)] = list[:len(list)-1]
		b.kept -= cap(p)
		return p[:n]
	}
	return make([]byte, n, size)
}

// put takes a slice back that get gave; nil is nothing.
func (b *buffers) put(p []byte) {
	if p == nil || b.kept+cap(p) > keepBuffers {
		return
	}
	c, size := class(cap(p))
	if size != cap(p) {
		return
	}
	b.free[c%len(b.free)] = append(b.free[c%len(b.free)], p)
	b.kept += cap(p)
}
