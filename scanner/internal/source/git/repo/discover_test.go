package repo

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// put writes files below dir: path, text, path, text …; a path that ends in a
// slash is a directory and takes no text.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(p, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// tempDir is t.TempDir with links resolved.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var skeleton = map[string]string{"HEAD": "ref: refs/heads/main\n", "objects/": "", "refs/": ""}

func under(prefix string, files map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range files {
		out[prefix+"/"+k] = v
	}
	return out
}

func TestDiscover(t *testing.T) {
	dir := tempDir(t)
	put(t, dir, under("w/.git", skeleton))
	put(t, dir, under("bare.git", skeleton))
	put(t, dir, map[string]string{
		"w/d/e/f.txt": "x", "plain/f": "x", "w/emptygit/.git/": "", "w/emptygit/x": "",
		// a linked work tree
		"w/.git/worktrees/l/HEAD":      "ref: refs/heads/topic\n",
		"w/.git/worktrees/l/commondir": "../..\n",
		"w/.git/worktrees/l/gitdir":    dir + "/l/.git\n",
		"l/.git":                       "gitdir: " + dir + "/w/.git/worktrees/l\n",
		"l/x/y":                        "",
		// a submodule
		"w/sub/.git": "gitdir: ../.git/modules/sub\n",
	})
	put(t, dir, under("w/.git/modules/sub", skeleton))
	j := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	for _, tc := range []struct {
		path string
		want Location
	}{
		{"w", Location{Kind: WorkTree, Root: j("w"), GitDir: j("w/.git"), CommonDir: j("w/.git")}},
		{"w/d/e", Location{Kind: WorkTree, Root: j("w"), Prefix: "d/e", GitDir: j("w/.git"), CommonDir: j("w/.git")}},
		{"w/d/e/f.txt", Location{Kind: WorkTree, Root: j("w"), Prefix: "d/e/f.txt", GitDir: j("w/.git"), CommonDir: j("w/.git")}},
		{"w/emptygit", Location{Kind: WorkTree, Root: j("w"), Prefix: "emptygit", GitDir: j("w/.git"), CommonDir: j("w/.git")}},
		{"bare.git", Location{Kind: GitDir, Root: j("bare.git"), GitDir: j("bare.git"), CommonDir: j("bare.git")}},
		{"bare.git/refs", Location{Kind: GitDir, Root: j("bare.git"), Prefix: "refs", GitDir: j("bare.git"), CommonDir: j("bare.git")}},
		{"w/.git", Location{Kind: GitDir, Root: j("w/.git"), GitDir: j("w/.git"), CommonDir: j("w/.git")}},
		{"l/x", Location{Kind: WorkTree, Root: j("l"), Prefix: "x", GitDir: j("w/.git/worktrees/l"), CommonDir: j("w/.git"), Linked: true}},
		{"w/sub", Location{Kind: WorkTree, Root: j("w/sub"), GitDir: j("w/.git/modules/sub"), CommonDir: j("w/.git/modules/sub")}},
		{"plain", Location{Root: j("plain")}},
	} {
		got, err := Discover(j(tc.path), Options{Ceilings: []string{filepath.Dir(dir)}})
		if err != nil || got != tc.want {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", tc.path, got, err, tc.want)
		}
	}
	if got, err := Discover(j("plain"), Options{GitDir: j("w/.git"), WorkTree: dir}); err != nil || got.Kind != WorkTree || got.Root != dir || got.Prefix != "plain" {
		t.Errorf("explicit: %+v, %v", got, err)
	}
	if got, err := Discover(j("l"), Options{GitDir: j("w/.git/worktrees/l")}); err != nil || got.Root != j("l") || !got.Linked {
		t.Errorf("explicit linked: %+v, %v", got, err)
	}
	if os.Symlink(j("w"), j("link")) == nil && os.MkdirAll(j("s"), 0o700) == nil && os.Symlink(j("w/.git"), j("s/.git")) == nil {
		if got, err := Discover(j("link/d"), Options{}); err != nil || got.Root != j("w") || got.Prefix != "d" {
			t.Errorf("link: %+v, %v", got, err)
		}
		if got, err := Discover(j("s"), Options{}); err != nil || got.Root != j("s") || got.Kind != WorkTree {
			t.Errorf("linked .git: %+v, %v", got, err)
		}
	}
	if _, err := Discover(j("absent"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

// TestDiscoverBroken: a .git that leads nowhere is told, not passed over.
func TestDiscoverBroken(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"text":    {".git": "hello"},
		"nowhere": {".git": "gitdir: /nowhere/at/all"},
		"loop":    {".git": "gitdir: .git"},
		"head":    {".git/HEAD": "nonsense", ".git/objects/": "", ".git/refs/": ""},
		"objects": {".git/HEAD": "ref: refs/heads/x", ".git/refs/": ""},
		"common":  {".git/HEAD": "ref: refs/heads/x", ".git/commondir": "\n"},
		"fifo":    {".git/HEAD/": "", ".git/objects/": "", ".git/refs/": ""},
	} {
		dir := tempDir(t)
		put(t, dir, files)
		_, err := Discover(dir, Options{})
		var b *BrokenError
		if !errors.As(err, &b) || b.Path == "" || b.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := tempDir(t)
	if os.Symlink("nowhere", filepath.Join(dir, ".git")) == nil {
		if _, err := Discover(dir, Options{}); err == nil {
			t.Error("a dangling link is no error")
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	env := map[string]string{"GIT_DIR": "a", "GIT_ALTERNATE_OBJECT_DIRECTORIES": "b" + string(os.PathListSeparator) + "c", "GIT_INDEX_FILE": "i"}
	o := FromEnvironment(func(k string) string { return env[k] })
	if o.GitDir != "a" || len(o.AlternateDirs) != 2 || o.IndexFile != "i" || o.ObjectDir != "" {
		t.Errorf("%+v", o)
	}
}

// gitIn runs git in dir, away from the user's configuration; it skips the test
// where there is no git.
func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	cmd := exec.Command(git, append([]string{"-C", dir, "-c", "user.name=A U Thor", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return strings.TrimRight(string(out), "\n")
}
