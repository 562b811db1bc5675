package scanner

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// fixture is a repository made with git for one test.
type fixture struct {
	testing.TB
	dir  string
	rule *rules.Rule
	n    int // tokens drawn, commits made
	env  []string
}

// newFixture makes an empty repository; the test is skipped without git.
func newFixture(t testing.TB, args ...string) *fixture {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git to build the repository")
	}
	f := &fixture{TB: t, dir: t.TempDir(), rule: builtinRules(t).Lookup("gitlab-personal-access-token")}
	if f.rule == nil {
		t.Fatal("no rule gitlab-personal-access-token")
	}
	f.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return f
}

func builtinRules(t testing.TB) *rules.Set {
	t.Helper()
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// git runs git in the repository, out of reach of the machine's configuration,
// at a time of its own.
func (f *fixture) git(args ...string) string {
	f.Helper()
	out, err := f.tryGit(args...)
	if err != nil {
		f.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(out)
}

func (f *fixture) tryGit(args ...string) (string, error) {
	f.n++
	cmd := exec.Command("git", args...)
	cmd.Dir = f.dir
	date := fmt.Sprintf("@%d +0000", 1_700_000_000+f.n*3600)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + f.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org",
		"GIT_AUTHOR_DATE=" + date, "GIT_COMMITTER_DATE=" + date, "GIT_ALLOW_PROTOCOL=file",
	}, f.env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// token draws a fresh token.
func (f *fixture) token() string {
	f.Helper()
	f.n++
	x, err := f.rule.Expand("{{secret}}", f.n)
	if err != nil {
		f.Fatal(err)
	}
	return x.Secret
}

func (f *fixture) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f *fixture) write(name, text string) {
	f.Helper()
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o777); err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(f.path(name), []byte(text), 0o666); err != nil {
		f.Fatal(err)
	}
}

// commit writes a file, "" to remove it, and commits.
func (f *fixture) commit(name, text string) string {
	f.Helper()
	if text == "" {
		f.git("rm", "-q", name)
	} else {
		f.write(name, text)
		f.git("add", "--", name)
	}
	f.git("commit", "-q", "-m", "change "+name)
	return f.git("rev-parse", "HEAD")
}

// hash writes a blob into the repository, in no tree.
func (f *fixture) hash(text string) string {
	f.Helper()
	cmd := exec.Command("git", "hash-object", "-w", "--stdin")
	cmd.Dir, cmd.Stdin = f.dir, strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		f.Fatal(err)
	}
	return string(bytes.TrimSpace(out))
}

// scan scans the fixture.
func (f *fixture) scan(o Options) *finding.Report {
	f.Helper()
	r, err := f.tryScan(o)
	if err != nil {
		f.Fatal(err)
	}
	return r
}

func (f *fixture) tryScan(o Options) (*finding.Report, error) {
	f.Helper()
	s, err := New(builtinRules(f), o)
	if err != nil {
		f.Fatal(err)
	}
	return s.Paths(context.Background(), []string{f.dir})
}

// secrets are the values a report holds, in order of value.
func secrets(r *finding.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Secret)
	}
	slices.Sort(out)
	return out
}

// find is the finding of a value, nil if there is none.
func find(r *finding.Report, secret string) *finding.Finding {
	for _, f := range r.Findings {
		if f.Secret == secret {
			return f
		}
	}
	return nil
}

// wantSecrets holds the values of a report against those wanted.
func wantSecrets(t testing.TB, r *finding.Report, want ...string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if got := secrets(r); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q\ncoverage: %+v", got, want, r.Coverage.Gaps())
	}
}

// tree makes a tree of entries as git mktree -z reads them, whatever their
// names.
func (f *fixture) tree(entries string) string {
	f.Helper()
	var raw bytes.Buffer
	for e := range strings.SplitSeq(strings.TrimSuffix(entries, "\x00"), "\x00") {
		head, name, _ := strings.Cut(e, "\t")
		fields := strings.Fields(head)
		id, err := hex.DecodeString(fields[2])
		if err != nil {
			f.Fatal(err)
		}
		raw.WriteString(strings.TrimLeft(fields[0], "0") + " " + name + "\x00")
		raw.Write(id)
	}
	cmd := exec.Command("git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
	cmd.Dir, cmd.Stdin = f.dir, &raw
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	return string(bytes.TrimSpace(out))
}
