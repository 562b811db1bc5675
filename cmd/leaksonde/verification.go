package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// verifyFlags are the flags about live checks, of scan and of verify.
type verifyFlags struct {
	verify, plan, onlyActive bool
	endpoints                []string
	canaries                 bool
	cache                    string
	cacheAge                 time.Duration
	rate                     float64
	timeout, budget          time.Duration
}

// register adds the flags that scan and verify share.
func (f *verifyFlags) register(fl *pflag.FlagSet) {
	fl.BoolVar(&f.plan, "verify-plan", false, "print which hosts a verification would call, how and how often, and exit")
	fl.StringArrayVar(&f.endpoints, "verify-endpoint", nil, "RULE_OR_PROVIDER=URL: check there instead, for gateways and instances of one's own (repeatable)")
	fl.BoolVar(&f.canaries, "verify-canaries", false, "check canary tokens, too: whoever set them is alarmed")
	fl.StringVar(&f.cache, "verify-cache", "", "keep clear answers in this file between runs (hashes, no secrets)")
	fl.DurationVar(&f.cacheAge, "verify-cache-age", 24*time.Hour, "how long kept answers are believed")
	fl.Float64Var(&f.rate, "verify-rate", 5, "requests a second to one host")
	fl.DurationVar(&f.timeout, "verify-timeout", 10*time.Second, "how long to wait for one answer")
	fl.DurationVar(&f.budget, "verify-budget", 10*time.Minute, "how long all checks together may take")
}

// registerScan adds those that scan alone has.
func (f *verifyFlags) registerScan(fl *pflag.FlagSet) {
	fl.BoolVar(&f.verify, "verify", false, "ask the providers whether the found secrets are live (sends each to its own provider)")
	fl.BoolVar(&f.onlyActive, "only-active", false, "report only secrets that are live; with --verify")
	f.register(fl)
}

// check finds flags that contradict each other.
func (f *verifyFlags) check(g gate) error {
	if f.rate < 0 || f.timeout < 0 || f.budget < 0 || f.cacheAge < 0 { // 0 is the default
		return fmt.Errorf("--verify-rate, --verify-timeout, --verify-budget and --verify-cache-age must not be negative")
	}
	if f.verify || f.plan {
		return nil
	}
	switch {
	case f.onlyActive:
		return fmt.Errorf("--only-active needs --verify: without it nothing is known to be active")
	case g.active:
		return fmt.Errorf("--fail-on active needs --verify: without it nothing is known to be active")
	case len(f.endpoints) > 0 || f.cache != "" || f.canaries:
		return fmt.Errorf("--verify-endpoint, --verify-cache and --verify-canaries need --verify or --verify-plan")
	}
	return nil
}

// start prepares the checks; nil if none were asked for.
func (f *verifyFlags) start(set *rules.Set, quiet bool) (*checks, error) {
	if !f.verify && !f.plan {
		return nil, nil
	}
	endpoints := map[string]string{}
	for _, e := range f.endpoints {
		name, url, ok := strings.Cut(e, "=")
		if !ok {
			return nil, fmt.Errorf("--verify-endpoint: want RULE_OR_PROVIDER=URL, e.g. openai=https://gateway.example.com")
		}
		endpoints[name] = url
	}
	c := &checks{flags: *f}
	if !quiet && term.IsTerminal(int(os.Stderr.Fd())) {
		c.progress = os.Stderr
	}
	var err error
	c.verifier, err = scanner.NewVerifier(set, scanner.VerifyOptions{
		Endpoints: endpoints, Rate: f.rate, Timeout: f.timeout, Budget: f.budget, Canaries: f.canaries,
		CacheFile: f.cache, CacheAge: f.cacheAge, Progress: c.step, UserAgent: "leaksonde/" + version(),
	})
	return c, err
}

// checks are the live checks of one run; nil makes none.
type checks struct {
	flags    verifyFlags
	verifier *scanner.Verifier
	progress io.Writer // nil: silent
}

func (c *checks) step(done, total int) {
	if c.progress != nil && total > 1 {
		fmt.Fprintf(c.progress, "\r\x1b[Kchecked %d of %d secrets", done, total)
		if done == total {
			fmt.Fprint(c.progress, "\r\x1b[K")
		}
	}
}

// apply checks findings, counts what came out in r, and returns those that are
// to be reported.
func (c *checks) apply(ctx context.Context, found []*finding.Finding, r *result) ([]*finding.Finding, error) {
	if c == nil {
		return found, nil
	}
	if err := c.verifier.Verify(ctx, found); err != nil {
		return nil, &exitError{exitIncomplete, fmt.Errorf("the verification did not finish: %w", err)}
	}
	for _, f := range found {
		switch {
		case f.Verification == nil:
		case f.Verification.State == finding.Active:
			r.active++
		case f.Verification.State == finding.Unknown:
			r.unclear++
		}
	}
	if !c.flags.onlyActive {
		return found, nil
	}
	all := len(found)
	found = slices.DeleteFunc(slices.Clone(found), func(f *finding.Finding) bool {
		return f.Verification == nil || f.Verification.State != finding.Active
	})
	r.left += all - len(found)
	return found, nil
}

// end closes the checks and says what they left out.
func (c *checks) end(r *result, quiet bool) error {
	if c == nil {
		return nil
	}
	if r.coverage != nil {
		r.coverage.Suppress("not known to be active (--only-active)", int64(r.left))
	}
	if r.unclear > 0 && !quiet {
		fmt.Fprintf(os.Stderr, "leaksonde: note: of %d secrets the providers did not say clearly whether they are live\n", r.unclear)
	}
	return c.verifier.Close()
}

// printPlan writes what would be sent.
func (c *checks) printPlan(w io.Writer, found []*finding.Finding) {
	for _, line := range c.verifier.VerifyPlan(found) {
		fmt.Fprintln(w, line)
	}
}
