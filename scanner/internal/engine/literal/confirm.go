package literal

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// An entry is a pattern as confirmation sees it: where it would start, relative to the sample, and
// its first eight bytes to compare under a mask. The mask has 0xDF for a letter that may stand in
// either case (clearing bit 5 is exact folding where the other side is known to be a letter), 0xFF
// for any other byte and 0 past the pattern's end.
type entry struct {
	value, mask uint64
	pattern     int32
	dist        int16 // of the sample from the pattern's start: -1 to maxDist
	length      uint8
	fold        bool
}

// confirmer says which patterns a candidate may be. Immutable after build.
type confirmer struct {
	// The entries of the filter's word i are entries[start[i]:start[i+1]]. (One element more than that
	// takes: see build.)
	start   [words + 2]uint32
	entries []entry
	// patterns are kept for what lies past the eighth byte. Letters of folded ones are upper case.
	patterns []string
}

// build enters the patterns into f and c, and returns the largest distance from a pattern's start
// to a sample that reveals it. It is a part of every start of the program: few allocations, one
// counting sort of places, which are no larger than they have to be, since a pattern of two bytes
// has two thousand.
func (c *confirmer) build(f *filter, patterns []Pattern) (reach int) {
	c.patterns = upperFolded(patterns)
	// A place is a word of the filter and the sample that is entered there.
	type place struct{ word, sample uint32 }
	samples := make([]entry, 0, 2*len(patterns))
	most := 0
	for _, p := range patterns {
		most += placesOf(len(p.Bytes))
	}
	places := make([]place, 0, most)
	index := make([]uint32, 0, wildcards)
	var seen []uint32 // by word, the last sample entered there plus one
	for i, lit := range c.patterns {
		e := entry{pattern: int32(i), length: uint8(len(lit)), fold: patterns[i].Fold}
		for j := range min(len(lit), 8) {
			m := byte(0xFF)
			if e.fold && isUpper(lit[j]) {
				m = 0xDF
			}
			e.value |= uint64(lit[j]&m) << (8 * j)
			e.mask |= uint64(m) << (8 * j)
		}
		for _, dist := range samplePoints(lit) {
			var bits uint32
			index, bits = sampleWords(lit, dist, index)
			e.dist = int16(dist)
			reach = max(reach, dist)
			sample := uint32(len(samples))
			samples = append(samples, e)
			if len(index) == 1 {
				f.word[index[0]] &^= bits
				places = append(places, place{index[0], sample})
				continue
			}
			if seen == nil {
				seen = make([]uint32, words)
			}
			for _, w := range index {
				if seen[w] != sample+1 {
					seen[w] = sample + 1
					f.word[w] &^= bits
					places = append(places, place{w, sample})
				}
			}
		}
	}
	// start[w] becomes where the entries of w begin: counted two places on, summed up, and moved
	// back by one as they are filled in.
	c.entries = make([]entry, len(places))
	for i := range places {
		c.start[places[i].word+2]++
	}
	for w := range words {
		c.start[w+2] += c.start[w+1]
	}
	for _, p := range places {
		at := &c.start[p.word+1]
		c.entries[*at] = samples[p.sample]
		*at++
	}
	return reach
}

// upperFolded returns the bytes of the patterns, letters of folded ones in upper case.
func upperFolded(patterns []Pattern) []string {
	size := 0
	for _, p := range patterns {
		size += len(p.Bytes)
	}
	joined := make([]byte, 0, size)
	for _, p := range patterns {
		joined = append(joined, p.Bytes...)
		if p.Fold {
			upper(joined[len(joined)-len(p.Bytes):])
		}
	}
	all := string(joined)
	lits := make([]string, len(patterns))
	for i, p := range patterns {
		lits[i], all = all[:len(p.Bytes)], all[len(p.Bytes):]
	}
	return lits
}

func isUpper(b byte) bool { return 'A' <= b && b <= 'Z' }

// upper raises ASCII letters and leaves all other bytes, valid UTF-8 or not, alone.
func upper(b []byte) {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 0x20
		}
	}
}

// A verifier compares candidates with the text and collects the hits of one call of Append.
type verifier struct {
	s        *confirmer
	text     []byte
	from, to int
	hits     []Hit
	// first is where this call's hits begin.
	first int
	// moves counts what add does to keep them ordered, unordered is that it gave up.
	moves     int
	unordered bool
}

// check confirms the candidate at p.
func (v *verifier) check(p int) {
	w := wordIndex(v.load4(p))
	for i := v.s.start[w]; i < v.s.start[w+1]; i++ {
		e := &v.s.entries[i]
		v.try(e, p-int(e.dist))
	}
}

// fewCandidates are not worth the buffers of checkMany.
const fewCandidates = 8

// checkAll confirms the candidates of a scan that began at start.
func (v *verifier) checkAll(start int, candidates []candidate) {
	if len(candidates) > fewCandidates && len(v.text) >= 8 {
		v.checkMany(start, candidates)
		return
	}
	for _, c := range candidates {
		v.check(start + int(c))
	}
}

// checkMany confirms the candidates of a scan that began at start, all of which see bytes of the
// text. It does what check does for each, but in three passes, of which the first two have hardly
// any branch that depends on the text: a candidate is false, or has one, two or three patterns,
// so unpredictably that mispredictions cost several times what the comparisons do.
func (v *verifier) checkMany(start int, candidates []candidate) {
	var trials [trialBuffer]trial
	for len(candidates) > 0 {
		used, n := v.s.expand(v.text, start, candidates, &trials)
		if used == 0 { // more patterns share a word than there is room for trials
			v.check(start + int(candidates[0]))
			used = 1
		}
		candidates = candidates[used:]
		v.emit(trials[:v.s.compare(v.text, trials[:n])])
	}
}

// A trial is a sample (upper half) and the index of an entry to try there.
type trial uint64

// trialBuffer is how many trials are compared at once: about two for each candidate.
const trialBuffer = 2 * candidateBuffer

// expand writes the trials of the first candidates to trials, as many as have room, and returns the
// number of these candidates and of their trials.
func (c *confirmer) expand(text []byte, start int, candidates []candidate, trials *[trialBuffer]trial) (used, n int) {
	for i, d := range candidates {
		p := start + int(d)
		w := wordIndex(binary.LittleEndian.Uint32(text[p : p+4]))
		first := c.start[w]
		count := int(c.start[w+1] - first)
		if n > len(trials)-4 {
			return i, n
		}
		t := trial(p)<<32 | trial(first)
		// Most words have up to four entries. Writing four always spares a misprediction; what is
		// too much is written over.
		room := (*[4]trial)(trials[n:])
		room[0], room[1], room[2], room[3] = t, t+1, t+2, t+3
		if count > 4 {
			if n+count > len(trials) {
				return i, n
			}
			for j := 4; j < count; j++ {
				trials[n+j] = t + trial(j)
			}
		}
		n += count
	}
	return len(candidates), n
}

// compare moves the trials whose first eight bytes are right to the front and returns their number.
// Where eight bytes cannot be read it lets them pass. The text has at least eight bytes.
func (c *confirmer) compare(text []byte, trials []trial) (passed int) {
	entries, last := c.entries, uint64(len(text)-8)
	for _, t := range trials {
		e := &entries[uint32(t)]
		pos := uint64(t>>32) - uint64(e.dist)
		at := min(pos, last) // pos may also be "negative"
		diff := binary.LittleEndian.Uint64(text[at:at+8])&e.mask ^ e.value
		same := ^(diff | -diff) >> 63
		beyond := (last - pos | pos) >> 63
		trials[passed] = t
		passed += int(same | beyond)
	}
	return passed
}

// emit adds the hits among trials that compare let pass. It is try, less what compare has done.
func (v *verifier) emit(trials []trial) {
	hits := v.hits
	for _, t := range trials {
		e := &v.s.entries[uint32(t)]
		pos := int(t>>32) - int(e.dist)
		if pos < v.from || pos >= v.to {
			continue
		}
		if (e.length > 8 || pos > len(v.text)-8) && !v.s.matches(e, v.text[pos:]) {
			continue
		}
		h := Hit{int32(pos), e.pattern}
		if n := len(hits); n > v.first && h.less(hits[n-1]) {
			v.hits = hits
			v.add(h)
			hits = v.hits
			continue
		}
		hits = append(hits, h)
	}
	v.hits = hits
}

// load4 reads four bytes at p, zeros past the end of the text.
func (v *verifier) load4(p int) uint32 {
	if p+4 <= len(v.text) {
		return binary.LittleEndian.Uint32(v.text[p:])
	}
	var b [4]byte
	copy(b[:], v.text[p:])
	return binary.LittleEndian.Uint32(b[:])
}

// try adds a hit if e's pattern stands at pos.
func (v *verifier) try(e *entry, pos int) {
	if pos < v.from || pos >= v.to {
		return
	}
	if pos+8 <= len(v.text) && binary.LittleEndian.Uint64(v.text[pos:])&e.mask != e.value {
		return
	}
	if v.s.matches(e, v.text[pos:]) {
		v.add(Hit{int32(pos), e.pattern})
	}
}

// matches reports whether text begins with e's pattern.
func (c *confirmer) matches(e *entry, text []byte) bool {
	return int(e.length) <= len(text) && equal(text, c.patterns[e.pattern], e.fold)
}

// equal reports whether text begins with lit, whose letters are upper case if fold is set.
// text is at least as long as lit.
func equal(text []byte, lit string, fold bool) bool {
	text = text[:len(lit)]
	if !fold {
		return string(text) == lit
	}
	for i, b := range text {
		if 'a' <= b && b <= 'z' {
			b -= 0x20
		}
		if b != lit[i] {
			return false
		}
	}
	return true
}

// add appends h in its place. Samples ascend and a pattern starts at most maxDist bytes
// before the sample that reveals it, so few hits, mostly none, have to make room. Only many equal
// or nested patterns in a repetitive text make that dear; they are left for a sort at the end.
func (v *verifier) add(h Hit) {
	v.hits = append(v.hits, h)
	for i := len(v.hits) - 1; i > v.first && h.less(v.hits[i-1]); i-- {
		if v.moves > maxMoves+4*i {
			v.unordered = true
			return
		}
		v.moves++
		v.hits[i], v.hits[i-1] = v.hits[i-1], h
	}
}

// maxMoves bounds the moves that add makes beyond four per hit.
const maxMoves = 1 << 12

// order sorts the hits of this call if add gave up on it.
func (v *verifier) order() {
	if v.unordered {
		slices.SortFunc(v.hits[v.first:], func(a, b Hit) int {
			return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Pattern, b.Pattern))
		})
	}
}

func (h Hit) less(g Hit) bool {
	return int64(h.Pos)<<32|int64(h.Pattern) < int64(g.Pos)<<32|int64(g.Pattern)
}
