package scanner

import (
	"slices"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/annotate"
	"github.com/leaksonde/leaksonde/scanner/internal/redact"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// Given makes a finding of a value that somebody names as one of a rule,
// instead of finding it. at says where it came from; its place may be empty.
func (s *Scanner) Given(rule *rules.Rule, secret string, parts map[string]string, at finding.Occurrence) *finding.Finding {
	f := &finding.Finding{
		Fingerprint: triage.Fingerprint(secret, s.opt.FingerprintKey),
		Rule:        rule.ID, Provider: rule.Provider, Kind: rule.Kind, Description: rule.Description,
		Severity: rule.Severity, Confidence: finding.High, Secret: secret,
		Redacted:    redact.Value(secret, 0, rule.Provider == "generic"),
		Occurrences: []finding.Occurrence{at},
		Remediation: annotate.RemediationOf(rule), Tags: rule.Tags,
	}
	for name, v := range parts {
		f.Parts = append(f.Parts, finding.Part{Name: name, Secret: v, Redacted: redact.Value(v, 0, false)})
	}
	slices.SortFunc(f.Parts, func(a, b finding.Part) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return f
}

// GivenReport is a report on findings that were given.
func (s *Scanner) GivenReport(found []*finding.Finding) *finding.Report {
	slices.SortStableFunc(found, finding.Compare)
	return &finding.Report{Run: s.run("given", nil, found), Coverage: &finding.Coverage{}, Findings: found}
}
