package finding

import "fmt"

// Confidence says how sure a finding is.
type Confidence uint8

// The levels. Shape or checksum proves the kind (High); at least nine in ten
// are credentials (Medium); worth a look when looking for everything (Low).
const (
	Low Confidence = iota + 1
	Medium
	High
)

var confidenceNames = []string{"", "low", "medium", "high"}

func (c Confidence) String() string { return name(confidenceNames, int(c)) }

// MarshalText writes the lower-case name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the lower-case name.
func (c *Confidence) UnmarshalText(b []byte) error {
	i, err := parse("confidence", confidenceNames, string(b))
	*c = Confidence(i)
	return err
}

// ParseConfidence reads "low", "medium" or "high".
func ParseConfidence(s string) (c Confidence, err error) {
	return c, c.UnmarshalText([]byte(s))
}

// Severity says how bad it is if the credential is live.
type Severity uint8

// Severities, least first.
const (
	SeverityLow Severity = iota + 1
	SeverityMedium
	SeverityHigh
	SeverityCritical
)

var severityNames = []string{"", "low", "medium", "high", "critical"}

func (s Severity) String() string { return name(severityNames, int(s)) }

// MarshalText writes the lower-case name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the lower-case name.
func (s *Severity) UnmarshalText(b []byte) error {
	i, err := parse("severity", severityNames, string(b))
	*s = Severity(i)
	return err
}

// ParseSeverity reads "low", "medium", "high" or "critical".
func ParseSeverity(s string) (v Severity, err error) {
	return v, v.UnmarshalText([]byte(s))
}

func name(names []string, i int) string {
	if i <= 0 || i >= len(names) {
		return ""
	}
	return names[i]
}

func parse(what string, names []string, s string) (int, error) {
	for i, n := range names {
		if i > 0 && n == s {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q (want one of %v)", what, s, names[1:])
}

// VerificationState is the answer of a live check.
type VerificationState string

// States of DESIGN §10.
const (
	Active       VerificationState = "active"
	Inactive     VerificationState = "inactive"
	Unknown      VerificationState = "unknown"
	Unverifiable VerificationState = "unverifiable"
)

// Verification is the result of a live check of one value.
type Verification struct {
	State  VerificationState
	Reason string
	// Facts the provider told: account, scopes, plan, expiry.
	Facts map[string]string
}

// Exposure is the kind of place an occurrence stands in.
type Exposure string

// Exposures, by what a reader of the place could do with the value.
const (
	ExposureSource         Exposure = "source"
	ExposureConfig         Exposure = "config"
	ExposureEnv            Exposure = "env-file"
	ExposureClientBundle   Exposure = "client-bundle"
	ExposureURL            Exposure = "url"
	ExposureCI             Exposure = "ci"
	ExposureInfrastructure Exposure = "infrastructure"
	ExposureNotebook       Exposure = "notebook"
	ExposureLog            Exposure = "log"
	ExposureTest           Exposure = "test"
	ExposureDocs           Exposure = "docs"
	ExposureMetadata       Exposure = "metadata"
)
