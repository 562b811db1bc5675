package lifetime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/mailmap"
)

// bench is a repository written by hand.
type bench struct {
	*testing.T
	w *world
}

func newBench(t *testing.T) *bench {
	return &bench{t, &world{objects: filepath.Join(t.TempDir(), "objects"), blobs: map[object.ID][]int{}}}
}

func (b *bench) commit(tree object.ID, date int, message string, parents ...object.ID) object.ID {
	var t bytes.Buffer
	fmt.Fprintf(&t, "tree %s\n", tree)
	for _, p := range parents {
		fmt.Fprintf(&t, "parent %s\n", p)
	}
	fmt.Fprintf(&t, "author Old Name <old@example.org> %d +0100\ncommitter C <c@example.org> %d +0000\n\n%s\n", date, date, message)
	return b.w.write(object.Commit, t.Bytes())
}

func (b *bench) files(m map[string]string) object.ID { return b.w.tree(m, "") }

func (b *bench) compute(opt Options, in Input) ([]Lifetime, *Graph, error) {
	b.Helper()
	store, err := pack.OpenStore([]string{b.w.objects}, 20, pack.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	c := NewCollector(store, 1)
	err = pack.Walk(context.Background(), store, pack.WalkOptions{Types: object.SetOf(object.Commit, object.Tag), Workers: 1},
		func(i int) pack.Visitor[struct{}] { return null{c.Worker(i)} })
	if err != nil {
		b.Fatal(err)
	}
	g := c.Build(opt)
	var blobs []object.ID
	for id := range in.Blobs {
		blobs = append(blobs, id)
	}
	f, err := ReadTrees(context.Background(), store, blobs, 1, func(err error) { b.Log(err) })
	if err != nil {
		b.Fatal(err)
	}
	out, err := (&computer{g: g, f: f, in: in, states: 20_000}).compute(context.Background())
	return out, g, err
}

func TestMessagesAndTags(t *testing.T) {
	b := newBench(t)
	empty := b.files(nil)
	one := b.commit(empty, 1000, "one")
	two := b.commit(empty, 2000, "two", one)
	tag := b.w.write(object.Tag, []byte(fmt.Sprintf("object %s\ntype commit\ntag t\ntagger T <t@x> 5 +0000\n\nm\n", one)))
	out, _, err := b.compute(Options{
		Tips: []Tip{{"refs/heads/a", two}, {"refs/heads/b", one}, {"refs/tags/t", tag}}, Head: two,
		Mailmap: mailmap.Parse("New Name <new@example.org> <old@example.org>\n"),
	}, Input{Secrets: 2, Messages: map[object.ID][]int{two: {0}, tag: {1}}})
	if err != nil {
		t.Fatal(err)
	}
	if l := out[0]; l.Introduced == nil || l.Introduced.Commit != two || l.Introduced.Author != "New Name <new@example.org>" || l.Removed != nil || l.RefCount != 0 || l.ReachableFrom != 1 || !l.Reachable || l.AtHead {
		t.Errorf("message: %+v", l)
	}
	if l := out[1]; l.Introduced != nil || l.ReachableFrom != 1 || !l.Reachable {
		t.Errorf("tag: %+v", l)
	}
}

func TestEdge(t *testing.T) {
	b := newBench(t)
	tree := b.files(map[string]string{"f": "A"})
	gone := object.Hash(object.Commit, []byte("not fetched"), 20)
	one := b.commit(tree, 1000, "one", gone)
	out, g, err := b.compute(Options{Tips: []Tip{{"refs/heads/a", one}}}, Input{Secrets: 1, Blobs: b.w.blobs})
	if err != nil || g.Edges != 1 || !out[0].Edge || out[0].Introduced == nil {
		t.Errorf("%+v, %v", out, err)
	}
	if in, ok := g.Commit(one); !ok || !in.Edge || !in.Reachable {
		t.Errorf("%+v", in)
	}
}

func TestRefToBlob(t *testing.T) {
	b := newBench(t)
	b.files(map[string]string{"f": "A"})
	blob := object.Hash(object.Blob, []byte("A"), 20)
	out, _, err := b.compute(Options{Tips: []Tip{{"refs/x", blob}}}, Input{Secrets: 1, Blobs: b.w.blobs})
	if err != nil || out[0].RefCount != 1 || !out[0].Reachable || out[0].Introduced != nil {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestLanded: removed on a side branch, then merged.
func TestLanded(t *testing.T) {
	b := newBench(t)
	with, without := b.files(map[string]string{"f": "A"}), b.files(map[string]string{"f": "-"})
	one := b.commit(with, 1000, "one")
	side := b.commit(without, 2000, "side", one)
	main := b.commit(with, 3000, "main", one)
	merge := b.commit(without, 4000, "merge", main, side)
	out, _, err := b.compute(Options{Tips: []Tip{{"refs/heads/main", merge}}, Head: merge}, Input{Secrets: 1, Blobs: b.w.blobs})
	l := out[0]
	if err != nil || l.Removed == nil || l.Removed.Commit != side || l.Removed.Path != "f" || l.Landed == nil || l.Landed.Commit != merge {
		t.Errorf("%+v, %v", l, err)
	}
	// A topic that merges the removal into itself did not bring it here.
	topic := b.commit(with, 3500, "topic", one)
	gone := b.commit(without, 3600, "gone", main)
	in := b.commit(without, 3700, "in", topic, gone)
	top := b.commit(without, 3800, "top", gone, in)
	out, _, err = b.compute(Options{Tips: []Tip{{"refs/heads/main", top}}, Head: top}, Input{Secrets: 1, Blobs: b.w.blobs})
	l = out[0]
	if err != nil || l.Removed == nil || l.Removed.Commit != gone || l.Landed != nil {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestBomb: trees that spell out 10^12 paths end, and lifetimes are still told.
func TestBomb(t *testing.T) {
	b := newBench(t)
	tree := b.files(map[string]string{"f": "A"})
	for range 12 {
		var text bytes.Buffer
		for i := range 10 {
			fmt.Fprintf(&text, "40000 d%d\x00%s", i, tree[:20])
		}
		tree = b.w.write(object.Tree, text.Bytes())
	}
	one := b.commit(tree, 1000, "one")
	out, _, err := b.compute(Options{Tips: []Tip{{"refs/heads/a", one}}, Head: one}, Input{Secrets: 1, Blobs: b.w.blobs})
	if !errors.Is(err, ErrPaths) || !out[0].AtHead || out[0].Introduced == nil || len(out[0].Occurrences) == 0 || len(out[0].Occurrences) > MaxPaths {
		t.Errorf("%v, %d occurrences", err, len(out[0].Occurrences))
	}
}

// TestDamagedTree: entries before the damage count.
func TestDamagedTree(t *testing.T) {
	b := newBench(t)
	b.files(map[string]string{"f": "A"})
	blob := object.Hash(object.Blob, []byte("A"), 20)
	odd := func(text string) object.ID { return b.w.write(object.Tree, []byte(text)) }
	for _, tree := range []object.ID{
		odd(fmt.Sprintf("100644 f\x00%s100644 cut", blob[:20])),
		odd(fmt.Sprintf("777777 ../x\x00%s", blob[:20])),
		odd(fmt.Sprintf("100644 z\x00%s100644 a\x00%s100644 a\x00%s", blob[:20], blob[:20], blob[:20])),
		odd(fmt.Sprintf("0 a\nb/c\x00%s", blob[:20])),
	} {
		one := b.commit(tree, 1000, "one")
		out, _, err := b.compute(Options{Tips: []Tip{{"refs/heads/a", one}}, Head: one}, Input{Secrets: 1, Blobs: b.w.blobs})
		if err != nil || !out[0].AtHead || len(out[0].Occurrences) == 0 {
			t.Errorf("%+v, %v", out[0], err)
		}
	}
}
