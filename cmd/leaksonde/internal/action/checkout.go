package action

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Checkout is the repository that actions/checkout left, for what takes git:
// fetching what a shallow checkout lacks.
type Checkout struct {
	Dir string
	// Fetch allows to fetch. Without it nothing uses the network.
	Fetch bool
	// Log is told what is fetched.
	Log func(string)
}

// steps are by how many commits a shallow checkout is deepened, one after the
// other; then it is made whole. Most pull requests are done with the first.
func steps(expected int) []int {
	first := 50
	if expected >= first {
		first = expected + 10
	}
	return []int{first, first * 20}
}

// Has tells whether a commit is here.
func (c *Checkout) Has(ctx context.Context, id string) bool {
	_, err := c.git(ctx, "cat-file", "-e", id+"^{commit}")
	return err == nil
}

// Shallow tells whether history was cut off.
func (c *Checkout) Shallow(ctx context.Context) bool {
	out, err := c.git(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(out) == "true"
}

// File reads a file of a commit; nil if there is none.
func (c *Checkout) File(ctx context.Context, commit, path string) ([]byte, error) {
	// "./" makes the path count from Dir.
	entry, err := c.git(ctx, "ls-tree", commit, "./"+path)
	if err != nil || strings.TrimSpace(entry) == "" {
		return nil, err
	}
	text, err := c.git(ctx, "cat-file", "blob", commit+":./"+path)
	return []byte(text), err
}

// Complete fetches the commits that the plan needs. What is missing afterwards
// is an error that says what to do.
func (c *Checkout) Complete(ctx context.Context, p *Plan) error {
	var missing []string
	for _, id := range []string{p.Base, p.Head} {
		if id != "" && !c.Has(ctx, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		if !c.Fetch {
			return fmt.Errorf("the checkout lacks commit %s: use actions/checkout with fetch-depth: 0, or allow leaksonde to fetch (deepen: true)", missing[0])
		}
		if err := c.fetch(ctx, c.depth(ctx, steps(p.Commits)[0]), missing...); err != nil && p.PullRequest > 0 {
			// A server may give ids only by reference.
			if err := c.fetch(ctx, c.depth(ctx, steps(p.Commits)[0]), fmt.Sprintf("refs/pull/%d/head", p.PullRequest)); err != nil {
				c.Log(err.Error())
			}
		} else if err != nil {
			c.Log(err.Error())
		}
		for _, id := range missing {
			if !c.Has(ctx, id) {
				return fmt.Errorf("commit %s is not in the checkout and could not be fetched: use actions/checkout with fetch-depth: 0", id)
			}
		}
	}
	if p.Branch != "" && c.Fetch {
		ref := "refs/remotes/origin/" + p.Branch
		if _, err := c.git(ctx, "rev-parse", "--verify", "--quiet", ref); err != nil {
			if err := c.fetch(ctx, c.depth(ctx, steps(0)[0]), "+refs/heads/"+p.Branch+":"+ref); err != nil {
				c.Log(err.Error())
			}
		}
	}
	for _, id := range p.Perhaps {
		if c.Fetch && !c.Has(ctx, id) {
			if err := c.fetch(ctx, c.depth(ctx, steps(0)[0]), id); err != nil {
				c.Log(fmt.Sprintf("commit %s, which was there before, is gone: the branch is compared with what else is known", id))
			}
		}
	}
	return nil
}

// depth limits a fetch into a shallow checkout; into a whole one nothing is
// limited, or it would become shallow.
func (c *Checkout) depth(ctx context.Context, n int) string {
	if c.Shallow(ctx) {
		return "--depth=" + strconv.Itoa(n)
	}
	return ""
}

// Deepen makes a shallow checkout deeper, by more each time. done tells that
// there is nothing left to fetch.
func (c *Checkout) Deepen(ctx context.Context, p *Plan, attempt int) (done bool, err error) {
	if !c.Fetch || !c.Shallow(ctx) {
		return true, nil
	}
	how := "--unshallow"
	if n := steps(p.Commits); attempt < len(n) && p.Head != "" {
		how = "--deepen=" + strconv.Itoa(n[attempt])
	}
	var what []string
	for _, id := range []string{p.Head, p.Base} {
		if id != "" {
			what = append(what, id)
		}
	}
	if p.Branch != "" {
		what = append(what, "+refs/heads/"+p.Branch+":refs/remotes/origin/"+p.Branch)
	}
	return false, c.fetch(ctx, how, what...)
}

// fetchTimeout bounds one fetch.
const fetchTimeout = 10 * time.Minute

func (c *Checkout) fetch(ctx context.Context, how string, what ...string) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	args := []string{"fetch", "--no-tags", "--no-recurse-submodules", "--no-auto-gc", "--quiet"}
	if how != "" {
		args = append(args, how)
	}
	args = append(append(args, "--", "origin"), what...)
	c.Log("git " + strings.Join(args, " "))
	_, err := c.git(ctx, args...)
	return err
}

// git runs git without hooks and file system monitors, and regardless of who
// owns the checkout: in a container that is often somebody else.
func (c *Checkout) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", c.Dir, "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null",
		"-c", "core.fsmonitor=false", "-c", "gc.auto=0"}, args...)...)
	cmd.Env = append(cmd.Environ(), "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	if !c.Fetch {
		cmd.Env = append(cmd.Env, "GIT_NO_LAZY_FETCH=1")
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		text := strings.TrimSpace(stderr.String())
		if text == "" {
			text = err.Error()
		}
		return "", fmt.Errorf("git %s: %s", args[0], text)
	}
	return string(out), nil
}
