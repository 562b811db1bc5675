package engine

import (
	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/generic"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// genericMatcher joins the generic engine to the rules: it has one rule for
// each kind of value, and a kind without a rule is not reported.
type genericMatcher struct{ byKind map[string]*rules.Rule }

// Unkeyed is the kind of values without a telling name.
const Unkeyed = "high-entropy"

func (g *genericMatcher) match(text []byte, h hit, out *Match) bool {
	var c generic.Candidate
	return generic.Match(text, h.pos, h.ref.min, &c) && g.fill(&c, out)
}

func (g *genericMatcher) fill(c *generic.Candidate, out *Match) bool {
	r := g.byKind[c.Kind]
	if r == nil {
		return false
	}
	*out = Match{
		Rule: r, Kind: c.Kind, Whole: Span{c.Start, c.End}, Secret: Span{c.SecretStart, c.SecretEnd},
		Evidence:   Span{c.EvidenceStart, c.EvidenceEnd},
		Confidence: c.Confidence, Checksum: checksum.Unknown, Score: c.Score,
	}
	if c.Kind == Unkeyed {
		out.rank = -1
	}
	return true
}

// unkeyed reports random strings without a telling name; they are all of low
// confidence, so it runs only when such are wanted.
func (e *Engine) unkeyed(text []byte, fresh []Span, emit func(*Match) error) (err error) {
	if e.generic == nil || e.generic.byKind[Unkeyed] == nil || e.minimum > finding.Low {
		return nil
	}
	var m Match
	done := 0 // runs that start before were seen
	for _, f := range fresh {
		from, to := max(done, f.Start-unkeyedMargin), min(len(text), f.End+unkeyedMargin)
		if from >= to {
			continue
		}
		generic.Unkeyed(text, from, to, func(c generic.Candidate) {
			if err == nil && e.generic.fill(&c, &m) {
				err = emit(&m)
			}
		})
		done = to
	}
	return err
}

// unkeyedMargin is more than the length of any run that is reported.
const unkeyedMargin = 512

func genericLiterals() []literal.Pattern {
	var out []literal.Pattern
	for _, p := range generic.Literals() {
		out = append(out, literal.Pattern{Bytes: p.Bytes, Fold: p.Fold})
	}
	return out
}

func genericBounds() (left, right int) { return generic.MaxLeft, generic.MaxRight }

func explainGeneric(text []byte, m *Match) []finding.Evidence {
	if m.Kind == Unkeyed {
		return []finding.Evidence{{Name: "random", Weight: m.Score, Detail: "random characters without a telling name"}}
	}
	return generic.Explain(text, generic.Candidate{
		Kind: m.Kind, Start: m.Whole.Start, End: m.Whole.End, SecretStart: m.Secret.Start, SecretEnd: m.Secret.End,
		EvidenceStart: m.Evidence.Start, EvidenceEnd: m.Evidence.End, Confidence: m.Confidence, Score: m.Score,
	})
}
