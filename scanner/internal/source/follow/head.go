package follow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Head identifies a file by its first bytes.
type Head struct {
	Len int    `json:"len"`
	Sum string `json:"sum,omitempty"`
}

// headLen is the length of a full head in bytes.
const headLen = 1 << 10

// least is the length from which on a head tells files apart.
const least = 64

func (h Head) full() bool { return h.Len >= least }

// read takes the head of a file.
func (h *Head) read(r io.ReaderAt) {
	var b [headLen]byte
	n, _ := r.ReadAt(b[:], 0)
	sum := sha256.Sum256(b[:n])
	*h = Head{n, hex.EncodeToString(sum[:8])}
}

// of tells whether a file begins with the head.
func (h Head) of(r io.ReaderAt) bool {
	b := make([]byte, h.Len)
	n, _ := r.ReadAt(b, 0)
	sum := sha256.Sum256(b[:n])
	return n == h.Len && (n == 0 || hex.EncodeToString(sum[:8]) == h.Sum)
}

// count counts the line ends before an offset, and the bytes since the last.
func count(r io.ReaderAt, offset int64) (line, column int, err error) {
	s := io.NewSectionReader(r, 0, offset)
	buf := make([]byte, 256<<10)
	for {
		n, err := s.Read(buf)
		if nl := bytes.LastIndexByte(buf[:n], '\n'); nl >= 0 {
			line += bytes.Count(buf[:n], []byte{'\n'})
			column = n - nl - 1
		} else {
			column += n
		}
		if err == io.EOF {
			return line, column, nil
		}
		if err != nil {
			return line, column, err
		}
	}
}
