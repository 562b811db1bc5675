package action

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Plan is what an event asks to be scanned.
type Plan struct {
	// What names it for people: "push to refs/heads/main".
	What string
	// Nothing says why there is nothing to scan; the other fields are empty.
	Nothing string
	// Head is the commit up to which is scanned, "" for all there is: history,
	// index and work tree.
	Head string
	// Base is the commit from which on is scanned. A commit that must be here.
	Base string
	// Perhaps are commits that need no scan either, if they can be had: what a
	// force push threw away. They are no reason to fail.
	Perhaps []string
	// Branch is a branch of origin whose commits need no scan: a new branch is
	// compared with the default branch.
	Branch string
	// PullRequest is its number; its head can be fetched by that.
	PullRequest int
	// Foreign tells that what is scanned is proposed, not accepted: its own
	// configuration and ignore file do not count, those of Base do.
	Foreign bool
	// ReadOnly tells that the token of the run may not upload results: it comes
	// from a fork.
	ReadOnly bool
	// Commits is how many commits to expect, 0 if that is not known.
	Commits int
}

// payload is what is read of an event.
type payload struct {
	Ref, Before, After       string
	Created, Deleted, Forced bool
	Commits                  []struct{}
	Repository               struct {
		FullName      string `json:"full_name"`
		DefaultBranch string `json:"default_branch"`
	}
	PullRequest *struct {
		Number     int
		Commits    int
		Base, Head struct {
			SHA  string
			Repo *struct {
				FullName string `json:"full_name"`
			}
		}
	} `json:"pull_request"`
	MergeGroup *struct {
		BaseSHA string `json:"base_sha"`
		HeadSHA string `json:"head_sha"`
	} `json:"merge_group"`
}

// ReadEvent reads the event of a run: its name is GITHUB_EVENT_NAME, its
// payload lies at GITHUB_EVENT_PATH.
func ReadEvent(name, file string) (Plan, error) {
	if name == "" {
		return Plan{}, fmt.Errorf("GITHUB_EVENT_NAME is not set: leaksonde action runs in GitHub Actions (elsewhere: leaksonde scan --range A..B)")
	}
	if whole(name) {
		return Plan{What: name + ": everything"}, nil
	}
	if file == "" {
		return Plan{}, fmt.Errorf("GITHUB_EVENT_PATH is not set, so there is no range of the %s event", name)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return Plan{}, fmt.Errorf("cannot read the event: %w", err)
	}
	var e payload
	if err := json.Unmarshal(text, &e); err != nil {
		return Plan{}, fmt.Errorf("%s: not the payload of an event: %w", file, err)
	}
	var p Plan
	switch name {
	case "push":
		p, err = e.push()
	case "pull_request", "pull_request_target", "pull_request_review":
		p, err = e.pull(name)
	case "merge_group":
		p, err = e.group()
	default:
		return p, fmt.Errorf("the event %s has no range of commits: give one with the input range, or a scope (history)", name)
	}
	if err != nil {
		return p, fmt.Errorf("%s: the %s event %w", file, name, err)
	}
	return p.settle(), nil
}

// whole tells events that are about no commits in particular.
func whole(name string) bool {
	switch name {
	case "schedule", "workflow_dispatch", "repository_dispatch", "workflow_run", "release", "deployment":
		return true
	}
	return false
}

func (e *payload) push() (Plan, error) {
	p := Plan{What: "push to " + e.Ref, Commits: len(e.Commits)}
	if err := ids(id{"before", e.Before}, id{"after", e.After}); err != nil {
		return p, err
	}
	switch {
	case e.Deleted || isZero(e.After):
		return Plan{What: p.What, Nothing: "the reference was deleted"}, nil
	case isZero(e.Before):
		p.Head, p.What = e.After, p.What+" (new)"
		if e.Ref != "refs/heads/"+e.Repository.DefaultBranch {
			p.Branch = branchName(e.Repository.DefaultBranch)
		}
	case e.Forced:
		// What was there before may be gone, and is no ancestor in any case.
		p.Head, p.Perhaps, p.What = e.After, []string{e.Before}, p.What+" (forced)"
		if e.Ref != "refs/heads/"+e.Repository.DefaultBranch {
			p.Branch = branchName(e.Repository.DefaultBranch)
		}
	default:
		p.Base, p.Head = e.Before, e.After
	}
	return p, nil
}

func (e *payload) pull(event string) (Plan, error) {
	r := e.PullRequest
	if r == nil {
		return Plan{}, fmt.Errorf("has no pull_request")
	}
	p := Plan{What: fmt.Sprintf("pull request %d", r.Number), Base: r.Base.SHA, Head: r.Head.SHA, Commits: r.Commits, PullRequest: r.Number, Foreign: true}
	from := r.Head.Repo
	// With pull_request_target the token is the repository's own.
	p.ReadOnly = event != "pull_request_target" && (from == nil || from.FullName != e.Repository.FullName)
	return p, ids(id{"pull_request.base.sha", p.Base}, id{"pull_request.head.sha", p.Head})
}

func (e *payload) group() (Plan, error) {
	g := e.MergeGroup
	if g == nil {
		return Plan{}, fmt.Errorf("has no merge_group")
	}
	p := Plan{What: "merge group", Base: g.BaseSHA, Head: g.HeadSHA, Foreign: true}
	return p, ids(id{"merge_group.base_sha", p.Base}, id{"merge_group.head_sha", p.Head})
}

// settle sees to the empty range.
func (p Plan) settle() Plan {
	if p.Base != "" && p.Base == p.Head {
		return Plan{What: p.What, Nothing: "base and head are the same commit", ReadOnly: p.ReadOnly}
	}
	return p
}

type id struct{ name, value string }

// ids tells the first that is no object id.
func ids(all ...id) error {
	for _, i := range all {
		if i.value == "" {
			return fmt.Errorf("has no %s, so no range of commits", i.name)
		}
		if !IsID(i.value) {
			return fmt.Errorf("has %q as %s, which is no commit", i.value, i.name)
		}
	}
	return nil
}

// IsID tells whether s is the full id of an object.
func IsID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

func isZero(id string) bool { return strings.Trim(id, "0") == "" }

// branchName is the name if it can be one, else "". It goes into arguments and
// patterns.
func branchName(name string) string {
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.Contains(name, "..") ||
		strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return ""
	}
	return name
}
