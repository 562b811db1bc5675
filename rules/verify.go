package rules

import (
	"regexp"
	"slices"
	"strings"
)

// Check says how a value of a rule is checked with its provider: one read-only
// call whose answer tells whether the credential is accepted, and further calls
// that tell what an accepted one can do. It is data, so that what will be sent
// where can be read and listed before anything is sent.
//
// In a rule file of one's own a check stands in [rules.verify]; those of the
// built-in rules stand in catalogue/verify, as [[verify]] with Rule or Rules.
type Check struct {
	// Rule and Rules name the rules that the check belongs to; empty in
	// [rules.verify].
	Rule  string   `toml:"rule"`
	Rules []string `toml:"rules"`

	// Hosts are the hosts that may be called beside those that stand in the
	// URLs of the check: "*.atlassian.net". A URL whose host comes from a
	// placeholder needs them; one that fits none is never called.
	Hosts []string `toml:"hosts"`
	// Vars are read from the secret: name to a regular expression whose first
	// group is the value of {{var:NAME}}.
	Vars map[string]string `toml:"vars"`
	// Needs are parts without which there is nothing to send.
	Needs []Need `toml:"needs"`

	Call
	// OAuth gets an access token first, {{token}} in the call. Without a call
	// of its own a check is done when the token is there.
	OAuth *OAuth `toml:"oauth"`

	// What an answer means: the first of Unknown, then of Active, then of
	// Inactive that fits. An answer that none fits is unknown.
	Unknown  []Answer `toml:"unknown"`
	Active   []Answer `toml:"active"`
	Inactive []Answer `toml:"inactive"`

	// Elsewhere says why a refusal by the default host proves nothing: the
	// provider has other regions, or instances of its users. An inactive answer
	// is unknown then, unless the user has mapped the endpoint.
	Elsewhere string `toml:"elsewhere"`
	// May completes "may …" for a credential whose call was answered with 200.
	May string `toml:"may"`
	// Facts are kept from the answer of an active credential: name to source.
	// A source is a gjson path in the body, "header:NAME", or "count:PATH".
	Facts map[string]string `toml:"facts"`
	// More are calls made only for an active credential.
	More []Probe `toml:"more"`
	// Impact says in a sentence what whoever has the credential can do, by
	// what the probes showed: "full", "restricted", "read-only"; "any" for
	// checks without probes.
	Impact map[string]string `toml:"impact"`
}

// Call is one HTTP request. Placeholders in its texts:
//
//	{{secret}}         the value
//	{{part:NAME}}      a member of a composite credential; {{part:NAME?}} may
//	                   be absent
//	{{var:NAME}}       what Vars read from the secret
//	{{endpoint}}       as a host: the instance is the user's own, so the call is
//	                   only made if --verify-endpoint names it
//	{{token}}          the access token of OAuth
//	{{now}} {{now-ms}} {{expires}} {{nonce}}  for signatures: seconds,
//	                   milliseconds, now and a minute, a number
//	{{signature}}      what Sign made
//
// They are escaped as the place demands.
type Call struct {
	// Get or Post is the URL.
	Get  string `toml:"get"`
	Post string `toml:"post"`
	// Harmless says why a POST changes nothing; required with Post.
	Harmless string `toml:"harmless"`
	// InURL admits that the secret stands in the URL: the provider has no
	// other way.
	InURL bool `toml:"in-url"`
	// Auth is "bearer" (Authorization: Bearer {{secret}}), "basic" (User and
	// Password) or empty.
	Auth     string            `toml:"auth"`
	User     string            `toml:"user"`
	Password string            `toml:"password"`
	Headers  map[string]string `toml:"headers"`
	// Form is a form body, Body a JSON one.
	Form map[string]string `toml:"form"`
	Body string            `toml:"body"`
	Sign *Sign             `toml:"sign"`
}

// Method and URL of the call; both empty if there is none.
func (c *Call) Method() (method, url string) {
	switch {
	case c.Get != "":
		return "GET", c.Get
	case c.Post != "":
		return "POST", c.Post
	}
	return "", ""
}

// Sign is how a call is signed.
type Sign struct {
	// Kind is one of Signs.
	Kind string `toml:"kind"`
	// Key is the secret key; for aws-v4 KeyID and Session are the access key
	// id and the session token.
	Key     string `toml:"key"`
	KeyID   string `toml:"key-id"`
	Session string `toml:"session"`
	Service string `toml:"service"`
	Region  string `toml:"region"`
	// Message is what an HMAC is taken of; Encoding of the result is "hex"
	// (default) or "base64"; KeyEncoding "base64" decodes the key first.
	Message     string `toml:"message"`
	Encoding    string `toml:"encoding"`
	KeyEncoding string `toml:"key-encoding"`
}

// OAuth is the client credentials grant (RFC 6749, 4.4).
type OAuth struct {
	URL    string `toml:"url"`
	ID     string `toml:"id"`
	Secret string `toml:"secret"`
	// Style is "basic" (default) or "body".
	Style string            `toml:"style"`
	Scope string            `toml:"scope"`
	Form  map[string]string `toml:"form"`
	// Refused are the error codes that mean that the client is not known;
	// default invalid_client.
	Refused []string `toml:"refused"`
}

// Need is a part without which the check cannot be made: always, or for
// secrets that begin with Prefix.
type Need struct {
	Prefix string `toml:"prefix"`
	Part   string `toml:"part"`
}

// Answer is a condition on a response. All of what is set must fit.
type Answer struct {
	// Status is one of these; default 200, for inactive answers 401.
	Status []int `toml:"status"`
	// JSON is a gjson path that must be there and not be null. Is are the
	// values it may have, Has the texts of which it must contain one (case
	// does not matter). Without JSON, Has looks at the whole body.
	JSON string   `toml:"json"`
	Is   []string `toml:"is"`
	Has  []string `toml:"has"`
	// Lacks is a path that must not be there.
	Lacks string `toml:"lacks"`
	// Header must be there; without JSON, Is and Has look at it.
	Header string `toml:"header"`
	// Text accepts a body that is no JSON. A page of a proxy is none, so
	// something else must be asked for.
	Text bool `toml:"text"`
	// Reason explains the state to people.
	Reason string `toml:"reason"`
}

// Probe is a further call for an active credential: what it may do.
type Probe struct {
	Call
	// May completes "may …": "read uploaded files". Without it the probe only
	// gathers facts.
	May string `toml:"may"`
	// Write marks what is more than reading.
	Write bool `toml:"write"`
	// Allowed and Refused answers; default status 200 and 403, with JSON.
	Allowed []Answer          `toml:"allowed"`
	Refused []Answer          `toml:"refused"`
	Facts   map[string]string `toml:"facts"`
}

// Signs are the kinds of Sign.
var Signs = []string{"aws-v4", "hmac-sha1", "hmac-sha256", "hmac-sha512"}

// CheckPlaceholder is the form of placeholders in a Call.
var CheckPlaceholder = regexp.MustCompile(`\{\{([a-z-]+)(?::([A-Za-z0-9_-]+)(\?)?)?\}\}`)

// Calls are all calls of the check in the order in which they are made, the
// one for the access token included.
func (c *Check) Calls() []*Call {
	var all []*Call
	if c.OAuth != nil {
		all = append(all, &Call{Post: c.OAuth.URL, Form: c.OAuth.Form, Harmless: "asks for an access token"})
	}
	if m, _ := c.Method(); m != "" {
		all = append(all, &c.Call)
	}
	for i := range c.More {
		all = append(all, &c.More[i].Call)
	}
	return all
}

// Instance is the host of checks that go to instances of the users' own.
const Instance = "{{endpoint}}"

// hostOf is the host of a URL template, with port and placeholders.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// AllowsHost tells whether the check may call a host.
func (c *Check) AllowsHost(host string) bool {
	host = strings.ToLower(host)
	for _, call := range c.Calls() {
		if _, u := call.Method(); hostOf(u) == host {
			return true
		}
	}
	return slices.ContainsFunc(c.Hosts, func(pattern string) bool { return fitsHost(pattern, host) })
}

// fitsHost: "*." stands for one or more labels.
func fitsHost(pattern, host string) bool {
	suffix, wild := strings.CutPrefix(pattern, "*")
	if !wild {
		return pattern == host
	}
	return strings.HasSuffix(host, suffix) && len(host) > len(suffix) && !strings.HasPrefix(host, ".")
}

// ids are the rules that the check names.
func (c *Check) ids() []string {
	if c.Rule != "" {
		return append([]string{c.Rule}, c.Rules...)
	}
	return c.Rules
}
