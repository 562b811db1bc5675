package rules

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/rules/pattern"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

var (
	slugForm = regexp.MustCompile(`^[a-z0-9]+(?:[-.][a-z0-9]+)*$`)
	idForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
)

// Validate checks every rule of the set and fills in defaults; the error joins
// all Problems. A set that passes compiles.
func (s *Set) Validate() error {
	var problems []*Problem
	first := map[string]*Rule{}
	for _, r := range s.Rules {
		if other, ok := first[r.ID]; ok && r.ID != "" {
			other = other.Full()
			where := other.File
			if other.Line > 0 {
				where = fmt.Sprintf("%s:%d", other.File, other.Line)
			}
			problems = append(problems, r.problem(`duplicate id, first used at `+where, "give one of them another id"))
		}
		first[r.ID] = r
		if r.checked {
			continue
		}
		problems = append(problems, r.check()...)
		r.setDefaults()
	}
	for i := range s.Allowlists {
		problems = append(problems, checkAllowlist(&s.Allowlists[i], s.Source, 0, "")...)
	}
	return joinProblems(problems)
}

func (r *Rule) problem(text, hint string) *Problem {
	return &Problem{File: r.File, Line: r.Line, Rule: r.ID, Text: text, Hint: hint}
}

func (r *Rule) setDefaults() {
	if r.Provider == "" {
		r.Provider = "generic"
	}
	if r.Kind == "" {
		r.Kind = "secret"
	}
	if r.Severity == 0 {
		r.Severity = finding.SeverityHigh
	}
	if r.Confidence == 0 {
		r.Confidence = finding.High
		if len(r.Context) > 0 || r.Regex != "" {
			r.Confidence = finding.Medium
		}
	}
	if r.Description == "" {
		r.Description = r.ID
	}
}

func (r *Rule) check() []*Problem {
	var ps []*Problem
	bad := func(text, hint string, args ...any) { ps = append(ps, r.problem(fmt.Sprintf(text, args...), hint)) }
	if r.ID == "" {
		bad("a rule has no id", `add id = "provider-kind"`)
	} else if !idForm.MatchString(r.ID) {
		bad("the id has characters other than letters, digits, - _ .", "use lower-case words joined by -")
	}
	for name, v := range map[string]string{"provider": r.Provider, "kind": r.Kind} {
		if v != "" && !slugForm.MatchString(v) {
			bad("%s %q is no slug", "use lower-case words joined by -", name, v)
		}
	}
	switch {
	case r.Token != "" && r.Regex != "":
		bad("has both token and regex", "keep one")
	case r.Matcher != "" && !slices.Contains(Matchers, r.Matcher):
		bad("unknown matcher %q", suggest(r.Matcher, Matchers), r.Matcher)
	case !r.hasPattern() && r.Path == "":
		bad("has no token, regex, matcher or path, so it can match nothing", "add a token")
	}
	ps = append(ps, r.checkPatterns()...)
	if r.Checksum != "" {
		if _, ok := checksum.Lookup(r.Checksum); !ok {
			bad("unknown checksum %q", suggest(r.Checksum, checksum.Names()), r.Checksum)
		}
	}
	if r.Reach < 0 || r.Reach > MaxReach {
		bad("reach = %d is out of range", fmt.Sprintf("0 to %d bytes", MaxReach), r.Reach)
	}
	if r.Reach != 0 && len(r.Context) == 0 {
		bad("reach without context means nothing", "add context, or remove reach")
	}
	if !slices.Contains([]string{"", "word", "strict", "none"}, r.Boundary) {
		bad("unknown boundary %q", `"word", "strict" or "none"`, r.Boundary)
	}
	for _, w := range r.Context {
		if len(w) < 2 || strings.ContainsFunc(w, func(c rune) bool { return c > 0x7e || c < 0x20 }) {
			bad("context word %q cannot be searched for", "two or more ASCII characters", w)
		}
	}
	for i := range r.Allowlists {
		ps = append(ps, checkAllowlist(&r.Allowlists[i], r.File, r.Line, r.ID)...)
	}
	if r.Verify != nil {
		ps = append(ps, lintCheck(r, r.Verify, r.File, r.Line)...)
		if len(r.Verify.ids()) > 0 {
			bad("verify: rule and rules are for the catalogue's own files", "remove them")
		}
	}
	return ps
}

func (r *Rule) checkPatterns() []*Problem {
	var ps []*Problem
	compile := func(key, expr string) *syntax.Regexp {
		if expr == "" {
			return nil
		}
		if _, err := regexp.Compile(expr); err != nil {
			ps = append(ps, r.problem(fmt.Sprintf("%s does not compile: %v", key, err), hintFor(err)))
			return nil
		}
		re, _ := pattern.Parse(expr)
		if key != "path" && regexp.MustCompile(expr).MatchString("") {
			ps = append(ps, r.problem(key+" matches the empty string", "a pattern must consume the secret"))
			return nil
		}
		return re
	}
	compile("path", r.Path)
	token := compile("token", r.Token)
	regex := compile("regex", r.Regex)
	if token != nil && len(r.Context) == 0 && r.Matcher == "" && pattern.Literals(token) == nil {
		ps = append(ps, r.problem("the token contains no literal that could be searched for", "add context words"))
	}
	if r.Matcher == "pem" && r.Token == "" {
		ps = append(ps, r.problem("matcher pem needs the BEGIN line as its token", ""))
	}
	if regex != nil {
		if r.SecretGroup < 0 || r.SecretGroup > regex.MaxCap() {
			ps = append(ps, r.problem(fmt.Sprintf("secretGroup = %d, but the regex has %d groups", r.SecretGroup, regex.MaxCap()), ""))
		}
	}
	for _, k := range r.Keywords {
		if strings.TrimSpace(k) == "" {
			ps = append(ps, r.problem("an empty keyword", "remove it"))
		}
	}
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.Name == "" || p.Token == "" {
			ps = append(ps, r.problem("a part needs name and token", ""))
		}
		compile("parts.token", p.Token)
		if p.Within < 0 || p.Within > MaxWithin {
			ps = append(ps, r.problem(fmt.Sprintf("part %q: within = %d is out of range", p.Name, p.Within), fmt.Sprintf("0 to %d bytes", MaxWithin)))
		}
	}
	return ps
}

func hintFor(err error) string {
	if strings.Contains(err.Error(), "(?") {
		return "Go's regexp (RE2) has no look-around and no back-references"
	}
	return "see pkg.go.dev/regexp/syntax"
}

func checkAllowlist(a *Allowlist, file string, line int, rule string) []*Problem {
	var ps []*Problem
	bad := func(text, hint string) {
		ps = append(ps, &Problem{File: file, Line: line, Rule: rule, Text: "allow list: " + text, Hint: hint})
	}
	for _, expr := range slices.Concat(a.Paths, a.Regexes) {
		if _, err := regexp.Compile(expr); err != nil {
			bad(fmt.Sprintf("pattern does not compile: %v", err), hintFor(err))
		}
	}
	if !slices.Contains([]string{"", "secret", "match", "line"}, a.RegexTarget) {
		bad(fmt.Sprintf("unknown regexTarget %q", a.RegexTarget), `"secret", "match" or "line"`)
	}
	if !slices.Contains([]string{"", "AND", "OR", "&&", "||"}, strings.ToUpper(a.Condition)) {
		bad(fmt.Sprintf("unknown condition %q", a.Condition), `"AND" or "OR"`)
	}
	if len(a.Paths)+len(a.Regexes)+len(a.StopWords) == 0 {
		bad("has no paths, regexes or stopwords, so it allows nothing", "remove it or add a criterion")
	}
	return ps
}

// Lint lists what is allowed but doubtful in a rule: things that Validate
// accepts and a careful author would want to know.
func (r *Rule) Lint() []*Problem {
	var ps []*Problem
	note := func(text, hint string) { ps = append(ps, r.problem(text, hint)) }
	if r.Regex != "" {
		re, err := pattern.Parse(r.Regex)
		if err != nil {
			return nil
		}
		if len(r.Keywords) > 0 && !keywordsPossible(r.Keywords, re) {
			note("no keyword can occur in a match of the regex", "a match is only found if a keyword happens to stand within 4 KiB of it; check the keywords")
		}
		if len(r.Keywords) == 0 && pattern.Literals(re) == nil {
			note("the regex contains no literal to search for", "it is tried on every line, which is slow; add keywords")
		}
		if _, hi := pattern.Bounds(re); hi == pattern.Unbounded {
			note("the regex has no greatest length", "it is matched within a window of 4 KiB")
		}
	}
	if strings.HasPrefix(r.File, "catalogue/") && r.hasPattern() {
		if len(r.Examples) < 2 || len(r.Counterexamples) < 2 {
			note("has fewer than two examples or counterexamples", "")
		}
	}
	return ps
}

// keywordsPossible tells whether some keyword could be part of a match. It is
// sure of a no only if the regex is a fixed set of strings around classes that
// cannot produce the keyword; in doubt it says yes.
func keywordsPossible(keywords []string, re *syntax.Regexp) bool {
	text := strings.ToLower(literalText(re))
	chars := possible(re)
	for _, k := range keywords {
		k = strings.ToLower(k)
		if strings.Contains(text, k) {
			return true
		}
		all := true
		for i := range len(k) {
			all = all && chars[k[i]]
		}
		if all {
			return true
		}
	}
	return false
}

func literalText(re *syntax.Regexp) string {
	if re.Op == syntax.OpLiteral {
		return string(re.Rune)
	}
	var b strings.Builder
	for _, s := range re.Sub {
		b.WriteString(literalText(s))
	}
	return b.String()
}

// possible is the set of bytes (letters in lower case) that classes and
// wildcards of re can match.
func possible(re *syntax.Regexp) (set [256]bool) {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		for i := range set {
			set[i] = true
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= re.Rune[i+1] && c < 256; c++ {
				set[c] = true
				if c >= 'A' && c <= 'Z' {
					set[c+32] = true
				}
			}
		}
	case syntax.OpLiteral:
		for _, c := range strings.ToLower(string(re.Rune)) {
			if c < 256 {
				set[c] = true
			}
		}
	}
	for _, s := range re.Sub {
		sub := possible(s)
		for i := range set {
			set[i] = set[i] || sub[i]
		}
	}
	return set
}
