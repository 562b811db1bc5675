package scanner

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScopes: each scope finds what lies in it, and nothing else.
func TestScopes(t *testing.T) {
	f := newFixture(t)
	gone, head, staged, work, unpushed := f.token(), f.token(), f.token(), f.token(), f.token()
	f.commit("gone.txt", gone+"\n")
	f.commit("gone.txt", "")
	f.commit("head.txt", head+"\n")
	f.git("update-ref", "refs/remotes/origin/main", "HEAD")
	f.commit("new.txt", unpushed+"\n")
	f.write("staged.txt", staged+"\n")
	f.git("add", "staged.txt")
	f.write("staged.txt", "nothing\n")
	f.write("work.txt", work+"\n")
	for _, c := range []struct {
		o    Options
		want []string
	}{
		{Options{}, []string{gone, head, staged, work, unpushed}},
		{Options{Scope: ScopeAll}, []string{gone, head, staged, work, unpushed}},
		{Options{Scope: ScopeWorktree}, []string{head, work, unpushed}},
		{Options{Scope: ScopeStaged}, []string{staged}},
		{Options{Scope: ScopeHead}, []string{head, unpushed}},
		{Options{Scope: ScopeHistory}, []string{gone, head, unpushed}},
		{Options{Scope: ScopeUnpushed}, []string{unpushed}},
		{Options{Range: "HEAD~1..HEAD"}, []string{unpushed}},
		{Options{Range: "HEAD~2"}, []string{gone}},
		{Options{Range: "HEAD"}, []string{gone, head, unpushed}},
	} {
		t.Run(c.o.Scope+c.o.Range, func(t *testing.T) {
			r := f.scan(c.o)
			wantSecrets(t, r, c.want...)
			if r.Coverage.Incomplete() {
				t.Errorf("incomplete: %+v", r.Coverage.Gaps())
			}
		})
	}
}

func TestRanges(t *testing.T) {
	f := newFixture(t)
	old, brought := f.token(), f.token()
	f.commit("a.txt", "one\n"+old+"\ntwo\n")
	f.git("tag", "start")
	f.commit("b.txt", brought+"\n")
	f.git("tag", "brought")
	f.commit("b.txt", "")
	f.git("tag", "removed")
	t.Run("brought and removed within", func(t *testing.T) {
		r := f.scan(Options{Range: "start..HEAD"})
		wantSecrets(t, r, brought)
		if o := r.Findings[0].Occurrences[0]; o.Commit != f.git("rev-parse", "brought") || o.Path != "b.txt" || o.Line != 1 {
			t.Errorf("%+v", o)
		}
	})
	f.git("revert", "--no-edit", "removed")
	t.Run("revert brings back", func(t *testing.T) { wantSecrets(t, f.scan(Options{Range: "removed..HEAD"}), brought) })
	f.git("tag", "reverted")
	f.commit("a.txt", "zero\none\n"+old+"\ntwo\nthree\n")
	t.Run("moves past an old secret", func(t *testing.T) { wantSecrets(t, f.scan(Options{Range: "reverted..HEAD"})) })
	f.git("tag", "edited")
	f.git("mv", "a.txt", "renamed.txt")
	f.git("commit", "-qm", "rename")
	t.Run("rename", func(t *testing.T) { wantSecrets(t, f.scan(Options{Range: "edited..HEAD"})) })
	t.Run("empty", func(t *testing.T) {
		r := f.scan(Options{Range: "HEAD..HEAD"})
		wantSecrets(t, r)
		if r.Coverage.Incomplete() || !strings.Contains(strings.Join(r.Coverage.Scope, " "), "0 commits") {
			t.Errorf("%+v", r.Coverage)
		}
	})
	t.Run("symmetric", func(t *testing.T) {
		f.git("checkout", "-q", "-b", "side", "start")
		side := f.token()
		f.commit("side.txt", side+"\n")
		wantSecrets(t, f.scan(Options{Range: "main...side"}), side)
		f.git("checkout", "-q", "main")
		f.git("merge", "-q", "--no-ff", "-m", "merge", "side")
		wantSecrets(t, f.scan(Options{Range: "side..main"}), brought)
	})
	t.Run("only in a merge", func(t *testing.T) {
		f.git("checkout", "-q", "-b", "other", "main~1")
		f.commit("other.txt", "other\n")
		f.git("checkout", "-q", "main")
		f.git("merge", "-q", "--no-ff", "--no-commit", "other")
		merged := f.token()
		f.write("other.txt", merged+"\n")
		f.git("add", ".")
		f.git("commit", "-qm", "merge")
		wantSecrets(t, f.scan(Options{Range: "main^1..main"}), merged)
		wantSecrets(t, f.scan(Options{Range: "main^2..main"}), merged, f.tokenIn("side.txt"))
	})
	t.Run("since", func(t *testing.T) {
		wantSecrets(t, f.scan(Options{Range: "HEAD", Since: "2099-01-01"}))
		if got := secrets(f.scan(Options{Range: "HEAD", Since: "2001-01-01"})); len(got) < 3 {
			t.Errorf("%q", got)
		}
	})
	for _, bad := range []string{"nowhere..HEAD", "HEAD..nowhere", "no-such-branch"} {
		var usage *UsageError
		if _, err := f.tryScan(Options{Range: bad}); !errors.As(err, &usage) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// tokenIn is the token that stands in a file of the work tree.
func (f *fixture) tokenIn(name string) string {
	f.Helper()
	text, err := os.ReadFile(f.path(name))
	if err != nil {
		f.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func TestStaged(t *testing.T) {
	f := newFixture(t)
	first := f.token()
	f.write("first.txt", first+"\n")
	f.git("add", ".")
	t.Run("first commit", func(t *testing.T) { wantSecrets(t, f.scan(Options{Scope: ScopeStaged}), first) })
	f.git("commit", "-qm", "first")
	t.Run("nothing staged", func(t *testing.T) { wantSecrets(t, f.scan(Options{Scope: ScopeStaged})) })
	t.Run("move past an old one", func(t *testing.T) {
		f.write("first.txt", "new line\n"+first+"\nmore\n")
		f.git("add", ".")
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}))
		f.git("reset", "-q", "--hard")
	})
	t.Run("partial", func(t *testing.T) {
		in, out := f.token(), f.token()
		f.write("first.txt", in+"\n"+first+"\n")
		f.git("add", ".")
		f.write("first.txt", in+"\n"+first+"\n"+out+"\n")
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}), in)
		f.git("reset", "-q", "--hard")
	})
	t.Run("rename", func(t *testing.T) {
		f.git("mv", "first.txt", "second.txt")
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}))
		edited := f.token()
		f.write("second.txt", first+"\n"+edited+"\n")
		f.git("add", ".")
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}), edited)
		f.git("reset", "-q", "--hard")
	})
	t.Run("intent to add", func(t *testing.T) {
		f.write("intended.txt", f.token()+"\n")
		f.git("add", "-N", "intended.txt")
		r := f.scan(Options{Scope: ScopeStaged})
		wantSecrets(t, r)
		if r.Coverage.Incomplete() {
			t.Errorf("incomplete: %+v", r.Coverage.Gaps())
		}
		f.git("reset", "-q", "--hard")
		os.Remove(f.path("intended.txt"))
	})
	t.Run("merge", func(t *testing.T) {
		f.git("checkout", "-q", "-b", "side")
		side := f.token()
		f.commit("side.txt", side+"\n")
		f.git("checkout", "-q", "main")
		f.commit("main.txt", "main\n")
		f.git("merge", "-q", "--no-ff", "--no-commit", "side")
		fresh := f.token()
		f.write("main.txt", fresh+"\n")
		f.git("add", ".")
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}), fresh)
		f.git("commit", "-qm", "merge")
	})
	for _, v := range []string{"2", "3", "4"} {
		t.Run("index version "+v, func(t *testing.T) {
			token := f.token()
			f.git("update-index", "--index-version", v)
			f.write("dir/versioned.txt", token+"\n")
			f.git("add", ".")
			wantSecrets(t, f.scan(Options{Scope: ScopeStaged}), token)
			f.git("reset", "-q", "--hard")
		})
	}
	t.Run("split index", func(t *testing.T) {
		token := f.token()
		f.git("update-index", "--split-index")
		f.write("split.txt", token+"\n")
		f.git("add", ".")
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}), token)
		f.git("update-index", "--no-split-index")
		f.git("reset", "-q", "--hard")
	})
	t.Run("GIT_INDEX_FILE", func(t *testing.T) {
		token := f.token()
		other := filepath.Join(t.TempDir(), "index")
		f.env = []string{"GIT_INDEX_FILE=" + other}
		f.git("read-tree", "HEAD")
		f.write("elsewhere.txt", token+"\n")
		f.git("add", "elsewhere.txt")
		f.env = nil
		getenv := func(name string) string {
			if name == "GIT_INDEX_FILE" {
				return other
			}
			return ""
		}
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged, Getenv: getenv}), token)
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}))
		os.Remove(f.path("elsewhere.txt"))
	})
	t.Run("GIT_OBJECT_DIRECTORY", func(t *testing.T) {
		token := f.token()
		quarantine := t.TempDir()
		f.env = []string{"GIT_OBJECT_DIRECTORY=" + quarantine, "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + f.path(".git/objects")}
		f.write("quarantined.txt", token+"\n")
		f.git("add", "quarantined.txt")
		env := map[string]string{"GIT_OBJECT_DIRECTORY": quarantine, "GIT_ALTERNATE_OBJECT_DIRECTORIES": f.path(".git/objects")}
		f.env = nil
		r := f.scan(Options{Scope: ScopeStaged, Getenv: func(name string) string { return env[name] }})
		wantSecrets(t, r, token)
		if r.Coverage.Incomplete() {
			t.Errorf("incomplete: %+v", r.Coverage.Gaps())
		}
		if r := f.scan(Options{Scope: ScopeStaged}); !r.Coverage.Incomplete() {
			t.Error("an absent staged object is no gap")
		}
	})
}

// TestConfigURLs: a password in a remote URL is reported in every scope.
func TestConfigURLs(t *testing.T) {
	f := newFixture(t)
	token := f.token()
	f.commit("a.txt", "nothing\n")
	f.git("remote", "add", "origin", "https://oauth2:"+token+"@gitlab.example.org/x.git")
	for _, o := range []Options{{}, {Scope: ScopeWorktree}, {Scope: ScopeStaged}, {Scope: ScopeHead}, {Scope: ScopeHistory}, {Scope: ScopeAll}, {Range: "HEAD..HEAD"}} {
		r := f.scan(o)
		if find(r, token) == nil {
			t.Errorf("%+v: %q", o, secrets(r))
			continue
		}
		if at := find(r, token).Occurrences; len(at) != 1 || at[0].Path != ".git/config" {
			t.Errorf("%+v: %+v", o, at)
		}
		if r.Coverage.Files < 0 {
			t.Errorf("%+v: %d files", o, r.Coverage.Files)
		}
	}
}
