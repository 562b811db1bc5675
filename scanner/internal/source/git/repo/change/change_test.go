package change

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
)

type sandbox struct {
	*testing.T
	git, dir string
}

func newSandbox(t *testing.T) *sandbox {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	s := &sandbox{t, git, t.TempDir()}
	s.run("init", "-q", "-b", "main")
	return s
}

func (s *sandbox) try(args ...string) (string, error) {
	cmd := exec.Command(s.git, append([]string{"-C", s.dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "merge.renames=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	return strings.TrimRight(string(out), "\n"), err
}

func (s *sandbox) run(args ...string) string {
	s.Helper()
	out, err := s.try(args...)
	if err != nil {
		s.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return out
}

func (s *sandbox) put(name, text string) {
	p := filepath.Join(s.dir, name)
	os.MkdirAll(filepath.Dir(p), 0o700)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

func (s *sandbox) open() *repo.Repository {
	s.Helper()
	loc, err := repo.Discover(s.dir, repo.Options{})
	if err != nil {
		s.Fatal(err)
	}
	r, err := repo.Open(loc, repo.Options{})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { r.Close() })
	return r
}

// raw reads the output of diff-tree or diff-index: path -> new blob, for
// everything that is there afterwards.
func raw(out string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		head, path, ok := strings.Cut(line, "\t")
		f := strings.Fields(head)
		if !ok || len(f) < 5 || f[4] == "D" {
			continue
		}
		if strings.Trim(f[2], "0") == strings.Trim(f[3], "0") {
			continue // the mode alone
		}
		m[path] = f[3]
	}
	return m
}

// TestAgainstGit holds every commit of random histories, with merges, reverts,
// files that become directories and the like, against git's own comparison.
func TestAgainstGit(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 5))
		s := newSandbox(t)
		paths := []string{"a", "b", "c/a", "c/b", "c/d/e", "a/x", "c-d", "c.d", "z"}
		edit := func() {
			for range 1 + rng.IntN(3) {
				p := paths[rng.IntN(len(paths))]
				switch rng.IntN(4) {
				case 0:
					os.RemoveAll(filepath.Join(s.dir, p))
				default:
					if d := filepath.Dir(p); d != "." {
						if st, err := os.Lstat(filepath.Join(s.dir, d)); err == nil && !st.IsDir() {
							os.Remove(filepath.Join(s.dir, d))
						}
					}
					os.RemoveAll(filepath.Join(s.dir, p))
					s.put(p, fmt.Sprintf("%d\n", rng.IntN(6)))
				}
			}
			s.run("add", "-A")
		}
		edit()
		s.run("commit", "-q", "--allow-empty", "-m", "root")
		for i := range 25 {
			switch rng.IntN(5) {
			case 0:
				s.run("checkout", "-q", "-B", fmt.Sprintf("b%d", rng.IntN(3)))
			case 1:
				branches := strings.Fields(s.run("for-each-ref", "--format=%(refname:short)", "refs/heads"))
				s.try("merge", "-q", "--no-ff", "--no-commit", branches[rng.IntN(len(branches))])
				edit() // an evil merge
			default:
				edit()
			}
			s.run("commit", "-q", "--allow-empty", "-m", fmt.Sprint(i))
			branches := strings.Fields(s.run("for-each-ref", "--format=%(refname:short)", "refs/heads"))
			s.run("checkout", "-q", branches[rng.IntN(len(branches))])
		}
		r := s.open()
		var rngAll repo.Range
		for _, b := range strings.Fields(s.run("for-each-ref", "--format=%(refname)", "refs/heads")) {
			id, err := r.Commit(b)
			if err != nil {
				t.Fatal(err)
			}
			rngAll.Include = append(rngAll.Include, id)
		}
		commits, err := r.Commits(rngAll, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]map[string]string{}
		err = Commits(context.Background(), r, commits, func(c Change) error {
			id := c.Commit.String()
			if got[id] == nil {
				got[id] = map[string]string{}
			}
			got[id][c.Path] = c.Blob.String()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range commits {
			var want map[string]string
			if len(c.Parents) == 0 {
				want = raw(s.run("diff-tree", "-r", "--root", "--no-renames", "--no-commit-id", "--no-abbrev", c.ID.String()))
			}
			for i, p := range c.Parents {
				one := raw(s.run("diff-tree", "-r", "--no-renames", "--no-abbrev", p.String(), c.ID.String()))
				if i == 0 {
					want = one
					continue
				}
				for path := range want {
					if _, ok := one[path]; !ok {
						delete(want, path)
					}
				}
			}
			if len(want) == 0 && len(got[c.ID.String()]) == 0 {
				continue
			}
			if fmt.Sprint(got[c.ID.String()]) != fmt.Sprint(want) {
				t.Errorf("seed %d, %s (%d parents): got %v\nwant %v", seed, c.ID, len(c.Parents), got[c.ID.String()], want)
			}
		}
		// The index, with and without computed trees, in a merge and without.
		edit()
		s.put("c/a", "new")
		s.run("add", "-A")
		s.put("announced", "x")
		s.run("add", "-N", "announced")
		for _, split := range []bool{false, true} {
			if split {
				s.run("update-index", "--split-index")
			}
			ix, err := r.Index()
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				list, err := Staged(r, ix)
				have := map[string]string{}
				for _, c := range list {
					have[c.Path] = c.Blob.String()
				}
				want := raw(s.run("diff-index", "--cached", "--no-renames", "--no-abbrev", "HEAD"))
				delete(want, "announced") // has no content yet
				if err != nil || fmt.Sprint(have) != fmt.Sprint(want) {
					t.Errorf("seed %d: staged: got %v, %v\nwant %v", seed, have, err, want)
				}
				ix.Trees = nil
			}
		}
	}
}

func TestRename(t *testing.T) {
	s := newSandbox(t)
	body := strings.Repeat("a line of text\nanother line\n", 3) + "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
	s.put("old/name", body)
	s.put("same", "the same\n")
	s.run("add", ".")
	r := s.open()
	ix, _ := r.Index()
	if list, err := Staged(r, ix); err != nil || len(list) != 2 || len(list[0].Old) != 0 {
		t.Errorf("before the first commit: %v, %v", list, err)
	}
	s.run("commit", "-qm", "1")
	old := s.run("rev-parse", "HEAD:old/name")
	same := s.run("rev-parse", "HEAD:same")
	s.run("mv", "same", "moved")
	s.run("rm", "-rq", "old")
	s.put("new/name", body+"eight\n")
	s.put("unlike", "nothing of it\n")
	s.run("add", ".")
	check := func(list []Change, err error) {
		t.Helper()
		if err != nil || len(list) != 3 {
			t.Fatalf("%v, %v", list, err)
		}
		slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
		if list[0].From != "same" || list[0].Old[0].String() != same || list[1].From != "old/name" || list[1].Old[0].String() != old || len(list[2].Old) != 0 {
			t.Errorf("%+v", list)
		}
	}
	r = s.open()
	ix, _ = r.Index()
	check(Staged(r, ix))
	s.run("commit", "-qm", "2")
	r = s.open()
	rng, err := r.ParseRange("HEAD~1..HEAD")
	if err != nil {
		t.Fatal(err)
	}
	commits, err := r.Commits(rng, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var list []Change
	err = Commits(context.Background(), r, commits, func(c Change) error { list = append(list, c); return nil })
	check(list, err)
}

// TestRevert: a blob that is older than the range is brought back.
func TestRevert(t *testing.T) {
	s := newSandbox(t)
	for i, text := range []string{"x\nvalue\n", "x\n", "x\nvalue\n", "x\nvalue\ny\n"} {
		s.put("f", text)
		s.run("add", ".")
		s.run("commit", "-qm", fmt.Sprint(i))
	}
	r := s.open()
	for rev, want := range map[string]int{"HEAD~2..HEAD~1": 1, "HEAD~1..HEAD": 1, "HEAD~2..HEAD": 2, "HEAD..HEAD": 0} {
		rng, err := r.ParseRange(rev)
		if err != nil {
			t.Fatal(err)
		}
		commits, _ := r.Commits(rng, time.Time{})
		n := 0
		Commits(context.Background(), r, commits, func(c Change) error {
			n++
			if len(c.Old) != 1 {
				t.Errorf("%+v", c)
			}
			return nil
		})
		if n != want {
			t.Errorf("%s: %d changes, want %d", rev, n, want)
		}
	}
}

func TestMergeHead(t *testing.T) {
	s := newSandbox(t)
	s.put("f", "base\n")
	s.run("add", ".")
	s.run("commit", "-qm", "base")
	s.run("checkout", "-qb", "side")
	s.put("side", "from the side\n")
	s.put("f", "side\n")
	s.run("add", ".")
	s.run("commit", "-qm", "side")
	s.run("checkout", "-q", "main")
	s.put("f", "main\n")
	s.run("commit", "-qam", "main")
	s.try("merge", "-q", "side")
	s.put("f", "resolved\n")
	s.run("add", ".")
	r := s.open()
	ix, _ := r.Index()
	list, err := Staged(r, ix)
	if err != nil || len(list) != 1 || list[0].Path != "f" || len(list[0].Old) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

// BenchmarkStaged5000 is the hook: one staged file of 5,000, all cold but the
// page cache.
func BenchmarkStaged5000(b *testing.B) {
	git, err := exec.LookPath("git")
	if err != nil {
		b.Skip("no git")
	}
	dir := b.TempDir()
	run := func(args ...string) {
		cmd := exec.Command(git, append([]string{"-C", dir, "-c", "user.name=A", "-c", "user.email=a@example.org"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
	run("init", "-q")
	for i := range 5000 {
		p := filepath.Join(dir, fmt.Sprintf("d%d/e%d/f%d", i/500, i/25%20, i))
		os.MkdirAll(filepath.Dir(p), 0o700)
		os.WriteFile(p, fmt.Append(nil, i), 0o600)
	}
	run("add", ".")
	run("commit", "-qm", "c")
	run("gc", "-q")
	os.WriteFile(filepath.Join(dir, "d1/e1/f525"), []byte("changed"), 0o600)
	run("add", ".")
	for _, trees := range []bool{true, false} {
		b.Run(fmt.Sprintf("trees=%v", trees), func(b *testing.B) {
			for b.Loop() {
				loc, err := repo.Discover(dir, repo.Options{})
				if err != nil {
					b.Fatal(err)
				}
				r, err := repo.Open(loc, repo.Options{})
				if err != nil {
					b.Fatal(err)
				}
				ix, err := r.Index()
				if err != nil {
					b.Fatal(err)
				}
				if !trees {
					ix.Trees = nil
				}
				list, err := Staged(r, ix)
				if err != nil || len(list) != 1 {
					b.Fatal(list, err)
				}
				r.Close()
			}
		})
	}
}
