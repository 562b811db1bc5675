package finding

import "time"

// Finding is one secret value and all that is known of it.
type Finding struct {
	// Fingerprint identifies the value: "v1:" + 32 hex digits of a keyed hash.
	// It does not depend on rule, path, line or commit.
	Fingerprint string
	// Rule is the id of the rule whose match is best evidenced; Alternatives
	// are the ids of other rules that matched the same value.
	Rule         string
	Alternatives []string
	// Provider and Kind are slugs: "openai", "project-api-key".
	Provider, Kind string
	// Description names the kind for people: "OpenAI project API key".
	Description string
	Severity    Severity
	Confidence  Confidence
	// Secret is the raw value. Only printed with --show-secrets.
	Secret string
	// Redacted shows what may be seen of Secret.
	Redacted string
	// Parts are the further members of a composite credential.
	Parts []Part
	// Occurrences is never empty and in canonical order (CompareOccurrences).
	Occurrences []Occurrence
	// Mentions are further places where the same value stands without evidence
	// of its own that it is a credential. They are known only where random
	// strings are looked for, at low confidence; in canonical order.
	Mentions []Occurrence
	// Suppressed counts occurrences that an allow took out of this finding.
	Suppressed int
	// Lifetime is nil where there is no history.
	Lifetime *Lifetime
	// Facts were derived offline (or by verification): "account": "1234…".
	Facts map[string]string
	// Evidence says what spoke for and against, most telling first.
	Evidence     []Evidence
	Verification *Verification
	Remediation  Remediation
	// Tags come from the rule.
	Tags []string
}

// Part is one further member of a composite credential: an id, an endpoint.
type Part struct {
	Name     string
	Secret   string
	Redacted string
	Path     string
	// Line and Column are 1-based; Column counts bytes.
	Line, Column int
}

// Occurrence is one place where the value stands.
type Occurrence struct {
	// Root tells scan roots apart when several were given; empty otherwise.
	Root string
	// Path is relative to the root, with forward slashes.
	Path string
	// Line and Column are 1-based, Column counts bytes; the end is exclusive
	// in EndColumn. For decoded text they are those of the encoded text.
	Line, Column, EndLine, EndColumn int
	// Commit and Blob are object ids, empty outside of git.
	Commit, Blob string
	// Versions counts the versions of the path that held the value.
	Versions int
	// DecodedFrom is the decode path, outermost first: ["base64", "gzip"].
	DecodedFrom []string
	// Exposure says what kind of place it is.
	Exposure Exposure
	// Excerpt is the line's text around the match, redacted, control
	// characters escaped, at most 120 characters. ExcerptStart and ExcerptEnd
	// delimit the redacted secret within it, in bytes.
	Excerpt                  string
	ExcerptStart, ExcerptEnd int
	// Field is the structured-log or document field, where known.
	Field string
}

// Evidence is one reason for or against.
type Evidence struct {
	// Name is a short slug: "checksum", "random", "keyword".
	Name string
	// Weight is in nats: positive speaks for a credential.
	Weight float64
	Detail string
}

// Remediation says what to do about a kind.
type Remediation struct {
	RotateURL string
	Steps     []string
	Docs      []string
}

// Event is one end of a lifetime.
type Event struct {
	Commit string
	Author string
	Date   time.Time
	Path   string
}

// Interval is a stretch of history in which the value was present.
type Interval struct {
	Introduced Event
	// Removed is nil while the value still stands.
	Removed *Event
}

// Lifetime is the history of a value, not of a file.
type Lifetime struct {
	Introduced Event
	Removed    *Event
	AtHead     bool
	Intervals  []Interval
	Paths      []string
	// Refs holds at most the first ten refs whose tip contains the value;
	// RefCount counts all, ReachableFrom the refs that reach a holder.
	Refs          []string
	RefCount      int
	ReachableFrom int
}
