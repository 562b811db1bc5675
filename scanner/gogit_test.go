package scanner

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// TestWithoutGit builds a repository with go-git, the independent
// implementation in Go, scans it, and holds what we say of its history against
// what go-git reads: no git program is needed for either.
func TestWithoutGit(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	rule := set.Lookup("openai-project-api-key")
	x, err := rule.Expand("@env", 7)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	repository, err := gogit.PlainInit(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repository.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	commit := func(file, text string) plumbing.Hash {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := tree.Add(file); err != nil {
			t.Fatal(err)
		}
		when = when.Add(24 * time.Hour)
		id, err := tree.Commit("change "+file, &gogit.CommitOptions{Author: &object.Signature{Name: "Ann", Email: "ann@example.com", When: when}})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	commit("readme.txt", "nothing here\n")
	in := commit("app.env", "A=1\n"+x.Text)
	if err := repository.Storer.SetReference(plumbing.NewHashReference("refs/heads/old", in)); err != nil {
		t.Fatal(err)
	}
	commit("app.env", "A=2\n"+x.Text+"B=3\n")
	out := commit("app.env", "A=2\n")

	s, err := New(set, Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.Paths(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(report.Findings, func(f *finding.Finding) bool { return f.Secret == x.Secret })
	if i < 0 || report.Coverage.Incomplete() {
		t.Fatalf("%d findings, %+v", len(report.Findings), report.Coverage.Gaps())
	}
	life := report.Findings[i].Lifetime
	if life == nil || life.Introduced.Commit != in.String() || life.Removed == nil || life.Removed.Commit != out.String() || life.AtHead {
		t.Fatalf("lifetime %+v, want %s to %s", life, in, out)
	}
	if life.Introduced.Path != "app.env" || life.RefCount != 1 || !slices.Contains(life.Refs, "refs/heads/old") && !slices.Contains(life.Refs, "old") {
		t.Errorf("lifetime %+v", life)
	}

	// Every commit and object that go-git sees was scanned.
	var commits, objects int64
	all, err := repository.Storer.IterEncodedObjects(plumbing.AnyObject)
	if err != nil {
		t.Fatal(err)
	}
	_ = all.ForEach(func(o plumbing.EncodedObject) error {
		objects++
		if o.Type() == plumbing.CommitObject {
			commits++
		}
		return nil
	})
	if report.Coverage.Commits != commits || report.Coverage.Objects != objects {
		t.Errorf("%d commits, %d objects; go-git has %d and %d", report.Coverage.Commits, report.Coverage.Objects, commits, objects)
	}
}
