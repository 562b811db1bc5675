package scanner

import (
	"runtime"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/redact"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// Options of a Scanner. The zero value is the default of every field.
type Options struct {
	// MinConfidence is the least level that is reported; 0 stands for Medium.
	MinConfidence finding.Confidence
	// MaxFileSize in bytes leaves out larger files; 0 is no limit.
	MaxFileSize int64
	// Jobs is the number of workers; 0 stands for the number of CPUs.
	Jobs int
	// Scope says what of a repository is scanned; see Scopes. "" is the default.
	Scope string
	// Range limits the scan to the commits of a range (A..B, A...B, a
	// revision); Since to those not older than a date.
	Range, Since string
	// NoDelta searches every object in full instead of along the deltas: the
	// results are the same.
	NoDelta bool
	// Elsewhere names what need not be scanned of a Range, because those who
	// receive it have it already: commits, or patterns of references such as
	// refs/remotes/origin/*. Names that are not here are passed over.
	Elsewhere []string
	// TrustTree makes the ignore file of the work tree count for a Range, too.
	// Otherwise that of the commit the range starts from does, so that no one
	// can propose a secret together with leave to have it.
	TrustTree bool
	// SkipGitConfig leaves out .git/config: on a CI runner it holds a token of
	// the runner's own.
	SkipGitConfig bool
	// Getenv is the environment whose GIT_ variables (GIT_DIR, GIT_INDEX_FILE)
	// say which repository is meant, as they do in a hook; nil is none. Only
	// the staged scope and a Range hear it.
	Getenv func(string) string
	// IncludeIgnored scans what .gitignore and info/exclude leave out.
	IncludeIgnored bool
	// Untrusted ignores all that a scanned tree says about what to report:
	// ignore files, inline allows, configuration.
	Untrusted bool
	// FingerprintKey keys the fingerprints; nil is the constant key.
	FingerprintKey []byte
	// Stats keeps the counters that Scanner.Stats returns.
	Stats bool
	// Progress is called now and then with what has been scanned so far. It
	// must be quick and safe for concurrent use.
	Progress func(files, bytes int64)
}

// Scanner scans with one set of rules. It is safe for concurrent use.
type Scanner struct {
	opt        Options
	set        *rules.Set
	engine     *engine.Engine
	redactor   *redact.Redactor
	allowlists *triage.Allowlists
	pathRules  []*rules.Rule // rules on names alone
}

// New prepares a scanner. The set must have passed rules.Set.Validate, as sets
// of rules.Builtin have.
func New(set *rules.Set, o Options) (*Scanner, error) {
	if o.MinConfidence == 0 {
		o.MinConfidence = finding.Medium
	}
	if o.Jobs <= 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	e, err := engine.New(set, engine.Options{Minimum: o.MinConfidence, Count: o.Stats})
	if err != nil {
		return nil, err
	}
	var pathRules []*rules.Rule
	for _, r := range set.Rules {
		if r.Path != "" && r.Token == "" && r.Regex == "" && r.Matcher == "" && r.Confidence >= o.MinConfidence {
			pathRules = append(pathRules, r)
		}
	}
	return &Scanner{
		pathRules: pathRules,
		opt:       o, set: set, engine: e,
		redactor:   redact.New(e),
		allowlists: triage.NewAllowlists(set),
	}, nil
}

// Stats are the engine's counters since New, kept if Options.Stats asks for
// them.
type Stats struct {
	Bytes, Hits, Candidates, Matches int64
	Rules                            []RuleStats
}

// RuleStats are the counters of one rule.
type RuleStats struct {
	Rule                string
	Candidates, Matches int64
}

// Stats returns the counters so far: where the work goes.
func (s *Scanner) Stats() Stats {
	e := s.engine.Stats()
	out := Stats{Bytes: e.Bytes, Hits: e.Hits, Candidates: e.Candidates, Matches: e.Matches}
	for _, r := range e.Rules {
		out.Rules = append(out.Rules, RuleStats(r))
	}
	return out
}

// run is the head of a report.
func (s *Scanner) run(scope string, roots []string, found []*finding.Finding) finding.Run {
	r := finding.Run{
		Tool: "leaksonde", RuleSet: s.set.Hash(), Rules: len(s.set.Rules), Config: s.set.Source,
		Scope: scope, Roots: roots, RuleInfo: map[string]finding.RuleInfo{},
	}
	for _, f := range found {
		if rule := s.set.Lookup(f.Rule); rule != nil {
			r.RuleInfo[f.Rule] = ruleInfo(rule)
		}
	}
	return r
}
