package inflate

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

var (
	ErrCorrupt  = errors.New("malformed zlib stream")
	ErrShort    = errors.New("zlib stream ends early")
	ErrOverflow = errors.New("zlib stream is longer than its object's stated size")
)

type Inflater struct {
	r   io.ReadCloser
	src bytes.Reader
}

func (z *Inflater) open(src []byte) error {
	z.src.Reset(src)
	if z.r == nil {
		var err error
		z.r, err = zlib.NewReader(&z.src)
		return err
	}
	return z.r.(zlib.Resetter).Reset(&z.src, nil)
}

// Zlib fills dst exactly and returns the number of input bytes consumed.
func (z *Inflater) Zlib(dst, src []byte) (int, error) {
	n, err := z.Prefix(dst, src)
	if err != nil {
		return 0, err
	}
	if n < len(dst) {
		return 0, ErrShort
	}
	var one [1]byte
	if n, err := z.r.Read(one[:]); n != 0 {
		return 0, ErrOverflow
	} else if err != io.EOF {
		return 0, ErrCorrupt
	}
	return len(src) - z.src.Len(), nil
}

// Prefix fills dst as far as the stream goes.
func (z *Inflater) Prefix(dst, src []byte) (int, error) {
	if err := z.open(src); err != nil {
		return 0, ErrCorrupt
	}
	n, err := io.ReadFull(z.r, dst)
	switch {
	case err == io.ErrUnexpectedEOF:
		return n, nil
	case err == io.EOF:
		return n, nil
	case err != nil:
		return n, ErrCorrupt
	}
	return n, nil
}

// Slack is how many bytes of room beyond its data a buffer should have.
const Slack = 320
