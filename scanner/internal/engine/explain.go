package engine

import (
	"fmt"

	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// Explain says which evidence spoke for a match and against it. It is worked
// out again from the text, so that matching itself stays cheap.
func (e *Engine) Explain(text []byte, m *Match) []finding.Evidence {
	if o := m.origin; o != nil {
		return e.Explain(o.text, &o.match)
	}
	if m.Checksum == checksum.Wrong {
		return []finding.Evidence{{Name: "checksum", Weight: -20, Detail: "has the form of a provider's token, but its checksum is wrong"}}
	}
	if m.Rule.Matcher == "generic" {
		return explainGeneric(text, m)
	}
	var out []finding.Evidence
	if m.Prefix > 0 {
		out = append(out, finding.Evidence{Name: "prefix", Weight: 2 * float64(m.Prefix), Detail: fmt.Sprintf("begins with %q", text[m.Secret.Start:m.Secret.Start+m.Prefix])})
	}
	if m.Checksum == checksum.Right {
		out = append(out, finding.Evidence{Name: "checksum", Weight: 20, Detail: "the " + m.Rule.Checksum + " check is right"})
	}
	if len(m.Rule.Context) > 0 {
		out = append(out, finding.Evidence{Name: "context", Weight: 3, Detail: fmt.Sprintf("near one of %q", m.Rule.Context)})
	}
	if m.Secret.Len() <= 4096 {
		w := randomness.Score(text[m.Secret.Start+m.Prefix : m.Secret.End])
		out = append(out, finding.Evidence{Name: "random", Weight: w, Detail: "log odds of drawn against written"})
	}
	for _, p := range m.Parts {
		out = append(out, finding.Evidence{Name: "part", Weight: 5, Detail: p.Name + " stands near"})
	}
	return out
}
