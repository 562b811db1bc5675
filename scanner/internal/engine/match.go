package engine

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Span is a half-open range of byte offsets.
type Span struct{ Start, End int }

// Len is the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Overlaps tells whether s and t share a byte.
func (s Span) Overlaps(t Span) bool { return s.Start < t.End && t.Start < s.End }

func (s Span) contains(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// touches is like Overlaps, but an empty t counts where s has bytes on both
// sides of it: a deletion joins two texts without a fresh byte.
func (s Span) touches(t Span) bool {
	if t.Start == t.End {
		return s.Start < t.Start && t.Start < s.End
	}
	return s.Overlaps(t)
}

func (s Span) shift(n int) Span { return Span{s.Start + n, s.End + n} }

// Part is a further member of a composite credential.
type Part struct {
	Name string
	Span Span
	// Value is as Match.Value.
	Value []byte
}

// Match is one place where a rule holds.
type Match struct {
	Rule *rules.Rule
	// Kind is the rule's kind, or the generic engine's finer one.
	Kind string
	// Whole is what the rule matched, Secret the credential within it.
	Whole, Secret Span
	// Evidence holds every byte that the decision depended on. It begins
	// before 0 or ends after the text if the decision depended on the text's
	// beginning or ending there.
	Evidence   Span
	Confidence finding.Confidence
	// Checksum is the result of the rule's scheme, Unknown without one.
	Checksum checksum.Result
	Parts    []Part
	// Prefix is how many bytes at the start of Secret are the same for every
	// secret of the kind, and so no secret.
	Prefix int
	// Score is the generic engine's log odds; 0 for other rules.
	Score float64
	// DecodedFrom is how the secret was decoded, outermost first; empty for one
	// that stands in the text as it is. Value is then the secret, and the spans
	// are those of the encoded text.
	DecodedFrom []string
	Value       []byte
	// Alternatives are ids of rules that matched the same secret and lost.
	Alternatives []string

	rank   int32
	origin *origin
	// meant tells of a decoded secret that its encoding is a matter of how the
	// text is written.
	meant bool
}

// Shift moves the match by n bytes: for texts that are part of a larger one.
func (m *Match) Shift(n int) {
	m.Whole, m.Secret, m.Evidence = m.Whole.shift(n), m.Secret.shift(n), m.Evidence.shift(n)
	if len(m.Parts) > 0 {
		m.Parts = slices.Clone(m.Parts)
		for i := range m.Parts {
			m.Parts[i].Span = m.Parts[i].Span.shift(n)
		}
	}
}

// Compare orders matches by secret, then rule id, then confidence and extent:
// a total order up to equality of all that is reported.
func Compare(a, b *Match) int {
	return cmp.Or(
		cmp.Compare(a.Secret.Start, b.Secret.Start), cmp.Compare(a.Secret.End, b.Secret.End),
		cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(b.Confidence, a.Confidence),
		cmp.Compare(a.Evidence.Len(), b.Evidence.Len()), cmp.Compare(a.Evidence.Start, b.Evidence.Start),
		cmp.Compare(a.Whole.Start, b.Whole.Start), cmp.Compare(a.Whole.End, b.Whole.End),
		cmp.Compare(a.Kind, b.Kind), comparePartSpans(a.Parts, b.Parts),
		slices.Compare(a.DecodedFrom, b.DecodedFrom), bytes.Compare(a.Value, b.Value))
}

func comparePartSpans(a, b []Part) int {
	return slices.CompareFunc(a, b, func(x, y Part) int {
		return cmp.Or(cmp.Compare(x.Span.Start, y.Span.Start), cmp.Compare(x.Span.End, y.Span.End), cmp.Compare(x.Name, y.Name))
	})
}

// outranks decides overlaps: checksum proven, specific, longer, more telling
// evidence, as it stands before decoded, earlier, rule id. Among generic matches
// what a text decodes to comes before the text if it is as well evidenced.
func (m *Match) outranks(o *Match) bool {
	proven := func(m *Match) int {
		if m.Checksum == checksum.Right {
			// What a token decodes to proves its form, not its kind.
			if s, ok := checksum.Lookup(m.Rule.Checksum); ok && !s.Structure {
				return 1
			}
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(proven(m), proven(o)), cmp.Compare(m.rank, o.rank),
		m.reveals(o)-o.reveals(m),
		cmp.Compare(m.Secret.Len(), o.Secret.Len()), cmp.Compare(m.Confidence, o.Confidence),
		cmp.Compare(len(o.DecodedFrom), len(m.DecodedFrom)),
		cmp.Compare(o.Evidence.Len(), m.Evidence.Len()), -Compare(m, o)) > 0
}

// Outranks tells which of two overlapping matches says more of the secret.
func (m *Match) Outranks(o *Match) bool { return m.outranks(o) }

// reveals is 1 if m is what is meant by what o takes for a secret. A key that is
// base64 of text is mostly used as it stands; a value in a Kubernetes Secret is
// not, nor is anything in escapes.
func (m *Match) reveals(o *Match) int {
	whole := o.Secret.Start <= m.Secret.Start && m.Secret.End <= o.Secret.End && 4*m.Secret.Len() >= 3*o.Secret.Len()
	if m.rank <= 0 && m.meant && len(m.DecodedFrom) > len(o.DecodedFrom) && (whole || m.Confidence >= o.Confidence) {
		return 1
	}
	return 0
}

// overlaps tells whether a secret (or part) of m overlaps the secret of o.
func (m *Match) overlaps(o *Match) bool {
	if m.Secret.Overlaps(o.Secret) {
		return true
	}
	for _, p := range m.Parts {
		if p.Span.Overlaps(o.Secret) {
			return true
		}
	}
	return false
}

// Reach is the span from the first to the last secret byte, parts included.
func (m *Match) Reach() Span {
	s := m.Secret
	for _, p := range m.Parts {
		s.Start, s.End = min(s.Start, p.Span.Start), max(s.End, p.Span.End)
	}
	return s
}

// Resolve drops the matches that lose to another one and orders the rest. A
// match loses if a higher-ranked match's secret, or one of its parts, overlaps
// its secret; whether that other match itself loses does not matter. A winner
// takes the greatest confidence found for the same secret or one within it: the
// password in a connection string. Resolve reorders raw
// and modifies its elements.
func Resolve(raw []Match) []Match {
	if len(raw) < 2 {
		return raw
	}
	order := make([]*Match, len(raw))
	for i := range raw {
		order[i] = &raw[i]
	}
	slices.SortFunc(order, func(a, b *Match) int {
		return cmp.Or(cmp.Compare(a.Reach().Start, b.Reach().Start), Compare(a, b))
	})
	lost := make([]bool, len(order))
	best := make([]finding.Confidence, len(order))
	alternatives := make([][]string, len(order))
	var active []int // indices whose reach may still overlap
	for i, m := range order {
		best[i] = m.Confidence
		keep := active[:0]
		for _, j := range active {
			o := order[j]
			if o.Reach().End <= m.Reach().Start {
				continue
			}
			keep = append(keep, j)
			up, down := i, j
			if o.outranks(m) {
				up, down = j, i
			}
			if !order[up].overlaps(order[down]) {
				continue
			}
			lost[down] = true
			if order[up].Secret.contains(order[down].Secret) {
				best[up] = max(best[up], order[down].Confidence)
				if order[down].Rule.ID != order[up].Rule.ID {
					alternatives[up] = append(alternatives[up], order[down].Rule.ID)
				}
			}
		}
		active = append(keep, i)
	}
	var out []Match
	for i, m := range order {
		if lost[i] {
			continue
		}
		w := *m
		w.Confidence = best[i]
		slices.Sort(alternatives[i])
		w.Alternatives = slices.Compact(alternatives[i])
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b Match) int { return Compare(&a, &b) })
	return out
}
