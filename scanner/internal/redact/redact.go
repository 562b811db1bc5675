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
}

// New makes a Redactor that uses the rules of e at every confidence.
func New(e *engine.Engine) *Redactor {
	return &Redactor{e.WithMinimum(finding.Low)}
}

// span is a stretch of text to be replaced.
type span struct {
	engine.Span
	shown string
}

// find lists what is to be replaced in the text for matches whose evidence
// touches fresh, in order and disjoint.
func (r *Redactor) find(text []byte, fresh engine.Span, known []engine.Match, scratch *engine.Scratch) []span {
	var all []span
	add := func(m *engine.Match) error {
		generic := m.Rule.Provider == "generic"
		all = appendSpan(all, text, m.Secret, m.Prefix, generic, m.Value != nil)
		for _, p := range m.Parts {
			all = appendSpan(all, text, p.Span, 0, generic, p.Value != nil)
		}
		return nil
	}
	for i := range known {
		_ = add(&known[i])
	}
	// A text that is cut at its ends may hold a match that its own rest would
	// unmake: rather one too many than one too few.
	_ = r.engine.Find(text, fresh, engine.Whole, scratch, add)
	return join(all)
}

// appendSpan adds the part of a secret that stands in text.
func appendSpan(all []span, text []byte, s engine.Span, prefix int, generic, decoded bool) []span {
	in := engine.Span{Start: max(0, s.Start), End: min(len(text), s.End)}
	if in.Len() <= 0 {
		return all
	}
	shown := hidden // of an encoded secret nothing is shown, nor of a piece
	if !decoded && in == s {
		shown = Value(string(text[s.Start:s.End]), prefix, generic)
	}
	return append(all, span{in, shown})
}

// join orders spans and makes those that overlap one.
func join(all []span) []span {
	slices.SortFunc(all, func(a, b span) int {
		// Of two views of one stretch the one that shows less.
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End),
			cmp.Compare(len(a.shown), len(b.shown)), strings.Compare(a.shown, b.shown))
	})
	out := all[:0]
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

// block is how many bytes of a text are judged at once. Larger ones would cost
// a lone finding more, smaller ones would see more of their neighbourhood twice.
const block = 16 << 10

// Text is one text of which excerpts are made. What is to be redacted in it is
// found block by block where an excerpt needs it, so that many findings in a
// place cost little more than one. It is one goroutine's.
type Text struct {
	redactor *Redactor
	text     []byte
	known    []engine.Match // by start of reach
	longest  int            // reach
	blocks   map[int][]span
	scratch  engine.Scratch
}

// Text prepares a text for excerpts. known are raw matches that the text alone
// may not show: those that begin before it.
func (r *Redactor) Text(text []byte, known []engine.Match) *Text {
	t := &Text{redactor: r, text: text, known: slices.Clone(known), blocks: map[int][]span{}}
	slices.SortStableFunc(t.known, func(a, b engine.Match) int { return a.Reach().Start - b.Reach().Start })
	for i := range t.known {
		t.longest = max(t.longest, t.known[i].Reach().Len())
	}
	return t
}

// spans finds what is to be redacted in a piece of the text, in order and
// disjoint.
func (t *Text) spans(piece engine.Span) []span {
	var all []span
	for i := piece.Start / block; i*block < piece.End; i++ {
		b := t.block(i)
		first, _ := slices.BinarySearchFunc(b, piece.Start, func(s span, at int) int {
			if s.End <= at {
				return -1
			}
			return 1
		})
		for ; first < len(b) && b[first].Start < piece.End; first++ {
			all = append(all, b[first])
		}
	}
	return join(all)
}

func (t *Text) block(i int) []span {
	b, ok := t.blocks[i]
	if !ok {
		fresh := engine.Span{Start: i * block, End: min(len(t.text), (i+1)*block)}
		first, _ := slices.BinarySearchFunc(t.known, fresh.Start-t.longest, func(m engine.Match, at int) int { return m.Reach().Start - at })
		last := first
		for last < len(t.known) && t.known[last].Reach().Start < fresh.End {
			last++
		}
		b = t.redactor.find(t.text, fresh, t.known[first:last], &t.scratch)
		t.blocks[i] = b
	}
	return b
}

// Name redacts a path, a reference or a person's name. Random strings that
// nothing speaks for stay: content hashes in file names are not secret, and a
// path without them could not be found.
func (r *Redactor) Name(name string) string {
	named := Redactor{engine: r.engine.WithMinimum(finding.Medium)}
	var scratch engine.Scratch
	return replace(name, named.find([]byte(name), engine.Span{Start: 0, End: len(name)}, nil, &scratch))
}

func replace(text string, all []span) string {
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
func (t *Text) Excerpt(secret engine.Span) (excerpt string, start, end int) {
	text := t.text
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
	for _, s := range t.spans(engine.Span{Start: lo, End: hi}) {
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
