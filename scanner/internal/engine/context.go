package engine

import (
	"bytes"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// contextMatcher recognises a token near a word.
type contextMatcher struct {
	tokenMatcher
	reach int
	bare  bool // the token has no literal of its own: it must look random
	fixed int  // length of the literal that every token begins with
	isID  bool // the rule is for an identifier
}

// overLines is how far after a context word a token may start over line ends,
// beforeWord how far before the word telling names are looked for.
const (
	overLines  = 40
	beforeWord = 40
	maxLines   = 3
	// maxLeftToken bounds the length of a token before its context word.
	maxLeftToken = 1 << 10
)

func newContextMatcher(r *rules.Rule) (*contextMatcher, error) {
	t, err := newTokenMatcher(r)
	if err != nil {
		return nil, err
	}
	m := &contextMatcher{tokenMatcher: *t, reach: r.Reach, bare: t.shape.run < 3}
	if m.reach == 0 {
		m.reach = rules.DefaultReach
	}
	m.fixed = m.shape.fixedPrefix()
	m.isID = ownsID(r.Kind)
	if m.bare {
		m.boundary = boundaryOf(r.Boundary, strictBoundary)
	}
	m.ends = func(text []byte, i int) bool { return m.boundary.endsAt(text, i, &m.shape.last) }
	// A word beside a bare token says less than a token's own literal; beside a
	// token with a literal it says more than the literal alone.
	m.rank = int32(5 + 2*m.shape.literal)
	if !m.bare {
		m.rank = int32(12 + 2*m.shape.literal)
	}
	return m, nil
}

// contextBounds are how far from a hit of a context word the evidence can lie.
func contextBounds(r *rules.Rule) (left, right int) {
	reach := r.Reach
	if reach == 0 {
		reach = rules.DefaultReach
	}
	longest := boundOf(r.Longest())
	l, rr := tokenBounds(r)
	left = reach + min(longest, maxLeftToken) + beforeWord + maxEscape + l
	return left, literal.MaxPatternLen + max(reach, overLines) + longest + rr
}

// match tries the rule at a hit of one of its context words.
func (m *contextMatcher) match(text []byte, hit hit, out *Match) bool {
	word := Span{hit.pos, hit.pos + hit.length}
	if !standsAsWord(text, word) {
		return false
	}
	// To the right: on the line within reach, over line ends within overLines.
	limit := word.End + m.reach
	looked := word.End + 1
	i, lines := word.End, 0
	for ; i < min(limit, len(text)); i++ {
		if text[i] == '\n' {
			if lines++; lines >= maxLines {
				break
			}
			limit = min(limit, word.End+overLines)
			continue
		}
		if m.mayStart(text, i) && m.try(text, i, word, out, &looked) {
			out.Evidence = Span{word.Start - beforeWord - 1, max(looked, out.Secret.End+1)}
			return m.complete(text, out)
		}
	}
	looked = max(looked, i+1)
	// To the left: on the line only, the token's end within reach.
	for i := word.Start - 1; i >= max(0, word.Start-m.reach-min(m.shape.maxLen, maxLeftToken)); i-- {
		if text[i] == '\n' {
			break
		}
		if m.mayStart(text, i) && m.try(text, i, word, out, &looked) && out.Secret.End <= word.Start && out.Secret.End >= word.Start-m.reach {
			out.Evidence = Span{out.Secret.Start - beforeWord - 1, looked}
			return m.complete(text, out)
		}
	}
	return false
}

// mayStart rules out most places at which no token starts: in a word, save
// behind what may be an escape, or at a byte that no token starts with.
func (m *contextMatcher) mayStart(text []byte, i int) bool {
	return m.shape.first.has(text[i]) && (i == 0 || !insideWord.has(text[i-1]) || m.boundary == noBoundary)
}

// insideWord are the letters, digits and the underscore, without those that
// can end an escape sequence.
var insideWord = setOf("GHIJKLMNOPQRSTUVWXYZghijklopqsuvwxyz_")

// try judges a token that starts at i.
func (m *contextMatcher) try(text []byte, i int, word Span, out *Match, looked *int) bool {
	if !m.boundary.startsAt(text, i) {
		return false
	}
	end := m.shape.match(text, i, m.ends, looked)
	if end == 0 || i < word.End && end > word.Start {
		return false
	}
	if !m.judge(text, Span{i, end}, out) {
		return false
	}
	from := max(0, min(word.Start, i)-beforeWord)
	if nl := bytes.LastIndexByte(text[from:min(word.Start, i)], '\n'); nl >= 0 {
		from += nl + 1
	}
	between := text[min(word.End, i):i]
	if m.bare && isEveryday(text[word.Start:word.End]) {
		between = nil // column = ...: no sign of the service, and none of a credential
	}
	told := telling(text[from:max(i, word.Start)], between)
	if m.bare && !drawn(text[i+m.fixed:end]) && !m.randomGroups(text[i+m.fixed:end]) {
		// Made up, or no secret at all: shown to those who look for everything
		// if the text says that it is one.
		if !told || !mixed(text[i+m.fixed:end]) {
			return false
		}
		out.Confidence = finding.Low
	}
	if out.Confidence < finding.High && m.bare && !told {
		out.Confidence = finding.Low
	}
	if m.bare && !m.isID && out.Checksum != checksum.Right && identifies(text, i, end) {
		out.Confidence = finding.Low
	}
	return true
}

// mixed tells whether a token has letters and at least three digits: words and
// names of the same length have not.
func mixed(token []byte) bool {
	letters, digits := 0, 0
	for _, c := range token {
		switch {
		case isLetter(c):
			letters++
		case c >= '0' && c <= '9':
			digits++
		}
	}
	return letters > 0 && digits >= 3
}

// drawn tells whether a machine drew the token: all of it, or its longest piece
// between separators, as those of a fixed form (8-4-4 digits) are no draw from
// a greater alphabet.
func drawn(token []byte) bool {
	if randomness.Score(token) > 0 {
		return true
	}
	longest, start := Span{}, 0
	for i := 0; i <= len(token); i++ {
		if i < len(token) && (isLetter(token[i]) || token[i] >= '0' && token[i] <= '9') {
			continue
		}
		if i-start > longest.Len() {
			longest = Span{start, i}
		}
		start = i + 1
	}
	return longest.Len() >= 10 && longest.Len() < len(token) && randomness.Score(token[longest.Start:longest.End]) > 0
}

// randomGroups tells whether a token that has fixed separators looks random
// without them: groups of four digits look like numbers one by one.
func (m *contextMatcher) randomGroups(token []byte) bool {
	if m.shape.literal == 0 {
		return false
	}
	joined := bytes.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == ':' || r == '_' {
			return -1
		}
		return r
	}, token)
	return randomness.Score(joined) > 0
}

// standsAsWord tells whether the word begins where words begin and, if it is
// short, ends where they end. It looks at eight bytes on each side at most.
func standsAsWord(text []byte, w Span) bool {
	if w.Start > 0 {
		p, c := text[w.Start-1], text[w.Start]
		switch {
		case isLower(p) && isLower(c), isUpper(p) && isUpper(c), isLower(p) && isUpper(c) && w.Len() > 1 && isUpper(text[w.Start+1]):
			if !endsEscape(text[max(0, w.Start-maxEscape):w.Start]) {
				return false
			}
		case isUpper(p) && isLower(c):
			return false
		}
	}
	if w.Len() >= 6 || w.End >= len(text) {
		return true
	}
	c, last := text[w.End], text[w.End-1]
	if !isLetter(c) || isLower(last) && isUpper(c) {
		return true
	}
	for _, s := range suffixes {
		if hasLiteral(text, w.End, s, true) {
			return true
		}
	}
	return false
}

// suffixes are what people append to a service's name without a separator.
var suffixes = []string{"api", "key", "token", "secret", "auth", "access", "pass", "app", "client", "oauth", "cred", "sdk", "account"}

// tellingWords say that a value is a credential, in lower case.
var tellingWords = []string{"key", "token", "secret", "auth", "pass", "pwd", "cred", "api", "bearer", "access", "sid", "private", "signature", "webhook", "license", "cookie", "session"}

// telling tells whether the text before a value speaks of a credential: one
// of tellingWords in it, or nothing but a short assignment between.
func telling(before, between []byte) bool {
	for i := range before {
		switch lower(before[i]) {
		case 'k', 't', 's', 'a', 'p', 'c', 'b', 'w', 'l':
			for _, w := range tellingWords {
				if hasLiteral(before, i, w, true) {
					return true
				}
			}
		}
	}
	if len(between) == 0 || len(between) > 24 {
		return false
	}
	return bytes.ContainsAny(between, "=:")
}

func isLower(c byte) bool  { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func isLetter(c byte) bool { return isLower(c) || isUpper(c) }
