package change

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
)

// TestRepository times ranges of a repository of one's own: CHANGE_REPO is a
// git directory, CHANGE_RANGES what to compare, with commas between.
func TestRepository(t *testing.T) {
	dir := os.Getenv("CHANGE_REPO")
	if dir == "" {
		t.Skip("CHANGE_REPO is not set")
	}
	loc, err := repo.Discover(dir, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := repo.Open(loc, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, text := range strings.Split(os.Getenv("CHANGE_RANGES"), ",") {
		start := time.Now()
		rng, err := r.ParseRange(text)
		if err != nil {
			t.Error(err)
			continue
		}
		list, err := r.Commits(rng, time.Time{})
		if err != nil {
			t.Error(err)
		}
		listed := time.Since(start)
		n := 0
		err = Commits(context.Background(), r, list, func(Change) error { n++; return nil })
		t.Logf("%s: %d commits in %v, %d changes in %v, %v", text, len(list), listed, n, time.Since(start)-listed, err)
	}
}
