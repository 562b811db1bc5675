package refs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/tablewriter"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/reftable"
)

func id(n int) object.ID { return object.Hash(object.Blob, fmt.Append(nil, n), 20) }

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func names(list []Ref) (out []string) {
	for _, r := range list {
		out = append(out, r.Name)
	}
	return out
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	hex := func(n int) string { return id(n).String() }
	put(t, dir, map[string]string{
		"HEAD":                               "ref: refs/heads/main\n",
		"refs/heads/main":                    hex(1) + "\n",
		"refs/heads/a/b":                     hex(2) + "\n",
		"refs/heads/x.lock":                  "",
		"refs/remotes/origin/HEAD":           "ref: refs/remotes/origin/main\n",
		"packed-refs":                        "# pack-refs with: peeled fully-peeled sorted\n" + hex(9) + " refs/heads/main\n" + hex(3) + " refs/remotes/origin/main\n" + hex(4) + " refs/tags/v1\n^" + hex(5) + "\n",
		"ORIG_HEAD":                          hex(6) + "\n",
		"FETCH_HEAD":                         hex(7) + "\t\tbranch 'a' of x\n" + hex(8) + "\tnot-for-merge\tbranch 'b' of x\n",
		"AUTO_MERGE":                         hex(6) + "\n",
		"COMMIT_EDITMSG":                     "hello",
		"worktrees/l/HEAD":                   hex(10) + "\n",
		"worktrees/l/refs/bisect/bad":        hex(11) + "\n",
		"worktrees/l/logs/HEAD":              hex(0) + " " + hex(10) + " A <a@b> 1 +0000\tcheckout\n",
		"logs/HEAD":                          strings.Repeat("0", 40) + " " + hex(1) + " A U Thor <a@example.org> 1700000000 -0130\tcommit: x\n",
		"logs/refs/heads/main":               hex(0) + " " + hex(1) + " A U Thor <a@example.org> 5 +0000\nnoise\n" + hex(1) + " " + hex(2) + " A <> 6 +0000\tz",
		"rebase-merge/orig-head":             hex(12) + "\n",
		"refs/heads/" + "odd\u00e9 name\x01": hex(13),
	})
	s := Files(dir, dir, 20)
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"AUTO_MERGE", "FETCH_HEAD", "FETCH_HEAD", "HEAD", "ORIG_HEAD", "rebase-merge/orig-head", "refs/heads/a/b",
		"refs/heads/main", "refs/heads/oddé name\x01", "refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/tags/v1",
		"worktrees/l/HEAD", "worktrees/l/refs/bisect/bad"}
	if got := names(list); !slices.Equal(got, want) {
		t.Fatalf("got %q\nwant %q", got, want)
	}
	by := map[string]Ref{}
	for _, r := range list {
		by[r.Name] = r
	}
	if by["HEAD"].ID != id(1) || by["HEAD"].Target != "refs/heads/main" || by["refs/heads/main"].ID != id(1) ||
		by["refs/remotes/origin/HEAD"].ID != id(3) || by["refs/tags/v1"].Peeled != id(5) || by["FETCH_HEAD"].ID != id(8) ||
		by["worktrees/l/HEAD"].ID != id(10) || !by["ORIG_HEAD"].Pseudo || by["HEAD"].Pseudo {
		t.Errorf("%+v", by)
	}
	for name, n := range map[string]int{"HEAD": 1, "refs/tags/v1": 4, "refs/heads/a/b": 2, "FETCH_HEAD": 7, "worktrees/l/HEAD": 10, "main-worktree/HEAD": 1} {
		if r, err := s.Resolve(name); err != nil || r.ID != id(n) {
			t.Errorf("Resolve(%s) = %+v, %v", name, r, err)
		}
	}
	for _, name := range []string{"refs/heads/none", "refs/heads", "refs/tags/v", "MERGE_HEAD"} {
		if _, err := s.Resolve(name); !errors.Is(err, ErrNotFound) {
			t.Errorf("Resolve(%s): %v", name, err)
		}
	}
	for _, name := range []string{"", "../x", "refs/../../x", "/etc/passwd", "refs/heads/a\x00", "config"} {
		if _, err := s.Resolve(name); err == nil {
			t.Errorf("Resolve(%q) is no error", name)
		}
	}
	var logs []LogEntry
	err = s.Logs(func(e LogEntry) error { logs = append(logs, e); return nil })
	if err == nil || !strings.Contains(err.Error(), "main:2") || len(logs) != 4 {
		t.Errorf("%+v, %v", logs, err)
	}
	if e := logs[0]; e.Name != "HEAD" || e.New != id(1) || e.Who != "A U Thor <a@example.org>" || e.Zone != -90 || e.Message != "commit: x" {
		t.Errorf("%+v", e)
	}
	if e := logs[3]; e.Name != "worktrees/l/HEAD" {
		t.Errorf("%+v", e)
	}
	// From the linked work tree, the names are its own.
	list, err = Files(filepath.Join(dir, "worktrees", "l"), dir, 20).List()
	got := names(list)
	if err != nil || !slices.Contains(got, "main-worktree/HEAD") || !slices.Contains(got, "refs/bisect/bad") || !slices.Contains(got, "refs/tags/v1") || slices.Contains(got, "worktrees/l/HEAD") {
		t.Errorf("%q, %v", got, err)
	}
}

// TestHostile: each fault is told by name, and the good reference is listed.
func TestHostile(t *testing.T) {
	hex := id(1).String()
	for what, files := range map[string]map[string]string{
		"empty":     {"refs/heads/x": ""},
		"zeros":     {"refs/heads/x": strings.Repeat("\x00", 41)},
		"noise":     {"refs/heads/x": "noise\n"},
		"short":     {"refs/heads/x": hex[:39] + "\n"},
		"loop":      {"refs/heads/x": "ref: refs/heads/y", "refs/heads/y": "ref: refs/heads/x"},
		"self":      {"refs/heads/x": "ref: refs/heads/x"},
		"outside":   {"refs/heads/x": "ref: ../../../../etc/passwd"},
		"packed":    {"packed-refs": "nonsense\n^" + hex + "\n" + hex + "refs/heads/q\n"},
		"head":      {"HEAD": "what"},
		"dangling?": {"refs/heads/x": "ref: refs/heads/\x00"},
	} {
		dir := t.TempDir()
		put(t, dir, map[string]string{"HEAD": "ref: refs/heads/good\n", "refs/heads/good": hex + "\n"})
		put(t, dir, files)
		list, err := Files(dir, dir, 20).List()
		if err == nil || !slices.Contains(names(list), "refs/heads/good") {
			t.Errorf("%s: %v, %v", what, list, err)
		}
	}
	// A branch without a commit is no fault.
	dir := t.TempDir()
	put(t, dir, map[string]string{"HEAD": "ref: refs/heads/new\n", "refs/x/y": hex})
	if r, err := Files(dir, dir, 20).Resolve("HEAD"); err != nil || !r.ID.IsZero() || r.Target != "refs/heads/new" {
		t.Errorf("%+v, %v", r, err)
	}
	if os.Symlink("refs/x/y", filepath.Join(dir, "HEAD2")) == nil {
		os.Remove(filepath.Join(dir, "HEAD"))
		os.Symlink("refs/x/y", filepath.Join(dir, "HEAD"))
		os.Symlink("..", filepath.Join(dir, "refs", "up"))
		s := Files(dir, dir, 20)
		if r, err := s.Resolve("HEAD"); err != nil || r.ID != id(1) {
			t.Errorf("linked HEAD: %+v, %v", r, err)
		}
		if list, _ := s.List(); len(list) > 4 {
			t.Errorf("a link up was followed round: %v", names(list))
		}
	}
}

func TestTables(t *testing.T) {
	dir := t.TempDir()
	refs := []reftable.Ref{{Name: "HEAD", Target: "refs/heads/main"}, {Name: "ORIG_HEAD", ID: id(3)}, {Name: "refs/heads/main", ID: id(1)}, {Name: "refs/tags/v1", ID: id(2), Peeled: id(1)}}
	logs := []reftable.Log{{Name: "HEAD", UpdateIndex: 2, Old: id(0), New: id(1), Who: "A", Mail: "a@b", Message: "two"}, {Name: "HEAD", UpdateIndex: 1, New: id(0), Who: "A", Mail: "a@b", Message: "one"}}
	put(t, dir, map[string]string{
		"HEAD": "ref: refs/heads/.invalid\n", "refs/heads": "this repository uses the reftable format\n", "FETCH_HEAD": id(5).String() + "\t\tx\n",
		"reftable/tables.list":             "1.ref\n",
		"reftable/1.ref":                   string(tablewriter.Write(tablewriter.Options{HashSize: 20}, refs, logs)),
		"worktrees/l/HEAD":                 "ref: refs/heads/.invalid\n",
		"worktrees/l/reftable/tables.list": "1.ref\n",
		"worktrees/l/reftable/1.ref":       string(tablewriter.Write(tablewriter.Options{HashSize: 20}, []reftable.Ref{{Name: "HEAD", Target: "refs/heads/main"}}, nil)),
	})
	s := Tables(dir, dir, 20)
	list, err := s.List()
	want := []string{"FETCH_HEAD", "HEAD", "ORIG_HEAD", "refs/heads/main", "refs/tags/v1", "worktrees/l/HEAD"}
	if got := names(list); err != nil || !slices.Equal(got, want) || list[1].ID != id(1) || list[5].ID != id(1) {
		t.Errorf("got %+v, %v", list, err)
	}
	if r, err := s.Resolve("HEAD"); err != nil || r.ID != id(1) {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.Resolve("refs/heads/none"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	var got []string
	if err := s.Logs(func(e LogEntry) error { got = append(got, e.Message); return nil }); err != nil || !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAgainstGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(git, append([]string{"-C", dir, "-c", "user.name=A", "-c", "user.email=a@example.org"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %s: %v", args, err)
		}
		return string(out)
	}
	run("init", "-q")
	for i := range 4 {
		os.WriteFile(filepath.Join(dir, "f"), fmt.Append(nil, i), 0o600)
		run("add", "f")
		run("commit", "-qm", "c")
		run("tag", "-a", "-m", "t", fmt.Sprintf("v%d", i))
		run("branch", fmt.Sprintf("topic/%d", i))
		if i == 2 {
			run("pack-refs", "--all")
		}
	}
	run("notes", "add", "-m", "n")
	os.WriteFile(filepath.Join(dir, "f"), []byte("wip"), 0o600)
	run("stash")
	run("update-ref", "refs/pull/1/head", "HEAD")
	run("worktree", "add", "-q", filepath.Join(t.TempDir(), "l"), "topic/1")
	s := Files(filepath.Join(dir, ".git"), filepath.Join(dir, ".git"), 20)
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, r := range list {
		if strings.HasPrefix(r.Name, "refs/") {
			fmt.Fprintf(&got, "%s %s\n", r.ID, r.Name)
		}
	}
	if want := run("for-each-ref", "--format=%(objectname) %(refname)"); got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	n := 0
	s.Logs(func(e LogEntry) error {
		if e.Name == "HEAD" {
			n++
		}
		return nil
	})
	if want := strings.Count(run("reflog", "HEAD"), "\n"); n != want {
		t.Errorf("%d entries of HEAD's log, git has %d", n, want)
	}
}

func FuzzFiles(f *testing.F) {
	hex := id(1).String()
	f.Add([]byte("ref: refs/heads/x\n"), []byte(hex+" refs/heads/x\n^"+hex+"\n"), []byte(hex+" "+hex+" A <a> 1 +0\tm\n"))
	f.Fuzz(func(t *testing.T, loose, packed, log []byte) {
		list, _ := parsePacked("packed-refs", packed, 20)
		for _, r := range list {
			if r.ID.String() == "" {
				t.Fatal(r)
			}
		}
		for line := range strings.Lines(string(log)) {
			parseLogLine([]byte(line), 20)
		}
		safe(string(loose))
	})
}
