package lifetime

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
)

// grep is the search for one string, for trials on real repositories.
type grep struct {
	w     *Worker
	words [][]byte
	mu    *sync.Mutex
	found map[object.ID][]int
}

func (n grep) Visit(o *pack.Object, _ struct{}) struct{} {
	n.w.Add(o.ID, o.Type, o.Number, o.Content)
	if o.Type == object.Blob {
		for i, word := range n.words {
			if bytes.Contains(o.Content, word) {
				n.mu.Lock()
				n.found[o.ID] = append(n.found[o.ID], i)
				n.mu.Unlock()
			}
		}
	}
	return struct{}{}
}

// null gathers commits and nothing else.
type null struct{ w *Worker }

func (n null) Visit(o *pack.Object, _ struct{}) struct{} {
	n.w.Add(o.ID, o.Type, o.Number, o.Content)
	return struct{}{}
}

// TestRepository prints figures and lifetimes for a repository of one's own:
// LIFETIME_REPO is a git directory, LIFETIME_WORDS what to look for, with
// commas between.
func TestRepository(t *testing.T) {
	dir := os.Getenv("LIFETIME_REPO")
	if dir == "" {
		t.Skip("LIFETIME_REPO is not set")
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
	s, err := r.Objects()
	if err != nil {
		t.Fatal(err)
	}
	s.Count()
	step := func(name string) func() {
		wall, cpu := time.Now(), cpuTime()
		return func() {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			t.Logf("%-20s %7.2f s wall %7.2f s cpu, heap %d MB", name, time.Since(wall).Seconds(), (cpuTime() - cpu).Seconds(), m.HeapAlloc>>20)
		}
	}
	ctx := context.Background()
	c := NewCollector(s, 2)
	done := step("commits walked")
	err = pack.Walk(ctx, s, pack.WalkOptions{Types: object.SetOf(object.Commit, object.Tag), Workers: 2}, func(i int) pack.Visitor[struct{}] { return null{c.Worker(i)} })
	done()
	done = step("refs")
	list, err2 := r.Refs.List()
	done()
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	opt := Options{}
	for _, ref := range list {
		if !ref.ID.IsZero() {
			opt.Tips = append(opt.Tips, Tip{ref.Name, ref.ID})
		}
	}
	opt.Head, _ = r.Head()
	opt.Mailmap, _ = r.Mailmap()
	done = step("graph")
	g := c.Build(opt)
	done()
	t.Logf("%d refs, %d commits, %d reachable, %d edges, %d faults", len(opt.Tips), g.Len(), g.Reachable(), g.Edges, len(g.Faults))
	words := strings.Split(os.Getenv("LIFETIME_WORDS"), ",")
	var raw [][]byte
	for _, w := range words {
		raw = append(raw, []byte(w))
	}
	found := map[object.ID][]int{}
	var mu sync.Mutex
	done = step("search (trial)")
	c2 := NewCollector(s, 2)
	err = pack.Walk(ctx, s, pack.WalkOptions{Types: object.SetOf(object.Blob), Workers: 2}, func(i int) pack.Visitor[struct{}] { return grep{c2.Worker(i), raw, &mu, found} })
	done()
	if err != nil {
		t.Fatal(err)
	}
	var blobs []object.ID
	for id := range found {
		blobs = append(blobs, id)
	}
	done = step("trees")
	f, err := ReadTrees(ctx, s, blobs, 2, nil)
	done()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d blobs, %d trees, %d nodes, %d links", len(blobs), f.Trees, f.Len(), len(f.kids))
	done = step("lifetimes")
	out, err := Compute(ctx, g, f, Input{Secrets: len(words), Blobs: found})
	done()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range out {
		t.Logf("%q: head %v, %d refs, reached from %d, %d paths, %d intervals", words[i], l.AtHead, l.RefCount, l.ReachableFrom, l.PathCount, l.IntervalCount)
		for _, iv := range l.Intervals[:min(6, len(l.Intervals))] {
			t.Logf("  + %v %v %s %s (x%d, reachable %v)", iv.Introduced.Commit, iv.Introduced.Date.Format(time.DateOnly), iv.Introduced.Author, iv.Introduced.Path, iv.Introductions, iv.Reachable)
			if iv.Removed != nil {
				t.Logf("  - %v %v %s %s", iv.Removed.Commit, iv.Removed.Date.Format(time.DateOnly), iv.Removed.Author, iv.Removed.Path)
			}
			if iv.Landed != nil {
				t.Logf("  m %v", iv.Landed.Commit)
			}
		}
		for _, o := range l.Occurrences[:min(5, len(l.Occurrences))] {
			t.Logf("  %s: %d versions, newest %v, head %v", o.Path, o.Versions, o.Newest, o.AtHead)
		}
	}
}
