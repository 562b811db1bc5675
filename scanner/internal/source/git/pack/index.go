package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"sort"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// index is a pack's .idx (version 1 or 2): the ids in order and the offsets
// that belong to them. Format: git's Documentation/gitformat-pack.
//
// A position is an id's place in the sorted list, 0 to n-1.
type index struct {
	hashSize int
	n        int
	fanout   []byte // 256 big-endian counts: ids whose first byte is <= i
	ids      []byte // n ids, stride bytes apart
	stride   int
	off32    []byte // n offsets, offStride bytes apart
	offStep  int
	off64    []byte // version 2: the offsets that need more than 31 bits
	packSum  []byte // checksum of the pack it was made for
}

var idxMagic = []byte{0xff, 't', 'O', 'c'}

const maxObjects = 1<<31 - 2 // positions are held in 32 bits

// parseIndex checks the frame: sizes, fan-out. Ids and offsets are checked
// when they are used.
func parseIndex(data []byte, hashSize int) (*index, error) {
	x := &index{hashSize: hashSize}
	v1 := !bytes.HasPrefix(data, idxMagic)
	if !v1 {
		if len(data) < 8 {
			return nil, ErrTruncated
		}
		if v := binary.BigEndian.Uint32(data[4:]); v != 2 {
			return nil, fmt.Errorf("%w: index version %d", ErrFormat, v)
		}
		data = data[8:]
	}
	if len(data) < 1024+2*hashSize {
		return nil, ErrTruncated
	}
	x.fanout = data[:1024]
	n, err := checkFanout(x.fanout)
	if err != nil {
		return nil, err
	}
	x.n = n
	// No product below overflows, also where an int has 32 bits.
	if n > len(data)/(4+hashSize) {
		return nil, fmt.Errorf("%w: index of %d bytes for %d objects", ErrCorrupt, len(data), n)
	}
	body := data[1024 : len(data)-2*hashSize]
	x.packSum = data[len(data)-2*hashSize : len(data)-hashSize]
	if v1 {
		if len(body) != n*(4+hashSize) {
			return nil, fmt.Errorf("%w: index of %d bytes for %d objects", ErrCorrupt, len(data), n)
		}
		x.off32, x.offStep = body, 4+hashSize
		x.stride = 4 + hashSize
		if n > 0 {
			x.ids = body[4:]
		}
		return x, nil
	}
	fixed := n * (hashSize + 8)
	if fixed < 0 || len(body) < fixed || (len(body)-fixed)%8 != 0 || (len(body)-fixed)/8 > n {
		return nil, fmt.Errorf("%w: index of %d bytes for %d objects", ErrCorrupt, len(data), n)
	}
	x.ids, x.stride = body[:n*hashSize], hashSize
	body = body[n*(hashSize+4):] // the CRCs guard the wire, zlib's sums the content
	x.off32, x.offStep = body[:4*n], 4
	x.off64 = body[4*n:]
	return x, nil
}

// checkFanout holds the fan-out to its one rule and gives the object count.
func checkFanout(fanout []byte) (int, error) {
	var last uint32
	for i := range 256 {
		v := binary.BigEndian.Uint32(fanout[4*i:])
		if v < last {
			return 0, fmt.Errorf("%w: fan-out falls at %d", ErrCorrupt, i)
		}
		last = v
	}
	if last > maxObjects {
		return 0, fmt.Errorf("%w: %d objects", ErrTooLarge, last)
	}
	return int(last), nil
}

// rawID is the id at a position, a slice of the index.
func (x *index) rawID(pos int) []byte {
	return x.ids[pos*x.stride:][:x.hashSize]
}

func (x *index) id(pos int) object.ID {
	return object.FromBytes(x.rawID(pos))
}

// offset is the place of the object in the pack; false if the index is wrong.
func (x *index) offset(pos int) (int64, bool) {
	o := binary.BigEndian.Uint32(x.off32[pos*x.offStep:])
	if x.offStep != 4 || o < 1<<31 { // version 1 has 32 full bits
		return int64(o), true
	}
	i := int(o & (1<<31 - 1))
	if i >= len(x.off64)/8 {
		return 0, false
	}
	o64 := binary.BigEndian.Uint64(x.off64[8*i:])
	return int64(o64), o64 < 1<<63
}

// find gives an id's position.
func (x *index) find(id *object.ID) (int, bool) {
	return findID(x.fanout, x.ids, x.stride, x.hashSize, id)
}

// findID searches n sorted ids that stand stride bytes apart. Hashes are
// evenly spread, so the place in the fan-out's bucket is guessed from the next
// bytes, and the search widens from there: three cache misses where halving
// takes eleven. Ids that are not spread cost the halving.
func findID(fanout, ids []byte, stride, hashSize int, id *object.ID) (int, bool) {
	lo := 0
	if id[0] > 0 {
		lo = int(binary.BigEndian.Uint32(fanout[4*int(id[0])-4:]))
	}
	hi := int(binary.BigEndian.Uint32(fanout[4*int(id[0]):]))
	if lo >= hi {
		return 0, false
	}
	end := hi
	key := binary.BigEndian.Uint64(id[:])
	at := func(i int) uint64 { return binary.BigEndian.Uint64(ids[i*stride:]) }
	above, _ := bits.Mul64(key<<8, uint64(hi-lo))
	guess := lo + int(above)
	if at(guess) < key {
		lo = guess + 1
		for step := 4; lo+step < hi; step *= 4 {
			if at(lo+step) >= key {
				hi = lo + step + 1
				break
			}
			lo += step + 1
		}
	} else {
		hi = guess + 1
		for step := 4; hi-step > lo; step *= 4 {
			if at(hi-step) < key {
				lo = hi - step + 1
				break
			}
			hi -= step - 1
		}
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if at(mid) < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == end || at(lo) != key {
		return 0, false
	}
	want := id[:hashSize]
	if !bytes.Equal(ids[lo*stride:][:hashSize], want) {
		// Others with the same eight bytes happen where someone made them.
		lo += sort.Search(end-lo, func(i int) bool {
			return bytes.Compare(ids[(lo+i)*stride:][:hashSize], want) >= 0
		})
		if lo == end || !bytes.Equal(ids[lo*stride:][:hashSize], want) {
			return 0, false
		}
	}
	return lo, true
}
