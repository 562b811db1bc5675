package annotate

import (
	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// generalSteps hold for every credential whose rule has none of its own.
var generalSteps = []string{
	"Make a new credential and put it where it belongs: a secret store or the environment, not the repository.",
	"Revoke this one. Taking it out of the file is not enough: it stays in the history and in every clone.",
	"Look at the provider's usage log for the time since it leaked.",
}

// RemediationOf says what to do about a rule's kind.
func RemediationOf(r *rules.Rule) finding.Remediation {
	r = r.Full()
	m := finding.Remediation{RotateURL: r.RotateURL, Steps: r.Steps, Docs: r.Docs}
	if len(m.Steps) == 0 && !r.Public {
		m.Steps = generalSteps
	}
	return m
}

// SeverityOf is the rule's severity in the light of where the value stands:
// public-by-design values are low, values that stand in tests and
// documentation alone are one level down.
func SeverityOf(r *rules.Rule, occurrences []finding.Occurrence) finding.Severity {
	if r.Public {
		return finding.SeverityLow
	}
	s := r.Severity
	for _, o := range occurrences {
		if o.Exposure != finding.ExposureTest && o.Exposure != finding.ExposureDocs {
			return s
		}
	}
	return max(s-1, finding.SeverityLow)
}
