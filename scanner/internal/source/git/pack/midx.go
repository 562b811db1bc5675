package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// multiIndex is a multi-pack-index: one sorted list of ids for many packs.
// It only speeds up look-ups; each pack's own index stays the authority.
type multiIndex struct {
	hashSize int
	n        int
	fanout   []byte
	ids      []byte
	offsets  []byte // n pairs: pack, offset
	large    []byte
	packs    []string // NAME.pack
}

func parseMultiIndex(data []byte, hashSize int) (*multiIndex, error) {
	if len(data) < 12+12+hashSize {
		return nil, ErrTruncated
	}
	if string(data[:4]) != "MIDX" {
		return nil, fmt.Errorf("%w: no signature", ErrCorrupt)
	}
	if data[4] != 1 {
		return nil, fmt.Errorf("%w: version %d", ErrFormat, data[4])
	}
	if data[5] == 1 && hashSize != object.SHA1Size || data[5] == 2 && hashSize != object.SHA256Size || data[5] == 0 || data[5] > 2 {
		return nil, fmt.Errorf("%w: hash function %d", ErrFormat, data[5])
	}
	chunks := int(data[6])
	numPacks := int(binary.BigEndian.Uint32(data[8:]))
	end := len(data) - hashSize
	if 12+12*(chunks+1) > end {
		return nil, ErrTruncated
	}
	m := &multiIndex{hashSize: hashSize}
	var names []byte
	for i := range chunks {
		head := data[12+12*i:]
		from := binary.BigEndian.Uint64(head[4:])
		to := binary.BigEndian.Uint64(head[16:])
		if from > to || to > uint64(end) {
			return nil, fmt.Errorf("%w: chunk %.4q", ErrCorrupt, head[:4])
		}
		chunk := data[from:to]
		switch string(head[:4]) {
		case "PNAM":
			names = chunk
		case "OIDF":
			m.fanout = chunk
		case "OIDL":
			m.ids = chunk
		case "OOFF":
			m.offsets = chunk
		case "LOFF":
			m.large = chunk
		}
	}
	if len(m.fanout) != 1024 {
		return nil, fmt.Errorf("%w: fan-out of %d bytes", ErrCorrupt, len(m.fanout))
	}
	n, err := checkFanout(m.fanout)
	if err != nil {
		return nil, err
	}
	m.n = n
	if n > len(data)/hashSize || len(m.ids) != n*hashSize || len(m.offsets) != 8*n {
		return nil, fmt.Errorf("%w: tables do not fit %d objects", ErrCorrupt, n)
	}
	for range numPacks {
		nul := bytes.IndexByte(names, 0)
		if nul <= 0 {
			return nil, fmt.Errorf("%w: pack names", ErrCorrupt)
		}
		m.packs = append(m.packs, string(names[:nul]))
		names = names[nul+1:]
	}
	return m, nil
}

// find tells which pack (a place in packs) is said to hold the object.
func (m *multiIndex) find(id *object.ID) (pack int, ok bool) {
	pos, ok := findID(m.fanout, m.ids, m.hashSize, m.hashSize, id)
	if !ok {
		return 0, false
	}
	pack = int(binary.BigEndian.Uint32(m.offsets[8*pos:]))
	return pack, pack < len(m.packs)
}
