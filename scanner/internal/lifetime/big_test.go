package lifetime

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

type null struct{ w *Worker }

func (n null) Visit(o *pack.Object, _ struct{}) struct{} {
	n.w.Add(o.ID, o.Type, o.Number, o.Content)
	return struct{}{}
}

func TestBigTrees(t *testing.T) {
	dir := os.Getenv("LIFETIME_REPO")
	if dir == "" {
		t.Skip("LIFETIME_REPO is not set")
	}
	s, err := pack.OpenStore([]string{filepath.Join(dir, "objects")}, 20, pack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s.Count()
	t.Log("count", s.Count(), time.Since(start))
	start = time.Now()
	c := NewCollector(s, 2)
	pack.Walk(context.Background(), s, pack.WalkOptions{Types: object.SetOf(object.Commit, object.Tag), Workers: 2}, func(i int) pack.Visitor[struct{}] { return null{c.Worker(i)} })
	t.Log("commits walked", time.Since(start))
	start = time.Now()
	g := c.Build(Options{All: true})
	t.Log("graph", g.Len(), time.Since(start))
	var ids []object.ID
	for _, h := range []string{os.Getenv("LIFETIME_BLOB")} {
		id, _ := object.ParseID(h)
		ids = append(ids, id)
	}
	start = time.Now()
	f, err := ReadTrees(context.Background(), s, ids, 2, nil)
	t.Log("trees", f.Trees, "nodes", f.Len(), "kids", len(f.kids), time.Since(start), err)
}
