package pack

import (
	"slices"
	"sort"
)

// Span is a run of bytes of an object. An empty one is a seam: a place where
// two bytes meet that did not meet in the base, or an end of the object that
// was no end of the base.
type Span struct{ Start, End int }

// AppendFresh appends to spans what is new in an object against its base, in
// order and without overlap: every inserted run, and the seams that no
// inserted run lies at. Text in which no fresh span is touched (see Touches)
// stands in the base word for word. Without segments all of the object is new.
func (o *Object) AppendFresh(spans []Span) []Span {
	size := len(o.Content)
	if o.Segments == nil {
		return append(spans, Span{0, size})
	}
	// prev is where in the base the text so far ended; the object's start
	// continues the base's start.
	prev := 0
	for i := range o.Segments {
		s := &o.Segments[i]
		if s.Src == Inserted {
			spans = append(spans, Span{int(s.Dst), int(s.Dst + s.Len)})
			prev = -1
			continue
		}
		if prev >= 0 && prev != int(s.Src) {
			spans = append(spans, Span{int(s.Dst), int(s.Dst)})
		}
		prev = int(s.Src + s.Len)
	}
	if prev >= 0 && prev != len(o.Base) {
		spans = append(spans, Span{size, size})
	}
	return spans
}

// Touches tells whether the bytes from start to end, of an object of the given
// size, share a byte with one of the spans, have a seam between them, or reach
// an end of the object that is a seam.
func Touches(spans []Span, size, start, end int) bool {
	// The first span that does not end before the text does begin.
	i := sort.Search(len(spans), func(i int) bool { return spans[i].End >= start })
	for ; i < len(spans) && spans[i].Start <= end; i++ {
		s := spans[i]
		if s.Start < s.End {
			if s.Start < end && start < s.End {
				return true
			}
			continue
		}
		if start < s.Start && s.Start < end || s.Start == 0 && start == 0 || s.Start == size && end == size {
			return true
		}
	}
	return false
}

// Carry takes what was found in a base over to the object made from it. found
// is sorted by start; span gives a find's place in the base. For each run that
// was copied, emit is called with every find that lies in it and the distance
// it moved by. A find in text that was copied twice is emitted twice, and the
// places emitted ascend run by run.
func Carry[F any](segments []Segment, found []F, span func(*F) (start, end int), emit func(f *F, shift int)) {
	if len(found) == 0 {
		return
	}
	at := 0 // deltas mostly copy forward, so the search starts where it ended
	last := 0
	for i := range segments {
		s := &segments[i]
		if s.Src == Inserted {
			continue
		}
		from, to := int(s.Src), int(s.Src+s.Len)
		if from < last {
			at = 0
		}
		last = to
		rest := found[at:]
		// Few finds lie between two copies: look at some before searching.
		near := min(4, len(rest))
		k := 0
		for k < near && startOf(span, &rest[k]) < from {
			k++
		}
		if k == near && k < len(rest) {
			k, _ = slices.BinarySearchFunc(rest, from, func(f F, from int) int { return startOf(span, &f) - from })
		}
		at += k
		for ; at < len(found); at++ {
			start, end := span(&found[at])
			if start >= to {
				break
			}
			if end <= to {
				emit(&found[at], int(s.Dst)-from)
			}
		}
	}
}

func startOf[F any](span func(*F) (start, end int), f *F) int {
	start, _ := span(f)
	return start
}
