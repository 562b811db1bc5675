package decode

import (
	"bytes"
	"math/bits"
)

// survey is what one look at the bytes of a region says: where there are runs of
// base64, percent signs and NUL.
type survey struct {
	runs     []Span // at least MinRun long, by their part in the region
	percents []int  // those that an escape may begin with
	// nul is the first NUL of each block of blockBytes that has one.
	nul []int

	run, special [blocks]uint64
}

// A block is classified at a time: its masks stay in the first-level cache.
const (
	blocks     = 256
	blockBytes = 64 * blocks
)

// look surveys text[from:to].
func (s *survey) look(text []byte, from, to int) {
	s.runs, s.percents, s.nul = s.runs[:0], s.percents[:0], s.nul[:0]
	carry := 0 // characters of a run before the block
	for at := from; at < to; at += blockBytes {
		end := min(to, at+blockBytes)
		if !classifyFast(text[at:end], &s.run, &s.special) {
			s.lookPlain(text, from, to)
			return
		}
		nul := false
		for w, m := range s.run[:(end-at+63)/64] {
			// Runs of 24 within the word: where 8 begin, and 8 and 16 further on.
			r := m & (m >> 1)
			r &= r >> 2
			r &= r >> 4
			r &= r >> 8 & (r >> 16)
			ones := bits.TrailingZeros64(^m)
			if r != 0 || carry+ones >= MinRun {
				s.word(m, at+64*w, carry)
			}
			if ones == 64 {
				carry += 64
			} else {
				carry = bits.LeadingZeros64(^m)
			}
			if sp := s.special[w]; sp != 0 {
				nul = s.specials(text, sp, at+64*w, nul)
			}
		}
	}
	if carry >= MinRun {
		s.runs = append(s.runs, Span{to - carry, to})
	}
}

// word enters the runs that end in the 64 bytes at offset at; carry is the
// length of the one that reaches in.
func (s *survey) word(m uint64, at, carry int) {
	if m == ^uint64(0) {
		return
	}
	ones := bits.TrailingZeros64(^m)
	if carry+ones >= MinRun {
		s.runs = append(s.runs, Span{at - carry, at + ones})
	}
	m &= m + 1 // without the run that reaches in
	for m != 0 {
		start := bits.TrailingZeros64(m)
		n := bits.TrailingZeros64(^(m >> start))
		if start+n >= 64 {
			return // it reaches out
		}
		if n >= MinRun {
			s.runs = append(s.runs, Span{at + start, at + start + n})
		}
		m &= ^uint64(0) << (start + n)
	}
}

// specials enters percent signs and the block's first NUL.
func (s *survey) specials(text []byte, m uint64, at int, nul bool) bool {
	for ; m != 0; m &= m - 1 {
		p := at + bits.TrailingZeros64(m)
		if text[p] == '%' {
			if p+2 >= len(text) || nibble[text[p+1]] < 8 || text[p+1] == 'u' {
				s.percents = append(s.percents, p)
			}
		} else if !nul {
			nul = true
			s.nul = append(s.nul, p)
		}
	}
	return nul
}

// lookPlain is look without masks.
func (s *survey) lookPlain(text []byte, from, to int) {
	s.runs, s.percents, s.nul = s.runs[:0], s.percents[:0], s.nul[:0]
	for i := from; ; {
		r, ok := nextRun(text[:to], i, to)
		if !ok {
			break
		}
		s.runs = append(s.runs, r)
		i = r.End
	}
	for i := from; ; i++ {
		k := bytes.IndexByte(text[i:to], '%')
		if k < 0 {
			break
		}
		i += k
		if i+2 >= len(text) || nibble[text[i+1]] < 8 || text[i+1] == 'u' {
			s.percents = append(s.percents, i)
		}
	}
	for at := from; at < to; at += blockBytes {
		if k := bytes.IndexByte(text[at:min(to, at+blockBytes)], 0); k >= 0 {
			s.nul = append(s.nul, at+k)
		}
	}
}

// nextRun is the first run of at least MinRun base64 characters at or behind i,
// before limit. It looks at every MinRun'th byte and walks back from there, so
// that most bytes are never seen.
func nextRun(text []byte, i, limit int) (s Span, ok bool) {
	for i < limit && i+MinRun <= len(text) {
		k := i + MinRun - 1
		for k >= i && six[text[k]] != none {
			k--
		}
		if k >= i {
			i = k + 1
			continue
		}
		end := i + MinRun
		for end < len(text) && six[text[end]] != none {
			end++
		}
		return Span{i, end}, true
	}
	return Span{}, false
}
