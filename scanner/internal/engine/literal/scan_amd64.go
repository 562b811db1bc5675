//go:build !purego

package literal

import "golang.org/x/sys/cpu"

// hasAVX2 is what scanAVX2 needs. Tests switch it off.
var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT

const (
	// blockBytes is what a step of scanAVX2 filters, blockReach what it reads.
	blockBytes = 64
	blockReach = blockBytes + 6
)

// blockCandidates is what a step may write to buf: all its samples, and rubbish behind the last.
const blockCandidates = blockBytes/stride + 2

// scanAVX2 filters blocks of blockBytes at text and writes the candidates to buf, in ascending
// order. It stops early after a block that leaves more than limit candidates, and returns how many
// blocks it did and how many candidates it wrote. It reads blockReach bytes from the last block on
// and writes up to blockCandidates beyond limit.
//
//go:noescape
func scanAVX2(f *filter, text *byte, blocks int, buf *candidate, limit int) (done, n int)

// scan is scanPortable, but it may look at samples past end, up to a block, if the text goes on
// there. buf has room for blockCandidates at least.
func (f *filter) scan(text []byte, p, end int, buf []candidate) (next, n int) {
	if hasAVX2 {
		blocks := min((end-p+blockBytes-1)/blockBytes, (len(text)-p-(blockReach-blockBytes))/blockBytes)
		if blocks > 0 {
			done, n := scanAVX2(f, &text[p], blocks, &buf[0], len(buf)-blockCandidates)
			return p + done*blockBytes, n
		}
	}
	return f.scanPortable(text, p, end, buf)
}
