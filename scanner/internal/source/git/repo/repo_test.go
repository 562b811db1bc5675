package repo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/index"
)

func open(t *testing.T, dir string) *Repository {
	t.Helper()
	loc, err := Discover(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(loc, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// script makes a repository with git: merges, tags, a remote, a note, a stash.
func script(t *testing.T, format string) string {
	dir := tempDir(t)
	gitIn(t, dir, "init", "-q", "-b", "main", "--object-format="+format)
	n := 0
	commit := func(name, text string) {
		n++
		put(t, dir, map[string]string{name: text})
		gitIn(t, dir, "add", ".")
		gitIn(t, dir, "commit", "-qm", name, fmt.Sprintf("--date=@%d +0100", 1_700_000_000+n*1000))
	}
	commit("a", "1")
	commit("b/c", "2")
	gitIn(t, dir, "tag", "-am", "t", "v1")
	gitIn(t, dir, "checkout", "-qb", "topic")
	commit("d", "3")
	commit("e", "4")
	gitIn(t, dir, "checkout", "-q", "main")
	commit("f", "5")
	gitIn(t, dir, "merge", "-q", "--no-ff", "-m", "m", "topic")
	commit("g", "6")
	gitIn(t, dir, "update-ref", "refs/remotes/origin/main", "HEAD~1")
	gitIn(t, dir, "config", "branch.main.remote", "origin")
	gitIn(t, dir, "config", "branch.main.merge", "refs/heads/main")
	gitIn(t, dir, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
	gitIn(t, dir, "config", "remote.origin.url", "https://example.org/x.git")
	return dir
}

func TestResolve(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		dir := script(t, format)
		for _, packed := range []bool{false, true} {
			if packed {
				gitIn(t, dir, "gc", "-q")
			}
			r := open(t, dir)
			short := gitIn(t, dir, "rev-parse", "--short", "HEAD~2")
			describe := gitIn(t, dir, "describe", "--long", "HEAD")
			for _, rev := range []string{"HEAD", "@", "main", "topic", "v1", "v1^{}", "v1^{commit}", "v1^{tree}", "HEAD~2", "HEAD^", "HEAD~^2", "HEAD^^2~1", "HEAD^0", "@~1^1",
				"heads/main", "refs/heads/topic", "origin/main", "@{u}", "main@{upstream}", "@{-1}", "@{-2}", "@{0}", "@{2}", "main@{1}", "HEAD@{3}", short, describe,
				gitIn(t, dir, "rev-parse", "HEAD~3"), "@{u}~1", "main@{100}"} {
				if rev == "main@{100}" {
					if _, err := r.Resolve(rev); err == nil {
						t.Error("a reflog entry that is not there was found")
					}
					continue
				}
				want := gitIn(t, dir, "rev-parse", rev)
				got, err := r.Resolve(rev)
				if err != nil || got.String() != want {
					t.Errorf("%s: %s: got %s, %v; want %s", format, rev, got, err, want)
				}
			}
			for _, rev := range []string{"none", "HEAD~100", "HEAD^3", "", "topic@{u}", "^{/x}", "HEAD:a", "-x", "HEAD^{blob}", "HEAD^{", "@{-9}", "HEAD~99999999999999999999", strings.Repeat("0", 40)} {
				_, err := r.Resolve(rev)
				var e *RevisionError
				if !errors.As(err, &e) {
					t.Errorf("%q: %v", rev, err)
				}
			}
			for _, rng := range []string{"HEAD~3..HEAD", "topic..main", "main..topic", "topic...main", "v1..", "..topic", "main ^topic", "main", "HEAD..HEAD", "@{u}..", "main~1^2...main~1^1"} {
				want := strings.Fields(gitIn(t, dir, append([]string{"rev-list"}, strings.Fields(rng)...)...))
				if strings.Contains(rng, "...") {
					a, b, _ := strings.Cut(rng, "...")
					want = strings.Fields(gitIn(t, dir, "rev-list", b, "^"+gitIn(t, dir, "merge-base", a, b)))
				}
				p, err := r.ParseRange(rng)
				if err != nil {
					t.Errorf("%s: %v", rng, err)
					continue
				}
				list, err := r.Commits(p, time.Time{})
				var got []string
				for _, c := range list {
					got = append(got, c.ID.String())
				}
				slices.Sort(got)
				slices.Sort(want)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: got %v, %v\nwant %v", rng, got, err, want)
				}
			}
			p, err := r.Unpushed()
			if err != nil {
				t.Fatal(err)
			}
			if list, err := r.Commits(p, time.Time{}); err != nil || len(list) != 1 || list[0].ID.String() != gitIn(t, dir, "rev-parse", "HEAD") {
				t.Errorf("unpushed: %v, %v", list, err)
			}
			if m := r.Remotes(); len(m) != 1 || m[0].URLs[0].Value != "https://example.org/x.git" {
				t.Errorf("remotes: %v", m)
			}
		}
	}
}

func TestShallow(t *testing.T) {
	dir := script(t, "sha1")
	to := filepath.Join(tempDir(t), "s")
	gitIn(t, dir, "clone", "-q", "--depth=2", "file://"+dir, to)
	r := open(t, to)
	if len(r.Shallow) == 0 {
		t.Fatal("not shallow")
	}
	rng, err := r.ParseRange("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Commits(rng, time.Time{})
	edge := 0
	for _, c := range list {
		if c.Shallow {
			edge++
		}
	}
	if want := strings.Count(gitIn(t, to, "rev-list", "HEAD"), "\n") + 1; err != nil || len(list) != want || edge == 0 {
		t.Errorf("%d commits, %d at the edge, %v; want %d", len(list), edge, err, want)
	}
	if _, err := r.Resolve("HEAD~2"); err == nil || !strings.Contains(err.Error(), "shallow") {
		t.Error(err)
	}
}

func TestAlternates(t *testing.T) {
	dir := script(t, "sha1")
	to := filepath.Join(tempDir(t), "c")
	gitIn(t, dir, "clone", "-q", "--shared", dir, to)
	// A loop, and one that leads nowhere.
	put(t, dir, map[string]string{".git/objects/info/alternates": filepath.Join(to, ".git", "objects") + "\n# comment\n/nowhere/objects\n"})
	r := open(t, to)
	if len(r.ObjectDirs) != 2 || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Error(), "alternates:3") {
		t.Errorf("%v, %v", r.ObjectDirs, r.Faults)
	}
	if _, err := r.Commit("HEAD"); err != nil {
		t.Error(err)
	}
}

func TestFormats(t *testing.T) {
	for config, want := range map[string]string{
		"[core]\nrepositoryformatversion = 1\n[extensions]\nnewThing = true\n": "extensions.newthing",
		"[core]\nrepositoryformatversion = 2\n":                                "repositoryformatversion=2",
		"[core]\nrepositoryformatversion = 1\n[extensions]\nobjectFormat = x":  "objectFormat",
		"[core]\nrepositoryformatversion = 1\n[extensions]\nrefStorage = x":    "refStorage",
		"[extensions]\nunknown = 1\n":                                          "",
		"[core]\nrepositoryformatversion = 1\n[extensions]\nnoop\npreciousObjects = true\nworktreeConfig = true\nrelativeWorktrees = true\npartialClone = o": "",
	} {
		dir := tempDir(t)
		put(t, dir, under(".git", skeleton))
		put(t, dir, map[string]string{".git/config": config, ".git/config.worktree": "[a]\nb = c\n"})
		loc, err := Discover(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(loc, Options{})
		var u *UnsupportedError
		if want != "" && (!errors.As(err, &u) || !strings.Contains(u.What, want)) || want == "" && err != nil {
			t.Errorf("%q: %v", config, err)
		}
		if strings.Contains(config, "worktreeConfig") {
			if v, _ := r.Config.Get("a", "", "b"); v != "c" || r.Partial != "o" {
				t.Error("config.worktree was not read, or the promisor not seen")
			}
		}
	}
}

func TestTopFiles(t *testing.T) {
	dir := script(t, "sha1")
	sub := script(t, "sha1")
	gitIn(t, dir, "submodule", "--quiet", "add", sub, "mod")
	put(t, dir, map[string]string{".mailmap": "New Name <new@example.org> <a@example.org>\n"})
	gitIn(t, dir, "add", ".")
	gitIn(t, dir, "commit", "-qm", "x")
	bare := filepath.Join(tempDir(t), "b.git")
	gitIn(t, dir, "clone", "-q", "--bare", dir, bare)
	for _, d := range []string{dir, bare} {
		r := open(t, d)
		m, err := r.Mailmap()
		if n, a := m.Resolve("A U Thor", "a@example.org"); n != "New Name" || a != "new@example.org" || err != nil {
			t.Errorf("%s: %s <%s>, %v", d, n, a, err)
		}
		ix, err := r.Index()
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Submodules(ix)
		if err != nil || len(s) != 1 || s[0].Path != "mod" || s[0].URL != sub {
			t.Errorf("%s: %+v, %v", d, s, err)
		} else if d == dir && (!s[0].Present || s[0].Commit.IsZero() || s[0].At.GitDir != filepath.Join(dir, ".git", "modules", "mod")) {
			t.Errorf("%+v", s[0])
		}
	}
	r := open(t, dir)
	ig, err := r.Ignore()
	if err != nil || ig.Ignored("x", false) {
		t.Error(err)
	}
	put(t, dir, map[string]string{".gitmodules": "[submodule \"x\"]\npath = ../../etc\n"})
	if s, err := r.Submodules(&index.Index{}); err == nil || len(s) != 0 {
		t.Errorf("a path out of the tree: %v, %v", s, err)
	}
}

func TestLinkedWorktree(t *testing.T) {
	dir := script(t, "sha1")
	wt := filepath.Join(tempDir(t), "l")
	gitIn(t, dir, "worktree", "add", "-q", "--detach", wt, "topic")
	r := open(t, wt)
	head, err := r.Head()
	if want := gitIn(t, wt, "rev-parse", "HEAD"); err != nil || head.String() != want || !r.Linked {
		t.Errorf("%s, %v, want %s", head, err, want)
	}
	ix, err := r.Index()
	if want := strings.Count(gitIn(t, wt, "ls-files"), "\n") + 1; err != nil || len(ix.Entries) != want {
		t.Errorf("%d entries, %v", len(ix.Entries), err)
	}
	if _, err := r.Resolve("main"); err != nil {
		t.Error(err)
	}
}

func TestMergeBases(t *testing.T) {
	dir := script(t, "sha1")
	gitIn(t, dir, "checkout", "-q", "--orphan", "other")
	gitIn(t, dir, "commit", "-qm", "root")
	// A criss-cross: two best bases.
	gitIn(t, dir, "checkout", "-qB", "x", "main")
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "x1")
	gitIn(t, dir, "checkout", "-qB", "y", "main")
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "y1")
	gitIn(t, dir, "merge", "-q", "-m", "yx", "x")
	gitIn(t, dir, "checkout", "-q", "x")
	gitIn(t, dir, "merge", "-q", "-m", "xy", "y~1")
	r := open(t, dir)
	for _, p := range [][2]string{{"x", "y"}, {"main", "topic"}, {"main", "other"}, {"x", "main"}, {"v1", "topic"}, {"x", "x"}} {
		a, err1 := r.Commit(p[0])
		b, err2 := r.Commit(p[1])
		got, err := r.MergeBases(a, b)
		if err1 != nil || err2 != nil || err != nil {
			t.Fatal(err1, err2, err)
		}
		var want []string
		if p[1] != "other" {
			want = strings.Fields(gitIn(t, dir, "merge-base", "--all", p[0], p[1]))
		}
		var have []string
		for _, id := range got {
			have = append(have, id.String())
		}
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("%v: got %v, want %v", p, have, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{
		"2024-03-01": "2024-03-01T00:00:00Z", "2024-03-01 12:30": "2024-03-01T12:30:00Z", "2024-03-01T12:30:00+02:00": "2024-03-01T10:30:00Z",
		"@1700000000": "2023-11-14T22:13:20Z", "1700000000": "2023-11-14T22:13:20Z", "2 weeks ago": "2026-02-24T12:00:00Z", "2.weeks": "2026-02-24T12:00:00Z",
		"1 year 2 months ago": "2025-01-10T12:00:00Z", "36h": "2026-03-09T00:00:00Z", "yesterday": "2026-03-09T12:00:00Z", "Now": "2026-03-10T12:00:00Z",
	} {
		got, err := ParseDate(s, now)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v; want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "soon", "5", "2 fortnights ago", "@", "2024-13-01"} {
		if got, err := ParseDate(s, now); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
}

// TestHostile: what is damaged is told, what is not is read.
func TestHostile(t *testing.T) {
	dir := script(t, "sha1")
	mid := gitIn(t, dir, "rev-parse", "main~1")
	put(t, dir, map[string]string{
		".git/shallow":     "nonsense\n",
		".git/info/grafts": "x\n" + strings.Repeat("0", 40) + " 12\n",
		".git/config":      "[core]\n\trepositoryformatversion = 0\n[broken\n[user]\nname = x\n",
	})
	r := open(t, dir)
	if len(r.Faults) != 4 {
		t.Errorf("%d faults: %v", len(r.Faults), r.Faults)
	}
	if _, err := r.Commit("main~2"); err != nil {
		t.Error(err)
	}
	if v, _ := r.Config.Get("user", "", "name"); v != "x" {
		t.Error("the rest of the configuration was not read")
	}
	// A missing commit costs what lies behind it.
	os.Remove(filepath.Join(dir, ".git", "objects", mid[:2], mid[2:]))
	rng, err := r.ParseRange("main")
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Commits(rng, time.Time{})
	if len(list) != 1 || err == nil || !strings.Contains(err.Error(), mid) {
		t.Errorf("%d commits, %v", len(list), err)
	}
	if _, err := r.Peel(object.ID{1}, object.Tree); err == nil {
		t.Error("an object that is not there was peeled")
	}
}

func TestRoots(t *testing.T) {
	dir := script(t, "sha1")
	for i := range 2 {
		put(t, dir, map[string]string{"a": fmt.Sprint("wip", i)})
		gitIn(t, dir, "stash")
	}
	gitIn(t, dir, "notes", "add", "-m", "n")
	amended := gitIn(t, dir, "rev-parse", "HEAD")
	gitIn(t, dir, "commit", "-q", "--amend", "-m", "amended")
	old := gitIn(t, dir, "rev-parse", "stash@{1}")
	r := open(t, dir)
	roots, err := r.Roots()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, ref := range roots.Refs {
		names = append(names, ref.Name)
	}
	want := []string{"HEAD", "refs/heads/main", "refs/heads/topic", "refs/notes/commits", "refs/remotes/origin/main", "refs/stash", "refs/tags/v1"}
	has := func(ids []object.ID, id string) bool {
		return slices.ContainsFunc(ids, func(x object.ID) bool { return x.String() == id })
	}
	if !slices.Equal(names, want) || !has(roots.Stash, old) || !has(roots.Logs, amended) {
		t.Errorf("%v\n%v\n%v", names, roots.Stash, roots.Logs)
	}
}
