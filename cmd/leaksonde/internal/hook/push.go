package hook

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Push is what git tells a pre-push hook.
type Push struct {
	// Remote is the name of the remote, or its URL if it has none.
	Remote  string
	Updates []Update
}

// Update is one reference that is pushed.
type Update struct {
	LocalRef, LocalID, RemoteRef, RemoteID string
}

// ReadPush reads the lines that git gives a pre-push hook:
// <local ref> <local id> <remote ref> <remote id>.
func ReadPush(remote string, in io.Reader) (Push, error) {
	p := Push{Remote: remote}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		// The local side may be any expression, with spaces: HEAD@{1 day ago}.
		n := len(words)
		if n < 4 || !isID(words[n-3]) || !isID(words[n-1]) {
			return p, fmt.Errorf("standard input: %q is not what git tells a pre-push hook (<local ref> <local id> <remote ref> <remote id>)", lines.Text())
		}
		p.Updates = append(p.Updates, Update{strings.Join(words[:n-3], " "), words[n-3], words[n-2], words[n-1]})
	}
	return p, lines.Err()
}

// Range is what is pushed, as a range of commits, "" if the push only deletes
// references; elsewhere names what the remote has already.
func (p Push) Range() (rng string, elsewhere []string) {
	var include []string
	for _, u := range p.Updates {
		if !isZero(u.LocalID) {
			include = append(include, u.LocalID)
		}
		if !isZero(u.RemoteID) {
			elsewhere = append(elsewhere, u.RemoteID)
		}
	}
	return strings.Join(include, " "), append(elsewhere, tracking(p.Remote)...)
}

// tracking are the references that remember what a remote has.
func tracking(remote string) []string {
	if remote == "" || strings.ContainsAny(remote, ":*?[\\ ~^") || strings.HasPrefix(remote, "/") || strings.HasPrefix(remote, ".") {
		return nil // a URL or a path
	}
	return []string{"refs/remotes/" + remote + "/*"}
}

func isID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

func isZero(id string) bool { return strings.Trim(id, "0") == "" }
