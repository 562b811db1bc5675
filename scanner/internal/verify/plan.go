package verify

import (
	"cmp"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Plan is what Check would do, found without sending anything.
type Plan struct {
	// Calls by host, method and path, in that order.
	Calls []PlannedCall
	// Skipped are the subjects of which nothing is sent, by reason.
	Skipped []Skipped
}

// PlannedCall is one kind of request.
type PlannedCall struct {
	Host, Method, Path string
	// Secrets is how many credentials the request is made for. Further calls
	// are only made for credentials that turn out to be active.
	Secrets int
	Further bool
	// Why says of a POST why it changes nothing.
	Why string
}

// Skipped counts subjects that are not checked.
type Skipped struct {
	Rule   string
	State  finding.VerificationState
	Reason string
	Count  int
}

// Plan lists what Check would send. Results of the cache are not counted out:
// the plan is what may happen at most.
func (v *Verifier) Plan(subjects []Subject) Plan {
	calls, skipped := map[PlannedCall]int{}, map[Skipped]int{}
	seen := map[string]bool{}
	for i := range subjects {
		s := &subjects[i]
		j, done := v.prepare(s)
		if j == nil {
			skipped[Skipped{Rule: s.Rule.ID, State: done.State, Reason: done.Reason}]++
			continue
		}
		if key := j.key(nil); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		deciding := len(j.check.Calls()) - len(j.check.More)
		for n, call := range j.check.Calls() {
			target, err := j.target(call)
			if err != nil {
				continue
			}
			method, template := call.Method()
			_, path := splitHost(template) // with placeholders, not with values
			if j.endpoint != nil {
				path = j.endpoint.base.Path + path
			}
			why := ""
			if method != "GET" {
				why = call.Harmless
			}
			host := target.Host
			if target.Scheme != "https" {
				host = target.Scheme + "://" + host
			}
			calls[PlannedCall{Host: host, Method: method, Path: path, Further: n >= deciding, Why: why}]++
		}
	}
	var p Plan
	for c, n := range calls {
		c.Secrets = n
		p.Calls = append(p.Calls, c)
	}
	slices.SortFunc(p.Calls, func(a, b PlannedCall) int {
		further := func(c PlannedCall) int {
			if c.Further {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.Host, b.Host), further(a)-further(b), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Path, b.Path))
	})
	for s, n := range skipped {
		s.Count = n
		p.Skipped = append(p.Skipped, s)
	}
	slices.SortFunc(p.Skipped, func(a, b Skipped) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.State, b.State), cmp.Compare(a.Reason, b.Reason))
	})
	return p
}
