package rules

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/leaksonde/leaksonde/rules/checksum"
	"github.com/leaksonde/leaksonde/rules/pattern"
)

// Example is an expanded template.
type Example struct {
	Text string
	// Secret is the value drawn for {{secret}}, empty if there was none.
	Secret string
}

// surroundings are the ready-made templates. WORD is the rule's first context
// word or provider in upper case, word in lower case.
var surroundings = map[string]string{
	"@source":      `client = Client(wordApiKey="{{secret}}", timeout=30)`,
	"@env":         "export WORD_API_KEY={{secret}}\n",
	"@json":        `{"name": "prod", "word_token": "{{secret}}", "retries": 3}`,
	"@yaml":        "word:\n  token: {{secret}}\n",
	"@url":         `GET https://api.example.com/v1/items?word_key={{secret}}&page=2 HTTP/1.1`,
	"@log":         `2026-03-01T10:00:00Z DEBUG word: calling with key={{secret}} (attempt 1)`,
	"@header":      `curl -H "X-word-Token: {{secret}}" https://api.example.com/`,
	"@bare":        "{{secret}}\n",
	"@short":       "export WORD_API_KEY={{secret:short}}\n",
	"@long":        "export WORD_API_KEY={{secret:long}}\n",
	"@badsum":      "export WORD_API_KEY={{secret:badsum}}\n",
	"@placeholder": "export WORD_API_KEY={{secret:placeholder}}\n",
	"@no-context":  "checked = \"{{secret}}\"\n",
}

// Expand fills a template of the rule; n varies what is drawn. The same rule,
// template and n always give the same text.
func (r *Rule) Expand(template string, n int) (Example, error) {
	if s, ok := surroundings[template]; ok {
		word := strings.NewReplacer("-", "_", " ", "_", ".", "_").Replace(r.Provider)
		if len(r.Context) > 0 {
			word = strings.NewReplacer("-", "_", " ", "_", ".", "_").Replace(r.Context[0])
		}
		template = strings.NewReplacer("WORD", strings.ToUpper(word), "word", strings.ToLower(word)).Replace(s)
	} else if strings.HasPrefix(template, "@") {
		return Example{}, fmt.Errorf("unknown surroundings %q", template)
	}
	h := fnv.New64a()
	fmt.Fprint(h, r.ID, template)
	x := expansion{rule: r, rand: rand.New(rand.NewPCG(h.Sum64(), uint64(n)))}
	text := placeholders.ReplaceAllStringFunc(template, x.fill)
	return Example{Text: text, Secret: x.secret}, x.err
}

var placeholders = regexp.MustCompile(`\{\{[a-z]+(?::(?:[^}]|\}[^}])*\}*)?\}\}`)

type expansion struct {
	rule   *Rule
	rand   *rand.Rand
	secret string
	err    error
}

func (x *expansion) fill(placeholder string) string {
	word, arg, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(placeholder, "{{"), "}}"), ":")
	out, err := x.value(word, arg)
	if err != nil && x.err == nil {
		x.err = fmt.Errorf("in %s: %w", placeholder, err)
	}
	return out
}

func (x *expansion) value(word, arg string) (string, error) {
	switch word {
	case "secret":
		return x.draw(arg)
	case "gen":
		re, err := pattern.Parse(arg)
		if err != nil {
			return "", err
		}
		return pattern.Generate(re, x.rand), nil
	case "part":
		for _, p := range x.rule.Parts {
			if p.Name == arg {
				re, err := pattern.Parse(p.Token)
				if err != nil {
					return "", err
				}
				return pattern.Generate(re, x.rand), nil
			}
		}
		return "", fmt.Errorf("the rule has no part %q", arg)
	}
	return "", fmt.Errorf("unknown placeholder %q (want secret, part or gen)", word)
}

// draw draws a value of the rule and spoils it as asked.
func (x *expansion) draw(spoil string) (string, error) {
	re, err := x.rule.secretSyntax()
	if err != nil {
		return "", err
	}
	if spoil == "" && x.secret != "" {
		return x.secret, nil
	}
	s := pattern.Generate(re, x.rand)
	scheme, checked := checksum.Lookup(x.rule.Checksum)
	if checked && scheme.Fix != nil {
		s = scheme.Fix(s)
	}
	lo, hi := pattern.Bounds(re)
	switch spoil {
	case "":
		x.secret = s
	case "short":
		s = s[:max(0, min(len(s), lo)-1)]
	case "long":
		if hi == pattern.Unbounded {
			return "", fmt.Errorf("a pattern without a greatest length has no value that is too long")
		}
		for len(s) <= hi {
			s += s[len(s)-1:]
		}
	case "badsum":
		if !checked {
			return "", fmt.Errorf("the rule has no checksum")
		}
		if scheme.Break != nil {
			s = scheme.Break(s)
		} else {
			s = checksum.BreakTail(s)
		}
	case "placeholder":
		s = blank(s, re)
	default:
		return "", fmt.Errorf("unknown spoiling %q (want short, long, badsum or placeholder)", spoil)
	}
	return s, nil
}

// blank replaces what the pattern leaves free by x, or by 0 where x is not
// allowed.
func blank(s string, re *syntax.Regexp) string {
	anchored, err := regexp.Compile("^(?:" + re.String() + ")$")
	if err != nil {
		return s
	}
	out := []byte(s)
	for i := range out {
		keep := out[i]
		for _, c := range []byte("x0X") {
			out[i] = c
			if anchored.Match(out) {
				break
			}
			out[i] = keep
		}
	}
	return string(out)
}

// secretSyntax is the pattern of the secret alone.
func (r *Rule) secretSyntax() (*syntax.Regexp, error) {
	if r.Token != "" {
		return pattern.Parse(r.Token)
	}
	if r.Regex == "" {
		return nil, fmt.Errorf("a rule without token or regex cannot draw {{secret}}")
	}
	re, err := pattern.Parse(r.Regex)
	if err != nil {
		return nil, err
	}
	group := r.SecretGroup
	if group == 0 && re.MaxCap() > 0 {
		group = 1
	}
	return pattern.Group(re, group)
}
