package scanner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/verify"
)

// VerifyOptions are how live checks are made. The zero value is the default of
// every field.
type VerifyOptions struct {
	// Endpoints maps a rule id or a provider to the base URL of a gateway or
	// an instance of one's own, which takes the place of scheme and host. Only
	// there plain HTTP and private addresses are allowed.
	Endpoints map[string]string
	// Rate is the number of requests a second to one host; default 5.
	Rate float64
	// Timeout is for one request, default 10 s; Budget for all checks of one
	// call of Verify, default 10 minutes.
	Timeout, Budget time.Duration
	// Canaries checks canary tokens, too, which alarms whoever set them.
	Canaries bool
	// CacheFile keeps clear answers between runs for CacheAge, default 24 h.
	// It holds hashes instead of secrets; facts name accounts.
	CacheFile string
	CacheAge  time.Duration
	// Progress is called after each check.
	Progress  func(done, total int)
	UserAgent string
}

// Verifier asks providers whether found secrets are live. It is the only part
// of the library that sends anything, and it does so when Verify is called. It
// is safe for concurrent use.
type Verifier struct {
	set   *rules.Set
	inner *verify.Verifier
	cache *verify.Cache
	file  string
}

// NewVerifier prepares a Verifier for findings of the set's rules. Nothing is
// sent yet.
func NewVerifier(set *rules.Set, o VerifyOptions) (*Verifier, error) {
	if err := set.LoadChecks(); err != nil {
		return nil, fmt.Errorf("built-in checks: %w", err)
	}
	for name := range o.Endpoints {
		if !slices.ContainsFunc(set.Rules, func(r *rules.Rule) bool { return r.ID == name || r.Provider == name }) {
			return nil, fmt.Errorf("--verify-endpoint: no rule and no provider is called %q (see leaksonde rules list)", name)
		}
	}
	v := &Verifier{set: set, file: o.CacheFile}
	if o.CacheFile != "" {
		age := o.CacheAge
		if age == 0 {
			age = 24 * time.Hour
		}
		var err error
		if v.cache, err = verify.OpenCache(o.CacheFile, age, nil); err != nil {
			return nil, err
		}
	}
	var err error
	v.inner, err = verify.New(verify.Options{
		Endpoints: o.Endpoints, Rate: o.Rate, Timeout: o.Timeout, Budget: o.Budget, Canaries: o.Canaries,
		Cache: v.cache, Progress: o.Progress, UserAgent: o.UserAgent,
	})
	return v, err
}

// Verify checks each finding's secret and sets its Verification. An error means
// that the context was cancelled; what was known by then is set.
func (v *Verifier) Verify(ctx context.Context, findings []*finding.Finding) error {
	subjects, index := v.subjects(findings)
	results, err := v.inner.Check(ctx, subjects)
	for i, f := range index {
		r := results[i]
		f.Verification = &r
	}
	return err
}

// Close saves the cache and ends connections.
func (v *Verifier) Close() error {
	v.inner.Close()
	if v.cache == nil {
		return nil
	}
	return v.cache.Save(v.file)
}

// subjects are what is to be checked, findings those they belong to.
func (v *Verifier) subjects(findings []*finding.Finding) ([]verify.Subject, []*finding.Finding) {
	var subjects []verify.Subject
	var index []*finding.Finding
	for _, f := range findings {
		rule := v.set.Lookup(f.Rule)
		if rule == nil {
			continue
		}
		s := verify.Subject{Rule: rule, Secret: f.Secret}
		for _, p := range f.Parts {
			if s.Parts == nil {
				s.Parts = map[string]string{}
			}
			s.Parts[p.Name] = p.Secret
		}
		subjects, index = append(subjects, s), append(index, f)
	}
	return subjects, index
}

// VerifyPlan says in lines for people what Verify would send where, without
// sending it: hosts, methods, paths and counts. No secret is in it.
func (v *Verifier) VerifyPlan(findings []*finding.Finding) []string {
	subjects, _ := v.subjects(findings)
	plan := v.inner.Plan(subjects)
	var lines []string
	host := ""
	for _, c := range plan.Calls {
		if c.Host != host {
			host = c.Host
			lines = append(lines, host)
		}
		line := fmt.Sprintf("  %-4s %s  %s", c.Method, c.Path, count(c.Secrets, "secret"))
		if c.Further {
			line += ", if active"
		}
		if c.Why != "" {
			line += " (" + c.Why + ")"
		}
		lines = append(lines, line)
	}
	if len(plan.Calls) == 0 {
		lines = append(lines, "nothing would be sent")
	}
	if len(plan.Skipped) > 0 {
		lines = append(lines, "not checked")
	}
	for _, s := range plan.Skipped {
		lines = append(lines, fmt.Sprintf("  %s  %s: %s", s.Rule, count(s.Count, "secret"), s.Reason))
	}
	return lines
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strings.Join([]string{fmt.Sprint(n), what}, " ")
}
