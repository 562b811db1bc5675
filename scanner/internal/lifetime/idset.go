package lifetime

import (
	"encoding/binary"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// idSet finds a few ids among very many: open addressing, at most a quarter
// full, so that nearly every miss costs one look at one word.
type idSet struct {
	keys  []uint64 // the id's first bytes; 0: free
	vals  []uint32
	ids   []object.ID // by value
	mask  uint64
	zeros map[object.ID]uint32 // ids whose key would be 0
}

// newIDSet makes a set; the value of ids[i] is vals[i].
func newIDSet(ids []object.ID, vals []uint32) *idSet {
	size := 64
	for size < 4*len(ids) {
		size *= 2
	}
	s := &idSet{keys: make([]uint64, size), vals: make([]uint32, size), ids: make([]object.ID, size), mask: uint64(size - 1)}
	for i, id := range ids {
		key := binary.LittleEndian.Uint64(id[:])
		if key == 0 {
			if s.zeros == nil {
				s.zeros = map[object.ID]uint32{}
			}
			s.zeros[id] = vals[i]
			continue
		}
		at := key & s.mask
		for s.keys[at] != 0 {
			at = (at + 1) & s.mask
		}
		s.keys[at], s.vals[at], s.ids[at] = key, vals[i], id
	}
	return s
}

func (s *idSet) find(id *object.ID) (uint32, bool) {
	key := binary.LittleEndian.Uint64(id[:])
	for at := key & s.mask; ; at = (at + 1) & s.mask {
		switch s.keys[at] {
		case 0:
			if s.zeros != nil {
				v, ok := s.zeros[*id]
				return v, ok
			}
			return 0, false
		case key:
			if s.ids[at] == *id {
				return s.vals[at], true
			}
		}
	}
}
