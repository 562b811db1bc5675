package scanner

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/annotate"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/redact"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// sighting is one match at its place: what a source adds to the collector.
type sighting struct {
	rule       *rules.Rule
	kind       string
	confidence finding.Confidence
	proven     bool
	prefix     int
	secret     string
	parts      []finding.Part
	others     []string // rules that lost
	evidence   []finding.Evidence
	at         finding.Occurrence
	// historical places give way to one in the work tree at the same path;
	// places to be told once do so if the value stands anywhere else.
	historical, once bool
}

// collector joins sightings to findings, one per value. It is safe for
// concurrent use; what comes out does not depend on the order of what goes in.
type collector struct {
	mu       sync.Mutex
	byValue  map[string]*gathered
	lives    map[string]*finding.Lifetime
	coverage finding.Coverage
}

type gathered struct {
	best        sighting
	others      []string
	occurrences []finding.Occurrence
	mentions    []finding.Occurrence
	historical  []finding.Occurrence
	spare       []finding.Occurrence // told if there is nothing else
	life        *finding.Lifetime
	suppressed  int
}

func newCollector() *collector {
	return &collector{byValue: map[string]*gathered{}}
}

// add takes a sighting.
func (c *collector) add(s sighting) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, bare, historical, once := s.at, s.kind == engine.Unkeyed, s.historical, s.once
	key := triage.Normalise(s.secret)
	g := c.byValue[key]
	if g == nil {
		g = &gathered{best: s}
		c.byValue[key] = g
	} else if better(s, g.best) {
		g.best, s = s, g.best
		g.others = append(g.others, s.rule.ID)
	} else if s.rule != g.best.rule {
		g.others = append(g.others, s.rule.ID)
	}
	g.others = append(g.others, s.others...)
	if len(g.others) > 64 {
		slices.Sort(g.others)
		g.others = slices.Compact(g.others)
	}
	switch {
	case once:
		g.spare = append(g.spare, at)
	case historical:
		g.historical = append(g.historical, at)
	case bare:
		g.mentions = append(g.mentions, at)
	default:
		g.occurrences = append(g.occurrences, at)
	}
}

// lifetime tells the history of a value.
func (c *collector) lifetime(value string, l *finding.Lifetime) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l == nil {
		return
	}
	if c.lives == nil {
		c.lives = map[string]*finding.Lifetime{}
	}
	// A value of several repositories is told of by the one that had it first.
	if old := c.lives[value]; old == nil || l.Introduced.Date.Before(old.Introduced.Date) {
		c.lives[value] = l
	}
}

// settle joins the places in history with those in the work tree: a path that
// holds the value in both is one occurrence, shown where it can be opened.
func (g *gathered) settle() {
	for _, h := range canonical(g.historical) {
		i := slices.IndexFunc(g.occurrences, func(o finding.Occurrence) bool { return o.Root == h.Root && o.Path == h.Path })
		switch {
		case i < 0:
			g.occurrences = append(g.occurrences, h)
		case h.Versions > 0 && h.Commit != "":
			for k := range g.occurrences {
				if o := &g.occurrences[k]; o.Root == h.Root && o.Path == h.Path {
					o.Versions = max(o.Versions, h.Versions)
				}
			}
		}
	}
	if len(g.occurrences) == 0 {
		for _, s := range canonical(g.spare) {
			g.occurrences = append(g.occurrences, s)
			break
		}
	}
}

// better orders sightings of one value: the one that tells most about it.
func better(a, b sighting) bool {
	rank := func(s sighting) int {
		r := int(s.confidence) * 4
		if s.proven {
			r += 2
		}
		if s.rule.Provider != "generic" {
			r++
			// Seen once beside its provider's name, it is that provider's.
			if s.confidence > finding.Low {
				r += 8
			}
		}
		return r
	}
	// Of two rules for one shape, the one that saw its provider's name.
	named := func(s sighting) int { return min(1, len(s.rule.Context)) }
	return cmp.Or(rank(b)-rank(a), len(b.parts)-len(a.parts), named(b)-named(a), strings.Compare(a.rule.ID, b.rule.ID),
		finding.CompareOccurrences(a.at, b.at)) < 0
}

// findings are all findings, redacted, in canonical order.
func (s *Scanner) findings(c *collector, ignored *triage.IgnoreFile) []*finding.Finding {
	var all []*finding.Finding
	for value, g := range c.byValue {
		g.life = c.lives[value]
		if f := s.finish(g); f != nil {
			if ignored.Fingerprint(f.Fingerprint) {
				c.coverage.Suppress("fingerprint in "+triage.IgnoreFileName, int64(len(f.Occurrences)))
				continue
			}
			all = append(all, f)
		}
	}
	slices.SortFunc(all, finding.Compare)
	return all
}

// finish makes a finding of what was gathered.
func (s *Scanner) finish(g *gathered) *finding.Finding {
	b := g.best
	g.settle()
	g.occurrences, g.mentions = canonical(g.occurrences), canonical(g.mentions)
	if len(g.occurrences) == 0 { // nothing but a random string
		g.occurrences, g.mentions = g.mentions, nil
	}
	slices.Sort(g.others)
	others := slices.DeleteFunc(slices.Compact(g.others), func(id string) bool { return id == b.rule.ID })
	f := &finding.Finding{
		Fingerprint: triage.Fingerprint(b.secret, s.opt.FingerprintKey),
		Rule:        b.rule.ID, Alternatives: others,
		Provider: b.rule.Provider, Kind: b.kind, Description: b.rule.Description,
		Confidence: b.confidence, Secret: b.secret,
		Redacted: redact.Value(b.secret, b.prefix, b.rule.Provider == "generic"),
		Parts:    b.parts, Occurrences: g.occurrences, Mentions: g.mentions, Suppressed: g.suppressed, Lifetime: g.life,
		Evidence: b.evidence, Remediation: annotate.RemediationOf(b.rule), Tags: b.rule.Tags,
	}
	if b.proven {
		f.Facts = map[string]string{"checksum": "right"}
	}
	f.Severity = annotate.SeverityOf(b.rule, f.Occurrences)
	return f
}

// canonical orders occurrences and drops repetitions.
func canonical(all []finding.Occurrence) []finding.Occurrence {
	slices.SortFunc(all, finding.CompareOccurrences)
	return slices.CompactFunc(all, func(a, b finding.Occurrence) bool { return finding.CompareOccurrences(a, b) == 0 })
}

// valueOf is the secret that a match found in text.
func valueOf(m *engine.Match, text []byte) string {
	if m.Value != nil {
		return string(m.Value)
	}
	return string(text[m.Secret.Start:m.Secret.End])
}

// sight turns a resolved match into a sighting, path and lines filled in by
// the caller.
func sight(m *engine.Match, text []byte) sighting {
	s := sighting{
		rule: m.Rule, kind: m.Kind, confidence: m.Confidence, proven: m.Checksum == checksum.Right,
		prefix: m.Prefix, secret: valueOf(m, text), others: m.Alternatives,
	}
	s.at.DecodedFrom = m.DecodedFrom
	for _, p := range m.Parts {
		v := string(text[p.Span.Start:p.Span.End])
		if p.Value != nil {
			v = string(p.Value)
		}
		s.parts = append(s.parts, finding.Part{Name: p.Name, Secret: v, Redacted: redact.Value(v, 0, false)})
	}
	return s
}

func ruleInfo(r *rules.Rule) finding.RuleInfo {
	return finding.RuleInfo{
		ID: r.ID, Description: r.Description, Provider: r.Provider, Kind: r.Kind,
		Severity: r.Severity, Confidence: r.Confidence, Tags: r.Tags, Remediation: annotate.RemediationOf(r),
	}
}
