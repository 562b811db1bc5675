package decode

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// Bounds of compressed data in a run.
const (
	// MaxPacked is how many characters of a run are taken whole. Runs of up to
	// some 24 KiB give the same result for any cutting of the text.
	MaxPacked = 4 << 20
	// maxUnpacked is how much may come out, and maxRatio how many times what went in,
	// above a first 64 KiB.
	maxUnpacked = 8 << 20
	maxRatio    = 200
)

type packing uint8

const (
	notPacked packing = iota
	base64Gzip
	base64Zlib
	hexGzip
	hexZlib
)

// packing tells from its first characters whether the chain is compressed data.
func (c *chain) packing() packing {
	s := c.chars
	switch s[0] {
	case 'H':
		if bytes.HasPrefix(s, []byte("H4sI")) {
			return base64Gzip
		}
	case 'e': // 78 01, 78 5e, 78 9c, 78 da
		switch {
		case s[1] == 'A' && s[2] >= 'E' && s[2] <= 'H',
			s[1] == 'F' && s[2] >= '4' && s[2] <= '7', s[1] == 'J' && s[2] >= 'w' && s[2] <= 'z', s[1] == 'N' && s[2] >= 'o' && s[2] <= 'r':
			return base64Zlib
		}
	case '1':
		if bytes.HasPrefix(s, []byte("1f8b08")) || bytes.HasPrefix(s, []byte("1F8B08")) {
			return hexGzip
		}
	case '7':
		if bytes.HasPrefix(s, []byte("789c")) || bytes.HasPrefix(s, []byte("789C")) || bytes.HasPrefix(s, []byte("78da")) || bytes.HasPrefix(s, []byte("7801")) {
			return hexZlib
		}
	}
	return notPacked
}

var packedKinds = [...][]string{
	base64Gzip: {"base64", "gzip"}, base64Zlib: {"base64", "zlib"},
	hexGzip: {"hex", "gzip"}, hexZlib: {"hex", "zlib"},
}

// Packed tells whether a kind is compression.
func Packed(kind string) bool { return kind == "gzip" || kind == "zlib" }

// unpacker keeps decompressors, which are large.
type unpacker struct {
	in   []byte
	gzip *gzip.Reader
	zlib io.ReadCloser
}

// unpack visits the view of compressed data, if that is what the chain is.
func (f *Finder) unpack(t *Text, c *chain, how packing) (ok bool, err error) {
	u := &f.pack
	if len(c.chars) > MaxPacked {
		t.Gap(fmt.Sprintf("%s of more than %d MiB, read in part", packedKinds[how][1], MaxPacked>>20))
	}
	chars := c.chars[:min(len(c.chars), MaxPacked)]
	u.in = u.in[:0]
	if how == hexGzip || how == hexZlib {
		for i := 0; i+2 <= len(chars) && nibble[chars[i]] < 16 && nibble[chars[i+1]] < 16; i += 2 {
			u.in = append(u.in, nibble[chars[i]]<<4|nibble[chars[i+1]])
		}
	} else {
		for i := 0; i+2 <= len(chars); i += 4 {
			g := [4]byte{'A', 'A', 'A', 'A'}
			n := copy(g[:], chars[i:])
			a, b, d := group(g[:])
			u.in = append(u.in, []byte{a, b, d}[:n-1]...)
		}
	}
	r, err := u.reader(how)
	if err != nil {
		return false, nil // it only looked like it
	}
	v := &f.view
	v.reset(0)
	limit := min(maxUnpacked, 64<<10+maxRatio*len(u.in))
	err = v.read(r, limit)
	switch {
	case len(v.Text) >= limit:
		t.Gap(fmt.Sprintf("%s that unpacks to more than %d bytes, read in part", packedKinds[how][1], limit))
	case err != nil && (how == base64Zlib || how == hexZlib):
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(v.Text) < 64 {
			return false, nil // two bytes are little of a sign: chance
		}
	}
	if len(v.Text) == 0 {
		return false, nil
	}
	end := c.end
	for end < len(t.Bytes) && t.Bytes[end] == '=' {
		end++
	}
	v.packed = Span{c.pos(0), end}
	v.First, v.Last = true, true
	v.Pieces = append(v.Pieces, Piece{Span: Span{0, len(v.Text)}, Kinds: packedKinds[how], Anchor: true})
	return true, t.Visit(v)
}

func (u *unpacker) reader(how packing) (io.Reader, error) {
	in := bytes.NewReader(u.in)
	var err error
	if how == base64Gzip || how == hexGzip {
		if u.gzip == nil {
			u.gzip = new(gzip.Reader)
		}
		err = u.gzip.Reset(in)
		return u.gzip, err
	}
	if u.zlib == nil {
		u.zlib, err = zlib.NewReader(in)
		return u.zlib, err
	}
	return u.zlib, u.zlib.(flate.Resetter).Reset(in, nil)
}

// read fills the view's text with at most limit bytes.
func (v *View) read(r io.Reader, limit int) error {
	for len(v.Text) < limit {
		if len(v.Text) == cap(v.Text) {
			v.Text = append(v.Text, 0)[:len(v.Text)]
		}
		n, err := r.Read(v.Text[len(v.Text):min(cap(v.Text), limit)])
		v.Text = v.Text[:len(v.Text)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
