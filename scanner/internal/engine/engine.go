package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/rules/pattern"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// Bound is the greatest length of an evidence span in bytes: a text cut into
// pieces loses nothing if each piece is searched with that much of its
// neighbours in view.
const Bound = maxBlock + 1<<10

// Edges says for each end of a text whether it is a true one (true) or more
// text may follow there (false, an open edge).
type Edges struct{ Start, End bool }

// Whole are the edges of a text that is all there is.
var Whole = Edges{Start: true, End: true}

// Engine finds matches. It is immutable but for rules compiled on first use,
// and safe for concurrent use.
type Engine struct {
	literals *literal.Searcher
	lengths  []int   // of the literals
	refs     [][]ref // rules by literal
	far      []bool  // by literal: a rule of it looks beyond nearReach
	rules    []*compiled
	plain    []*compiled // rules without literals: tried on every line
	generic  *genericMatcher
	minimum  finding.Confidence
	count    bool
	counters *counters
	decoding *decoding // nil: off
}

// ref ties a literal to a rule: the literal stands min to max bytes after the
// start of what the rule's pattern matches.
type ref struct {
	rule     int32
	min, max int
	context  bool // the literal is a context word or keyword, not in the match
}

// hit is one occurrence of a literal, seen from one rule.
type hit struct {
	pos, length int
	ref         *ref
}

// matcher tries a rule at a hit. It fills in out, evidence included, and
// reports whether the rule holds.
type matcher interface {
	match(text []byte, h hit, out *Match) bool
}

// compiled is a rule whose matcher is made on first use.
type compiled struct {
	rule *rules.Rule
	once sync.Once
	m    matcher
	// left and right bound how far from a hit the evidence can lie.
	left, right int
	stats       ruleCounters
}

// Options of an engine.
type Options struct {
	// Minimum is the least confidence of interest: matches below it are not
	// emitted, and work that could only find such is not done.
	Minimum finding.Confidence
	// NoDecoding leaves out what is encoded: for comparison.
	NoDecoding bool
	// Count keeps counters by rule, for Stats; it costs a few nanoseconds for
	// each candidate, more on many cores.
	Count bool
}

// New prepares an engine for the rules of the set, which must have passed
// Validate.
func New(set *rules.Set, o Options) (*Engine, error) {
	e := &Engine{minimum: max(o.Minimum, finding.Low), count: o.Count, counters: &counters{}}
	// A part of every start of the program: sized at once, few allocations.
	index := make(map[literal.Pattern]int32, 3*len(set.Rules))
	patterns := make([]literal.Pattern, 0, 3*len(set.Rules))
	refs := make(refList, 0, 4*len(set.Rules))
	add := func(p literal.Pattern, r ...ref) {
		if p.Fold {
			p.Bytes = strings.ToLower(p.Bytes)
		}
		if len(p.Bytes) > literal.MaxPatternLen {
			p.Bytes = p.Bytes[:literal.MaxPatternLen]
		}
		i, ok := index[p]
		if !ok {
			i = int32(len(patterns))
			index[p] = i
			patterns = append(patterns, p)
		}
		for _, r := range r {
			refs = append(refs, patternRef{i, r})
		}
	}
	slab := make([]compiled, len(set.Rules))
	e.rules = make([]*compiled, 0, len(set.Rules))
	for _, r := range set.Rules {
		if r.Token == "" && r.Regex == "" && r.Matcher == "" {
			continue // a rule on names alone
		}
		c := &slab[len(e.rules)]
		c.rule = r
		e.rules = append(e.rules, c)
		if err := e.index(c, int32(len(e.rules)-1), add); err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.ID, err)
		}
	}
	if !o.NoDecoding {
		e.decoding = newDecoding(func(p literal.Pattern) { add(p) }, index)
	}
	e.lengths = make([]int, len(patterns))
	for i := range patterns {
		e.lengths[i] = len(patterns[i].Bytes)
	}
	e.refs = refs.byPattern(len(patterns))
	e.far = make([]bool, len(e.refs))
	for i, refs := range e.refs {
		for _, r := range refs {
			c := e.rules[r.rule]
			e.far[i] = e.far[i] || max(c.left, c.right) >= nearReach
		}
	}
	var err error
	e.literals, err = literal.Compile(patterns)
	return e, err
}

// refList is what leads from literals to rules, in the order of the rules.
type refList []patternRef

type patternRef struct {
	pattern int32
	ref
}

// byPattern sorts the list by its n literals, each keeping the order.
func (l refList) byPattern(n int) [][]ref {
	ends := make([]int, n+1) // at i+1: how many are of literals up to i
	for i := range l {
		ends[l[i].pattern+1]++
	}
	out, all := make([][]ref, n), make([]ref, len(l))
	for i := range n {
		ends[i+1] += ends[i]
		out[i] = all[ends[i]:ends[i]:ends[i+1]]
	}
	for i := range l {
		p := l[i].pattern
		out[p] = append(out[p], l[i].ref)
	}
	return out
}

// index says which literals lead to the rule.
func (e *Engine) index(c *compiled, id int32, add func(literal.Pattern, ...ref)) error {
	r := c.rule
	switch {
	case r.Matcher == "generic":
		if e.generic != nil {
			e.generic.byKind[r.Kind] = r
			return nil // the first generic rule stands for all
		}
		e.generic = &genericMatcher{byKind: map[string]*rules.Rule{r.Kind: r}}
		c.m = e.generic
		c.left, c.right = genericBounds()
		for i, p := range genericLiterals() {
			add(p, ref{rule: id, min: i, max: i, context: true})
		}
		return nil
	case len(r.Context) > 0 && r.Matcher != "pem":
		c.left, c.right = contextBounds(r)
		for _, w := range r.Context {
			add(literal.Pattern{Bytes: w, Fold: true}, ref{rule: id, context: true})
		}
		return nil
	case r.Regex != "":
		lits, keyword := r.Triggers()
		c.left, c.right = regexBounds(r, lits, keyword)
		if len(lits) == 0 {
			e.plain = append(e.plain, c)
		}
		for _, l := range lits {
			add(literal.Pattern{Bytes: l.Text, Fold: l.Fold}, refOf(id, l, window, keyword))
		}
		return nil
	}
	lits, _ := r.Triggers()
	if lits == nil {
		return fmt.Errorf("no literal to search for")
	}
	c.left, c.right = tokenBounds(r)
	for _, l := range lits {
		add(literal.Pattern{Bytes: l.Text, Fold: l.Fold}, refOf(id, l, l.Min+maxVariableStart, false))
	}
	return nil
}

// refOf ties a literal to a rule; unbounded stands for an unbounded distance.
func refOf(rule int32, l pattern.Literal, unbounded int, context bool) ref {
	if l.Max == pattern.Unbounded {
		l.Max = unbounded
	}
	return ref{rule: rule, min: l.Min, max: l.Max, context: context}
}

func (c *compiled) matcher() matcher {
	c.once.Do(func() {
		var err error
		switch {
		case c.m != nil: // the generic engine
		case c.rule.Matcher == "pem":
			c.m, err = newPEMMatcher(c.rule)
		case c.rule.Token != "" && len(c.rule.Context) > 0:
			c.m, err = newContextMatcher(c.rule)
		case c.rule.Token != "":
			c.m, err = newTokenMatcher(c.rule)
		default:
			c.m, err = newRegexMatcher(c.rule)
		}
		if err != nil {
			// Validate compiled the patterns: only a bug can bring us here.
			panic(fmt.Sprintf("rule %q does not compile: %v", c.rule.ID, err))
		}
	})
	return c.m
}

// WithMinimum is the same engine, rules compiled once for both, that emits
// matches from another confidence on.
func (e *Engine) WithMinimum(c finding.Confidence) *Engine {
	d := *e
	d.minimum = c
	return &d
}

// Undecoded is the same engine, rules compiled once for both, that does not look
// into encodings.
func (e *Engine) Undecoded() *Engine {
	d := *e
	d.decoding = nil
	return &d
}

// Scratch holds buffers of one goroutine's calls. The zero value is ready.
type Scratch struct {
	hits, inherited []literal.Hit
	copies          []Copy
	fresh           []Span
	gap             string
}

// Find calls emit for each raw match whose evidence touches fresh, in no
// particular order. A match whose evidence reaches over an open edge is
// withheld. The Match is emit's to keep. Find stops at the first error of emit
// and returns it. text is at most literal.MaxTextLen bytes.
func (e *Engine) Find(text []byte, fresh Span, edges Edges, s *Scratch, emit func(*Match) error) error {
	lo, hi := max(0, fresh.Start-Bound), min(len(text), fresh.End+Bound)
	s.hits = e.Hits(s.hits[:0], text, lo, hi)
	s.gap = ""
	return e.Match(text, s.hits, []Span{fresh}, edges, &s.gap, emit)
}

// Hits appends the literal hits that start in [from, to).
func (e *Engine) Hits(hits []literal.Hit, text []byte, from, to int) []literal.Hit {
	if e.count {
		e.counters.bytes.Add(int64(to - from))
	}
	return e.literals.Append(hits, text, from, to)
}

// MaxLiteral is the length of the longest literal in bytes.
func (e *Engine) MaxLiteral() int { return e.literals.MaxLen() }

// nearReach is how far from a hit nine rules of ten can look, in bytes.
const nearReach = 1 << 10

// Match tries the rules at the hits, which must be all hits of text whose
// matches could touch one of the fresh spans; see Find. fresh is in order and
// disjoint. An empty span stands for a place where two texts were joined: it is
// touched by evidence on both sides. What was not read for a bound's sake is said
// in gap.
func (e *Engine) Match(text []byte, hits []literal.Hit, fresh []Span, edges Edges, gap *string, emit func(*Match) error) error {
	if e.count {
		e.counters.hits.Add(int64(len(hits)))
	}
	judge := func(m *Match) error {
		if m.Confidence < e.minimum || isTag(text, m) {
			return nil
		}
		ev := &m.Evidence
		if ev.Start < 0 && !edges.Start || ev.End > len(text) && !edges.End {
			return nil
		}
		// Touching is judged before the span is clipped: a match that waited
		// for the text's end touches an empty fresh span there.
		if !touchesAny(*ev, fresh) {
			return nil
		}
		out := *m
		return emit(&out)
	}
	if err := e.direct(text, hits, fresh, judge); err != nil {
		return err
	}
	if err := e.unkeyed(text, fresh, judge); err != nil || e.decoding == nil {
		return err
	}
	return e.decoded(text, hits, fresh, gap, judge)
}

// direct tries the rules at the hits in the text as it stands.
func (e *Engine) direct(text []byte, hits []literal.Hit, fresh []Span, judge func(*Match) error) error {
	var m Match
	try := func(c *compiled, h hit) error {
		if e.count {
			c.stats.candidates.Add(1)
		}
		if !c.matcher().match(text, h, &m) {
			return nil
		}
		if e.count {
			c.stats.matches.Add(1)
		}
		return judge(&m)
	}
	at := 0 // the first fresh span that a hit from here on may be near
	for _, h := range hits {
		pos := int(h.Pos)
		// Most hits of a delta were inherited and lie far from all that is new.
		for at < len(fresh) && fresh[at].End+nearReach < pos {
			at++
		}
		if (at == len(fresh) || pos+nearReach < fresh[at].Start) && !e.far[h.Pattern] {
			continue
		}
		refs := e.refs[h.Pattern]
		for i := range refs {
			c := e.rules[refs[i].rule]
			if len(fresh) == 1 && (pos-c.left > fresh[0].End || pos+c.right < fresh[0].Start) ||
				len(fresh) > 1 && !touchesAny(Span{pos - c.left, pos + c.right}, fresh) {
				continue
			}
			if err := try(c, hit{pos, e.lengths[h.Pattern], &refs[i]}); err != nil {
				return err
			}
		}
	}
	for _, f := range fresh {
		for _, c := range e.plain {
			if err := eachLine(text, f, func(line Span) error {
				return try(c, hit{line.Start, line.Len(), &ref{context: true}})
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// touchesAny tells whether s touches one of the spans, which are in order.
func touchesAny(s Span, spans []Span) bool {
	i, n := 0, len(spans)
	for i < n {
		if mid := int(uint(i+n) >> 1); spans[mid].End < s.Start {
			i = mid + 1
		} else {
			n = mid
		}
	}
	for ; i < len(spans) && spans[i].Start <= s.End; i++ {
		if s.touches(spans[i]) {
			return true
		}
	}
	return false
}

// eachLine calls f for the lines that touch s; lines longer than a window are
// cut into pieces of that size.
func eachLine(text []byte, s Span, f func(Span) error) error {
	start := max(0, s.Start-window)
	for start < len(text) && start <= s.End {
		end := start
		for end < len(text) && text[end] != '\n' && end-start < window {
			end++
		}
		if err := f(Span{start, end}); err != nil {
			return err
		}
		start = end + 1
	}
	return nil
}

// counters of a run; the costs of a rule are seen in Stats.
type counters struct{ bytes, hits atomic.Int64 }

type ruleCounters struct{ candidates, matches atomic.Int64 }

// RuleStats are one rule's counts.
type RuleStats struct {
	Rule                string
	Candidates, Matches int64
}

// Stats are the counts since the engine was made; zero without Options.Count.
type Stats struct {
	Bytes, Hits         int64
	Candidates, Matches int64
	// Rules with at least one candidate, most candidates first.
	Rules []RuleStats
}

// Stats returns the counts so far.
func (e *Engine) Stats() Stats {
	s := Stats{Bytes: e.counters.bytes.Load(), Hits: e.counters.hits.Load()}
	for _, c := range e.rules {
		r := RuleStats{c.rule.ID, c.stats.candidates.Load(), c.stats.matches.Load()}
		if r.Candidates > 0 {
			s.Rules = append(s.Rules, r)
		}
		s.Candidates += r.Candidates
		s.Matches += r.Matches
	}
	slices.SortFunc(s.Rules, func(a, b RuleStats) int {
		if a.Candidates != b.Candidates {
			return int(min(1, max(-1, b.Candidates-a.Candidates)))
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return s
}
