package scanner

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// at is the fixture's git in another directory.
func (f *fixture) at(dir string) *fixture {
	g := *f
	g.dir = dir
	return &g
}

// incomplete tells whether a report is so for the reason given.
func incomplete(r *finding.Report, reason finding.Reason) bool {
	for _, g := range r.Coverage.Gaps() {
		if g.Reason == reason {
			return r.Coverage.Incomplete()
		}
	}
	return false
}

func wantComplete(t *testing.T, r *finding.Report) {
	t.Helper()
	if r.Coverage.Incomplete() {
		t.Errorf("incomplete: %+v", r.Coverage.Gaps())
	}
}

// TestKinds: every kind of repository is read, or said not to have been.
func TestKinds(t *testing.T) {
	t.Run("subdirectory", func(t *testing.T) {
		f := newFixture(t)
		in, out, gone := f.token(), f.token(), f.token()
		f.commit("dir/in.txt", in+"\n")
		f.commit("dir/gone.txt", gone+"\n")
		f.commit("dir/gone.txt", "")
		f.commit("out.txt", out+"\n")
		r := f.at(f.path("dir")).scan(Options{})
		wantSecrets(t, r, in, gone)
		wantComplete(t, r)
		if o := find(r, gone).Occurrences[0]; o.Path != "gone.txt" {
			t.Errorf("path %s", o.Path)
		}
		for _, o := range []Options{{Scope: ScopeHead}, {Range: "HEAD"}} {
			for _, x := range f.at(f.path("dir")).scan(o).Findings {
				if x.Secret == out {
					t.Errorf("%+v: a secret outside", o)
				}
			}
		}
	})
	t.Run("nested", func(t *testing.T) {
		f := newFixture(t)
		outer, inner := f.token(), f.token()
		f.commit("outer.txt", outer+"\n")
		f.git("init", "-q", "vendor/inner")
		g := f.at(f.path("vendor/inner"))
		g.n = 100
		g.commit("inner.txt", inner+"\n")
		g.commit("inner.txt", "")
		r := f.scan(Options{})
		wantSecrets(t, r, outer, inner)
		wantComplete(t, r)
		if o := find(r, inner).Occurrences[0]; o.Path != "inner.txt" || o.Root != "vendor/inner" {
			t.Errorf("%+v", o)
		}
	})
	t.Run("several roots", func(t *testing.T) {
		f, g := newFixture(t), newFixture(t)
		shared := f.token()
		f.commit("a.txt", shared+"\n")
		g.commit("b.txt", shared+"\n")
		g.commit("b.txt", "")
		s, err := New(builtinRules(t), Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Paths(t.Context(), []string{f.dir, g.dir})
		if err != nil {
			t.Fatal(err)
		}
		wantSecrets(t, r, shared)
		if n := len(r.Findings[0].Occurrences); n != 2 {
			t.Errorf("%d occurrences", n)
		}
	})
	t.Run("bare", func(t *testing.T) {
		f := newFixture(t, "--bare")
		src := newFixture(t)
		gone := src.token()
		src.commit("gone.txt", gone+"\n")
		src.commit("gone.txt", "")
		src.git("push", "-q", f.dir, "main")
		for _, o := range []Options{{}, {Scope: ScopeAll}, {Scope: ScopeHistory}, {Range: "main"}} {
			r := f.scan(o)
			wantSecrets(t, r, gone)
			wantComplete(t, r)
		}
		wantSecrets(t, f.scan(Options{Scope: ScopeHead}))
		var usage *UsageError
		for _, scope := range []string{ScopeWorktree, ScopeStaged} {
			if _, err := f.tryScan(Options{Scope: scope}); !errors.As(err, &usage) {
				t.Errorf("%s: %v", scope, err)
			}
		}
		os.Remove(f.path("config"))
		wantSecrets(t, f.scan(Options{}), gone)
	})
	t.Run("linked work tree", func(t *testing.T) {
		f := newFixture(t)
		gone, staged, work := f.token(), f.token(), f.token()
		f.commit("gone.txt", gone+"\n")
		f.commit("gone.txt", "")
		linked := filepath.Join(t.TempDir(), "linked")
		f.git("worktree", "add", "-q", linked)
		g := f.at(linked)
		g.write("staged.txt", staged+"\n")
		g.git("add", ".")
		g.write("work.txt", work+"\n")
		r := g.scan(Options{})
		wantSecrets(t, r, gone, staged, work)
		wantComplete(t, r)
		wantSecrets(t, g.scan(Options{Scope: ScopeStaged}), staged)
		wantSecrets(t, f.scan(Options{Scope: ScopeStaged}))
	})
	t.Run("submodule", func(t *testing.T) {
		f, sub := newFixture(t), newFixture(t)
		inner := sub.token()
		sub.commit("inner.txt", inner+"\n")
		sub.commit("inner.txt", "")
		f.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", sub.dir, "mod")
		f.git("commit", "-qm", "submodule")
		r := f.scan(Options{})
		wantSecrets(t, r, inner)
		wantComplete(t, r)
		f.git("submodule", "deinit", "-q", "-f", "mod")
		r = f.scan(Options{})
		wantSecrets(t, r)
		wantComplete(t, r)
		if len(r.Coverage.Gaps()) == 0 {
			t.Error("an absent submodule is not listed")
		}
	})
	t.Run("alternates", func(t *testing.T) {
		src := newFixture(t)
		gone := src.token()
		src.commit("gone.txt", gone+"\n")
		src.commit("gone.txt", "")
		dir := filepath.Join(t.TempDir(), "shared")
		src.git("clone", "-q", "--shared", src.dir, dir)
		r := src.at(dir).scan(Options{})
		wantSecrets(t, r, gone)
		wantComplete(t, r)
		os.Rename(src.path(".git/objects"), src.path(".git/elsewhere"))
		if r := src.at(dir).scan(Options{}); !r.Coverage.Incomplete() {
			t.Error("an absent alternate is no gap")
		}
	})
	t.Run("shallow", func(t *testing.T) {
		src := newFixture(t)
		gone, head := src.token(), src.token()
		src.commit("gone.txt", gone+"\n")
		src.commit("gone.txt", "")
		src.commit("head.txt", head+"\n")
		src.commit("more.txt", "more\n")
		dir := filepath.Join(t.TempDir(), "shallow")
		src.git("clone", "-q", "--depth=2", "file://"+src.dir, dir)
		r := src.at(dir).scan(Options{})
		wantSecrets(t, r, head)
		if !incomplete(r, finding.ReasonShallow) {
			t.Errorf("%+v", r.Coverage.Gaps())
		}
		// Scopes that do not reach the boundary are complete.
		for _, o := range []Options{{Scope: ScopeWorktree}, {Scope: ScopeHead}, {Range: "HEAD~1..HEAD"}, {Scope: ScopeStaged}} {
			wantComplete(t, src.at(dir).scan(o))
		}
	})
	t.Run("partial clone", func(t *testing.T) {
		src := newFixture(t)
		gone, head := src.token(), src.token()
		src.commit("dir/gone.txt", gone+"\n")
		src.commit("dir/gone.txt", "")
		src.commit("head.txt", head+"\n")
		src.git("config", "uploadpack.allowFilter", "true")
		dir := filepath.Join(t.TempDir(), "partial")
		src.git("clone", "-q", "--filter=blob:none", "file://"+src.dir, dir)
		os.Rename(src.path(".git"), src.path("gone.git"))
		r := src.at(dir).scan(Options{})
		wantSecrets(t, r, head)
		if !incomplete(r, finding.ReasonMissing) {
			t.Errorf("%+v", r.Coverage.Gaps())
		}
		if text := gapText(r); !strings.Contains(text, "gone.txt") {
			t.Errorf("the missing file is not named: %s", text)
		}
	})
	t.Run("missing blob", func(t *testing.T) {
		f := newFixture(t)
		head := f.token()
		f.commit("lost.txt", "lost\n")
		id := f.git("rev-parse", "HEAD:lost.txt")
		f.commit("lost.txt", head+"\n")
		os.Remove(f.path(".git/objects/" + id[:2] + "/" + id[2:]))
		for _, o := range []Options{{}, {Scope: ScopeAll}, {Scope: ScopeHistory}, {NoDelta: true}} {
			r := f.scan(o)
			wantSecrets(t, r, head)
			if !incomplete(r, finding.ReasonMissing) {
				t.Errorf("%+v: %+v", o, r.Coverage.Gaps())
			}
		}
	})
	t.Run("missing tree", func(t *testing.T) {
		f := newFixture(t)
		f.commit("dir/lost.txt", "lost\n")
		id := f.git("rev-parse", "HEAD:dir")
		top := f.git("rev-parse", "HEAD^{tree}")
		f.commit("dir/lost.txt", "other\n")
		for _, id := range []string{id, top} {
			file := f.path(".git/objects/" + id[:2] + "/" + id[2:])
			os.Rename(file, file+"x")
			if r := f.scan(Options{}); !incomplete(r, finding.ReasonMissing) {
				t.Errorf("%+v", r.Coverage.Gaps())
			}
			os.Rename(file+"x", file)
		}
	})
	t.Run("sha256", func(t *testing.T) {
		f := newFixture(t, "--object-format=sha256")
		gone, head := f.token(), f.token()
		f.commit("gone.txt", gone+"\n")
		f.commit("gone.txt", "")
		f.commit("head.txt", head+"\n")
		for _, o := range []Options{{}, {Scope: ScopeAll}, {Range: "HEAD"}} {
			r := f.scan(o)
			wantSecrets(t, r, gone, head)
			wantComplete(t, r)
		}
		f.git("gc", "-q")
		wantSecrets(t, f.scan(Options{}), gone, head)
	})
	t.Run("unknown extension", func(t *testing.T) {
		f := newFixture(t)
		head := f.token()
		f.commit("head.txt", head+"\n")
		f.git("config", "core.repositoryformatversion", "1")
		f.git("config", "extensions.frobnicate", "true")
		r := f.scan(Options{})
		wantSecrets(t, r, head) // from the work tree
		if !r.Coverage.Incomplete() {
			t.Error("not incomplete")
		}
		for _, o := range []Options{{Scope: ScopeHistory}, {Scope: ScopeStaged}, {Range: "HEAD"}, {Scope: ScopeHead}, {Scope: ScopeAll}, {Scope: ScopeUnpushed}} {
			if r, err := f.tryScan(o); err == nil && !r.Coverage.Incomplete() {
				t.Errorf("%+v: complete", o)
			}
		}
	})
	t.Run("replace refs and grafts", func(t *testing.T) {
		f := newFixture(t)
		gone, swapped := f.token(), f.token()
		f.commit("gone.txt", gone+"\n")
		f.commit("gone.txt", "")
		f.commit("a.txt", "one\n")
		// A graft that cuts the history off hides nothing.
		f.write(".git/info/grafts", f.git("rev-parse", "HEAD")+"\n")
		wantSecrets(t, f.scan(Options{}), gone)
		os.Remove(f.path(".git/info/grafts"))
		f.git("checkout", "-q", "--orphan", "other")
		other := f.commit("swapped.txt", swapped+"\n")
		f.git("checkout", "-q", "main")
		f.git("branch", "-q", "-D", "other")
		f.git("replace", "-f", f.git("rev-parse", "HEAD"), other)
		r := f.scan(Options{Scope: ScopeHistory})
		wantSecrets(t, r, gone, swapped)
	})
	t.Run("lfs", func(t *testing.T) {
		f := newFixture(t)
		present, absent := f.token(), strings.Repeat("ab", 32)
		oid := strings.Repeat("cd", 32)
		pointer := func(oid string) string {
			return "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 30\n"
		}
		f.write(".git/lfs/objects/cd/cd/"+oid, present+"\n")
		f.commit("present.bin", pointer(oid))
		r := f.scan(Options{})
		wantSecrets(t, r, present)
		wantComplete(t, r)
		f.commit("absent.bin", pointer(absent))
		for _, o := range []Options{{}, {Scope: ScopeHead}, {Range: "HEAD~1..HEAD"}, {Scope: ScopeWorktree}} {
			if r := f.scan(o); !incomplete(r, finding.ReasonLFS) {
				t.Errorf("%+v: %+v", o, r.Coverage.Gaps())
			}
		}
		wantSecrets(t, f.scan(Options{Scope: ScopeHead}), present)
	})
	t.Run("no repository", func(t *testing.T) {
		f := newFixture(t)
		dir := t.TempDir()
		var usage *UsageError
		for _, o := range []Options{{Scope: ScopeStaged}, {Scope: ScopeHistory}, {Range: "HEAD"}, {Scope: ScopeUnpushed}} {
			if _, err := f.at(dir).tryScan(o); !errors.As(err, &usage) {
				t.Errorf("%+v: %v", o, err)
			}
		}
		wantComplete(t, f.at(dir).scan(Options{Scope: ScopeWorktree}))
	})
	t.Run("no commit yet", func(t *testing.T) {
		f := newFixture(t)
		work := f.token()
		f.write("work.txt", work+"\n")
		for _, o := range []Options{{}, {Scope: ScopeAll}, {Scope: ScopeWorktree}} {
			r := f.scan(o)
			wantSecrets(t, r, work)
			wantComplete(t, r)
		}
		for _, o := range []Options{{Scope: ScopeHead}, {Scope: ScopeHistory}, {Scope: ScopeStaged}, {Scope: ScopeUnpushed}} {
			wantSecrets(t, f.scan(o))
		}
	})
}

func gapText(r *finding.Report) string {
	var b strings.Builder
	for _, g := range r.Coverage.Gaps() {
		b.WriteString(g.Path + " " + string(g.Reason) + " " + g.Detail + "\n")
	}
	return b.String()
}
