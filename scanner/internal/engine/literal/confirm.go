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
	dist        int16 // of the sample from the pattern's start: 0 to maxDist
	length      uint8
	fold        bool
}

// confirmer says which patterns a candidate may be. Immutable after build.
//
// The filter's word is too coarse for that with thousands of patterns: a dozen share one. So a candidate
// is looked up by keys of four and three bytes of the text, folded: one for samples that see four bytes of
// their pattern as b0 to b3, which most do; and for each of b0 and b1, what pattern of three or four bytes
// may begin there.
type confirmer struct {
	// set has the hashes of all keys. It is small enough for the first-level cache and rules out most
	// keys that have no entries.
	set [hashes / 64]uint64
	// The entries of the keys with hash h are among entries[start[h>>fine]:start[h>>fine+1]], a bucket.
	// (One element more than that takes: see build.)
	start   [buckets + 2]uint32
	entries []entry
	// patterns are kept for what lies past the eighth byte. Letters of folded ones are upper case.
	patterns []string
}

// The hashes of each kind of key are a range of their own, so that no entry is met twice.
const (
	bitsSample = 17 // b0..b3
	bitsShort  = 15
	baseFour   = 1 << bitsSample
	baseThree  = baseFour + 1<<bitsShort
	hashes     = baseThree + 1<<bitsShort
	// fine is how many bits more a hash has than the number of its bucket.
	fine    = 3
	buckets = hashes >> fine
	// maxKeys is how many keys a candidate has.
	maxKeys = 4

	// The masks have the bytes of a little-endian load that are in a key, less the bit for case.
	maskFour  = 0xDFDFDFDF
	maskThree = 0x00DFDFDF
	// keyMultiplier is 2^32 over the golden ratio.
	keyMultiplier = 0x9E3779B1
)

// hashSample is for the load of b0..b3, hashFour for that of a pattern of four bytes, hashThree
// for one of three.
func hashSample(b uint32) uint32 { return b & maskFour * keyMultiplier >> (32 - bitsSample) }
func hashFour(b uint32) uint32   { return b&maskFour*keyMultiplier>>(32-bitsShort) + baseFour }
func hashThree(b uint32) uint32  { return b&maskThree*keyMultiplier>>(32-bitsShort) + baseThree }

// A key of a candidate: its hash, and what is to be taken for the sample.
type key struct {
	hash uint32
	dist int
}

// keysOf are the keys of a candidate with the loads of b0..b3 and b1..b4.
func keysOf(b0123, b1234 uint32) [maxKeys]key {
	return [maxKeys]key{{hashSample(b0123), 0}, {hashFour(b1234), 1}, {hashThree(b0123), 0}, {hashThree(b1234), 1}}
}

// enter puts the hashes by which pattern is found into the set, if it has the sample at distance dist, and
// returns the buckets for it: several if the pattern has but two bytes, none if it is in them already.
func (c *confirmer) enter(pattern string, dist int, buf []uint32) (index []uint32) {
	index = buf[:0]
	add := func(h uint32) {
		c.set[h/64] |= 1 << (h % 64)
		index = append(index, h>>fine)
	}
	switch {
	case dist >= 0 && dist+4 <= len(pattern):
		add(hashSample(load(pattern[dist:])))
	case len(pattern) == 4:
		add(hashFour(load(pattern)))
	case dist >= 0: // entered once for both samples
	case len(pattern) == 3:
		add(hashThree(load(pattern)))
	default:
		for b := range uint32(256) {
			add(hashThree(load(pattern) | b<<16))
		}
		slices.Sort(index)
		index = slices.Compact(index)
	}
	return index
}

// has is 1 if there may be entries for the hash h, else 0.
func (c *confirmer) has(h uint32) int { return int(c.set[h/64] >> (h % 64) & 1) }

// load is the little-endian load of the first four bytes of s, or of less.
func load(s string) (x uint32) {
	for i := range min(len(s), 4) {
		x |= uint32(s[i]) << (8 * i)
	}
	return x
}

// build enters the patterns into f and c, and returns the largest distance from a pattern's start
// to a sample that reveals it. It is a part of every start of the program: few allocations, one
// counting sort.
func (c *confirmer) build(f *filter, patterns []Pattern) (reach int) {
	c.patterns = upperFolded(patterns)
	type place struct {
		bucket uint32
		entry
	}
	// Two places for a pattern, and 128 more for each of two bytes.
	places := make([]place, 0, 2*len(patterns)+512)
	index := make([]uint32, 0, 256)
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
			e.dist = int16(max(dist, 0)) // -1 is where a short pattern may begin at b1
			index = c.enter(lit, dist, index)
			for _, b := range index {
				c.start[b+2]++
				places = append(places, place{b, e})
			}
			reach = max(reach, dist)
		}
	}
	// start[b] becomes where the entries of b begin: counted two places on, summed up, and moved
	// back by one as they are filled in.
	c.entries = make([]entry, len(places))
	for b := range buckets {
		c.start[b+2] += c.start[b+1]
	}
	for i := range places {
		at := &c.start[places[i].bucket+1]
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
	for _, k := range keysOf(v.load4(p), v.load4(p+1)) {
		if v.s.has(k.hash) != 0 {
			v.tryAll(p+k.dist, k.hash>>fine)
		}
	}
}

// tryAll tries the entries of a bucket at the sample p.
func (v *verifier) tryAll(p int, bucket uint32) {
	for i := v.s.start[bucket]; i < v.s.start[bucket+1]; i++ {
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
// text. It does what check does for each, but in passes, of which all but the last have hardly
// any branch that depends on the text: a candidate is false, or has one, two or three patterns,
// so unpredictably that mispredictions cost several times what the comparisons do.
func (v *verifier) checkMany(start int, candidates []candidate) {
	var probes [maxKeys * candidateBuffer]probe
	var trials [trialBuffer]trial
	for len(candidates) > 0 {
		some := candidates[:min(len(candidates), candidateBuffer)]
		candidates = candidates[len(some):]
		for left := probes[:v.s.probe(v.text, start, some, &probes)]; len(left) > 0; {
			used, n := v.s.expand(left, &trials)
			if used == 0 { // more patterns share a bucket than there is room for trials
				v.tryAll(int(left[0]>>32), uint32(left[0]))
				used = 1
			}
			left = left[used:]
			v.emit(trials[:v.s.compare(v.text, trials[:n])])
		}
	}
}

// A probe is a sample, or the byte after it (upper half), and a bucket.
type probe uint64

// probe writes the buckets that may have entries for the candidates to probes and returns their number.
func (c *confirmer) probe(text []byte, start int, candidates []candidate, probes *[maxKeys * candidateBuffer]probe) (n int) {
	for _, d := range candidates {
		p := start + int(d)
		x, y := binary.LittleEndian.Uint32(text[p:p+4]), binary.LittleEndian.Uint32(text[p+1:p+5])
		if n > len(probes)-maxKeys {
			break // never: there is room for all
		}
		at := probe(p) << 32
		// These are keysOf(x, y), spelled out. What is no probe is written over by the next.
		h := hashSample(x)
		probes[n] = at | probe(h>>fine)
		n += c.has(h)
		h = hashThree(x)
		probes[n] = at | probe(h>>fine)
		n += c.has(h)
		at += 1 << 32
		h = hashFour(y)
		probes[n] = at | probe(h>>fine)
		n += c.has(h)
		h = hashThree(y)
		probes[n] = at | probe(h>>fine)
		n += c.has(h)
	}
	return n
}

// A trial is a sample (upper half) and the index of an entry to try there.
type trial uint64

// trialBuffer is how many trials are compared at once: about two for each candidate.
const trialBuffer = 2 * candidateBuffer

// expand writes the trials of the first probes to trials, as many as have room, and returns the
// number of these probes and of their trials.
func (c *confirmer) expand(probes []probe, trials *[trialBuffer]trial) (used, n int) {
	for i, p := range probes {
		bucket := uint32(p)
		first := c.start[bucket]
		count := int(c.start[bucket+1] - first)
		if n > len(trials)-4 {
			return i, n
		}
		t := trial(p>>32)<<32 | trial(first)
		// Most buckets have up to four entries. Writing four always spares a misprediction; what is
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
	return len(probes), n
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
