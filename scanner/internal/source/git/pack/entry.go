package pack

import (
	"fmt"
	"math"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// Kinds of pack entries beyond the four object types.
const (
	ofsDelta = 6
	refDelta = 7
)

// headerSize is the length of "PACK", version and object count.
const headerSize = 12

// maxHeader is more than any entry header needs: ten bytes of size, ten of
// offset or a hash.
const maxHeader = 64

// entry is the header of one object in a pack.
type entry struct {
	kind    uint8     // an object.Type, ofsDelta or refDelta
	size    int64     // of what inflates: the object, or the delta
	base    int64     // ofsDelta: where the base starts
	baseID  object.ID // refDelta
	headLen int       // bytes of header; the zlib stream follows
}

func (e *entry) isDelta() bool { return e.kind >= ofsDelta }

// parseEntry reads the header that starts text, which stands at off.
func parseEntry(text []byte, off int64, hashSize int) (e entry, err error) {
	size, kind, i, err := parseSize(text)
	if err != nil {
		return e, err
	}
	e.kind, e.size = kind, size
	switch kind {
	case uint8(object.Commit), uint8(object.Tree), uint8(object.Blob), uint8(object.Tag):
	case ofsDelta:
		// Git's offset encoding: big-endian base 128, each continued byte
		// adding one so that no value has two spellings.
		var back int64
		for first := true; ; first = false {
			if i >= len(text) {
				return e, ErrTruncated
			}
			if back >= math.MaxInt64>>7-1 {
				return e, fmt.Errorf("%w: delta base offset", ErrCorrupt)
			}
			c := text[i]
			i++
			if first {
				back = int64(c & 0x7f)
			} else {
				back = (back+1)<<7 | int64(c&0x7f)
			}
			if c < 0x80 {
				break
			}
		}
		if back <= 0 || off-back < headerSize {
			return e, fmt.Errorf("%w: delta base %d bytes before offset %d", ErrCorrupt, back, off)
		}
		e.base = off - back
	case refDelta:
		if len(text)-i < hashSize {
			return e, ErrTruncated
		}
		e.baseID = object.FromBytes(text[i : i+hashSize])
		i += hashSize
	default:
		return e, fmt.Errorf("%w: entry of type %d", ErrCorrupt, kind)
	}
	e.headLen = i
	return e, nil
}

// parseSize reads the type and size that start an entry.
func parseSize(text []byte) (size int64, kind uint8, n int, err error) {
	if len(text) == 0 {
		return 0, 0, 0, ErrTruncated
	}
	c := text[0]
	kind = c >> 4 & 7
	size = int64(c & 15)
	n = 1
	for shift := 4; c >= 0x80; shift += 7 {
		if n >= len(text) {
			return 0, 0, 0, ErrTruncated
		}
		c = text[n]
		n++
		if shift > 60 || shift == 60 && c&0x7f > 7 {
			return 0, 0, 0, fmt.Errorf("%w: object size of 8 EB or more", ErrCorrupt)
		}
		size |= int64(c&0x7f) << shift
	}
	return size, kind, n, nil
}
