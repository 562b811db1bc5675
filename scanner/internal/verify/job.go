package verify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// job is one subject whose check can be made.
type job struct {
	rule     *rules.Rule
	check    *rules.Check
	endpoint *endpoint // nil unless mapped
	values   values
}

// endpoint is a base URL of the user's in the place of a provider's.
type endpoint struct {
	base *url.URL
}

func parseEndpoint(name, base string) (*endpoint, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("--verify-endpoint: the address for %s is no base URL (want e.g. %s=https://gateway.example.com/v1)", name, name)
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return &endpoint{u}, nil
}

// prepare decides whether a subject can be checked; if not, the result says
// why.
func (v *Verifier) prepare(s *Subject) (*job, finding.Verification) {
	c := s.Rule.Verify
	if c == nil {
		return nil, finding.Verification{State: finding.Unverifiable, Reason: "no harmless check is known for this kind"}
	}
	j := &job{rule: s.Rule, check: c, values: values{secret: s.Secret, parts: s.Parts, now: v.opt.Now()}}
	j.endpoint = v.mapped[s.Rule.ID]
	if j.endpoint == nil {
		j.endpoint = v.mapped[s.Rule.Provider]
	}
	if name := canary(s); name != "" && !v.opt.Canaries {
		r := unknown("a canary token of " + name + ", not checked: a call would alarm whoever set it (--verify-canaries)")
		r.Facts = map[string]string{"canary": name}
		return nil, r
	}
	for name, expr := range c.Vars {
		m := regexp.MustCompile(expr).FindStringSubmatch(s.Secret)
		if m == nil {
			return nil, finding.Verification{State: finding.Unverifiable, Reason: "the value does not hold its " + name}
		}
		if j.values.vars == nil {
			j.values.vars = map[string]string{}
		}
		j.values.vars[name] = m[1]
	}
	if missing := j.missing(); len(missing) > 0 {
		return nil, finding.Verification{State: finding.Unverifiable, Reason: "it needs its " + strings.Join(missing, " and ") + ", not found near it"}
	}
	if why := j.unfit(); why != "" {
		return nil, finding.Verification{State: finding.Unverifiable, Reason: why}
	}
	return j, finding.Verification{}
}

// missing are the parts that the calls need and the subject lacks. Of a host
// that is mapped the parts that make it are not needed.
func (j *job) missing() []string {
	var names []string
	need := func(part string) {
		if j.values.parts[part] == "" && !slices.Contains(names, part) {
			names = append(names, part)
		}
	}
	for _, n := range j.check.Needs {
		if strings.HasPrefix(j.values.secret, n.Prefix) {
			need(n.Part)
		}
	}
	for _, call := range j.check.Calls() {
		for _, t := range texts(call) {
			for _, m := range rules.CheckPlaceholder.FindAllStringSubmatch(t, -1) {
				if m[1] == "part" && m[3] == "" {
					need(m[2])
				}
			}
		}
		_, u := call.Method()
		if j.endpoint != nil {
			_, u = splitHost(u)
		}
		for _, m := range rules.CheckPlaceholder.FindAllStringSubmatch(u, -1) {
			if m[1] == "part" && m[3] == "" {
				need(m[2])
			}
		}
	}
	if o := j.check.OAuth; o != nil {
		for _, m := range rules.CheckPlaceholder.FindAllStringSubmatch(o.ID+o.Secret, -1) {
			if m[1] == "part" && m[3] == "" {
				need(m[2])
			}
		}
	}
	return names
}

// texts are the templates of a call beside its URL.
func texts(c *rules.Call) []string {
	all := []string{c.User, c.Password, c.Body}
	for _, k := range sortedKeys(c.Headers) {
		all = append(all, c.Headers[k])
	}
	for _, k := range sortedKeys(c.Form) {
		all = append(all, c.Form[k])
	}
	if s := c.Sign; s != nil {
		all = append(all, s.Key, s.KeyID, s.Session, s.Message)
	}
	return all
}

// unfit says why no request can be made of the values.
func (j *job) unfit() string {
	for _, v := range append([]string{j.values.secret}, mapValues(j.values.parts)...) {
		if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }) {
			return "the value holds control characters"
		}
	}
	for _, call := range j.check.Calls() {
		if _, u := call.Method(); j.endpoint == nil && strings.HasPrefix(u, "https://"+rules.Instance) {
			return "its instance is not known (--verify-endpoint " + j.rule.Provider + "=URL)"
		}
		if _, err := j.target(call); err != nil {
			return err.Error()
		}
	}
	return ""
}

// host is where the call that decides goes.
func (j *job) host() string {
	for _, call := range j.check.Calls() {
		if u, err := j.target(call); err == nil {
			return u.Host
		}
	}
	return ""
}

// target is the URL of a call. It is one of the check's own hosts, or of the
// endpoint that the user mapped.
func (j *job) target(call *rules.Call) (*url.URL, error) {
	_, template := call.Method()
	host, rest := splitHost(template)
	if j.endpoint != nil {
		base := *j.endpoint.base
		u, err := url.Parse(base.Scheme + "://" + base.Host + base.EscapedPath() + j.values.fill(rest, escapeURL))
		if err != nil {
			return nil, fmt.Errorf("the value does not fit into the address of its check")
		}
		return u, nil
	}
	host = strings.ToLower(j.values.fill(host, func(s string) string { return s }))
	if !hostForm.MatchString(host) || !j.check.AllowsHost(host) {
		return nil, fmt.Errorf("its host is none that the provider is known to have (--verify-endpoint %s=URL for one of your own)", j.rule.Provider)
	}
	u, err := url.Parse("https://" + host + j.values.fill(rest, escapeURL))
	if err != nil || u.Host != host {
		return nil, fmt.Errorf("the value does not fit into the address of its check")
	}
	return u, nil
}

var hostForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?$`)

// splitHost cuts the template of an https URL after its host.
func splitHost(template string) (host, rest string) {
	template = strings.TrimPrefix(template, "https://")
	if i := strings.IndexAny(template, "/?"); i >= 0 {
		return template[:i], template[i:]
	}
	return template, ""
}

// key identifies what is asked of whom, without telling the secret.
func (j *job) key(salt []byte) string {
	mac := hmac.New(sha256.New, salt)
	write := func(all ...string) {
		for _, s := range all {
			fmt.Fprintf(mac, "%d:%s", len(s), s)
		}
	}
	write(j.rule.ID, j.values.secret)
	for _, name := range sortedKeys(j.values.parts) {
		write(name, j.values.parts[name])
	}
	for _, call := range j.check.Calls() {
		method, _ := call.Method()
		u, _ := j.target(call)
		if u != nil {
			write(method, u.String())
		}
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func mapValues(m map[string]string) []string {
	var all []string
	for _, k := range sortedKeys(m) {
		all = append(all, m[k])
	}
	return all
}
