//go:build !purego

package decode

import "golang.org/x/sys/cpu"

// hasAVX2 is what classifyAVX2 needs. Tests switch it off.
var hasAVX2 = cpu.X86.HasAVX2

// classifyAVX2 writes for each of blocks of 64 bytes a mask of those in runs of
// base64, and one of those that are NUL or '%'.
//
//go:noescape
func classifyAVX2(text *byte, blocks int, run, special *uint64)

func classifyFast(text []byte, run, special *[blocks]uint64) bool {
	if !hasAVX2 {
		return false
	}
	n := len(text) / 64
	if n > 0 {
		classifyAVX2(&text[0], n, &run[0], &special[0])
	}
	if rest := text[64*n:]; len(rest) > 0 {
		var last [64]byte
		for i := copy(last[:], rest); i < 64; i++ {
			last[i] = ' '
		}
		classifyAVX2(&last[0], 1, &run[n], &special[n])
	}
	return true
}
