package literal

import (
	"cmp"
	"encoding/binary"
	"math/bits"
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
//
// The filter's word is too coarse for that with thousands of patterns: a dozen share one. So there are
// three tables, and a candidate is looked up in each: by b0 to b3 for samples that see four bytes of
// their pattern, which most do, by b1 to b3 and by b0 to b2 for those of short patterns. All are folded.
type confirmer struct {
	tables  [keyKinds]keyTable
	entries []entry
	// patterns are kept for what lies past the eighth byte. Letters of folded ones are upper case.
	patterns []string
}

// keyTable leads from a key to entries: those with the hash h are entries[start[h]:start[h+1]].
type keyTable struct {
	start []uint32
	shift uint8
}

// The kinds of keys, by the bytes of the sample that they are made of.
const (
	keyB0123 = iota
	keyB123
	keyB012
	keyKinds
)

// keyMask has the bytes of the little-endian load of b0..b3 that are in a key, less the bit for case.
var keyMask = [keyKinds]uint32{keyB0123: keyMask0123, keyB123: keyMask123, keyB012: keyMask012}

const (
	keyMask0123 = 0xDFDFDFDF
	keyMask123  = 0xDFDFDF00
	keyMask012  = 0x00DFDFDF
	// keyMultiplier is 2^32 over the golden ratio.
	keyMultiplier = 0x9E3779B1
)

func (t *keyTable) hash(key uint32) uint32 { return key * keyMultiplier >> (t.shift & 31) }

// size makes room for n entries, in twice as many places and 64 at least.
func (t *keyTable) size(n int) {
	b := max(6, bits.Len(uint(2*n)))
	t.shift = uint8(32 - b)
	t.start = make([]uint32, 1<<b+2)
}

// sampleKey says in which table the sample at distance dist from the start of pattern is entered, and
// under which keys: several if the pattern has but two bytes.
func sampleKey(pattern string, dist int, buf []uint32) (kind int, keys []uint32) {
	var known uint32
	for j := max(0, -dist); j < 4 && dist+j < len(pattern); j++ {
		known |= uint32(pattern[dist+j]) << (8 * j)
	}
	unknown := 0
	switch {
	case dist >= 0 && dist+4 <= len(pattern):
		kind = keyB0123
	case dist < 0:
		kind, unknown = keyB123, max(0, 3-len(pattern))*3
	default:
		kind, unknown = keyB012, max(0, 3-len(pattern))*2
	}
	if unknown == 0 {
		return kind, append(buf[:0], known&keyMask[kind])
	}
	keys = buf[:0]
	for b := range uint32(256) {
		if b&0x20 == 0 {
			keys = append(keys, (known|b<<(8*unknown))&keyMask[kind])
		}
	}
	return kind, keys
}

// build enters the patterns into f and c, and returns the largest distance from a pattern's start
// to a sample that reveals it. It is a part of every start of the program: few allocations, one
// counting sort.
func (c *confirmer) build(f *filter, patterns []Pattern) (reach int) {
	c.patterns = upperFolded(patterns)
	type place struct {
		hash uint32
		kind int32
		entry
	}
	var count [keyKinds]int
	for _, p := range patterns {
		switch len(p.Bytes) {
		case 2: // the third byte of a key is unknown
			count[keyB123] += 128
			count[keyB012] += 128
		case 3:
			count[keyB123]++
			count[keyB012]++
		case 4:
			count[keyB123]++
			count[keyB0123]++
		default:
			count[keyB0123] += 2
		}
	}
	total := 0
	for kind, n := range count {
		c.tables[kind].size(n)
		total += n
	}
	places := make([]place, 0, total)
	index, keys := make([]uint32, 0, 128), make([]uint32, 0, 128)
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
			var clear uint32
			index, clear = sampleWords(lit, dist, index)
			for _, w := range index {
				f.word[w] &^= clear
			}
			var kind int
			kind, keys = sampleKey(lit, dist, keys)
			t := &c.tables[kind]
			for i, k := range keys {
				keys[i] = t.hash(k)
			}
			if len(keys) > 1 {
				slices.Sort(keys)
				keys = slices.Compact(keys)
			}
			e.dist = int16(dist)
			for _, h := range keys {
				t.start[h+2]++
				places = append(places, place{h, int32(kind), e})
			}
			reach = max(reach, dist)
		}
	}
	// start[h] becomes where the entries of h begin: counted two places on, summed up, and moved
	// back by one as they are filled in.
	sum := uint32(0)
	for kind := range c.tables {
		start := c.tables[kind].start
		for h := range start {
			sum += start[h]
			start[h] = sum
		}
	}
	c.entries = make([]entry, len(places)+2) // expand points up to two beyond
	for i := range places {
		at := &c.tables[places[i].kind].start[places[i].hash+1]
		c.entries[*at] = places[i].entry
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
	x := v.load4(p)
	for kind := range v.s.tables {
		t := &v.s.tables[kind]
		h := t.hash(x & keyMask[kind])
		for i := t.start[h]; i < t.start[h+1]; i++ {
			e := &v.s.entries[i]
			v.try(e, p-int(e.dist))
		}
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
	t0, t1, t2 := &c.tables[keyB0123], &c.tables[keyB123], &c.tables[keyB012]
	for i, d := range candidates {
		p := start + int(d)
		x := binary.LittleEndian.Uint32(text[p : p+4])
		if n > len(trials)-6 {
			return i, n
		}
		h0, h1, h2 := t0.hash(x&keyMask0123), t1.hash(x&keyMask123), t2.hash(x&keyMask012)
		first0, first1, first2 := t0.start[h0], t1.start[h1], t2.start[h2]
		n0, n1, n2 := int(t0.start[h0+1]-first0), int(t1.start[h1+1]-first1), int(t2.start[h2+1]-first2)
		// Most keys have up to two entries. Writing two always spares a misprediction; what is
		// too much is written over.
		if n0 <= 2 && n1 <= 2 && n2 <= 2 {
			t := trial(p) << 32
			room := (*[2]trial)(trials[n:])
			room[0], room[1] = t|trial(first0), t|trial(first0+1)
			room = (*[2]trial)(trials[n+n0:])
			room[0], room[1] = t|trial(first1), t|trial(first1+1)
			room = (*[2]trial)(trials[n+n0+n1:])
			room[0], room[1] = t|trial(first2), t|trial(first2+1)
			n += n0 + n1 + n2
			continue
		}
		if n+n0+n1+n2 > len(trials) {
			return i, n
		}
		for _, k := range [...]struct {
			first uint32
			n     int
		}{{first0, n0}, {first1, n1}, {first2, n2}} {
			for j := range k.n {
				trials[n] = trial(p)<<32 | trial(k.first) + trial(j)
				n++
			}
		}
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
