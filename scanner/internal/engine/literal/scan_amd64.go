//go:build !purego

package literal

import (
	"sync"
	"time"

	"golang.org/x/sys/cpu"
)

// hasAVX2 is whether scanAVX2 can run.
var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT

// gather.pays is whether scanAVX2 is faster than scanPortable here, settled by the first Compile of the
// process. On many Intel processors from Skylake to Rocket Lake a microcode update (against gather data
// sampling, CVE-2022-40982) makes gathers several times slower, and nothing that a program may read
// without privileges says so: it has to be timed. This is the one clock in the engine. It decides how
// fast hits are found, never which.
var gather struct {
	once sync.Once
	pays bool
}

// choose settles which scan f uses. f is still empty.
func (f *filter) choose() {
	gather.once.Do(func() { gather.pays = hasAVX2 && gatherPays(f) })
	f.gather = gather.pays
}

// gatherPays times the two scans with a filter that lets nothing pass. It takes about 10 microseconds
// where gathers are fast, 100 where they are not.
func gatherPays(f *filter) bool {
	// A vector unit that was idle runs at about a quarter of its speed for the first ten microseconds
	// or so, which makes the two equal where gathers are fast; where they are slow, scanAVX2 should take
	// twice as long at least. A quarter more is let pass. Either side may be interrupted: hence several
	// rounds, of which two must be won.
	const rounds, toWin, blocks = 20, 2, 32
	var text [blocks*blockBytes + blockReach]byte
	var buf [candidateBuffer]candidate
	won := 0
	for range rounds {
		start := time.Now()
		scanAVX2(f, &text[0], blocks, &buf[0], len(buf)-blockCandidates)
		vector := time.Since(start)
		start = time.Now()
		f.scanPortable(text[:], 0, blocks*blockBytes, buf[:])
		if portable := time.Since(start); 4*vector <= 5*portable {
			won++
		}
		if won == toWin {
			return true
		}
	}
	return false
}

const (
	// blockBytes is what a step of scanAVX2 filters, blockReach what it reads.
	blockBytes = 64
	blockReach = blockBytes + 6
)

// blockCandidates is what a step may write to buf: all its samples, and rubbish behind the last.
const blockCandidates = blockBytes/stride + 4

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
	if f.gather {
		blocks := min((end-p+blockBytes-1)/blockBytes, (len(text)-p-(blockReach-blockBytes))/blockBytes)
		if blocks > 0 {
			done, n := scanAVX2(f, &text[p], blocks, &buf[0], len(buf)-blockCandidates)
			return p + done*blockBytes, n
		}
	}
	return f.scanPortable(text, p, end, buf)
}
