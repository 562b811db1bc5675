package dir

import (
	"errors"
	"io"
	"os"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Reader reads files in windows, in one buffer that it keeps. It is one
// goroutine's. The zero value is not ready; see NewReader.
type Reader struct {
	buf   []byte
	carry int
}

// Fresh is the number of bytes read at a time: large enough that most files
// are one window, small enough to stay in the second-level cache of a core or
// two.
const Fresh = 1 << 20

// NewReader makes a reader whose windows show carry bytes of what came before.
func NewReader(carry int) *Reader {
	return &Reader{buf: make([]byte, carry+Fresh), carry: carry}
}

// Window is a stretch of a file: Text[FreshStart:] is new, what stands before
// was seen by the last call. Offset is that of Text[0] in the file.
type Window struct {
	Text       []byte
	FreshStart int
	Offset     int64
	// Next is how many bytes of Text the next window will not show again:
	// all of them in the last one.
	Next int
	// First and Last tell that Text starts or ends where the file does.
	First, Last bool
}

// File opens path, which must be a regular file, and calls visit for each
// window of it. It returns the number of bytes read. An error of visit is
// returned as it is. A file that cannot be read, or not to its end, is no
// error: the gap says so, and what could be read has been visited.
func (r *Reader) File(path string, visit func(Window) error) (n int64, gap *finding.Gap, err error) {
	f, err := open(path)
	if err != nil {
		return 0, &finding.Gap{Reason: finding.ReasonUnreadable, Detail: cause(err)}, nil
	}
	defer f.Close()
	return r.Stream(f, visit)
}

// ErrNotRegular is returned for what is no regular file when it is opened.
var ErrNotRegular = errors.New("not a regular file")

// Stream is File for an open source.
func (r *Reader) Stream(src io.Reader, visit func(Window) error) (n int64, gap *finding.Gap, err error) {
	w := Window{First: true}
	have := 0 // bytes of buf in use
	for {
		fresh := have
		var readErr error
		for have < len(r.buf) && readErr == nil {
			var k int
			k, readErr = src.Read(r.buf[have:])
			have += k
			n += int64(k)
		}
		w.Text, w.FreshStart, w.Last = r.buf[:have], fresh, readErr != nil
		w.Next = have
		if !w.Last {
			w.Next = max(0, have-r.carry)
		}
		if have > fresh || w.Last && !w.First {
			if err := visit(w); err != nil {
				return n, nil, err
			}
		}
		if readErr != nil {
			if readErr != io.EOF {
				return n, &finding.Gap{Reason: finding.ReasonTruncated, Detail: cause(readErr), Bytes: 0}, nil
			}
			return n, nil, nil
		}
		copy(r.buf, r.buf[w.Next:have])
		w.Offset += int64(w.Next)
		w.First = false
		have -= w.Next
	}
}

// regular opens nothing but regular files: a FIFO that took a file's place
// since the directory was read must not block us.
func regular(f *os.File) (*os.File, error) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
