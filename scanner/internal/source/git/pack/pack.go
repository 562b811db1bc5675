package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack/inflate"
)

// Pack is one pack and its index. It is safe for concurrent use.
type Pack struct {
	name     string // of the .pack file
	hashSize int
	data     *file
	idxFile  *file
	idx      *index
	end      int64 // where the entries end and the checksum starts

}

// openPack opens NAME.pack with NAME.idx.
func openPack(name string, hashSize int, mapped bool) (p *Pack, err error) {
	idxName := strings.TrimSuffix(name, ".pack") + ".idx"
	p = &Pack{name: name, hashSize: hashSize}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	defer guard(&err)()
	if p.data, err = openFile(name, mapped); err != nil {
		return p, err
	}
	if p.idxFile, err = openFile(idxName, mapped); err != nil {
		return p, err
	}
	raw, err := p.idxFile.all()
	if err == nil {
		p.idx, err = parseIndex(raw, hashSize)
	}
	if err != nil {
		return p, fileError(idxName, err)
	}
	if err := p.checkHeader(); err != nil {
		return p, fileError(name, err)
	}
	return p, nil
}

func (p *Pack) checkHeader() error {
	p.end = p.data.size - int64(p.hashSize)
	if p.end < headerSize {
		return fmt.Errorf("%w: pack of %d bytes", ErrTruncated, p.data.size)
	}
	var buf []byte
	head, err := p.data.at(0, headerSize, &buf)
	if err != nil {
		return err
	}
	if string(head[:4]) != "PACK" {
		return fmt.Errorf("%w: no pack signature", ErrCorrupt)
	}
	if v := binary.BigEndian.Uint32(head[4:]); v != 2 && v != 3 {
		return fmt.Errorf("%w: pack version %d", ErrFormat, v)
	}
	n := binary.BigEndian.Uint32(head[8:])
	sum, err := p.data.at(p.end, p.hashSize, &buf)
	if err != nil {
		return err
	}
	if int(n) != p.idx.n || !bytes.Equal(sum, p.idx.packSum) {
		return fmt.Errorf("%w: pack of %d objects does not belong to its index of %d, or was cut short", ErrCorrupt, n, p.idx.n)
	}
	return nil
}

func (p *Pack) close() error {
	var errs []error
	for _, f := range []*file{p.data, p.idxFile} {
		if f != nil {
			errs = append(errs, f.close())
		}
	}
	return errors.Join(errs...)
}

// Name is the path of the .pack file.
func (p *Pack) Name() string { return p.name }

// Len is the number of objects.
func (p *Pack) Len() int { return p.idx.n }

// Size is the size of the .pack file in bytes.
func (p *Pack) Size() int64 { return p.data.size }

// ID is the id at a position of the index, 0 to Len-1, in the order of ids.
func (p *Pack) ID(pos int) object.ID { return p.idx.id(pos) }

// Find gives the position of an id.
func (p *Pack) Find(id *object.ID) (pos int, ok bool) { return p.idx.find(id) }

func (p *Pack) fail(off int64, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{File: p.name, Offset: off, Err: err}
}

// scratch is what one random access needs besides its result.
type scratch struct {
	z     inflate.Inflater
	in    []byte // what was read where the pack is not mapped
	delta []byte
	chain []link
}

type link struct {
	off     int64
	data    int64 // where the zlib stream starts
	size    int64
	deltaed bool
}

// entryAt reads the entry header at off.
func (p *Pack) entryAt(off int64, s *scratch) (entry, error) {
	if off < headerSize || off >= p.end {
		return entry{}, fmt.Errorf("%w: offset %d of a pack of %d bytes", ErrCorrupt, off, p.data.size)
	}
	text, err := p.data.at(off, int(min(maxHeader, p.end-off)), &s.in)
	if err != nil {
		return entry{}, err
	}
	return parseEntry(text, off, p.hashSize)
}

// inflate fills dst with the zlib stream at off. limit is where the stream
// ends at the latest.
func (p *Pack) inflate(dst []byte, off, limit int64, s *scratch) error {
	// The stream's length is not known. Deflate adds little to what it cannot
	// shrink; where nothing is mapped, reading that much at once suffices.
	want := int64(len(dst)) + int64(len(dst))>>10 + 512
	if p.data.mapped != nil {
		want = limit - off
	}
	const most = 1 << 30 // a stream that needs more reads as cut short
	for {
		n := min(want, limit-off, most)
		// A few bytes beyond the limit let the inflater read in words.
		src, err := p.data.at(off, int(n)+inflate.Slack, &s.in)
		if err != nil {
			return err
		}
		used, err := s.z.Zlib(dst, src)
		if errors.Is(err, inflate.ErrShort) && n < min(limit-off, most) {
			want *= 4
			continue
		}
		if err != nil {
			return inflateError(err)
		}
		if int64(used) > limit-off {
			return fmt.Errorf("%w: object runs into the next one", ErrCorrupt)
		}
		return nil
	}
}

func inflateError(err error) error {
	if errors.Is(err, inflate.ErrShort) {
		return fmt.Errorf("%w: %w", ErrTruncated, err)
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// checkSize refuses a size that is over the limit or that no stream in room
// bytes can inflate to, before memory is set aside for it.
func checkSize(size, room, limit int64) error {
	if size > limit {
		return fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, size, limit)
	}
	if size > 1<<16 && size/1032 > room {
		return fmt.Errorf("%w: %d bytes cannot come from %d", ErrCorrupt, size, room)
	}
	return nil
}
