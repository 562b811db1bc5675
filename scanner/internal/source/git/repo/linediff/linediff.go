// Package linediff says which lines of a text are new.
//
// A line is new if no old text has it anywhere. That is less than a diff says:
// a block that was moved is not new. For secrets this is the right question
// (the value on a moved line was there before), it has one answer where diffs
// have many, and it costs one hash per line: 10 MB take some tens of
// milliseconds, where a Myers diff of two unlike files takes minutes.
//
// A carriage return before the newline does not count, so that a change of
// line ends does not make a file new.
package linediff

import (
	"bytes"
	"hash/maphash"
)

// Span is a piece of the new text: bytes Start to End, whole lines with their
// newlines.
type Span struct{ Start, End int }

// Added gives the lines of text that are in none of olds, neighbours joined,
// in order.
func Added(text []byte, olds ...[]byte) []Span {
	var t table
	for _, old := range olds {
		if bytes.Equal(old, text) {
			return nil
		}
		t.add(old)
	}
	var spans []Span
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		if !t.has(trim(text[pos:end])) {
			if n := len(spans); n > 0 && spans[n-1].End == pos {
				spans[n-1].End = end
			} else {
				spans = append(spans, Span{pos, end})
			}
		}
		pos = end
	}
	return spans
}

// Touches tells whether the bytes start to end share any with a span. spans
// are as Added gives them.
func Touches(spans []Span, start, end int) bool {
	lo, hi := 0, len(spans)
	for lo < hi { // the first span that ends after start
		mid := (lo + hi) / 2
		if spans[mid].End <= start {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(spans) && spans[lo].Start < max(end, start+1)
}

// Shared is the number of bytes of text on lines that old has too: how alike
// they are.
func Shared(text, old []byte) int {
	n := len(text)
	for _, s := range Added(text, old) {
		n -= s.End - s.Start
	}
	return n
}

func lineEnd(b []byte, pos int) int {
	if i := bytes.IndexByte(b[pos:], '\n'); i >= 0 {
		return pos + i + 1
	}
	return len(b)
}

func trim(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}

// table is a hash set of lines, open addressing, that points into the texts.
type table struct {
	seed  maphash.Seed
	slots []slot
	n     int
}

type slot struct {
	hash uint64
	line []byte // nil: free
}

func (t *table) add(text []byte) {
	if len(text) == 0 {
		return
	}
	if t.slots == nil {
		t.seed = maphash.MakeSeed()
		t.slots = make([]slot, 64)
	}
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		line := trim(text[pos:end])
		h := maphash.Bytes(t.seed, line)
		if s := t.find(h, line); s.line == nil {
			*s = slot{h, line}
			if t.n++; 2*t.n > len(t.slots) {
				t.grow()
			}
		}
		pos = end
	}
}

func (t *table) find(h uint64, line []byte) *slot {
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.line == nil || s.hash == h && bytes.Equal(s.line, line) {
			return s
		}
	}
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 4*len(old))
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.line == nil {
			continue
		}
		i := s.hash & mask
		for t.slots[i].line != nil {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

func (t *table) has(line []byte) bool {
	return t.slots != nil && t.find(maphash.Bytes(t.seed, line), line).line != nil
}
