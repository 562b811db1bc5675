package rules

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// hostForm are the characters of a host name with an optional port.
var hostForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?$`)

// checker collects what is wrong with one check.
type checker struct {
	rule  *Rule
	check *Check
	// file and line of the check, which may stand apart from its rule.
	file     string
	line     int
	problems []*Problem
}

func (k *checker) bad(hint, text string, args ...any) {
	k.problems = append(k.problems, &Problem{File: k.file, Line: k.line, Rule: k.rule.ID, Text: "verify: " + fmt.Sprintf(text, args...), Hint: hint})
}

// lintCheck checks a check of a rule. It is strict: a check sends secrets, and
// a false "inactive" makes somebody leave a live key where it is.
func lintCheck(r *Rule, c *Check, file string, line int) []*Problem {
	k := &checker{rule: r, check: c, file: file, line: line}
	method, _ := c.Method()
	if method == "" && c.OAuth == nil {
		k.bad(`add get = "https://…"`, "makes no call")
	}
	for _, h := range c.Hosts {
		if bare := strings.TrimPrefix(h, "*."); !hostForm.MatchString(bare) || !strings.Contains(bare, ".") {
			k.bad(`a host name, or "*." and a domain`, "hosts: %q is no host", h)
		}
	}
	for name, expr := range c.Vars {
		if re, err := regexp.Compile(expr); err != nil || re.NumSubexp() < 1 {
			k.bad("a regular expression with one group", "vars.%s does not compile or has no group", name)
		}
	}
	for _, n := range c.Needs {
		k.part(n.Part)
	}
	k.oauth()
	for _, call := range c.Calls() {
		k.call(call)
	}
	if !k.uses("secret") {
		k.bad("put {{secret}} into a header", "never sends the secret")
	}
	k.answers()
	for where, facts := range k.facts() {
		for name, source := range facts {
			if source == "" || strings.TrimPrefix(strings.TrimPrefix(source, "count:"), "header:") == "" {
				k.bad("a gjson path, header:NAME or count:PATH", "%s: fact %q has no source", where, name)
			}
			if !slugForm.MatchString(name) {
				k.bad("use lower-case words joined by -", "%s: the name of fact %q is no slug", where, name)
			}
		}
	}
	for name := range c.Impact {
		if !slices.Contains([]string{"any", "full", "restricted", "read-only"}, name) {
			k.bad(`"any", "full", "restricted" or "read-only"`, "impact: unknown case %q", name)
		}
	}
	return k.problems
}

func (k *checker) facts() map[string]map[string]string {
	all := map[string]map[string]string{"facts": k.check.Facts}
	for i, p := range k.check.More {
		all[fmt.Sprintf("more[%d].facts", i)] = p.Facts
	}
	return all
}

func (k *checker) oauth() {
	o := k.check.OAuth
	if o == nil {
		return
	}
	if o.URL == "" || o.ID == "" || o.Secret == "" {
		k.bad("", "oauth needs url, id and secret")
	}
	if !slices.Contains([]string{"", "basic", "body"}, o.Style) {
		k.bad(`"basic" or "body"`, "oauth: unknown style %q", o.Style)
	}
	k.texts("oauth", o.ID, o.Secret, o.Scope)
}

// call checks one request.
func (k *checker) call(c *Call) {
	if c.Get != "" && c.Post != "" {
		k.bad("keep one", "has both get and post")
	}
	method, target := c.Method()
	if method == "" {
		k.bad("", "a further call without get or post")
		return
	}
	if method == http.MethodPost && c.Harmless == "" {
		k.bad(`say why in harmless = "…"`, "a POST may change something")
	}
	k.url(target, c.InURL)
	switch c.Auth {
	case "", "bearer", "basic":
	default:
		k.bad(`"bearer", "basic", or headers = {…}`, "unknown auth %q", c.Auth)
	}
	if (c.User != "" || c.Password != "") != (c.Auth == "basic") {
		k.bad("", `auth = "basic" goes with user and password, and they with it`)
	}
	if c.Body != "" && len(c.Form) > 0 {
		k.bad("keep one", "has both body and form")
	}
	k.texts("call", c.User, c.Password, c.Body)
	for name, v := range c.Headers {
		if strings.ContainsAny(name, " \t\r\n:") || name == "" {
			k.bad("", "header %q is no name", name)
		}
		k.texts("header "+name, v)
	}
	for _, v := range c.Form {
		k.texts("form", v)
	}
	if s := c.Sign; s != nil {
		if !slices.Contains(Signs, s.Kind) {
			k.bad(suggest(s.Kind, Signs), "sign: unknown kind %q", s.Kind)
		}
		k.texts("sign", s.Key, s.KeyID, s.Session, s.Message)
	}
}

// url checks a URL template: HTTPS, a host that is declared, no secret in it
// unless that is admitted.
func (k *checker) url(target string, inURL bool) {
	if !strings.HasPrefix(target, "https://") {
		k.bad("other addresses are for --verify-endpoint", "%q is no https URL", target)
		return
	}
	host := hostOf(target)
	if host == Instance {
		target = "https://x" + strings.TrimPrefix(target, "https://"+Instance)
	} else if strings.Contains(host, "{{") {
		if len(k.check.Hosts) == 0 {
			k.bad(`add hosts = ["*.example.com"]`, "the host %q comes from outside and hosts does not limit it", host)
		}
	} else if !hostForm.MatchString(host) {
		k.bad("", "%q is no host", host)
	}
	if _, err := url.Parse(CheckPlaceholder.ReplaceAllString(target, "x")); err != nil {
		k.bad("", "%q is no URL", target)
	}
	if !inURL && (strings.Contains(target, "{{secret}}") || strings.Contains(target, "{{token}}")) {
		k.bad("use a header; in-url = true if the provider knows no other way", "the secret stands in the URL")
	}
	k.texts("url", target)
}

// texts checks the placeholders of templates.
func (k *checker) texts(where string, all ...string) {
	for _, t := range all {
		for _, m := range CheckPlaceholder.FindAllStringSubmatch(t, -1) {
			switch m[1] {
			case "secret", "token", "now", "now-ms", "expires", "nonce", "signature":
			case "part":
				k.part(m[2])
			case "var":
				if k.check.Vars[m[2]] == "" {
					k.bad("declare it in vars", "%s: no variable %q", where, m[2])
				}
			default:
				k.bad("", "%s: unknown placeholder %s", where, m[0])
			}
		}
		if rest := CheckPlaceholder.ReplaceAllString(t, ""); strings.Contains(rest, "{{") {
			k.bad("", "%s: broken placeholder in %q", where, t)
		}
	}
}

func (k *checker) part(name string) {
	if !slices.ContainsFunc(k.rule.Parts, func(p Part) bool { return p.Name == name }) {
		k.bad("declare it in [[rules.parts]]", "the rule has no part %q", name)
	}
}

// uses tells whether the call that decides sends a placeholder.
func (k *checker) uses(name string) bool {
	c := k.check
	texts := []string{c.Get, c.Post, c.User, c.Password, c.Body}
	for _, v := range c.Headers {
		texts = append(texts, v)
	}
	for _, v := range c.Form {
		texts = append(texts, v)
	}
	if c.Sign != nil {
		texts = append(texts, c.Sign.Key, c.Sign.KeyID)
	}
	if c.OAuth != nil {
		texts = append(texts, c.OAuth.ID, c.OAuth.Secret)
	}
	return len(c.Vars) > 0 || c.Auth == "bearer" || slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, "{{"+name+"}}") })
}

// answers checks what answers are taken to mean.
func (k *checker) answers() {
	c := k.check
	if m, _ := c.Method(); m != "" && len(c.Active) == 0 {
		k.bad(`add active = [{ json = "…" }]`, "no answer means active")
	}
	for _, a := range c.Active {
		k.answer("active", a)
		if a.JSON == "" && len(a.Has) == 0 && a.Header == "" {
			k.bad("ask for a field or a header that only the provider sends", "an active answer by its status alone, which any page would pass")
		}
	}
	for _, a := range c.Inactive {
		k.answer("inactive", a)
		said := len(a.Is)+len(a.Has) > 0
		for _, s := range a.Status {
			switch {
			case s == http.StatusTooManyRequests || s == http.StatusProxyAuthRequired || s == http.StatusNetworkAuthenticationRequired || s >= 500 || s >= 300 && s < 400:
				k.bad("", "status %d can never mean inactive", s)
			case s != http.StatusUnauthorized && !said:
				k.bad("ask for the provider's words with is or has", "status %d alone does not mean inactive", s)
			}
		}
	}
	for _, a := range c.Unknown {
		k.answer("unknown", a)
		if a.Reason == "" {
			k.bad("", "an unknown answer without a reason")
		}
	}
	for _, p := range c.More {
		for _, a := range slices.Concat(p.Allowed, p.Refused) {
			k.answer("more", a)
		}
	}
}

func (k *checker) answer(where string, a Answer) {
	for _, s := range a.Status {
		if s < 100 || s > 599 {
			k.bad("", "%s: %d is no HTTP status", where, s)
		}
	}
	if len(a.Is) > 0 && a.JSON == "" && a.Header == "" {
		k.bad("add json = \"path\"", "%s: is without json or header", where)
	}
	if a.Text && (a.JSON != "" || a.Lacks != "") {
		k.bad("", "%s: text and JSON paths exclude each other", where)
	}
	if a.Text && len(a.Has) == 0 && a.Header == "" {
		k.bad("say which text or header", "%s: any text would fit", where)
	}
}
