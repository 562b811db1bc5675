package literal

import (
	"os"
	"slices"
	"syscall"
	"testing"
)

// TestReadsNothingOutside puts texts against unreadable pages, at their end and at their beginning:
// a read of one byte outside is a fault.
func TestReadsNothingOutside(t *testing.T) {
	page := os.Getpagesize()
	mem, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	defer syscall.Munmap(mem)
	for _, guard := range [][]byte{mem[:page], mem[2*page:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Skip(err)
		}
	}
	inside := mem[page : 2*page : 2*page]

	patterns := append(providerPatterns(1000), exact("zz", "zzz", "zzzz", "zzzzzzzzzzzz")...)
	s := mustCompile(t, patterns)
	source := sourceText(page, patterns, 3)
	copy(source[len(source)-12:], "zzzzzzzzzzzz")
	copy(source, "zzzzzzzzzzzz")
	copy(inside, source)
	eachScan(t, s, func(t *testing.T) {
		for n := range 300 {
			for _, at := range []int{0, page - n} {
				// Clipped, so that a Go slice expression cannot reach further either.
				text := inside[at : at+n : at+n]
				for _, from := range []int{0, n / 2, max(0, n-3)} {
					got := s.Append(nil, text, from, n)
					if want := s.Append(nil, slices.Clone(text), from, n); !slices.Equal(got, want) {
						t.Fatalf("%d bytes at %d from %d: %v, a copy has %v", n, at, from, got, want)
					}
				}
			}
		}
		if got, want := s.Append(nil, inside, 0, page), naive(patterns, source, 0, page); !slices.Equal(got, want) {
			t.Errorf("whole page: %d hits, want %d", len(got), len(want))
		}
	})
}
