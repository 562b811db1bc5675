package rules

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/leaksonde/leaksonde/rules/pattern"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// The built-in rules are written in TOML and embedded in a compact form, since
// parsing more than a thousand rules of TOML takes longer than scanning a
// commit. The form is: the version, then each rule as a run of fields in a
// fixed order; numbers are varints, strings have their length before them.
// Decoding copies no text: strings are slices of the embedded file. What is for
// people alone stands in a run of its own, which is passed over until somebody
// asks: a commit hook pays for reading the others, and hardly ever asks.

const compactVersion = 2

// codec writes or reads, field by field, in the same order: one description of
// the form serves both ways.
type codec struct {
	out []byte // when writing
	in  string // when reading
	at  int
	err error

	// When reading: where lists come from, so that thousands of them take few
	// allocations.
	strings  []string
	triggers []pattern.Literal
	parts    []int
}

var errCompact = errors.New("the compact catalogue is damaged")

func (c *codec) number(v *int) {
	if c.out != nil {
		c.out = binary.AppendVarint(c.out, int64(*v))
		return
	}
	var u uint64
	for shift := 0; ; shift += 7 {
		if c.at >= len(c.in) || shift > 63 {
			c.err = errCompact
			return
		}
		b := c.in[c.at]
		c.at++
		u |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	*v = int(int64(u>>1) ^ -int64(u&1))
}

func (c *codec) text(v *string) {
	n := len(*v)
	c.number(&n)
	if c.out != nil {
		c.out = append(c.out, *v...)
		return
	}
	if n < 0 || n > len(c.in)-c.at {
		c.err = errCompact
		return
	}
	*v = c.in[c.at : c.at+n]
	c.at += n
}

func (c *codec) flag(v *bool) {
	n := 0
	if *v {
		n = 1
	}
	c.number(&n)
	*v = n == 1
}

func (c *codec) float(v *float64) {
	n := int(math.Round(*v * 1000))
	c.number(&n)
	if c.out == nil {
		*v = float64(n) / 1000
	}
}

// list sizes a list and calls each for its elements. slab is where short lists
// are taken from.
func list[T any](c *codec, v *[]T, slab *[]T, each func(*T)) {
	n := len(*v)
	c.number(&n)
	if c.err != nil || n < 0 || c.out == nil && n > len(c.in)-c.at {
		c.err = errors.Join(c.err, errCompact)
		return
	}
	if c.out == nil && n > 0 {
		const large = 1 << 10
		switch {
		case slab == nil || n > large:
			*v = make([]T, n)
		default:
			if n > len(*slab) {
				*slab = make([]T, 4*large)
			}
			*v, *slab = (*slab)[:n:n], (*slab)[n:]
		}
	}
	for i := range *v {
		each(&(*v)[i])
	}
}

func level[T ~uint8](c *codec, v *T) {
	n := int(*v)
	c.number(&n)
	*v = T(n)
}

func (c *codec) rule(r *Rule) {
	for _, s := range [...]*string{&r.ID, &r.Description, &r.Provider, &r.Kind, &r.Token, &r.Boundary, &r.Regex, &r.Matcher,
		&r.Path, &r.Checksum} {
		c.text(s)
	}
	level[finding.Severity](c, &r.Severity)
	level[finding.Confidence](c, &r.Confidence)
	c.number(&r.Reach)
	c.number(&r.SecretGroup)
	c.float(&r.Entropy)
	c.float(&r.MinRandomness)
	c.flag(&r.Public)
	for _, l := range [...]*[]string{&r.Tags, &r.Context, &r.Keywords} {
		list(c, l, &c.strings, c.text)
	}
	list(c, &r.Parts, nil, func(p *Part) {
		c.text(&p.Name)
		c.text(&p.Token)
		c.number(&p.Within)
		c.flag(&p.Required)
		level[finding.Confidence](c, &p.Alone)
	})
	list(c, &r.Allowlists, nil, c.allowlist)
	a := r.analysis
	list(c, &a.triggers, &c.triggers, func(l *pattern.Literal) {
		c.text(&l.Text)
		c.flag(&l.Fold)
		c.number(&l.Min)
		c.number(&l.Max)
	})
	c.flag(&a.keyword)
	c.number(&a.longest)
	list(c, &a.parts, &c.parts, c.number)
	c.text(&a.digest)
	if c.out == nil {
		c.text(&r.people)
		return
	}
	people := &codec{out: make([]byte, 0, 1<<10)}
	people.people(r.Full())
	run := string(people.out)
	c.text(&run)
}

// people is what of a rule is for people.
func (c *codec) people(r *Rule) {
	c.text(&r.RotateURL)
	c.text(&r.File)
	c.number(&r.Line)
	for _, l := range [...]*[]string{&r.Steps, &r.Docs, &r.Examples, &r.Counterexamples} {
		list(c, l, &c.strings, c.text)
	}
}

// Full is the rule with what is for people: RotateURL, Steps, Docs, Examples,
// Counterexamples, File and Line. It is the rule itself unless it comes from
// BuiltinLean.
func (r *Rule) Full() *Rule {
	if r.people == "" {
		return r
	}
	full := *r
	full.people = ""
	c := &codec{in: r.people}
	if c.people(&full); c.err != nil {
		return r // cannot be: the tests read all of them
	}
	return &full
}

func (c *codec) allowlist(a *Allowlist) {
	c.text(&a.Description)
	c.text(&a.Condition)
	c.text(&a.RegexTarget)
	for _, l := range []*[]string{&a.Paths, &a.Regexes, &a.StopWords, &a.TargetRules} {
		list(c, l, nil, c.text)
	}
}

func (c *codec) set(s *Set) {
	version := compactVersion
	c.number(&version)
	if version != compactVersion {
		c.err = fmt.Errorf("the compact catalogue has version %d, this program reads %d", version, compactVersion)
		return
	}
	c.text(&s.Source)
	n := len(s.Rules)
	c.number(&n)
	if c.out == nil && c.err == nil && n >= 0 && n <= len(c.in) {
		rules, analyses := make([]Rule, n), make([]analysis, n)
		s.Rules = make([]*Rule, n)
		for i := range rules {
			rules[i].checked, rules[i].builtin, rules[i].analysis = true, true, &analyses[i]
			s.Rules[i] = &rules[i]
		}
	}
	for _, r := range s.Rules {
		if c.err != nil {
			return
		}
		c.rule(r)
	}
	list(c, &s.Allowlists, nil, c.allowlist)
}

// encode writes a set that passed Validate.
func encode(s *Set) []byte {
	for _, r := range s.Rules {
		r.analyse()
	}
	c := &codec{out: make([]byte, 0, 1<<20)}
	c.set(s)
	return c.out
}

// decode reads what encode wrote; the set's strings are slices of text.
func decode(text string) (*Set, error) {
	c := &codec{in: text}
	s := &Set{}
	c.set(s)
	if c.err == nil && c.at != len(c.in) {
		c.err = errCompact
	}
	return s, c.err
}
