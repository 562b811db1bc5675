package scanner

import "encoding/binary"

// maxRepeats is how many values a stream remembers, in a table of 24 MiB at
// most.
const maxRepeats = 1 << 20

// repeats is a set of the last so many values: a ring of their keys, and an
// open-addressed index into it. It grows by doubling up to its limit; then each
// new value takes the place of the oldest.
type repeats struct {
	limit int
	keys  [][16]byte
	best  []uint8 // by key: the greatest level it was added with
	next  int     // the oldest, once the ring is full
	index []uint32
}

func newRepeats(limit int) *repeats {
	return &repeats{limit: limit, index: make([]uint32, 64)}
}

// add takes a value and tells whether it is new, or was known with a lower
// level only. Keys are uniformly distributed.
func (r *repeats) add(key [16]byte, level uint8) bool {
	slot := r.find(key)
	if i := r.index[slot]; i != 0 {
		known := r.best[i-1]
		r.best[i-1] = max(known, level)
		return level > known
	}
	switch {
	case len(r.keys) == r.limit:
		r.remove(r.find(r.keys[r.next]))
		slot = r.find(key)
		r.keys[r.next], r.best[r.next] = key, level
		r.index[slot] = uint32(r.next + 1)
		r.next = (r.next + 1) % r.limit
		return true
	case 2*(len(r.keys)+1) > len(r.index):
		r.index = make([]uint32, 2*len(r.index))
		for i, k := range r.keys {
			r.index[r.find(k)] = uint32(i + 1)
		}
		slot = r.find(key)
	}
	r.keys, r.best = append(r.keys, key), append(r.best, level)
	r.index[slot] = uint32(len(r.keys))
	return true
}

// find is the slot of a key, or the empty one where it belongs.
func (r *repeats) find(key [16]byte) int {
	mask := len(r.index) - 1
	slot := r.home(key)
	for r.index[slot] != 0 && r.keys[r.index[slot]-1] != key {
		slot = (slot + 1) & mask
	}
	return slot
}

func (r *repeats) home(key [16]byte) int {
	return int(binary.LittleEndian.Uint32(key[:])) & (len(r.index) - 1)
}

// remove empties a slot and closes the gap, so that no probe ends early.
func (r *repeats) remove(slot int) {
	mask := len(r.index) - 1
	r.index[slot] = 0
	for i := (slot + 1) & mask; r.index[i] != 0; i = (i + 1) & mask {
		home := r.home(r.keys[r.index[i]-1])
		if (i-home)&mask >= (i-slot)&mask {
			r.index[slot], r.index[i] = r.index[i], 0
			slot = i
		}
	}
}
