package pack

import (
	"fmt"
	"math"
)

// A Segment is a run of an object that a delta took from one place: copied
// from the base, or inserted.
type Segment struct {
	Dst int32 // where it starts in the object
	Len int32 // > 0
	Src int32 // where it was copied from in the base; Inserted if it was not
}

// Inserted is the Src of a segment that is in the delta itself.
const Inserted = -1

// MaxObjectSize is the largest object that is ever held in memory, whatever
// the options say: positions in it fit 31 bits.
const MaxObjectSize = math.MaxInt32 - 1<<16

// deltaSizes reads the two sizes that start a delta.
func deltaSizes(delta []byte) (base, result int64, rest []byte, err error) {
	if base, rest, err = deltaSize(delta); err != nil {
		return
	}
	result, rest, err = deltaSize(rest)
	return
}

func deltaSize(text []byte) (size int64, rest []byte, err error) {
	for i, shift := 0, 0; i < len(text); i, shift = i+1, shift+7 {
		c := text[i]
		if shift > 56 {
			break
		}
		size |= int64(c&0x7f) << shift
		if c < 0x80 {
			return size, text[i+1:], nil
		}
	}
	return 0, nil, fmt.Errorf("%w: delta size", ErrCorrupt)
}

// applyDelta writes to dst what the instructions make of base. The
// instructions must fill dst exactly. If segments is not nil the runs are
// appended to it, neighbours that touch in both texts merged.
func applyDelta(dst, base, instructions []byte, segments *[]Segment) error {
	at := 0
	in := instructions
	var segs []Segment
	last := Segment{Src: Inserted}
	if segments != nil {
		segs = (*segments)[:0]
	}
	for i := 0; i < len(in); {
		op := in[i]
		i++
		if op >= 0x80 {
			// Copy: four bits say which offset bytes follow, three which
			// size bytes. A wide read covers them where it can.
			var off, n uint32
			if i+8 <= len(in) {
				w := in[i : i+8 : i+8]
				k := 0
				if op&1 != 0 {
					off = uint32(w[k])
					k++
				}
				if op&2 != 0 {
					off |= uint32(w[k&7]) << 8
					k++
				}
				if op&4 != 0 {
					off |= uint32(w[k&7]) << 16
					k++
				}
				if op&8 != 0 {
					off |= uint32(w[k&7]) << 24
					k++
				}
				if op&16 != 0 {
					n = uint32(w[k&7])
					k++
				}
				if op&32 != 0 {
					n |= uint32(w[k&7]) << 8
					k++
				}
				if op&64 != 0 {
					n |= uint32(w[k&7]) << 16
					k++
				}
				i += k
			} else {
				for bit := range 7 {
					if op>>bit&1 == 0 {
						continue
					}
					if i >= len(in) {
						return fmt.Errorf("%w: delta ends within an instruction", ErrCorrupt)
					}
					if bit < 4 {
						off |= uint32(in[i]) << (8 * bit)
					} else {
						n |= uint32(in[i]) << (8 * (bit - 4))
					}
					i++
				}
			}
			if n == 0 {
				n = 0x10000
			}
			end := uint64(off) + uint64(n)
			if end > uint64(len(base)) {
				return fmt.Errorf("%w: delta copies %d bytes from %d of a base of %d", ErrCorrupt, n, off, len(base))
			}
			if int(n) > len(dst)-at {
				return errDeltaLong
			}
			copy(dst[at:at+int(n)], base[off:end])
			if segments != nil {
				if last.Src >= 0 && last.Src+last.Len == int32(off) {
					last.Len += int32(n)
				} else {
					if last.Len > 0 {
						segs = append(segs, last)
					}
					last = Segment{Dst: int32(at), Len: int32(n), Src: int32(off)}
				}
			}
			at += int(n)
			continue
		}
		n := int(op)
		if n == 0 {
			return fmt.Errorf("%w: reserved delta instruction", ErrCorrupt)
		}
		if n > len(in)-i {
			return fmt.Errorf("%w: delta ends within an insertion", ErrCorrupt)
		}
		if n > len(dst)-at {
			return errDeltaLong
		}
		copy(dst[at:at+n], in[i:i+n])
		if segments != nil {
			if last.Src < 0 && last.Len > 0 {
				last.Len += int32(n)
			} else {
				if last.Len > 0 {
					segs = append(segs, last)
				}
				last = Segment{Dst: int32(at), Len: int32(n), Src: Inserted}
			}
		}
		at += n
		i += n
	}
	if segments != nil {
		if last.Len > 0 {
			segs = append(segs, last)
		}
		*segments = segs
	}
	if at != len(dst) {
		return fmt.Errorf("%w: delta makes %d bytes and promises %d", ErrCorrupt, at, len(dst))
	}
	return nil
}

var errDeltaLong = fmt.Errorf("%w: delta makes more than it promises", ErrCorrupt)

// checkDelta tells, without writing anything, whether instructions that are
// said to make size bytes do so. It is asked before memory is set aside for
// a delta that promises far more than it and its base hold.
func checkDelta(in []byte, size int64) error {
	var sum int64
	for i := 0; i < len(in); {
		op := in[i]
		i++
		if op < 0x80 {
			sum += int64(op)
			i += int(op)
			continue
		}
		var n int64
		for bit := range 7 {
			if op>>bit&1 == 0 {
				continue
			}
			if i >= len(in) {
				return fmt.Errorf("%w: delta ends within an instruction", ErrCorrupt)
			}
			if bit >= 4 {
				n |= int64(in[i]) << (8 * (bit - 4))
			}
			i++
		}
		if n == 0 {
			n = 0x10000
		}
		sum += n
	}
	if sum != size {
		return fmt.Errorf("%w: delta makes %d bytes and promises %d", ErrCorrupt, sum, size)
	}
	return nil
}

// plausible is the size of result up to which a delta is believed.
func plausible(base, delta int) int64 { return 4*int64(base) + int64(delta) + 1<<16 }
