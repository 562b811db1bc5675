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

// scanAVX2 filters blocks of blockBytes at text and writes the candidates to buf, in ascending
// order. It returns how many blocks it did (fewer if buf is nearly full, at least one) and how many
// candidates it wrote. It reads 6 bytes past the last block.
//
//go:noescape
func scanAVX2(f *filter, text *byte, blocks int, buf *[candidateBuffer]candidate) (done, n int)

// scan is scanPortable, but it may look at up to 31 samples past end if the text goes on there.
func (f *filter) scan(text []byte, p, end int, buf *[candidateBuffer]candidate) (next, n int) {
	if hasAVX2 {
		blocks := min((end-p+blockBytes-1)/blockBytes, (len(text)-p-(blockReach-blockBytes))/blockBytes)
		if blocks > 0 {
			done, n := scanAVX2(f, &text[p], blocks, buf)
			return p + done*blockBytes, n
		}
	}
	return f.scanPortable(text, p, end, buf)
}
