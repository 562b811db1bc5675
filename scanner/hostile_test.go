package scanner

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestHostile: what is broken or set as a trap is a line in the ledger; the
// rest is scanned, and nothing of the repository's is run.
func TestHostile(t *testing.T) {
	// base is a packed repository with one token in an old version of a file
	// and one at HEAD, in two packs.
	base := func(t *testing.T) (f *fixture, gone, head string) {
		f = newFixture(t)
		gone, head = f.token(), f.token()
		f.commit("gone.txt", gone+"\n")
		f.commit("gone.txt", "")
		f.git("repack", "-q", "-d")
		f.commit("head.txt", head+"\n")
		f.git("repack", "-q", "-d")
		return f, gone, head
	}
	both := []Options{{}, {Scope: ScopeAll}, {Scope: ScopeHistory}, {NoDelta: true}}
	t.Run("truncated pack", func(t *testing.T) {
		f, _, head := base(t)
		packs, _ := filepath.Glob(f.path(".git/objects/pack/*.pack"))
		if len(packs) != 2 {
			t.Fatalf("%d packs", len(packs))
		}
		for _, keep := range []int64{0, 11, 40, 90} {
			for _, p := range packs {
				text, err := os.ReadFile(p)
				if err != nil {
					t.Fatal(err)
				}
				os.Chmod(p, 0o600)
				os.Truncate(p, keep)
				for _, o := range both {
					if r := f.scan(o); !r.Coverage.Incomplete() {
						t.Errorf("%s cut to %d: complete", filepath.Base(p), keep)
					} else if o.Scope == "" && find(r, head) == nil {
						t.Errorf("cut to %d: the work tree was not scanned", keep)
					}
				}
				os.WriteFile(p, text, 0o600)
			}
		}
	})
	t.Run("flipped bytes", func(t *testing.T) {
		f, gone, head := base(t)
		f.git("gc", "-q")
		packs, _ := filepath.Glob(f.path(".git/objects/pack/*.pack"))
		text, err := os.ReadFile(packs[0])
		if err != nil {
			t.Fatal(err)
		}
		os.Chmod(packs[0], 0o600)
		step := 7
		if testing.Short() {
			step = 31
		}
		for at := 12; at < len(text)-20; at += step {
			bad := []byte(string(text))
			bad[at] ^= 0x55
			os.WriteFile(packs[0], bad, 0o600)
			r := f.scan(Options{Scope: ScopeHistory})
			if !r.Coverage.Incomplete() && (find(r, gone) == nil || find(r, head) == nil) {
				t.Errorf("byte %d flipped: found %q, complete", at, secrets(r))
			}
		}
	})
	t.Run("corrupt loose objects", func(t *testing.T) {
		f := newFixture(t)
		head := f.token()
		f.commit("a.txt", "a\n")
		f.commit("head.txt", head+"\n")
		a := f.git("rev-parse", "HEAD:a.txt")
		file := f.path(".git/objects/" + a[:2] + "/" + a[2:])
		os.Chmod(file, 0o600)
		for _, text := range []string{"", "no zlib", "x\x9c\x01"} {
			os.WriteFile(file, []byte(text), 0o600)
			for _, o := range both {
				r := f.scan(o)
				wantSecrets(t, r, head)
				if !r.Coverage.Incomplete() {
					t.Errorf("%q: complete", text)
				}
			}
		}
	})
	t.Run("broken references and HEAD", func(t *testing.T) {
		for name, text := range map[string]string{
			"HEAD": "garbage\n", "refs/heads/broken": "garbage\n", "refs/heads/nowhere": strings.Repeat("12", 20) + "\n",
			"packed-refs": "# pack-refs with: peeled\nnonsense\n", "refs/heads/loop": "ref: refs/heads/loop\n",
		} {
			f, _, head := base(t)
			f.write(".git/"+name, text)
			r, err := f.tryScan(Options{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !r.Coverage.Incomplete() {
				t.Errorf("%s: complete", name)
			}
			if find(r, head) == nil {
				t.Errorf("%s: the rest was not scanned", name)
			}
		}
	})
	t.Run("broken index", func(t *testing.T) {
		f, gone, head := base(t)
		for _, text := range []string{"", "DIRC", "DIRC\x00\x00\x00\x02\xff\xff\xff\xff", "garbage"} {
			os.WriteFile(f.path(".git/index"), []byte(text), 0o600)
			r := f.scan(Options{})
			wantSecrets(t, r, gone, head)
			if r := f.scan(Options{Scope: ScopeStaged}); !r.Coverage.Incomplete() {
				t.Errorf("%q: complete", text)
			}
		}
	})
	t.Run("symlinked .git", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("no symbolic links")
		}
		f, gone, head := base(t)
		elsewhere := filepath.Join(t.TempDir(), "store")
		os.Rename(f.path(".git"), elsewhere)
		os.Symlink(elsewhere, f.path(".git"))
		r := f.scan(Options{})
		if !r.Coverage.Incomplete() {
			wantSecrets(t, r, gone, head)
		}
		// A loop, or one that leads nowhere, is said to be.
		os.Remove(f.path(".git"))
		os.Symlink("nowhere", f.path(".git"))
		if r := f.scan(Options{}); !r.Coverage.Incomplete() {
			t.Error("a link to nowhere is taken for no repository")
		}
		os.Remove(f.path(".git"))
		f.write(".git", "gitdir: /nonexistent/place\n")
		if r := f.scan(Options{}); !r.Coverage.Incomplete() {
			t.Error("a file that points nowhere is taken for no repository")
		}
	})
	t.Run("names", func(t *testing.T) {
		f := newFixture(t)
		odd := f.token()
		blob := f.hash(odd + "\n")
		names := []string{"new\nline", "tab\tname", "\x1b[31mred", "bell\a", "quote\"d", "bad\xff\xfeutf8", "\u202etxt.exe"}
		var b strings.Builder
		for _, n := range names {
			fmt.Fprintf(&b, "100644 blob %s\t%s\x00", blob, n)
		}
		tree := f.tree(b.String())
		c := f.git("commit-tree", "-m", "odd", tree)
		f.git("update-ref", "refs/heads/main", c)
		for _, o := range []Options{{Scope: ScopeHistory}, {Scope: ScopeHead}, {Range: "main"}, {Scope: ScopeAll}} {
			r := f.scan(o)
			wantSecrets(t, r, odd)
			for _, at := range find(r, odd).Occurrences {
				if strings.ContainsAny(at.Excerpt, "\n\x1b\a") {
					t.Errorf("excerpt %q", at.Excerpt)
				}
			}
		}
	})
	t.Run("traps in the configuration", func(t *testing.T) {
		f, gone, head := base(t)
		canary := filepath.Join(t.TempDir(), "canary")
		touch := "touch " + canary
		f.write("hook.sh", "#!/bin/sh\n"+touch+"\n")
		os.Chmod(f.path("hook.sh"), 0o700)
		for _, kv := range [][2]string{
			{"color.ui", "always"}, {"core.fsmonitor", touch}, {"diff.external", touch}, {"diff.trap.textconv", touch}, {"diff.trap.command", touch},
			{"filter.trap.smudge", touch}, {"filter.trap.clean", touch}, {"core.hooksPath", f.dir}, {"core.sshCommand", touch},
			{"core.editor", touch}, {"core.pager", touch}, {"credential.helper", "!" + touch}, {"uploadpack.packObjectsHook", touch},
			{"core.alternateRefsCommand", touch}, {"gpg.program", touch}, {"include.path", "/dev/zero"}, {"core.worktree", "/"},
		} {
			cfg := fmt.Sprintf("[%s]\n\t%s = %q\n", section(kv[0]), kv[0][strings.LastIndexByte(kv[0], '.')+1:], kv[1])
			old, _ := os.ReadFile(f.path(".git/config"))
			f.write(".git/config", string(old)+cfg)
			f.write(".gitattributes", "* diff=trap filter=trap -text\n")
			for _, o := range []Options{{}, {Scope: ScopeStaged}, {Range: "HEAD"}} {
				r, err := f.tryScan(o)
				if err == nil && o.Scope == "" && !r.Coverage.Incomplete() && (find(r, gone) == nil || find(r, head) == nil) {
					t.Errorf("%s: found %q", kv[0], secrets(r))
				}
			}
			f.write(".git/config", string(old))
		}
		if _, err := os.Stat(canary); err == nil {
			t.Error("something of the repository's was run")
		}
	})
	t.Run("deep tree", func(t *testing.T) {
		f := newFixture(t)
		deep, head := f.token(), f.token()
		f.commit("head.txt", head+"\n")
		id := f.tree(fmt.Sprintf("100644 blob %s\tdeep.txt\x00", f.hash(deep+"\n")))
		for i := range 60 {
			_ = i
			id = f.tree(fmt.Sprintf("040000 tree %s\td\x00", id))
		}
		c := f.git("commit-tree", "-m", "deep", "-p", "HEAD", id)
		f.git("update-ref", "refs/heads/deep", c)
		wantSecrets(t, f.scan(Options{}), deep, head)
	})
	t.Run("dots in names", func(t *testing.T) {
		f := newFixture(t)
		odd := f.token()
		blob := f.hash(odd + "\n")
		for _, name := range []string{"..", ".git", "a..b"} {
			tree := f.tree(fmt.Sprintf("100644 blob %s\t%s\x00", blob, name))
			f.git("update-ref", "refs/heads/main", f.git("commit-tree", "-m", "odd", tree))
			for _, o := range []Options{{Scope: ScopeHistory}, {Scope: ScopeHead}, {Range: "main"}} {
				wantSecrets(t, f.scan(o), odd)
			}
		}
	})
}

func section(key string) string {
	parts := strings.SplitN(key, ".", 2)
	if i := strings.LastIndexByte(parts[1], '.'); i >= 0 {
		return fmt.Sprintf("%s %q", parts[0], parts[1][:i])
	}
	return parts[0]
}
