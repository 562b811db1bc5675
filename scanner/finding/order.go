package finding

import (
	"cmp"
	"strings"
)

// CompareOccurrences orders occurrences by root, path, position, blob, commit.
func CompareOccurrences(a, b Occurrence) int {
	return cmp.Or(
		strings.Compare(a.Root, b.Root), strings.Compare(a.Path, b.Path),
		cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.EndLine, b.EndLine), cmp.Compare(a.EndColumn, b.EndColumn),
		strings.Compare(a.Blob, b.Blob), strings.Compare(a.Commit, b.Commit),
		strings.Compare(strings.Join(a.DecodedFrom, "/"), strings.Join(b.DecodedFrom, "/")))
}

// Compare is the canonical order of a report: by the first occurrence, then
// rule, then fingerprint. It does not depend on how the scan was scheduled.
func Compare(a, b *Finding) int {
	if c := CompareOccurrences(a.Occurrences[0], b.Occurrences[0]); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Fingerprint, b.Fingerprint))
}

// Run describes one scan for the head of a report. It holds no wall-clock
// time, so that a report is a function of input, rules and options.
type Run struct {
	Tool, Version string
	// RuleSet is a hash of the active rules; Rules is their number.
	RuleSet string
	Rules   int
	// Config names where the configuration came from, e.g. "built-in".
	Config string
	Scope  string
	Roots  []string
	// ShowSecrets tells reporters that the user asked to see raw values.
	ShowSecrets bool
	// Rule facts needed by reporters that list rules (SARIF), by rule id.
	RuleInfo map[string]RuleInfo
}

// RuleInfo is what a reporter may say of a rule.
type RuleInfo struct {
	ID, Description, Provider, Kind string
	Severity                        Severity
	Confidence                      Confidence
	Tags                            []string
	Remediation                     Remediation
}

// Report is a whole run's result.
type Report struct {
	Run      Run
	Coverage *Coverage
	// Findings in canonical order.
	Findings []*Finding
}
