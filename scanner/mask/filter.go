package mask

import (
	"bytes"
	"io"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/internal/engine"
)

// filter masks one stream. Its text is what is held back and, before it, what
// has left and may be evidence.
type filter struct {
	m     *Masker
	tail  engine.Tail
	text  []byte
	out   int    // text[:out] has left
	found []span // what is to be masked, in no order; ends after out
	past  bool   // bytes of the stream's beginning are gone
	err   error
	b     bytes.Buffer // what leaves, used again
}

// carry is how much of what has left stays in view.
const carry = engine.Bound + 4<<10

// pieceSize is how much text is searched at a time, in bytes.
const pieceSize = 256 << 10

// write takes text, and lets out what is decided.
func (f *filter) write(p []byte, w io.Writer) {
	for len(p) > 0 && f.err == nil {
		n := min(len(p), pieceSize)
		fresh := len(f.text)
		f.text = append(f.text, p[:n]...)
		p = p[n:]
		f.search(fresh, false)
		f.release(len(f.text)-engine.Bound, w)
	}
}

// search finds what touches the text's fresh end.
func (f *filter) search(fresh int, last bool) {
	f.err = f.tail.Find(f.m.engine, f.text, fresh, engine.Edges{Start: !f.past, End: last}, func(m *engine.Match) error {
		f.add(m)
		return nil
	})
	for _, v := range f.m.values {
		for i := max(0, fresh-len(v)+1); ; {
			k := bytes.Index(f.text[i:], v)
			if k < 0 {
				break
			}
			i += k
			f.found = append(f.found, span{start: i, end: i + len(v)})
			i++
		}
	}
}

// add notes a match's secret and parts.
func (f *filter) add(m *engine.Match) {
	f.found = append(f.found, span{m.Secret.Start, m.Secret.End, m})
	for _, p := range m.Parts {
		f.found = append(f.found, span{p.Span.Start, p.Span.End, m})
	}
}

// pause lets out what came, judged by the text there is; what may be the
// beginning of a secret stays.
func (f *filter) pause(w io.Writer) {
	cut := f.tail.Started(f.m.engine, f.text, f.out)
	if cut = max(cut, f.out); cut == f.out {
		return
	}
	_ = f.tail.Peek(f.m.engine, f.text[:cut], f.out, !f.past, func(m *engine.Match) error {
		f.add(m)
		return nil
	})
	f.release(cut, w)
}

// close lets out everything.
func (f *filter) close(w io.Writer) {
	if f.err == nil {
		f.search(len(f.text), true)
		f.release(len(f.text), w)
	}
}

// release lets out the text before a place. A secret that reaches over it
// stays whole behind.
func (f *filter) release(to int, w io.Writer) {
	if to <= f.out {
		return
	}
	slices.SortFunc(f.found, func(a, b span) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
	b := &f.b
	b.Reset()
	for i := 0; i < len(f.found) && f.err == nil; {
		// All that overlap make one stretch.
		s, j := f.found[i], i+1
		longest := s
		for ; j < len(f.found) && f.found[j].start < s.end; j++ {
			s.end = max(s.end, f.found[j].end)
			if better(f.found[j], longest) {
				longest = f.found[j]
			}
		}
		if s.end > to {
			to = min(to, s.start)
			break
		}
		i = j
		if s.end <= f.out {
			continue
		}
		if s.start > f.out {
			b.Write(f.text[f.out:s.start])
		}
		s.match = longest.match
		b.WriteString(f.m.shown(s, f.text))
		f.out = s.end
	}
	if to > f.out {
		b.Write(f.text[f.out:to])
		f.out = to
	}
	f.found = slices.DeleteFunc(f.found, func(s span) bool { return s.end <= f.out })
	if b.Len() > 0 && f.err == nil {
		_, f.err = w.Write(b.Bytes())
	}
	f.drop()
}

// better tells which of two overlapping spans names the stretch.
func better(a, b span) bool {
	if a.match == nil || b.match == nil {
		return b.match == nil && a.match != nil
	}
	return a.match.Outranks(b.match)
}

// drop forgets what is no evidence any more.
func (f *filter) drop() {
	n := f.out - carry
	if n < pieceSize/2 {
		return
	}
	f.text = f.text[:copy(f.text, f.text[n:])]
	f.tail.Drop(n)
	f.out -= n
	f.past = true
	for i := range f.found {
		f.found[i].start -= n
		f.found[i].end -= n
	}
}
