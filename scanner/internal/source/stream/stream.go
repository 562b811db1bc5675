package stream

import (
	"context"
	"errors"
	"io"
	"time"
)

// Window is what is known of the stream's latest stretch. Text stays as it is
// until the visit of the next window returns.
type Window struct {
	// Text[Fresh:] is new since the last visit.
	Text  []byte
	Fresh int
	// Offset of Text[0] in the stream.
	Offset int64
	// Last tells that the stream ends with Text.
	Last bool
	// Idle tells that nothing came for a while, or that little came for long:
	// nothing is fresh.
	Idle bool
}

// Options of Read.
type Options struct {
	// Carry is how many bytes before Fresh a window shows at least, if the
	// stream has as many.
	Carry int
	// Quiet is how long a stream must be silent to be idle; 0 is for ever.
	Quiet time.Duration
	// Patience is how long a stream of less than Carry bytes is read before it
	// is called idle though it never is silent; 0 is for ever.
	Patience time.Duration
}

// Buffer sizes in bytes. What a pipe holds (64 KiB on Linux) fits several times
// into a buffer, which fits into the second-level cache of a core.
const (
	bufferSize = 256 << 10
	leastRead  = 16 << 10
)

// segment is what one read brought: buf[fresh:end].
type segment struct {
	buf        []byte
	fresh, end int
	offset     int64
	err        error
}

// Read calls visit for each piece of src as it comes, until src ends, visit
// returns an error or ctx is done. In that last case, too, what has been read
// is visited, as the stream's last. It returns the number of bytes read and the
// error of visit, ctx or src; that of src is nil at its end. A read that blocks
// cannot be ended: the goroutine that reads outlives Read until it returns.
func Read(ctx context.Context, src io.Reader, o Options, visit func(Window) error) (n int64, err error) {
	// Unbuffered: when a segment is taken, those before it have been visited,
	// which is what makes two buffers enough.
	segments := make(chan segment)
	done := make(chan struct{})
	defer close(done)
	go read(src, o.Carry, segments, done)

	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	var w Window
	var since time.Time // of the first byte that no idle window was told of
	var bytes int       // that came since
	idle := func() error {
		since, bytes = time.Time{}, 0
		quiet.Stop()
		w.Fresh, w.Idle = len(w.Text), true
		return visit(w)
	}
	for {
		select {
		case s := <-segments:
			n += int64(s.end - s.fresh)
			w = Window{Text: s.buf[:s.end], Fresh: s.fresh, Offset: s.offset, Last: s.err != nil}
			if err := visit(w); err != nil {
				return n, err
			}
			if w.Last {
				if errors.Is(s.err, io.EOF) {
					return n, nil
				}
				return n, s.err
			}
			if o.Quiet > 0 {
				quiet.Reset(o.Quiet)
			}
			if o.Patience <= 0 {
				continue
			}
			now := time.Now()
			if bytes += s.end - s.fresh; since.IsZero() || bytes > o.Carry {
				since, bytes = now, 0
			} else if now.Sub(since) > o.Patience {
				if err := idle(); err != nil {
					return n, err
				}
			}
		case <-quiet.C:
			if err := idle(); err != nil {
				return n, err
			}
		case <-ctx.Done():
			w.Fresh, w.Idle, w.Last = len(w.Text), false, true
			if err := visit(w); err != nil {
				return n, err
			}
			return n, ctx.Err()
		}
	}
}

// read fills the two buffers in turn.
func read(src io.Reader, carry int, segments chan<- segment, done <-chan struct{}) {
	var bufs [2][]byte
	for i := range bufs {
		bufs[i] = make([]byte, carry+bufferSize)
	}
	buf, other := bufs[0], bufs[1]
	have, offset := 0, int64(0)
	for {
		if len(buf)-have < leastRead {
			keep := min(carry, have)
			copy(other, buf[have-keep:have])
			offset += int64(have - keep)
			buf, other, have = other, buf, keep
		}
		k, err := src.Read(buf[have:])
		if k == 0 && err == nil {
			continue
		}
		select {
		case segments <- segment{buf, have, have + k, offset, err}:
		case <-done:
			return
		}
		if err != nil {
			return
		}
		have += k
	}
}
