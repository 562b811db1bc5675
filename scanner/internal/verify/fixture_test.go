package verify

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// catalogue is the built-in set with its checks.
var catalogue = sync.OnceValue(func() *rules.Set {
	set, err := rules.Builtin()
	if err == nil {
		err = set.LoadChecks()
	}
	if err != nil {
		panic(err)
	}
	return set
})

// drawn is a fresh value of a rule with all parts that can be drawn.
func drawn(t *testing.T, id string, n int) Subject {
	t.Helper()
	r := catalogue().Lookup(id)
	if r == nil {
		t.Fatalf("no rule %q", id)
	}
	x, err := r.Expand("{{secret}}", n)
	if err != nil {
		t.Fatal(err)
	}
	s := Subject{Rule: r, Secret: x.Secret, Parts: map[string]string{}}
	for _, p := range r.Parts {
		if x, err := r.Expand("{{part:"+p.Name+"}}", n); err == nil {
			s.Parts[p.Name] = x.Text
		}
	}
	return s
}

// provider is a server that plays a provider and counts.
type provider struct {
	*httptest.Server
	calls         atomic.Int64
	atOnce, least atomic.Int64
}

func play(t *testing.T, h http.HandlerFunc) *provider {
	p := &provider{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls.Add(1)
		if n := p.atOnce.Add(1); n > p.least.Load() {
			p.least.Store(n)
		}
		defer p.atOnce.Add(-1)
		h(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// answer always gives the same answer.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		kind := "application/json"
		if strings.HasPrefix(body, "<") {
			kind = "text/html; charset=utf-8"
		}
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// quick are options for tests: fast, and patient for a moment only.
func quick() Options {
	return Options{Rate: 5000, Timeout: 300 * time.Millisecond, Budget: 15 * time.Second, MaxWait: 20 * time.Millisecond, Getenv: func(string) string { return "" }}
}

func verifier(t *testing.T, o Options, endpoints ...string) *Verifier {
	t.Helper()
	o.Endpoints = map[string]string{}
	for i := 0; i < len(endpoints); i += 2 {
		o.Endpoints[endpoints[i]] = endpoints[i+1]
	}
	v, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func check(t *testing.T, v *Verifier, subjects ...Subject) []finding.Verification {
	t.Helper()
	all, err := v.Check(context.Background(), subjects)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range all {
		text := fmt.Sprint(r)
		if s := subjects[i].Secret; len(s) > 8 && strings.Contains(text, s) {
			t.Errorf("the result of %s repeats the secret", subjects[i].Rule.ID)
		}
	}
	return all
}

func one(t *testing.T, v *Verifier, s Subject) finding.Verification {
	t.Helper()
	return check(t, v, s)[0]
}
