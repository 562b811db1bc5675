package triage

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/leaksonde/leaksonde/rules"
)

// Allowlists are the allow lists of a rule set. Those of a rule are compiled on
// first use, since most runs report little. It is safe for concurrent use.
type Allowlists struct {
	global []*allowlist
	mu     sync.Mutex
	byRule map[string]*ofRule
}

// ofRule is what one rule says of the places it holds for.
type ofRule struct {
	lists []*allowlist
	path  *regexp.Regexp
}

type allowlist struct {
	all     bool
	paths   []*regexp.Regexp
	regexes []*regexp.Regexp
	target  string
	stop    []string
	rules   []string
}

// Candidate is what an allow list judges.
type Candidate struct {
	Rule          *rules.Rule
	Path          string
	Secret, Whole string
	Line          string
}

// NewAllowlists prepares the lists of a set that passed Validate.
func NewAllowlists(set *rules.Set) *Allowlists {
	a := &Allowlists{byRule: map[string]*ofRule{}}
	for i := range set.Allowlists {
		a.global = append(a.global, compileAllowlist(&set.Allowlists[i]))
	}
	return a
}

func (a *Allowlists) of(r *rules.Rule) *ofRule {
	a.mu.Lock()
	defer a.mu.Unlock()
	o := a.byRule[r.ID]
	if o == nil {
		o = &ofRule{}
		for i := range r.Allowlists {
			o.lists = append(o.lists, compileAllowlist(&r.Allowlists[i]))
		}
		if r.Path != "" {
			o.path = regexp.MustCompile(r.Path)
		}
		a.byRule[r.ID] = o
	}
	return o
}

func compileAllowlist(a *rules.Allowlist) *allowlist {
	c := &allowlist{target: a.RegexTarget, rules: a.TargetRules}
	c.all = strings.EqualFold(a.Condition, "AND") || a.Condition == "&&"
	for _, p := range a.Paths {
		c.paths = append(c.paths, regexp.MustCompile(p))
	}
	for _, p := range a.Regexes {
		c.regexes = append(c.regexes, regexp.MustCompile(p))
	}
	for _, w := range a.StopWords {
		c.stop = append(c.stop, strings.ToLower(w))
	}
	return c
}

// Any tells whether there are lists that may take out matches of a rule.
func (a *Allowlists) Any(r *rules.Rule) bool { return len(a.global) > 0 || len(r.Allowlists) > 0 }

// Allowed tells whether some list takes the candidate out.
func (a *Allowlists) Allowed(c Candidate) bool {
	return slices.ContainsFunc(a.global, func(l *allowlist) bool {
		return (len(l.rules) == 0 || slices.Contains(l.rules, c.Rule.ID)) && l.allows(c)
	}) || slices.ContainsFunc(a.of(c.Rule).lists, func(l *allowlist) bool { return l.allows(c) })
}

// PathAllowed tells whether a global list takes a whole path out, so that it
// need not be read.
func (a *Allowlists) PathAllowed(path string) bool {
	return slices.ContainsFunc(a.global, func(l *allowlist) bool {
		if len(l.rules) > 0 || l.all && len(l.regexes)+len(l.stop) > 0 {
			return false
		}
		return matchAny(l.paths, path)
	})
}

// PathFits tells whether a rule's own condition on paths holds.
func (a *Allowlists) PathFits(r *rules.Rule, path string) bool {
	if r.Path == "" {
		return true
	}
	return a.of(r).path.MatchString(path)
}

func (l *allowlist) allows(c Candidate) bool {
	text := c.Secret
	switch l.target {
	case "match":
		text = c.Whole
	case "line":
		text = c.Line
	}
	var verdicts []bool
	if len(l.paths) > 0 {
		verdicts = append(verdicts, matchAny(l.paths, c.Path))
	}
	if len(l.regexes) > 0 {
		verdicts = append(verdicts, matchAny(l.regexes, text))
	}
	if len(l.stop) > 0 {
		secret := strings.ToLower(c.Secret)
		verdicts = append(verdicts, slices.ContainsFunc(l.stop, func(w string) bool { return strings.Contains(secret, w) }))
	}
	if l.all {
		return len(verdicts) > 0 && !slices.Contains(verdicts, false)
	}
	return slices.Contains(verdicts, true)
}

func matchAny(res []*regexp.Regexp, s string) bool {
	return slices.ContainsFunc(res, func(re *regexp.Regexp) bool { return re.MatchString(s) })
}
