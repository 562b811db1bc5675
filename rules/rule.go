package rules

import (
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Rule is how one kind of secret is recognised. Exactly one of Token, Regex,
// Matcher and (for rules on names alone) Path says what a match looks like.
type Rule struct {
	// ID is unique within a set: lower case words joined by "-".
	ID          string `toml:"id"`
	Description string `toml:"description"`
	// Provider and Kind are slugs: "openai", "project-api-key".
	Provider string `toml:"provider"`
	Kind     string `toml:"kind"`
	// Severity says how bad a live one is; default high.
	Severity finding.Severity `toml:"severity"`
	// Confidence is the level of a match whose whole shape fits; default high
	// for tokens with a telling prefix, medium for the others.
	Confidence finding.Confidence `toml:"confidence"`
	Tags       []string           `toml:"tags"`

	// Token is the pattern of the whole secret and nothing around it. The
	// engine checks the boundaries: a token is not part of a longer word.
	Token string `toml:"token"`
	// Context are words of which one must stand near a Token: on its line
	// within Reach bytes, or before it within 40 bytes over line ends. They
	// are matched in any case, as words: "exa" does not match in "example".
	Context []string `toml:"context"`
	// Reach is the greatest distance in bytes between context and token on
	// one line; 0 stands for DefaultReach.
	Reach int `toml:"reach"`
	// Boundary loosens what may stand before and after a Token: "word"
	// (default: no letter, digit or underscore), "strict" (nor - + / =),
	// "none".
	Boundary string `toml:"boundary"`

	// Regex is a pattern as gitleaks has it: matched as it stands, the secret
	// is capture group SecretGroup (0: the first group, else the whole).
	Regex       string `toml:"regex"`
	SecretGroup int    `toml:"secretGroup"`
	// Keywords are strings of which one must stand near a Regex's match, in
	// any case. Without them literals are derived from the pattern.
	Keywords []string `toml:"keywords"`

	// Matcher names a recogniser that is written in Go; see Matchers.
	Matcher string `toml:"matcher"`

	// Path is a regular expression on the path; alone it makes a rule on
	// names, with another pattern it is a condition.
	Path string `toml:"path"`
	// Entropy is the least Shannon entropy of the secret, bits per character.
	Entropy float64 `toml:"entropy"`
	// MinRandomness is the least randomness score of the secret, in nats.
	MinRandomness float64 `toml:"min-randomness"`
	// Checksum names a scheme of package checksum. A wrong checksum vetoes
	// the match, an empirical one only fails to raise the confidence.
	Checksum string `toml:"checksum"`
	// Parts are the further members of a composite credential.
	Parts      []Part      `toml:"parts"`
	Allowlists []Allowlist `toml:"allowlists"`
	// Allowlist is gitleaks' older spelling of a single allow list.
	Allowlist *Allowlist `toml:"allowlist"`

	// RotateURL is where the credential is revoked and rotated; Steps say in
	// which order; Docs name the sources of the rule's facts.
	RotateURL string   `toml:"rotate-url"`
	Steps     []string `toml:"steps"`
	Docs      []string `toml:"docs"`
	// Verify is the live check; see Set.LoadChecks for built-in rules.
	Verify *Check `toml:"verify"`
	// Public marks values that are public by design (publishable keys).
	Public bool `toml:"public"`

	// Examples and Counterexamples are templates; see Expand.
	Examples        []string `toml:"examples"`
	Counterexamples []string `toml:"counterexamples"`

	// Position of the rule, for messages. Line is 1-based, 0 if unknown.
	File string `toml:"-"`
	Line int    `toml:"-"`

	analysis *analysis
	people   string // fields for people in compact form, not decoded yet
	checked  bool   // passed Validate when the program was built
	builtin  bool   // of the catalogue, whatever its id: it may have the check of that id
}

// Part is a further member of a composite credential, looked for near the
// rule's own match.
type Part struct {
	Name string `toml:"name"`
	// Token is the pattern of the part, boundaries checked as for Rule.Token.
	Token string `toml:"token"`
	// Within is the greatest distance in bytes, before or after the match,
	// over line ends; 0 stands for DefaultWithin, at most MaxWithin.
	Within int `toml:"within"`
	// Required drops the match if the part is not there; without it the match
	// stands at Alone's confidence.
	Required bool               `toml:"required"`
	Alone    finding.Confidence `toml:"alone"`
}

// Allowlist takes matches out. Its criteria are alternatives unless Condition
// is "AND".
type Allowlist struct {
	Description string   `toml:"description"`
	Condition   string   `toml:"condition"`
	Paths       []string `toml:"paths"`
	// RegexTarget is what Regexes look at: "secret" (default), "match", "line".
	RegexTarget string   `toml:"regexTarget"`
	Regexes     []string `toml:"regexes"`
	// StopWords are substrings of the secret, in any case.
	StopWords []string `toml:"stopwords"`
	// TargetRules limits a global list to these rule ids.
	TargetRules []string `toml:"targetRules"`
}

// Defaults and bounds of distances, in bytes.
const (
	DefaultReach  = 80
	MaxReach      = 256
	DefaultWithin = 256
	MaxWithin     = 1024
)

// Matchers are the recognisers written in Go that a rule may name.
//   - pem: a block that begins with the Token, up to its END line; a Context
//     word must stand within Reach bytes before it, over line ends
//   - generic: the generic engine, for values of the rule's Kind; a Token only
//     says what examples draw
var Matchers = []string{"pem", "generic"}

// Set is a list of rules with the allow lists that hold for all of them.
type Set struct {
	Rules      []*Rule
	Allowlists []Allowlist
	// Source says where the rules came from: "built-in", or
	// "built-in + leaksonde.toml".
	Source string
}

// Lookup returns the rule of that id, or nil.
func (s *Set) Lookup(id string) *Rule {
	for _, r := range s.Rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// hasPattern tells whether the rule looks at content, not at names alone.
func (r *Rule) hasPattern() bool { return r.Token != "" || r.Regex != "" || r.Matcher != "" }
