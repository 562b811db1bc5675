package engine

import (
	"bytes"

	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// Tail searches a text that grows at its end and is dropped at its beginning: a
// stream. It remembers the literal hits, so that each byte is searched once,
// however small the pieces are in which the text comes. The zero value is
// ready; it is one goroutine's.
type Tail struct {
	reach    []int // by literal: how far the evidence of its rules lies to the right
	hits     []literal.Hit
	searched int // bytes of the text
	scratch  Scratch
	gap      string
}

// Gap says what was left undecoded so far; "" is nothing.
func (t *Tail) Gap() string { return t.gap }

// unwrapped is how far from a literal an encoding that holds it is looked for.
const unwrapped = 4 << 10

// Find is Engine.Find for the bytes of text from fresh on. Text begins where
// the last one did, or as many bytes later as have been dropped.
func (t *Tail) Find(e *Engine, text []byte, fresh int, edges Edges, emit func(*Match) error) error {
	// A literal that was cut at the end is whole now.
	from := max(0, t.searched-e.MaxLiteral()+1)
	for len(t.hits) > 0 && int(t.hits[len(t.hits)-1].Pos) >= from {
		t.hits = t.hits[:len(t.hits)-1]
	}
	t.retire(e, fresh)
	t.hits = e.Hits(t.hits, text, from, len(text))
	t.searched = len(text)
	return e.Match(text, t.hits, []Span{{fresh, len(text)}}, edges, &t.gap, emit)
}

// retire forgets the hits whose rules see nothing of what is fresh.
func (t *Tail) retire(e *Engine, fresh int) {
	if t.reach == nil {
		t.reach = make([]int, len(e.refs))
		for i, refs := range e.refs {
			if t.reach[i] = unwrapped; e.decoding != nil && e.decoding.of[i] != nil {
				t.reach[i] = Bound
			}
			for _, r := range refs {
				t.reach[i] = max(t.reach[i], e.rules[r.rule].right)
			}
		}
	}
	kept := t.hits[:0]
	for _, h := range t.hits {
		if int(h.Pos)+t.reach[h.Pattern] >= fresh {
			kept = append(kept, h)
		}
	}
	t.hits = kept
}

// Peek finds what would be found from fresh on if text, a beginning of what was
// searched, were all there is.
func (t *Tail) Peek(e *Engine, text []byte, fresh int, start bool, emit func(*Match) error) error {
	n := len(t.hits)
	for n > 0 && int(t.hits[n-1].Pos) >= len(text)-e.MaxLiteral() {
		n--
	}
	hits := e.Hits(append(t.scratch.hits[:0], t.hits[:n]...), text, max(0, len(text)-e.MaxLiteral()), len(text))
	t.scratch.hits = hits
	return e.Match(text, hits, []Span{{fresh, len(text)}}, Edges{Start: start, End: true}, &t.gap, emit)
}

// Drop tells that the text's first n bytes are gone.
func (t *Tail) Drop(n int) {
	t.forget(n)
	for i := range t.hits {
		t.hits[i].Pos -= int32(n)
	}
	t.searched -= n
}

// forget drops the hits before a place.
func (t *Tail) forget(before int) {
	i := 0
	for i < len(t.hits) && int(t.hits[i].Pos) < before {
		i++
	}
	if i > 0 {
		t.hits = t.hits[:copy(t.hits, t.hits[i:])]
	}
}

// Started tells where a secret may have begun that the text's end cuts off:
// at the last word, if a token's literal stands in it, or a name and an
// operator before it; or at the BEGIN line of a key block that is not closed.
// It is len(text) if nothing has. Before from nothing is looked at. A mere word,
// of which the literal has not come yet, is not started.
func (t *Tail) Started(e *Engine, text []byte, from int) int {
	n := len(text)
	line := max(from, bytes.LastIndexByte(text, '\n')+1)
	word := max(line, bytes.LastIndexAny(text, " \t\r\n")+1)
	value := word + bytes.LastIndexAny(text[word:], `=:"'(<>[{,`) + 1
	start := n
	for _, h := range t.hits {
		pos, end := int(h.Pos), int(h.Pos)+e.lengths[h.Pattern]
		for i := range e.refs[h.Pattern] {
			r := &e.refs[h.Pattern][i]
			c := e.rules[r.rule]
			switch {
			case pos+c.right < n:
			case c.rule.Matcher == "pem":
				if at, ok := openBlock(text, pos); ok {
					start = min(start, max(from, at))
				}
			case r.context:
				if end <= n && pos >= line && value < n && end <= value && bytes.ContainsAny(text[end:value], "=:") {
					start = min(start, word)
				}
			case pos >= word && end-pos >= 3:
				start = min(start, word)
			}
		}
	}
	return start
}

// openBlock tells whether a key block around the hit of its literal goes on at
// the text's end, and where it begins.
func openBlock(text []byte, pos int) (start int, open bool) {
	lo := max(0, pos-64)
	start = bytes.LastIndex(text[lo:min(len(text), pos+64)], []byte("-----BEGIN")) + lo
	if start < lo {
		return 0, false
	}
	head := start + len("-----BEGIN")
	i := bytes.Index(text[head:min(len(text), head+64)], []byte("-----"))
	if i < 0 {
		return start, len(text) < head+64 && bytes.IndexByte(text[head:], '\n') < 0
	}
	body := head + i + len("-----")
	stop := body + bodyEnd(text[body:])
	if stop < len(text) && bytes.HasPrefix(text[stop:], []byte("-----END")) {
		return start, bytes.Index(text[stop+8:], []byte("-----")) < 0 && len(text) < stop+72
	}
	if stop < len(text) && len(text)-stop >= len("-----END") {
		return start, false
	}
	// Prose between two lines is no key.
	prose := bytes.Count(text[body:stop], []byte("\n")) > 4 && base64Count(text[body:stop]) == 0
	return start, !prose
}
