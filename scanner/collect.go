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
}

// collector joins sightings to findings, one per value. It is safe for
// concurrent use; what comes out does not depend on the order of what goes in.
type collector struct {
	mu       sync.Mutex
	byValue  map[string]*gathered
	coverage finding.Coverage
}

type gathered struct {
	best        sighting
	others      []string
	occurrences []finding.Occurrence
	suppressed  int
}

func newCollector() *collector {
	return &collector{byValue: map[string]*gathered{}}
}

// add takes a sighting.
func (c *collector) add(s sighting) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := s.at
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
	g.occurrences = append(g.occurrences, at)
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
		}
		return r
	}
	return cmp.Or(rank(b)-rank(a), len(b.parts)-len(a.parts), strings.Compare(a.rule.ID, b.rule.ID),
		finding.CompareOccurrences(a.at, b.at)) < 0
}

// findings are all findings, redacted, in canonical order.
func (s *Scanner) findings(c *collector, ignored *triage.IgnoreFile) []*finding.Finding {
	var all []*finding.Finding
	for _, g := range c.byValue {
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
	slices.SortFunc(g.occurrences, finding.CompareOccurrences)
	g.occurrences = slices.CompactFunc(g.occurrences, func(a, b finding.Occurrence) bool {
		return finding.CompareOccurrences(a, b) == 0
	})
	slices.Sort(g.others)
	others := slices.DeleteFunc(slices.Compact(g.others), func(id string) bool { return id == b.rule.ID })
	f := &finding.Finding{
		Fingerprint: triage.Fingerprint(b.secret, s.opt.FingerprintKey),
		Rule:        b.rule.ID, Alternatives: others,
		Provider: b.rule.Provider, Kind: b.kind, Description: b.rule.Description,
		Confidence: b.confidence, Secret: b.secret,
		Redacted: redact.Value(b.secret, b.prefix, b.rule.Provider == "generic"),
		Parts:    b.parts, Occurrences: g.occurrences, Suppressed: g.suppressed,
		Evidence: b.evidence, Remediation: annotate.RemediationOf(b.rule), Tags: b.rule.Tags,
	}
	if b.proven {
		f.Facts = map[string]string{"checksum": "right"}
	}
	f.Severity = annotate.SeverityOf(b.rule, f.Occurrences)
	return f
}

// sight turns a resolved match into a sighting, path and lines filled in by
// the caller.
func sight(m *engine.Match, text []byte) sighting {
	s := sighting{
		rule: m.Rule, kind: m.Kind, confidence: m.Confidence, proven: m.Checksum == checksum.Right,
		prefix: m.Prefix, secret: string(text[m.Secret.Start:m.Secret.End]), others: m.Alternatives,
	}
	if m.Value != nil {
		s.secret = string(m.Value)
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
