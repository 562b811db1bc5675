package mask

import (
	"io"
	"sync"
	"time"
)

// delay is how long a byte may be held back that is not part of a started
// secret: a little less than the 50 ms that are promised.
const delay = 40 * time.Millisecond

// Writer masks what is written to it and passes it on. It is safe for
// concurrent use. Errors of the writer below are returned by the next call.
type Writer struct {
	mu     sync.Mutex
	f      filter
	w      io.Writer
	timer  *time.Timer
	armed  bool
	came   int // bytes since the timer was armed
	closed bool
}

// Writer makes a Writer to w. It must be closed for the last bytes to leave.
func (m *Masker) Writer(w io.Writer) *Writer {
	mw := &Writer{f: filter{m: m}, w: w}
	mw.timer = time.AfterFunc(time.Hour, mw.pause)
	mw.timer.Stop()
	return mw
}

// Write takes p, all of it unless there was an error.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, io.ErrClosedPipe
	}
	w.f.write(p, w.w)
	if w.f.err != nil {
		return 0, w.f.err
	}
	// In a stream that flows the timer is armed again with each write: what
	// came before leaves by being overtaken. One that trickles is not kept
	// waiting by its own trickle.
	if w.came += len(p); !w.armed || w.came > carry {
		w.timer.Reset(delay)
		w.armed, w.came = true, 0
	}
	return len(p), nil
}

func (w *Writer) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = false
	if !w.closed && w.f.err == nil {
		w.f.pause(w.w)
	}
}

// Close lets out what was held back. It does not close the writer below.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		w.timer.Stop()
		w.f.close(w.w)
	}
	return w.f.err
}

// Reader masks what is read from r. It must be read to its end or closed.
func (m *Masker) Reader(r io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		w := m.Writer(in)
		_, err := io.CopyBuffer(struct{ io.Writer }{w}, r, make([]byte, 64<<10))
		if e := w.Close(); err == nil {
			err = e
		}
		in.CloseWithError(err)
	}()
	return out
}
