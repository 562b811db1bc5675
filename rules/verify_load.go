package rules

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed catalogue/verify/*.toml
var verifyCatalogue embed.FS

// checkFile is a file of catalogue/verify.
type checkFile struct {
	Checks []*Check `toml:"verify"`
}

// LoadChecks gives the rules of the set their live checks: those of the
// catalogue to the built-in ones, while rules of other files have those of
// their [rules.verify]. It is not part of Builtin, since most runs check
// nothing; the set's rules are changed, so it must come before they are used
// by several goroutines.
//
// A built-in rule that another file replaced keeps its id and loses its check:
// what that rule finds is not what the check was written for.
func (s *Set) LoadChecks() error {
	checks, err := builtinChecks()
	if err != nil {
		return err
	}
	for _, r := range s.Rules {
		if r.Verify == nil && r.builtin {
			r.Verify = checks[r.ID]
		}
	}
	return nil
}

// builtinChecks reads the checks of the catalogue by rule id.
func builtinChecks() (map[string]*Check, error) {
	files, err := fs.Glob(verifyCatalogue, "catalogue/verify/*.toml")
	if err != nil {
		return nil, err
	}
	all := map[string]*Check{}
	var problems []*Problem
	for _, file := range files {
		src, err := fs.ReadFile(verifyCatalogue, file)
		if err != nil {
			return nil, fmt.Errorf("reading the built-in checks: %w", err)
		}
		checks, err := parseChecks(file, src)
		if err != nil {
			return nil, err
		}
		for _, c := range checks {
			for _, id := range c.ids() {
				if all[id] != nil {
					problems = append(problems, &Problem{File: file, Rule: id, Text: "verify: a second check for the rule", Hint: "remove one"})
				}
				all[id] = c
			}
		}
	}
	return all, joinProblems(problems)
}

func parseChecks(file string, src []byte) ([]*Check, error) {
	var f checkFile
	md, err := toml.Decode(string(src), &f)
	if err != nil {
		return nil, syntaxProblem(file, err)
	}
	lines := newPositions(src)
	var problems []*Problem
	for _, key := range md.Undecoded() {
		last := key[len(key)-1]
		problems = append(problems, &Problem{File: file, Line: lines.key(last), Text: fmt.Sprintf("unknown key %q", strings.Join(key, ".")),
			Hint: suggest(last, knownKeys(append(toml.Key{"rules"}, key...)))})
	}
	for i, c := range f.Checks {
		if len(c.ids()) == 0 {
			problems = append(problems, &Problem{File: file, Line: lines.nth("[[verify]]", i), Text: "verify: names no rule", Hint: `add rule = "…"`})
		}
	}
	return f.Checks, joinProblems(problems)
}

// LintChecks checks the catalogue's checks against the rules they name. Tests
// and rules lint call it; a run trusts what they have passed.
func LintChecks(set *Set) error {
	files, err := fs.Glob(verifyCatalogue, "catalogue/verify/*.toml")
	if err != nil {
		return err
	}
	if _, err := builtinChecks(); err != nil {
		return err
	}
	var problems []*Problem
	for _, file := range files {
		src, err := fs.ReadFile(verifyCatalogue, file)
		if err != nil {
			return err
		}
		checks, err := parseChecks(file, src)
		if err != nil {
			return err
		}
		lines := newPositions(src)
		for i, c := range checks {
			line := lines.nth("[[verify]]", i)
			for _, id := range c.ids() {
				r := set.Lookup(id)
				if r == nil {
					problems = append(problems, &Problem{File: file, Line: line, Text: fmt.Sprintf("verify: no rule %q", id), Hint: suggest(id, set.ids())})
					continue
				}
				problems = append(problems, lintCheck(r, c, file, line)...)
			}
		}
	}
	return joinProblems(problems)
}

// Verifiable are the ids of the rules that have a check, sorted.
func (s *Set) Verifiable() []string {
	var ids []string
	for _, r := range s.Rules {
		if r.Verify != nil {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
