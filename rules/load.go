package rules

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Config is a rule file: what it adds and what it extends.
type Config struct {
	Title string `toml:"title"`
	// MinVersion is gitleaks' word for the version of itself that a file needs:
	// read and without meaning here.
	MinVersion  string      `toml:"minVersion"`
	Description string      `toml:"description"`
	Extend      Extend      `toml:"extend"`
	Rules       []*Rule     `toml:"rules"`
	Allowlist   *Allowlist  `toml:"allowlist"`
	Allowlists  []Allowlist `toml:"allowlists"`
	// File is the path the config was read from.
	File string `toml:"-"`
}

// Extend says what a rule file builds on.
type Extend struct {
	// UseDefault is true unless set to false: a file adds to the built-in
	// rules.
	UseDefault *bool `toml:"useDefault"`
	// DisabledRules are ids of built-in rules to leave out.
	DisabledRules []string `toml:"disabledRules"`
}

// notHonoured are keys of gitleaks and betterleaks that mean something there
// and that we do not do yet: better an error than a rule that is silently
// another one.
var notHonoured = map[string]string{
	"commits":    "allow findings by fingerprint in .leaksondeignore instead",
	"required":   "name the further members in [[rules.parts]]",
	"skipReport": "",
	"validate":   "",
	"filter":     "",
	"prefilter":  "",
	"path":       "only one rule file is read; join the files",
	"url":        "nothing is fetched; save the file and join it",
}

// Parse reads a rule file strictly. The error joins all Problems found.
func Parse(file string, src []byte) (*Config, error) {
	var c Config
	md, err := toml.Decode(string(src), &c)
	if err != nil {
		return nil, syntaxProblem(file, err)
	}
	c.File = file
	lines := newPositions(src)
	var problems []*Problem
	seen := map[string]bool{}
	for _, key := range md.Undecoded() {
		p := unknownKey(file, key, lines)
		if id := fmt.Sprint(p.Line, p.Text); !seen[id] {
			seen[id] = true
			problems = append(problems, p)
		}
	}
	for i, r := range c.Rules {
		r.File, r.Line = file, lines.rule(i)
		if r.Allowlist != nil {
			r.Allowlists = append(r.Allowlists, *r.Allowlist)
			r.Allowlist = nil
		}
	}
	if c.Allowlist != nil {
		c.Allowlists = append(c.Allowlists, *c.Allowlist)
		c.Allowlist = nil
	}
	for i, a := range c.Allowlists {
		problems = append(problems, checkAllowlist(&a, file, lines.nth("[[allowlists]]", i), "")...)
	}
	if len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	return &c, nil
}

func syntaxProblem(file string, err error) error {
	p := &Problem{File: file, Text: err.Error()}
	var pe toml.ParseError
	if errors.As(err, &pe) {
		p.Line = pe.Position.Line
		p.Text = strings.TrimPrefix(pe.Message, "toml: ")
		if pe.LastKey != "" {
			p.Text += fmt.Sprintf(" (after key %q)", pe.LastKey)
		}
	}
	return p
}

func unknownKey(file string, key toml.Key, lines *positions) *Problem {
	last := key[len(key)-1]
	p := &Problem{File: file, Line: lines.key(last), Text: fmt.Sprintf("unknown key %q", strings.Join(key, "."))}
	if hint, ok := notHonoured[last]; ok {
		p.Text = fmt.Sprintf("key %q is known from other tools but not honoured here yet", strings.Join(key, "."))
		p.Hint = hint
		return p
	}
	p.Hint = suggest(last, knownKeys(key))
	return p
}

// knownKeys are the keys possible where key stands.
func knownKeys(key toml.Key) []string {
	t := reflect.TypeFor[Config]()
	for _, name := range key[:len(key)-1] {
		for _, f := range reflect.VisibleFields(t) {
			if f.Tag.Get("toml") != name {
				continue
			}
			t = f.Type
			for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer || t.Kind() == reflect.Map {
				t = t.Elem()
			}
			break
		}
		if t.Kind() != reflect.Struct {
			return nil
		}
	}
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if tag := f.Tag.Get("toml"); tag != "-" && tag != "" {
			names = append(names, tag)
		}
	}
	return names
}

// Apply builds the set that results from the config on top of base (the
// built-in rules): rules of the same id are replaced, others added.
func (c *Config) Apply(base *Set) (*Set, error) {
	out := &Set{Source: c.File}
	var problems []*Problem
	if c.Extend.UseDefault == nil || *c.Extend.UseDefault {
		out.Source = base.Source + " + " + c.File
		out.Allowlists = append(out.Allowlists, base.Allowlists...)
		replaced := map[string]bool{}
		for _, r := range c.Rules {
			replaced[r.ID] = true
		}
		for _, r := range base.Rules {
			if !replaced[r.ID] && !slices.Contains(c.Extend.DisabledRules, r.ID) {
				out.Rules = append(out.Rules, r)
			}
		}
		for _, id := range c.Extend.DisabledRules {
			if base.Lookup(id) == nil {
				problems = append(problems, &Problem{File: c.File, Text: fmt.Sprintf("disabledRules names %q, which is no built-in rule", id), Hint: suggest(id, base.ids())})
			}
		}
	}
	out.Rules = append(out.Rules, c.Rules...)
	out.Allowlists = append(out.Allowlists, c.Allowlists...)
	for _, a := range c.Allowlists {
		for _, id := range a.TargetRules {
			if out.Lookup(id) == nil {
				problems = append(problems, &Problem{File: c.File, Text: fmt.Sprintf("an allow list names rule %q, which does not exist", id), Hint: suggest(id, out.ids())})
			}
		}
	}
	if len(out.Rules) == 0 {
		problems = append(problems, &Problem{File: c.File, Text: "no rules remain", Hint: "remove extend.useDefault = false, or add rules"})
	}
	if len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	return out, nil
}

func (s *Set) ids() []string {
	ids := make([]string, len(s.Rules))
	for i, r := range s.Rules {
		ids[i] = r.ID
	}
	return ids
}

// positions finds the lines of tables and keys in a TOML source. It is used
// for messages only, and knows just enough of TOML: it skips multi-line
// strings and comments.
type positions struct {
	rules []int
	lines []string
	live  []bool // line is not within a multi-line string
}

func newPositions(src []byte) *positions {
	p := &positions{lines: strings.Split(string(src), "\n")}
	var open string
	for i, l := range p.lines {
		p.live = append(p.live, open == "")
		t := strings.TrimSpace(l)
		if open == "" && strings.HasPrefix(t, "[[rules]]") {
			p.rules = append(p.rules, i+1)
		}
		for _, q := range []string{"'''", `"""`} {
			if open == "" || open == q {
				if strings.Count(l, q)%2 == 1 {
					if open == "" {
						open = q
					} else {
						open = ""
					}
				}
			}
		}
	}
	return p
}

func (p *positions) rule(i int) int {
	if i < len(p.rules) {
		return p.rules[i]
	}
	return 0
}

// nth is the line of the n-th table header of that form.
func (p *positions) nth(header string, n int) int {
	for i, l := range p.lines {
		if p.live[i] && strings.HasPrefix(strings.TrimSpace(l), header) {
			if n == 0 {
				return i + 1
			}
			n--
		}
	}
	return 0
}

// key is the first line that sets a key or opens a table of that name.
func (p *positions) key(name string) int {
	re := regexp.MustCompile(`^\s*(?:"?` + regexp.QuoteMeta(name) + `"?\s*=|\[+[\w."-]*` + regexp.QuoteMeta(name) + `\]+)`)
	for i, l := range p.lines {
		if p.live[i] && re.MatchString(l) {
			return i + 1
		}
	}
	return 0
}
