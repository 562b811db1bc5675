package reftable

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// Ref is one record of a reference.
type Ref struct {
	Name string
	// Deleted marks a tombstone: the name is gone from the tables below.
	Deleted bool
	// ID is what it points at; Peeled the object behind an annotated tag.
	ID, Peeled object.ID
	// Target is set for a symbolic reference.
	Target      string
	UpdateIndex uint64
}

// Log is one record of a reflog.
type Log struct {
	Name        string
	UpdateIndex uint64
	Deleted     bool
	Old, New    object.ID
	// Who is the committer's name, Mail the address.
	Who, Mail string
	// Seconds since 1970; Zone in minutes east of UTC.
	Seconds int64
	Zone    int
	Message string
}

// Error says what is wrong at one offset of a table.
type Error struct {
	File   string
	Offset int
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: offset %d: %s; the table is corrupt: restore the file", e.File, e.Offset, e.Reason)
}

const maxName = 1 << 16

// Table is one opened table. It keeps the text it was given.
type Table struct {
	name     string
	text     []byte // without the footer
	header   int    // bytes of the file's header
	hashSize int
	minIndex uint64
}

// New checks header and footer of a table; name stands in errors.
func New(name string, text []byte) (*Table, error) {
	fail := func(off int, reason string) (*Table, error) { return nil, &Error{name, off, reason} }
	if len(text) < 24 || string(text[:4]) != "REFT" {
		return fail(0, "does not begin with REFT")
	}
	t := &Table{name: name, header: 24, hashSize: object.SHA1Size, minIndex: binary.BigEndian.Uint64(text[8:])}
	switch text[4] {
	case 1:
	case 2:
		t.header = 28
		if len(text) < 28 {
			return fail(24, "the header is cut off")
		}
		switch id := string(text[24:28]); id {
		case "sha1":
		case "s256":
			t.hashSize = object.SHA256Size
		default:
			return fail(24, fmt.Sprintf("unknown hash %q", id))
		}
	default:
		return fail(4, fmt.Sprintf("unknown version %d", text[4]))
	}
	foot := t.header + 5*8 + 4
	if len(text) < t.header+foot {
		// A table without a single record is a header and a footer.
		return fail(len(text), "the footer is cut off")
	}
	at := len(text) - foot
	footer := text[at:]
	if !bytes.Equal(footer[:t.header], text[:t.header]) {
		return fail(at, "the footer does not repeat the header: the file is truncated or damaged")
	}
	if crc32.ChecksumIEEE(footer[:foot-4]) != binary.BigEndian.Uint32(footer[foot-4:]) {
		return fail(len(text)-4, "the footer's checksum is wrong")
	}
	t.text = text[:at]
	return t, nil
}

// HashSize is the number of bytes of the ids in the table.
func (t *Table) HashSize() int { return t.hashSize }

// Refs calls fn for each reference in the order of names. Records before a
// fault are delivered. An error of fn ends the reading and is returned.
func (t *Table) Refs(fn func(Ref) error) error {
	return t.blocks('r', func(r *reader) error {
		var key []byte
		for r.pos < r.end {
			at := r.pos
			kind, err := r.key(&key)
			if err != nil {
				return err
			}
			ref := Ref{Name: string(key), UpdateIndex: t.minIndex + r.varint()}
			switch kind {
			case 0:
				ref.Deleted = true
			case 1:
				ref.ID = r.id(t.hashSize)
			case 2:
				ref.ID = r.id(t.hashSize)
				ref.Peeled = r.id(t.hashSize)
			case 3:
				ref.Target = r.str()
			default:
				return r.failAt(at, fmt.Sprintf("unknown kind %d of reference", kind))
			}
			if r.bad {
				return r.failAt(at, "a reference is cut off")
			}
			if err := fn(ref); err != nil {
				return err
			}
		}
		return nil
	})
}

// Logs calls fn for each log record: by name, the newest first.
func (t *Table) Logs(fn func(Log) error) error {
	return t.blocks('g', func(r *reader) error {
		var key []byte
		for r.pos < r.end {
			at := r.pos
			kind, err := r.key(&key)
			if err != nil {
				return err
			}
			if len(key) < 9 || key[len(key)-9] != 0 {
				return r.failAt(at, "a log record's key is malformed")
			}
			l := Log{Name: string(key[:len(key)-9]), UpdateIndex: ^binary.BigEndian.Uint64(key[len(key)-8:])}
			switch kind {
			case 0:
				l.Deleted = true
			case 1:
				l.Old, l.New = r.id(t.hashSize), r.id(t.hashSize)
				l.Who, l.Mail = r.str(), r.str()
				l.Seconds = int64(r.varint())
				if z := r.take(2); z != nil {
					// The record holds +0130 as the number 130.
					n := int(int16(binary.BigEndian.Uint16(z)))
					l.Zone = n/100*60 + n%100
				}
				l.Message = r.str()
			default:
				return r.failAt(at, fmt.Sprintf("unknown kind %d of log record", kind))
			}
			if r.bad {
				return r.failAt(at, "a log record is cut off")
			}
			if err := fn(l); err != nil {
				return err
			}
		}
		return nil
	})
}

// blocks calls fn for the records of every block of one type.
func (t *Table) blocks(want byte, fn func(*reader) error) error {
	fail := func(off int, reason string) error { return &Error{t.name, off, reason} }
	first := true
	for pos := t.header; pos < len(t.text); first = false {
		kind := t.text[pos]
		if kind == 0 {
			pos++ // padding
			continue
		}
		if len(t.text)-pos < 4 {
			return fail(pos, "a block is cut off")
		}
		// The first block counts the file's header as part of itself.
		base := pos
		if first {
			base = 0
		}
		size := uint24(t.text[pos+1:])
		if size < pos-base+4+2 {
			return fail(pos, "a block is shorter than its own head")
		}
		var block []byte
		next := base + size
		switch kind {
		case 'g':
			// size counts the inflated bytes. A longer stream is a bomb.
			in := bytes.NewReader(t.text[pos+4:])
			block = make([]byte, pos-base+4, min(size, 1<<20))
			copy(block, t.text[base:pos+4])
			z, err := zlib.NewReader(in)
			if err != nil {
				return fail(pos, "a log block is not deflated: "+err.Error())
			}
			buf := bytes.NewBuffer(block)
			if _, err := io.Copy(buf, io.LimitReader(z, int64(size-len(block))+1)); err != nil {
				return fail(pos, "a log block does not inflate: "+err.Error())
			}
			block = buf.Bytes()
			if len(block) != size {
				return fail(pos, "a log block inflates to another size than it says")
			}
			next = len(t.text) - in.Len()
		case 'r', 'o', 'i':
			if next > len(t.text) {
				return fail(pos, "a block is cut off")
			}
			block = t.text[base:next]
		default:
			return fail(pos, fmt.Sprintf("unknown block type %q", kind))
		}
		if kind == want {
			restarts := int(binary.BigEndian.Uint16(block[len(block)-2:]))
			end := len(block) - 2 - 3*restarts
			if end < pos-base+4 {
				return fail(pos, "a block's restart table is larger than the block")
			}
			r := &reader{table: t.name, text: block, base: base, pos: pos - base + 4, end: end}
			if err := fn(r); err != nil {
				return err
			}
		}
		pos = next
	}
	return nil
}

func uint24(b []byte) int { return int(b[0])<<16 | int(b[1])<<8 | int(b[2]) }

// reader reads the records of one block. After a short read bad is set and all
// that follows is zero.
type reader struct {
	table    string
	text     []byte
	base     int // of the block in the file, for errors
	pos, end int
	bad      bool
}

func (r *reader) failAt(pos int, reason string) error {
	return &Error{r.table, r.base + pos, reason}
}

// key reads a record's head into key, which holds the key before, and gives
// the record's kind.
func (r *reader) key(key *[]byte) (kind int, err error) {
	at := r.pos
	prefix := r.varint()
	n := r.varint()
	suffix := r.take(n >> 3)
	if r.bad || prefix > uint64(len(*key)) || prefix+n>>3 > maxName {
		return 0, r.failAt(at, "a record's key is malformed")
	}
	*key = append((*key)[:prefix], suffix...)
	return int(n & 7), nil
}

func (r *reader) varint() uint64 {
	var v uint64
	for i := 0; ; i++ {
		if r.pos >= r.end || i > 9 {
			r.bad = true
			return 0
		}
		c := r.text[r.pos]
		r.pos++
		v |= uint64(c & 0x7f)
		if c < 0x80 {
			return v
		}
		v = (v + 1) << 7
	}
}

func (r *reader) take(n uint64) []byte {
	if r.bad || n > uint64(r.end-r.pos) {
		r.bad = true
		return nil
	}
	b := r.text[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b
}

func (r *reader) str() string { return string(r.take(r.varint())) }

func (r *reader) id(size int) object.ID { return object.FromBytes(r.take(uint64(size))) }
