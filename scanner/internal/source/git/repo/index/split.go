package index

import (
	"encoding/binary"
	"errors"
	"iter"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// link is the extension that makes an index a split one: the shared index, and
// which of its entries are gone or replaced.
type link struct {
	base     object.ID
	deleted  map[int]bool
	replaced iter.Seq[int]
}

func (l *link) isDeleted(i int) bool { return l.deleted[i] }

func parseLink(b []byte, hashSize int) (*link, error) {
	if len(b) < hashSize {
		return nil, errors.New("the link to the shared index is cut off")
	}
	l := &link{base: object.FromBytes(b[:hashSize]), deleted: map[int]bool{}, replaced: func(func(int) bool) {}}
	b = b[hashSize:]
	if len(b) == 0 {
		return l, nil
	}
	deleted, b, err := parseBitmap(b)
	if err != nil {
		return nil, err
	}
	replaced, _, err := parseBitmap(b)
	if err != nil {
		return nil, err
	}
	for i := range deleted.bits() {
		l.deleted[i] = true
	}
	l.replaced = replaced.bits()
	return l, nil
}

// maxBits bounds a bitmap: no index has more entries.
const maxBits = 1 << 26

// bitmap is one in EWAH coding: words that announce a run of equal words and
// a number of literal ones.
type bitmap struct {
	size  int
	words []byte
}

var errBitmap = errors.New("a bitmap of the split index is malformed")

func parseBitmap(b []byte) (m bitmap, rest []byte, err error) {
	if len(b) < 8 {
		return m, nil, errBitmap
	}
	size, n := binary.BigEndian.Uint32(b), int(binary.BigEndian.Uint32(b[4:]))
	if size > maxBits || n > (len(b)-12)/8 || len(b) < 12 {
		return m, nil, errBitmap
	}
	return bitmap{int(size), b[8 : 8+8*n]}, b[8+8*n+4:], nil
}

// bits yields the numbers of the set bits, in order.
func (m bitmap) bits() iter.Seq[int] {
	return func(yield func(int) bool) {
		at := 0
		for w := m.words; len(w) >= 8 && at < m.size; {
			head := binary.BigEndian.Uint64(w)
			w = w[8:]
			run := int(head>>1&0xffffffff) * 64
			if head&1 == 1 {
				for i := at; i < min(at+run, m.size); i++ {
					if !yield(i) {
						return
					}
				}
			}
			at += run
			for range head >> 33 {
				if len(w) < 8 || at >= m.size {
					break
				}
				word := binary.BigEndian.Uint64(w)
				w = w[8:]
				for b := range 64 {
					if word>>b&1 == 1 && at+b < m.size && !yield(at+b) {
						return
					}
				}
				at += 64
			}
		}
	}
}
