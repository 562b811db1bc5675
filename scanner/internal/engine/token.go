package engine

import (
	"bytes"
	"cmp"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/rules/pattern"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/dsn"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// tokenMatcher recognises a token by its own shape.
type tokenMatcher struct {
	rule     *rules.Rule
	shape    *shape
	boundary boundary
	scheme   *checksum.Scheme
	parts    []partMatcher
	rank     int32
	// wrong is the generic rule that tokens with a wrong checksum fall to, nil
	// for none.
	wrong *rules.Rule
	// ends is boundary and shape.last bound together, made once.
	ends endFunc
}

// maxVariableStart bounds how many places are tried as the start of a token
// whose literal does not stand at a fixed distance from it.
const maxVariableStart = 256

func newTokenMatcher(r *rules.Rule) (*tokenMatcher, error) {
	s, err := compileShape(r.Token)
	if err != nil {
		return nil, err
	}
	m := &tokenMatcher{rule: r, shape: s, boundary: boundaryOf(r.Boundary, wordBoundary)}
	m.ends = func(text []byte, i int) bool { return m.boundary.endsAt(text, i, &s.last) }
	m.scheme, _ = checksum.Lookup(r.Checksum)
	m.rank = int32(10 + 2*s.literal)
	for _, p := range r.Parts {
		pm, err := newPartMatcher(p)
		if err != nil {
			return nil, err
		}
		m.parts = append(m.parts, pm)
	}
	return m, nil
}

// tokenBounds are how far from a hit of a token's literal its evidence can lie.
func tokenBounds(r *rules.Rule) (left, right int) {
	longest := boundOf(r.Longest())
	if r.Matcher == "pem" {
		return longest + maxEscape + cmp.Or(r.Reach, rules.DefaultReach), maxBlock + 128
	}
	left, right = longest+maxVariableStart+maxEscape, longest+1
	for i, p := range r.Parts {
		within := p.Within
		if within == 0 {
			within = rules.DefaultWithin
		}
		left = max(left, longest+maxVariableStart+within+maxEscape)
		right = max(right, longest+within+boundOf(r.LongestPart(i))+1)
	}
	return left, right
}

// boundOf turns the greatest length of a pattern's match into a bound.
func boundOf(longest int) int {
	if longest == pattern.Unbounded || longest > maxToken {
		return maxToken
	}
	return longest
}

// match tries the rule at a hit of one of its literals.
func (m *tokenMatcher) match(text []byte, hit hit, out *Match) bool {
	first := max(0, hit.pos-min(hit.ref.max, hit.ref.min+maxVariableStart))
	last := hit.pos - hit.ref.min
	looked := 0
	for start := first; start <= last; start++ {
		if !m.boundary.startsAt(text, start) {
			continue
		}
		end := m.shape.match(text, start, m.ends, &looked)
		if end <= hit.pos {
			continue
		}
		evidence := Span{m.evidenceStart(text, first), looked}
		if m.judge(text, Span{start, end}, out) {
			out.Evidence = evidence
			return m.complete(text, out)
		}
		out.Evidence = evidence
		return m.broken(text, Span{start, end}, out)
	}
	return false
}

// evidenceStart is where the evidence for a token that may start at first
// begins: one byte before, more if that byte could end an escape.
func (m *tokenMatcher) evidenceStart(text []byte, first int) int {
	if first > 0 && !wordBytes.has(text[first-1]) {
		return first - 1
	}
	return first - maxEscape
}

// judge fills in everything but evidence and parts, or rejects the token.
func (m *tokenMatcher) judge(text []byte, s Span, out *Match) bool {
	token := text[s.Start:s.End]
	result := checksum.Unknown
	confidence := m.rule.Confidence
	if m.scheme != nil {
		result = m.scheme.Check(token)
		switch {
		case result == checksum.Wrong && m.scheme.Empirical:
			result = checksum.Unknown
			confidence = min(confidence, finding.Medium)
		case result == checksum.Wrong:
			return false
		case result == checksum.Right:
			confidence = finding.High
		}
	}
	if result != checksum.Right {
		user, password, host := secretOf(token)
		reason, placeholder := randomness.Placeholder(password)
		if placeholder && !doubtful(reason) {
			return false
		}
		if len(password) == len(token) {
			if placeholder {
				confidence = finding.Low
			}
		} else if placeholder && reason != "stock placeholder" ||
			(placeholder || randomness.Score(password) <= 0) && dsn.Sample(user, password, host) {
			// A password that someone made up, and not for a place that
			// others can reach.
			confidence = finding.Low
		}
		if m.rule.Entropy > 0 && randomness.Entropy(token) < m.rule.Entropy {
			return false
		}
		if m.rule.MinRandomness > 0 && randomness.Score(token) < m.rule.MinRandomness {
			return false
		}
	}
	*out = Match{Rule: m.rule, Kind: m.rule.Kind, Whole: s, Secret: s, Confidence: confidence, Checksum: result, Prefix: m.shape.prefix(token), rank: m.rank}
	return true
}

// wrongRank is above what the generic engine finds for the same text and below
// every rule's.
const wrongRank = 1

// minBrand is how much of a token must be fixed for its form alone to say whose
// it would be.
const minBrand = 4

// broken reports a token of unmistakable form whose checksum is wrong: it was
// never issued, or lost a character. The generic engine would take it for a
// secret that a machine drew.
func (m *tokenMatcher) broken(text []byte, s Span, out *Match) bool {
	if m.wrong == nil || m.scheme == nil || m.scheme.Structure || m.scheme.Empirical {
		return false
	}
	token := text[s.Start:s.End]
	if m.shape.prefix(token) < minBrand || m.scheme.Check(token) != checksum.Wrong {
		return false
	}
	if _, placeholder := randomness.Placeholder(token); placeholder {
		return false
	}
	*out = Match{Rule: m.wrong, Kind: m.wrong.Kind, Whole: s, Secret: s, Evidence: out.Evidence, Confidence: finding.Low, Checksum: checksum.Wrong, rank: wrongRank}
	return true
}

// doubtful tells of a reason why a value looks like a placeholder whether it
// leaves room for a credential that someone made up: such a value of exactly a
// token's shape is shown to those who look for everything.
func doubtful(reason string) bool {
	return reason == "sequence" || reason == "stock placeholder" || reason == "keyboard run"
}

// secretOf is the part of a token that is drawn or chosen: the password of a
// URL or a connection string, with its user and host, else all of it.
func secretOf(token []byte) (user, password, host []byte) {
	if scheme := bytes.Index(token, []byte("://")); scheme >= 0 {
		rest := token[scheme+3:]
		host = rest
		if at := bytes.LastIndexByte(rest, '@'); at >= 0 {
			if colon := bytes.IndexByte(rest[:at], ':'); colon >= 0 {
				return rest[:colon], rest[colon+1 : at], rest[at+1:]
			}
		}
	}
	if password = setting(token, "password=", "passwd=", "pwd="); password == nil {
		return nil, token, nil
	}
	if host == nil {
		host = setting(token, "server=", "data source=", "datasource=", "host=", "address=", "addr=")
		host = bytes.TrimPrefix(host, []byte("tcp:"))
	}
	return setting(token, "user id=", "uid=", "username=", "user="), password, host
}

// setting is the value of the first of the names that a connection string has.
func setting(token []byte, names ...string) []byte {
	for i := range token {
		for _, name := range names {
			if lower(token[i]) == name[0] && hasLiteral(token, i, name, true) {
				value := token[i+len(name):]
				if end := bytes.IndexAny(value, ";&"); end >= 0 {
					value = value[:end]
				}
				return value
			}
		}
	}
	return nil
}

// complete looks for the parts of a composite credential.
func (m *tokenMatcher) complete(text []byte, out *Match) bool {
	for i := range m.parts {
		p := &m.parts[i]
		span, evidence, ok := p.find(text, out)
		out.Evidence.Start = min(out.Evidence.Start, evidence.Start)
		out.Evidence.End = max(out.Evidence.End, evidence.End)
		switch {
		case ok:
			out.Parts = append(out.Parts, Part{Name: p.name, Span: span})
		case p.required:
			return false
		case p.alone != 0 && out.Checksum != checksum.Right:
			out.Confidence = min(out.Confidence, p.alone)
		}
	}
	return true
}

// partMatcher finds one further member of a composite credential.
type partMatcher struct {
	name     string
	shape    *shape
	within   int
	required bool
	alone    finding.Confidence
	ends     endFunc
	bare     bool // no literal: must look random
}

func newPartMatcher(p rules.Part) (partMatcher, error) {
	s, err := compileShape(p.Token)
	if err != nil {
		return partMatcher{}, err
	}
	within := p.Within
	if within == 0 {
		within = rules.DefaultWithin
	}
	return partMatcher{
		name: p.Name, shape: s, within: within, required: p.Required, alone: p.Alone,
		ends: func(text []byte, i int) bool { return strictBoundary.endsAt(text, i, &s.last) },
		bare: s.literal < 3,
	}, nil
}

// find looks to the right of the match first, then to the left, nearest first.
// The evidence covers all that was looked at.
func (p *partMatcher) find(text []byte, m *Match) (found, evidence Span, ok bool) {
	looked := m.Whole.End
	limit := min(len(text), m.Whole.End+p.within)
	for i := m.Whole.End; i < limit; i++ {
		if s, ok := p.at(text, i, &looked); ok {
			return s, Span{m.Whole.Start, looked}, true
		}
	}
	looked = max(looked, m.Whole.End+p.within)
	for i := m.Whole.Start - 1; i >= max(0, m.Whole.Start-p.within); i-- {
		if s, ok := p.at(text, i, &looked); ok && s.End <= m.Whole.Start {
			return s, Span{s.Start - maxEscape, looked}, true
		}
	}
	return Span{}, Span{m.Whole.Start - p.within - maxEscape, looked}, false
}

func (p *partMatcher) at(text []byte, i int, looked *int) (Span, bool) {
	if !strictBoundary.startsAt(text, i) {
		return Span{}, false
	}
	end := p.shape.match(text, i, p.ends, looked)
	if end == 0 {
		return Span{}, false
	}
	token := text[i:end]
	if _, placeholder := randomness.Placeholder(token); placeholder {
		return Span{}, false
	}
	if p.bare && !drawn(token) {
		return Span{}, false
	}
	return Span{i, end}, true
}
