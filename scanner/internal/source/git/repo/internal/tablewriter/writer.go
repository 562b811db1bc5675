// Package tablewriter writes reftables for tests: git before 2.45 cannot.
package tablewriter

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/reftable"
)

// Options shape the table.
type Options struct {
	HashSize int
	// BlockSize pads blocks to a multiple; 0 leaves them unaligned.
	BlockSize int
	// PerBlock is the number of records in a block; 0 means 3.
	PerBlock int
	Min, Max uint64
}

// Write makes a table of sorted refs and logs, with an index block after the
// references, which a reader has to step over.
func Write(o Options, refs []reftable.Ref, logs []reftable.Log) []byte {
	if o.PerBlock == 0 {
		o.PerBlock = 3
	}
	w := &writer{o: o}
	w.out = append(w.out, "REFT\x01"...)
	if o.HashSize == object.SHA256Size {
		w.out[4] = 2
	}
	w.out = append(w.out, byte(o.BlockSize>>16), byte(o.BlockSize>>8), byte(o.BlockSize))
	w.out = binary.BigEndian.AppendUint64(w.out, o.Min)
	w.out = binary.BigEndian.AppendUint64(w.out, o.Max)
	if o.HashSize == object.SHA256Size {
		w.out = append(w.out, "s256"...)
	}
	w.header = bytes.Clone(w.out)
	for first := 0; first < len(refs); first += o.PerBlock {
		w.begin()
		for _, r := range refs[first:min(first+o.PerBlock, len(refs))] {
			kind := byte(1)
			var value []byte
			switch {
			case r.Deleted:
				kind = 0
			case r.Target != "":
				kind = 3
				value = append(varint(nil, uint64(len(r.Target))), r.Target...)
			case !r.Peeled.IsZero():
				kind = 2
				value = append(append(value, r.ID[:o.HashSize]...), r.Peeled[:o.HashSize]...)
			default:
				value = append(value, r.ID[:o.HashSize]...)
			}
			w.record([]byte(r.Name), kind, append(varint(nil, r.UpdateIndex-o.Min), value...))
		}
		w.end('r')
	}
	if len(refs) > 0 {
		w.begin()
		w.record([]byte(refs[len(refs)-1].Name), 0, varint(nil, 0))
		w.end('i')
	}
	for first := 0; first < len(logs); first += o.PerBlock {
		w.begin()
		for _, l := range logs[first:min(first+o.PerBlock, len(logs))] {
			key := binary.BigEndian.AppendUint64(append([]byte(l.Name), 0), ^l.UpdateIndex)
			if l.Deleted {
				w.record(key, 0, nil)
				continue
			}
			v := append(bytes.Clone(l.Old[:o.HashSize]), l.New[:o.HashSize]...)
			v = append(varint(v, uint64(len(l.Who))), l.Who...)
			v = append(varint(v, uint64(len(l.Mail))), l.Mail...)
			v = varint(v, uint64(l.Seconds))
			v = binary.BigEndian.AppendUint16(v, uint16(int16(l.Zone/60*100+l.Zone%60)))
			v = append(varint(v, uint64(len(l.Message))), l.Message...)
			w.record(key, 1, v)
		}
		w.end('g')
	}
	footer := append(bytes.Clone(w.header), make([]byte, 40)...)
	footer = binary.BigEndian.AppendUint32(footer, crc32.ChecksumIEEE(footer))
	return append(w.out, footer...)
}

type writer struct {
	o      Options
	out    []byte
	header []byte

	body     []byte
	last     []byte
	restarts []int
	n        int
}

// base is the length of what the first block counts besides itself.
func (w *writer) base() int {
	if len(w.out) == len(w.header) {
		return len(w.header)
	}
	return 0
}

func (w *writer) begin() { w.body, w.last, w.restarts, w.n = nil, nil, nil, 0 }

func (w *writer) record(key []byte, kind byte, value []byte) {
	prefix := 0
	if w.n%2 == 0 {
		w.restarts = append(w.restarts, w.base()+4+len(w.body))
	} else {
		for prefix < min(len(key), len(w.last)) && key[prefix] == w.last[prefix] {
			prefix++
		}
	}
	w.n++
	w.body = varint(w.body, uint64(prefix))
	w.body = varint(w.body, uint64(len(key)-prefix)<<3|uint64(kind))
	w.body = append(append(w.body, key[prefix:]...), value...)
	w.last = bytes.Clone(key)
}

func (w *writer) end(kind byte) {
	for _, r := range w.restarts {
		w.body = append(w.body, byte(r>>16), byte(r>>8), byte(r))
	}
	w.body = binary.BigEndian.AppendUint16(w.body, uint16(len(w.restarts)))
	size := w.base() + 4 + len(w.body)
	w.out = append(w.out, kind, byte(size>>16), byte(size>>8), byte(size))
	if kind == 'g' {
		var z bytes.Buffer
		d := zlib.NewWriter(&z)
		d.Write(w.body)
		d.Close()
		w.out = append(w.out, z.Bytes()...)
		return
	}
	w.out = append(w.out, w.body...)
	if w.o.BlockSize > 0 {
		for len(w.out)%w.o.BlockSize != 0 {
			w.out = append(w.out, 0)
		}
	}
}

func varint(b []byte, v uint64) []byte {
	var tmp [10]byte
	i := len(tmp) - 1
	tmp[i] = byte(v & 0x7f)
	for v >>= 7; v > 0; v >>= 7 {
		v--
		i--
		tmp[i] = byte(v&0x7f) | 0x80
	}
	return append(b, tmp[i:]...)
}
