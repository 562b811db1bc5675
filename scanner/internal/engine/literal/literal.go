package literal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MinPatternLen and MaxPatternLen bound the length of a pattern, in bytes.
//
// One byte cannot be filtered for in any useful sense; the upper bound keeps the reach of a
// window, and so the seams of a delta walk, small.
const (
	MinPatternLen = 2
	MaxPatternLen = 64
)

// MaxTextLen is the longest text that Append accepts: positions are 32-bit.
const MaxTextLen = 1<<31 - 1

// Pattern is one literal. Fold makes it ASCII case-insensitive; other bytes are always compared
// exactly. Bytes has MinPatternLen to MaxPatternLen bytes, of any value.
type Pattern struct {
	Bytes string
	Fold  bool
}

// Hit says that the pattern with index Pattern (in the slice given to Compile) stands in the text
// at byte offset Pos.
type Hit struct {
	Pos     int32
	Pattern int32
}

// Searcher finds all occurrences of a set of patterns. It is immutable after Compile and safe for
// concurrent use. The zero value has no patterns and finds nothing.
type Searcher struct {
	filter  *filter
	confirm confirmer
	// maxLen is the longest pattern, reach the largest distance from an occurrence's start to a
	// sample that may reveal it.
	maxLen, reach int
}

// Compile builds a Searcher. It takes about a millisecond for 5,000 patterns. Equal patterns are allowed;
// each is reported under its own index.
func Compile(patterns []Pattern) (*Searcher, error) {
	if len(patterns) > 1<<24 {
		return nil, errors.New("literal: more than 16,777,216 patterns")
	}
	s := &Searcher{}
	if len(patterns) == 0 {
		return s, nil
	}
	for i, p := range patterns {
		if len(p.Bytes) < MinPatternLen || len(p.Bytes) > MaxPatternLen {
			return nil, fmt.Errorf("literal: pattern %d (%.64q) has %d bytes, want %d to %d",
				i, p.Bytes, len(p.Bytes), MinPatternLen, MaxPatternLen)
		}
		s.maxLen = max(s.maxLen, len(p.Bytes))
	}
	s.filter = emptyFilter()
	s.filter.choose()
	s.reach = s.confirm.build(s.filter, patterns)
	return s, nil
}

// MaxLen returns the length of the longest pattern, 0 if there are none.
func (s *Searcher) MaxLen() int { return s.maxLen }

const (
	// candidateBuffer is how many candidates one call of the filter may leave.
	candidateBuffer = 256
	// A window of up to shortWindow bytes is filtered into a buffer of its own: clearing the large
	// one takes as long as filtering a hundred bytes, and the windows of a delta walk are that small.
	shortWindow = 128
	shortBuffer = shortWindow/stride + 32/stride
)

// Append appends every occurrence of every pattern in text that starts in [from, to), overlapping
// ones included, ordered by (Pos, Pattern). An occurrence may extend beyond to, up to len(text).
// It never reads outside text and allocates only to grow hits. It panics if text is longer than
// MaxTextLen or not 0 <= from <= to <= len(text).
func (s *Searcher) Append(hits []Hit, text []byte, from, to int) []Hit {
	if len(text) > MaxTextLen {
		panic("literal: text longer than MaxTextLen")
	}
	if from < 0 || to > len(text) || from > to {
		panic(fmt.Sprintf("literal: window [%d, %d) outside text of %d bytes", from, to, len(text)))
	}
	if s.filter == nil || from == to {
		return hits
	}
	v := verifier{s: &s.confirm, text: text, from: from, to: to, hits: hits, first: len(hits)}
	// Samples that see bytes past the end of the text are taken from a padded copy of its end.
	end := min(to+s.reach, len(text)-1)
	p := from
	if safe := min(end, len(text)-sampleWidth+1); p < safe {
		if safe-p <= shortWindow {
			p = s.scanShort(&v, p, safe)
		} else {
			p = s.scanLong(&v, p, safe)
		}
	}
	if p < end {
		s.scanTail(&v, p, end)
	}
	v.order()
	return v.hits
}

// scanLong filters and confirms the samples p, p+stride, ... below end, all of which see bytes of
// the text, and returns the next one.
func (s *Searcher) scanLong(v *verifier, p, end int) int {
	var buf [candidateBuffer]candidate
	for p < end {
		next, n := s.filter.scan(v.text, p, end, buf[:])
		v.checkAll(p, buf[:n])
		p = next
	}
	return p
}

// scanShort does the same for a window of up to shortWindow bytes.
func (s *Searcher) scanShort(v *verifier, p, end int) int {
	var buf [shortBuffer]candidate
	for p < end {
		next, n := s.filter.scan(v.text, p, end, buf[:])
		v.checkAll(p, buf[:n])
		p = next
	}
	return p
}

// scanTail does the same for the samples that are too near to the end of the text, on a copy padded
// with zeros. Confirmation works on the text itself.
func (s *Searcher) scanTail(v *verifier, p, end int) {
	var tail [2 * sampleWidth]byte
	copy(tail[:], v.text[p:])
	for q := 0; p+q < end; q += stride {
		if s.filter.passes(binary.LittleEndian.Uint32(tail[q:]), tail[q+4]) {
			v.check(p + q)
		}
	}
}
