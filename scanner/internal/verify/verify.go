package verify

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Subject is one secret to be checked.
type Subject struct {
	Rule   *rules.Rule
	Secret string
	// Parts are the further members of a composite credential, by name.
	Parts map[string]string
}

// Options of a Verifier. Zero values stand for the defaults.
type Options struct {
	// Endpoints maps a rule id or a provider to the base URL that takes the
	// place of scheme and host of its checks. Plain HTTP and private addresses
	// are allowed there and nowhere else.
	Endpoints map[string]string
	// Rate is the number of requests a second to one host, default 5;
	// Concurrency those under way at once to one host, default 2.
	Rate        float64
	Concurrency int
	// Timeout is for one request with its answer, default 10 s; Budget for all
	// of one call of Check, default 10 minutes.
	Timeout, Budget time.Duration
	// Tries is how often a request is sent at most, default 3; MaxWait the
	// longest pause between two, default 30 s.
	Tries   int
	MaxWait time.Duration
	// Canaries checks canary tokens too, which tells whoever set them.
	Canaries bool
	// Cache keeps results between runs; nil keeps them for this one.
	Cache *Cache
	// Progress is called after each subject; it must be quick.
	Progress func(done, total int)
	// UserAgent names the program.
	UserAgent string

	// RootCAs are trusted instead of the system's; Getenv is where proxies are
	// read from, nil for the process's environment; Now is the clock. For
	// tests.
	RootCAs *x509.CertPool
	Getenv  func(string) string
	Now     func() time.Time
}

func (o *Options) setDefaults() {
	o.Rate = cmp.Or(o.Rate, 5)
	o.Concurrency = cmp.Or(o.Concurrency, 2)
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.Budget = cmp.Or(o.Budget, 10*time.Minute)
	o.Tries = cmp.Or(o.Tries, 3)
	o.MaxWait = cmp.Or(o.MaxWait, 30*time.Second)
	o.UserAgent = cmp.Or(o.UserAgent, "leaksonde (credential check)")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Cache == nil {
		o.Cache = newCache(o.Now)
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
}

// Verifier checks subjects. It is safe for concurrent use.
type Verifier struct {
	opt    Options
	mapped map[string]*endpoint
	client *client
	flight singleflight.Group
}

// New prepares a Verifier. Nothing is sent before Check.
func New(o Options) (*Verifier, error) {
	o.setDefaults()
	v := &Verifier{opt: o, mapped: map[string]*endpoint{}}
	for name, base := range o.Endpoints {
		e, err := parseEndpoint(name, base)
		if err != nil {
			return nil, err
		}
		v.mapped[name] = e
	}
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}
	v.client = newClient(&v.opt, tlsConfig)
	return v, nil
}

// Close ends idle connections.
func (v *Verifier) Close() { v.client.close() }

// Check checks all subjects and returns their results in the same order. The
// error is only that of a cancelled context.
func (v *Verifier) Check(ctx context.Context, subjects []Subject) ([]finding.Verification, error) {
	limited, cancel := context.WithTimeoutCause(ctx, v.opt.Budget, errBudget)
	defer cancel()
	results := make([]finding.Verification, len(subjects))
	progress := counter{total: len(subjects), tell: v.opt.Progress}
	byHost := map[string][]int{}
	jobs := make([]*job, len(subjects))
	for i := range subjects {
		j, done := v.prepare(&subjects[i])
		if j == nil {
			results[i] = done
			progress.step()
			continue
		}
		jobs[i] = j
		byHost[j.host()] = append(byHost[j.host()], i)
	}
	// One host's queue must not hold up another's: each has its own workers.
	var hosts errgroup.Group
	hosts.SetLimit(maxHosts)
	for _, host := range sortedKeys(byHost) {
		hosts.Go(func() error {
			var workers errgroup.Group
			workers.SetLimit(v.opt.Concurrency)
			for _, i := range byHost[host] {
				workers.Go(func() error {
					results[i] = v.once(limited, jobs[i])
					progress.step()
					return nil
				})
			}
			return workers.Wait()
		})
	}
	_ = hosts.Wait()
	return results, ctx.Err()
}

// maxHosts bounds the hosts that are spoken to at once.
const maxHosts = 16

// once checks a job unless its result is known or on its way.
func (v *Verifier) once(ctx context.Context, j *job) finding.Verification {
	key := j.key(v.opt.Cache.salt)
	if known, ok := v.opt.Cache.get(key); ok {
		return known
	}
	result, _, _ := v.flight.Do(key, func() (any, error) {
		if known, ok := v.opt.Cache.get(key); ok {
			return known, nil
		}
		r := v.run(ctx, j)
		v.opt.Cache.put(key, r)
		return r, nil
	})
	return result.(finding.Verification)
}

// run makes the calls of a job.
func (v *Verifier) run(ctx context.Context, j *job) finding.Verification {
	out := func(r finding.Verification) finding.Verification { return j.clean(j.placed(r)) }
	if o := j.check.OAuth; o != nil {
		r, token := v.token(ctx, j, o)
		if token == "" {
			return out(r)
		}
		j.values.token = token
		if m, _ := j.check.Method(); m == "" {
			return out(finding.Verification{State: finding.Active, Reason: "the provider issued an access token for it"})
		}
	}
	resp, err := v.client.send(ctx, j, &j.check.Call, func(r *response) bool { return r.fits(j.check) })
	if err != nil {
		return out(unknown(reasonOf(err)))
	}
	r := resp.judge(j.check)
	if r.State == finding.Active {
		r.Facts = resp.facts(j.check.Facts)
		v.probe(ctx, j, &r, resp.status == http.StatusOK)
	}
	return out(r)
}

// placed weighs a refusal: where the credential may belong to another place
// than the one that was asked, it proves nothing.
func (j *job) placed(r finding.Verification) finding.Verification {
	if r.State == finding.Inactive && j.check.Elsewhere != "" && j.endpoint == nil {
		return unknown(j.check.Elsewhere)
	}
	return r
}

// token gets an OAuth access token. Without one, the result says what became
// of the credential.
func (v *Verifier) token(ctx context.Context, j *job, o *rules.OAuth) (r finding.Verification, token string) {
	resp, err := v.client.send(ctx, j, tokenCall(o), func(r *response) bool { return r.status != http.StatusTooManyRequests && r.status < 500 })
	if err != nil {
		return unknown(reasonOf(err)), ""
	}
	if token := resp.text("access_token"); resp.status == http.StatusOK && token != "" {
		return r, token
	}
	refused := o.Refused
	if refused == nil {
		refused = []string{"invalid_client"}
	}
	code := resp.text("error")
	switch {
	case (resp.status == http.StatusBadRequest || resp.status == http.StatusUnauthorized) && slices.Contains(refused, code):
		return finding.Verification{State: finding.Inactive, Reason: "the provider does not know the client or its secret"}, ""
	case (resp.status == http.StatusBadRequest || resp.status == http.StatusForbidden) && slices.Contains([]string{"invalid_scope", "unauthorized_client"}, code):
		return finding.Verification{State: finding.Active, Reason: "the provider accepts the client, though not for this grant"}, ""
	}
	return resp.unexpected(), ""
}

func tokenCall(o *rules.OAuth) *rules.Call {
	call := &rules.Call{Post: o.URL, Form: map[string]string{"grant_type": "client_credentials"}, Headers: map[string]string{"Accept": "application/json"}}
	if o.Style == "body" {
		call.Form["client_id"], call.Form["client_secret"] = o.ID, o.Secret
	} else {
		call.Auth, call.User, call.Password = "basic", o.ID, o.Secret
	}
	if o.Scope != "" {
		call.Form["scope"] = o.Scope
	}
	for k, v := range o.Form {
		call.Form[k] = v
	}
	return call
}

// probe makes the further calls and says what the credential may do. A probe
// that fails leaves its matter open and the state as it is.
func (v *Verifier) probe(ctx context.Context, j *job, r *finding.Verification, plain bool) {
	var may, mayNot []string
	switch m := j.check.May; {
	case m == "":
	case plain:
		may = append(may, m)
	default:
		mayNot = append(mayNot, m)
	}
	writes, refusedWrites, open := 0, 0, 0
	for i := range j.check.More {
		p := &j.check.More[i]
		resp, err := v.client.send(ctx, j, &p.Call, func(r *response) bool { return r.status != http.StatusTooManyRequests && r.status < 500 })
		if err != nil {
			open++
			continue
		}
		allowed := resp.firstFit(or(p.Allowed, rules.Answer{}), http.StatusOK) != nil
		if allowed {
			if r.Facts == nil {
				r.Facts = map[string]string{}
			}
			for name, value := range resp.facts(p.Facts) {
				r.Facts[name] = value
			}
		}
		if p.May == "" {
			continue
		}
		switch {
		case allowed:
			may = append(may, p.May)
			if p.Write {
				writes++
			}
		case resp.firstFit(or(p.Refused, rules.Answer{}), http.StatusForbidden) != nil:
			mayNot = append(mayNot, p.May)
			if p.Write {
				refusedWrites++
			}
		default:
			open++
		}
	}
	if r.Facts == nil {
		r.Facts = map[string]string{}
	}
	access := "any"
	if len(may)+len(mayNot) > 0 {
		switch {
		case len(mayNot) == 0 && open == 0:
			access = "full"
		case len(mayNot) > 0 && refusedWrites == len(mayNot) && writes == 0:
			access = "read-only"
		case len(mayNot) > 0:
			access = "restricted"
		}
		if access != "any" {
			r.Facts["access"] = access
		}
		set(r.Facts, "may", strings.Join(may, ", "))
		set(r.Facts, "may-not", strings.Join(mayNot, ", "))
	}
	impact := cmp.Or(j.check.Impact[access], j.check.Impact["any"])
	if impact == "" && len(may) > 0 {
		impact = "Whoever has it can " + strings.Join(may, ", ") + "."
	}
	set(r.Facts, "impact", impact)
}

func or(list []rules.Answer, one rules.Answer) []rules.Answer {
	if len(list) == 0 {
		return []rules.Answer{one}
	}
	return list
}

func set(m map[string]string, k, v string) {
	if v != "" {
		m[k] = v
	}
}

func unknown(reason string) finding.Verification {
	return finding.Verification{State: finding.Unknown, Reason: reason}
}

var errBudget = errors.New("the time for verification was used up before its turn (--verify-budget)")

// counter counts subjects that are done.
type counter struct {
	mu          sync.Mutex
	done, total int
	tell        func(done, total int)
}

func (c *counter) step() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.tell(c.done, c.total)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
