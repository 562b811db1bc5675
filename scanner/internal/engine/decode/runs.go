package decode

import "bytes"

// MinRun is the least length of a run of base64 or hex that is looked at.
const MinRun = 24

// six is the value of a base64 character of either alphabet, none for others.
var six = func() (t [256]uint8) {
	for i := range t {
		t[i] = none
	}
	for i := range 26 {
		t['A'+i], t['a'+i] = uint8(i), uint8(26+i)
	}
	for i := range 10 {
		t['0'+i] = uint8(52 + i)
	}
	t['+'], t['-'], t['/'], t['_'] = 62, 62, 63, 63
	return t
}()

const none = 0xff

// nibble is the value of a hexadecimal digit, none for others.
var nibble = func() (t [256]uint8) {
	for i := range t {
		t[i] = none
	}
	for i := range 10 {
		t['0'+i] = uint8(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = uint8(10+i), uint8(10+i)
	}
	return t
}()

// segment is a part of a chain: n characters from offset pos of the text, the
// first of which is the chain's at'th.
type segment struct{ at, pos, n int }

// chain is a run that goes on over line ends.
type chain struct {
	chars []byte
	segs  []segment
	// end is the offset behind the last character.
	end  int
	copy []byte // buffer for chars
}

// Bounds of what may stand between two lines of a run.
const (
	maxIndent = 32
	minLine   = 24 // shorter lines end a run
	longLine  = 40 // a line is part of the run if it is this long or ends like one
	// maxChained is how far outside of the region that is looked at a run is
	// read for text. Compressed data is read as a whole.
	maxChained = 32 << 10
)

// pos is the offset of the chain's i'th character.
func (c *chain) pos(i int) int {
	lo, hi := 0, len(c.segs)
	for hi-lo > 1 {
		if m := (lo + hi) / 2; c.segs[m].at <= i {
			lo = m
		} else {
			hi = m
		}
	}
	return c.segs[lo].pos + i - c.segs[lo].at
}

// index is the first character at or behind offset.
func (c *chain) index(offset int) int {
	for _, s := range c.segs {
		if offset < s.pos+s.n {
			return s.at + max(0, offset-s.pos)
		}
	}
	return len(c.chars)
}

// follow makes the chain of the run s, looking for what comes before it where
// before is set, and for what comes behind up to limit.
func (c *chain) follow(text []byte, s Span, before bool, limit int) {
	c.segs, c.copy = c.segs[:0], c.copy[:0]
	first := s
	if before {
		for first.Start > 0 && s.Start-first.Start < MaxPacked && six[text[first.Start-1]] != none {
			first.Start--
		}
		for s.Start-first.Start < MaxPacked {
			p, ok := previousLine(text, first)
			if !ok {
				break
			}
			first = p
		}
	}
	if _, more := nextLine(text, first); !more {
		c.chars, c.end = text[first.Start:first.End], first.End
		c.segs = append(c.segs, segment{0, first.Start, first.End - first.Start})
		return
	}
	for line := first; ; {
		c.segs = append(c.segs, segment{len(c.copy), line.Start, line.End - line.Start})
		c.copy = append(c.copy, text[line.Start:line.End]...)
		c.end = line.End
		if line.End > limit {
			break
		}
		next, more := nextLine(text, line)
		if !more {
			break
		}
		line = next
	}
	c.chars = c.copy
}

// nextLine is the line of base64 that follows the line s of a run: behind a line
// end, which may be an escaped one, and indentation.
func nextLine(text []byte, s Span) (Span, bool) {
	if s.End-s.Start < minLine {
		return Span{}, false
	}
	i := s.End
	switch {
	case i < len(text) && (text[i] == '\n' || text[i] == '\r'):
		if text[i] == '\r' {
			i++
		}
		if i == len(text) || text[i] != '\n' {
			return Span{}, false
		}
		i++
		for k := i; i < len(text) && i-k < maxIndent && (text[i] == ' ' || text[i] == '\t'); {
			i++
		}
	case bytes.HasPrefix(text[i:], []byte(`\n`)):
		i += 2
	case bytes.HasPrefix(text[i:], []byte(`\r\n`)):
		i += 4
	default:
		return Span{}, false
	}
	end := i
	for end < len(text) && six[text[end]] != none {
		end++
	}
	if end == i || !endsLikeLine(text, i, end) {
		return Span{}, false
	}
	return Span{i, end}, true
}

// endsLikeLine tells whether text[i:end] may be a further line of a run.
func endsLikeLine(text []byte, i, end int) bool {
	if end-i >= longLine {
		return true
	}
	for k := 0; k < 2 && end < len(text) && text[end] == '='; k++ {
		end++
	}
	return end == len(text) || bytes.IndexByte([]byte("\r\n\\\"'`<,;) \t"), text[end]) >= 0
}

// previousLine is the line of a run before the line s, the opposite of nextLine.
func previousLine(text []byte, s Span) (Span, bool) {
	i := s.Start
	if i > 0 && text[i-1] == '\\' && i < s.End && text[i] == 'n' {
		i-- // at the backslash: the n is no character of the run
		if i >= 2 && text[i-1] == 'r' && text[i-2] == '\\' {
			i -= 2
		}
	} else {
		for i > 0 && s.Start-i < maxIndent && (text[i-1] == ' ' || text[i-1] == '\t') {
			i--
		}
		if i == 0 || text[i-1] != '\n' {
			return Span{}, false
		}
		i--
		if i > 0 && text[i-1] == '\r' {
			i--
		}
	}
	start := i
	for start > 0 && i-start < MaxPacked && six[text[start-1]] != none {
		start--
	}
	p := Span{start, i}
	if next, ok := nextLine(text, p); !ok || next.End != s.End {
		return Span{}, false
	}
	return p, true
}
