// Package redact takes secrets out of everything that is shown.
//
// It works on raw matches at any confidence, losers of overlaps included: what
// is not reported may still be a secret. Of a value are shown its public prefix
// and, if at least sixteen drawn characters stay hidden, its last four; of
// passwords and other values without a known shape nothing.
package redact

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
)

// hidden stands for what is not shown.
const hidden = "****"

// leastHidden is how many characters must stay hidden for the last four to be
// shown.
const leastHidden = 16

// Value redacts a secret whose first prefix bytes are public.
func Value(secret string, prefix int, generic bool) string {
	if i := strings.IndexAny(secret, "\r\n\\"); i >= 0 && prefix > i {
		prefix = i
	}
	if prefix >= len(secret) {
		return secret // nothing of it is secret: a file's name
	}
	out := secret[:prefix] + hidden
	if !generic && len(secret)-prefix-4 >= leastHidden && !strings.HasPrefix(secret, "-----BEGIN") {
		out += secret[len(secret)-4:]
	}
	return out
}

// Redactor redacts text. It is safe for concurrent use.
type Redactor struct {
	engine *engine.Engine
	// complete tells that the matches at hand are all there are, since the
	// scan itself looks for those of low confidence.
	complete bool
}

// New makes a Redactor that uses the rules of e at every confidence. minimum
// is the confidence from which on the matches given to Excerpt are known.
func New(e *engine.Engine, minimum finding.Confidence) *Redactor {
	return &Redactor{e.WithMinimum(finding.Low), minimum <= finding.Low}
}

// around is how much text beyond a piece is looked at to judge what is in it.
const around = 2 << 10

// armour is where the last armoured block before at begins, if that is within
// reach, else at. Whole keys are longer than what ordinary rules look at, and
// the tail of one is as secret as its head.
func armour(text []byte, at int) int {
	far := max(0, at-engine.Bound)
	if i := bytes.LastIndex(text[far:at], []byte("-----BEGIN ")); i >= 0 && !bytes.Contains(text[far+i:at], []byte("-----END ")) {
		return far + i
	}
	return at
}

// span is a stretch of text to be replaced.
type span struct {
	engine.Span
	shown string
}

// Known are the raw matches of a text that are already at hand, in an order
// in which those of a piece are found quickly.
type Known struct {
	matches []engine.Match // by start of reach
	longest int
}

// Known prepares raw matches for calls of Excerpt.
func (r *Redactor) Known(raw []engine.Match) *Known {
	k := &Known{matches: slices.Clone(raw)}
	slices.SortFunc(k.matches, func(a, b engine.Match) int { return a.Reach().Start - b.Reach().Start })
	for i := range k.matches {
		k.longest = max(k.longest, k.matches[i].Reach().Len())
	}
	return k
}

// spans finds what is to be redacted in text[piece.Start:piece.End], judged in
// the light of what stands around it, in order and disjoint.
func (r *Redactor) spans(text []byte, piece engine.Span, known *Known) []span {
	lo, hi := max(0, piece.Start-around), min(len(text), piece.End+around)
	if known == nil || !r.complete {
		lo = armour(text, lo)
	}
	var all []span
	add := func(m *engine.Match, shift int) {
		for i := -1; i < len(m.Parts); i++ {
			s, prefix, decoded := m.Secret, m.Prefix, m.Value != nil
			if i >= 0 {
				s, prefix, decoded = m.Parts[i].Span, 0, m.Parts[i].Value != nil
			}
			s = engine.Span{Start: s.Start + shift, End: s.End + shift}
			if !s.Overlaps(piece) || s.Start < 0 {
				continue
			}
			shown := hidden // of an encoded secret nothing is shown
			if !decoded {
				shown = Value(string(text[s.Start:s.End]), prefix, m.Rule.Provider == "generic")
			}
			all = append(all, span{s, shown})
		}
	}
	if known != nil {
		first, _ := slices.BinarySearchFunc(known.matches, piece.Start-known.longest, func(m engine.Match, at int) int { return m.Reach().Start - at })
		for i := first; i < len(known.matches) && known.matches[i].Reach().Start < piece.End; i++ {
			add(&known.matches[i], 0)
		}
	}
	if r.complete && known != nil {
		lo = hi
	}
	var scratch engine.Scratch
	_ = r.engine.Find(text[lo:hi], engine.Span{Start: piece.Start - lo, End: piece.End - lo}, engine.Whole, &scratch, func(m *engine.Match) error {
		add(m, lo)
		return nil
	})
	slices.SortFunc(all, func(a, b span) int {
		// Of two views of one stretch the one that shows less.
		return cmp.Or(a.Start-b.Start, b.End-a.End, len(a.shown)-len(b.shown), strings.Compare(a.shown, b.shown))
	})
	var out []span
	for _, s := range all {
		if n := len(out); n > 0 && s.Start < out[n-1].End {
			if s.End > out[n-1].End { // overlapping: one stretch, nothing shown of it
				out[n-1].End, out[n-1].shown = s.End, hidden
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// Text redacts a whole text.
func (r *Redactor) Text(text string) string {
	return r.replace(text, r.spans([]byte(text), engine.Span{Start: 0, End: len(text)}, nil))
}

// Name redacts a path, a reference or a person's name. Random strings that
// nothing speaks for stay: content hashes in file names are not secret, and a
// path without them could not be found.
func (r *Redactor) Name(name string) string {
	named := Redactor{engine: r.engine.WithMinimum(finding.Medium)}
	return r.replace(name, named.spans([]byte(name), engine.Span{Start: 0, End: len(name)}, nil))
}

func (r *Redactor) replace(text string, all []span) string {
	b := []byte(text)
	if len(all) == 0 {
		return text
	}
	var out strings.Builder
	at := 0
	for _, s := range all {
		out.Write(b[at:s.Start])
		out.WriteString(s.shown)
		at = s.End
	}
	out.Write(b[at:])
	return out.String()
}

// maxExcerpt bounds an excerpt in bytes.
const maxExcerpt = 120

// Excerpt is the line of the secret, redacted and cut to at most maxExcerpt
// bytes around it. [start, end) is the secret's redacted form in the excerpt.
// Known are raw matches of the text that are already at hand.
func (r *Redactor) Excerpt(text []byte, secret engine.Span, known *Known) (excerpt string, start, end int) {
	lo := max(0, secret.Start-maxExcerpt)
	if nl := bytes.LastIndexByte(text[lo:secret.Start], '\n'); nl >= 0 {
		lo += nl + 1
	}
	hi := min(len(text), secret.End+maxExcerpt)
	if nl := bytes.IndexByte(text[secret.End:hi], '\n'); nl >= 0 {
		hi = secret.End + nl
	}
	var before, middle, after strings.Builder
	at := lo
	for _, s := range r.spans(text, engine.Span{Start: lo, End: hi}, known) {
		s.Start = max(s.Start, at)
		switch {
		case s.End <= secret.Start:
			before.Write(text[at:s.Start])
			before.WriteString(s.shown)
		case s.Start < secret.End:
			if s.Start < secret.Start || at < secret.Start {
				before.Write(text[at:max(at, min(s.Start, secret.Start))])
			}
			middle.WriteString(s.shown)
		default:
			after.Write(text[max(at, secret.End):s.Start])
			after.WriteString(s.shown)
		}
		at = s.End
	}
	after.Write(text[min(hi, max(at, secret.End)):hi])
	pre, mid, post := before.String(), middle.String(), after.String()
	if middle.Len() == 0 {
		mid = hidden
	}
	room := max(0, maxExcerpt-len(mid))
	left := min(len(pre), max(room/2, room-len(post)))
	pre = cutLeft(pre, left)
	post = cutRight(post, min(len(post), room-min(room, len(pre))))
	pre = strings.TrimLeft(pre, " \t")
	return pre + mid + strings.TrimRight(post, " \t\r"), len(pre), len(pre) + len(mid)
}

// cutLeft keeps the last n bytes, not splitting a UTF-8 character.
func cutLeft(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for len(s) > 0 && s[0]&0xc0 == 0x80 {
		s = s[1:]
	}
	return s
}

func cutRight(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
