package lifetime

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"pgregory.net/rapid"
)

// ---- the naive model: every tree in full, every question by search ----

func (w *world) holds(c, s int) bool {
	for _, text := range w.commits[c].files {
		if slices.Contains(secretsIn(text), s) {
			return true
		}
	}
	return false
}

func (w *world) reach(from int) map[int]bool {
	seen := map[int]bool{}
	var visit func(int)
	visit = func(c int) {
		if !seen[c] {
			seen[c] = true
			for _, p := range w.commits[c].parents {
				visit(p)
			}
		}
	}
	if from >= 0 {
		visit(from)
	}
	return seen
}

type expected struct {
	intervals []string
	lifetime  string
	paths     []string
}

// expect works out one secret's lifetime in the graph of the given commits.
func (w *world) expect(s int, in map[int]bool) (x expected) {
	holds := map[int]bool{}
	for c := range in {
		holds[c] = w.holds(c, s)
	}
	head := w.reach(w.head)
	reachable := map[int]bool{}
	for _, t := range w.tips {
		maps.Copy(reachable, w.reach(t))
	}
	// Stretches: flood along edges between holders.
	part := map[int]int{}
	var parts [][]int
	for c := range w.commits {
		if !holds[c] || part[c] != 0 {
			continue
		}
		k := len(parts) + 1
		var list []int
		queue := []int{c}
		part[c] = k
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			list = append(list, at)
			for o := range w.commits {
				if holds[o] && part[o] == 0 && (slices.Contains(w.commits[o].parents, at) || slices.Contains(w.commits[at].parents, o)) {
					part[o] = k
					queue = append(queue, o)
				}
			}
		}
		parts = append(parts, list)
	}
	type stretchX struct {
		first, n, removed int
		onHead, reachable bool
	}
	var list []stretchX
	open := false
	for k, members := range parts {
		st := stretchX{first: 1 << 30, removed: -1}
		dropped := -1
		tip := false
		for _, c := range members {
			intro := true
			for _, p := range w.commits[c].parents {
				intro = intro && !holds[p]
			}
			if intro {
				st.n++
				st.first = min(st.first, c)
				st.reachable = st.reachable || reachable[c]
			}
			for _, t := range w.tips {
				tip = tip || t == c
			}
		}
		for c := range w.commits {
			if !in[c] || holds[c] || len(w.commits[c].parents) == 0 {
				continue
			}
			all, mine := true, false
			for _, p := range w.commits[c].parents {
				all = all && holds[p]
				mine = mine || part[p] == k+1
			}
			if !mine {
				continue
			}
			if !all {
				dropped = c
				continue
			}
			if head[c] || !st.onHead {
				st.removed, st.onHead = c, head[c]
			}
		}
		if st.removed < 0 {
			st.removed = dropped
		}
		standing := w.head >= 0 && part[w.head] == k+1
		if standing || tip && !st.onHead {
			st.removed = -1
		}
		open = open || standing
		list = append(list, st)
	}
	slices.SortStableFunc(list, func(a, b stretchX) int {
		if a.reachable != b.reachable {
			return -compareBool(a.reachable, b.reachable)
		}
		return a.first - b.first
	})
	end := -1
	var best stretchX
	for _, st := range list {
		x.intervals = append(x.intervals, fmt.Sprintf("%d x%d to %d %v", st.first, st.n, st.removed, st.reachable))
		if st.removed >= 0 && (end < 0 || compareBool(best.reachable, st.reachable) < 0 || best.reachable == st.reachable && (compareBool(best.onHead, st.onHead) < 0 || best.onHead == st.onHead && best.removed < st.removed)) {
			best, end = st, st.removed
		}
	}
	if open {
		end = -1
	}
	intro := -1
	if len(list) > 0 {
		intro = list[0].first
	}
	var refs []string
	from := 0
	for _, name := range slices.Sorted(maps.Keys(w.tips)) {
		if w.holds(w.tips[name], s) {
			refs = append(refs, name)
		}
		for c := range w.reach(w.tips[name]) {
			if w.holds(c, s) {
				from++
				break
			}
		}
	}
	x.lifetime = fmt.Sprintf("%d to %d head %v refs %v from %d", intro, end, w.head >= 0 && w.holds(w.head, s), refs, from)
	type span struct {
		blobs        []string // in the order they came
		newest       string
		since, until int
		rank         int
		atHead       bool
	}
	spans := map[string]*span{}
	for c := range w.commits {
		if !in[c] {
			continue
		}
		for path, text := range w.commits[c].files {
			if !slices.Contains(secretsIn(text), s) {
				continue
			}
			p := spans[path]
			if p == nil {
				p = &span{since: c, rank: -1}
				spans[path] = p
			}
			if !slices.Contains(p.blobs, text) {
				p.blobs = append(p.blobs, text)
			}
			p.until = c
			rank := c
			if reachable[c] {
				rank += 1000
			}
			if c == w.head {
				rank += 100000
				p.atHead = true
			}
			if rank > p.rank {
				p.rank, p.newest = rank, text
			}
		}
	}
	id := func(text string) object.ID { return object.Hash(object.Blob, []byte(text), 20) }
	for _, path := range slices.Sorted(maps.Keys(spans)) {
		p := spans[path]
		x.paths = append(x.paths, fmt.Sprintf("%s %d %s %s %s %d-%d %v", path, len(p.blobs), id(p.blobs[0]), id(p.blobs[len(p.blobs)-1]), id(p.newest), p.since, p.until, p.atHead))
	}
	return x
}

// ---- what Compute says, in the same words ----

func (w *world) say(l *Lifetime) (x expected) {
	byID := map[object.ID]int{}
	for i, c := range w.commits {
		byID[c.id] = i
	}
	num := func(e *Event) int {
		if e == nil {
			return -1
		}
		return byID[e.Commit]
	}
	for i := range l.Intervals {
		iv := &l.Intervals[i]
		x.intervals = append(x.intervals, fmt.Sprintf("%d x%d to %d %v", num(&iv.Introduced), iv.Introductions, num(iv.Removed), iv.Reachable))
	}
	x.lifetime = fmt.Sprintf("%d to %d head %v refs %v from %d", num(l.Introduced), num(l.Removed), l.AtHead, l.Refs, l.ReachableFrom)
	for _, o := range l.Occurrences {
		x.paths = append(x.paths, fmt.Sprintf("%s %d %s %s %s %d-%d %v", o.Path, o.Versions, o.First, o.Last, o.Newest, byID[o.Since], byID[o.Until], o.AtHead))
	}
	return x
}

func (w *world) compute(t interface{ Fatal(...any) }, all bool) []Lifetime {
	store, err := pack.OpenStore([]string{w.objects}, 20, pack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	c := NewCollector(store, 2)
	err = pack.Walk(context.Background(), store, pack.WalkOptions{Types: object.SetOf(object.Commit, object.Tag), Workers: 2},
		func(i int) pack.Visitor[struct{}] { return null{c.Worker(i)} })
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{All: all}
	for name, c := range w.tips {
		opt.Tips = append(opt.Tips, Tip{name, w.commits[c].id})
	}
	if w.head >= 0 {
		opt.Head = w.commits[w.head].id
	}
	g := c.Build(opt)
	f, err := ReadTrees(context.Background(), store, slices.Collect(maps.Keys(w.blobs)), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Compute(context.Background(), g, f, Input{Secrets: nsecrets, Blobs: w.blobs})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) check(t interface {
	Errorf(string, ...any)
	Fatal(...any)
}, all bool) {
	in := map[int]bool{}
	for i := range w.commits {
		in[i] = all
	}
	if !all {
		clear(in)
		for _, tip := range w.tips {
			maps.Copy(in, w.reach(tip))
		}
	}
	out := w.compute(t, all)
	for s := range nsecrets {
		want, got := w.expect(s, in), w.say(&out[s])
		for _, p := range [][2]string{{got.lifetime, want.lifetime}, {strings.Join(got.intervals, "\n"), strings.Join(want.intervals, "\n")}, {strings.Join(got.paths, "\n"), strings.Join(want.paths, "\n")}} {
			if p[0] != p[1] {
				t.Errorf("secret %d, all %v: got\n%s\nwant\n%s", s, all, p[0], p[1])
			}
		}
		for _, iv := range out[s].Intervals {
			// The path is one at which the commit has it, the first by name.
			for _, c := range w.commits {
				if c.id != iv.Introduced.Commit {
					continue
				}
				first := ""
				for _, path := range slices.Sorted(maps.Keys(c.files)) {
					if slices.Contains(secretsIn(c.files[path]), s) {
						first = path
						break
					}
				}
				if iv.Introduced.Path != first {
					t.Errorf("introduced at %q, want %q", iv.Introduced.Path, first)
				}
			}
		}
	}
}

// TestAgainstModel holds lifetimes of random histories against a model that
// reads every tree in full.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		size := rapid.IntRange(1, 25).Draw(t, "commits")
		dir, err := os.MkdirTemp("", "lifetime")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := newWorld(dir, rand.New(rand.NewPCG(seed, 1)), size, 2)
		w.check(t, rapid.Bool().Draw(t, "all"))
	})
}

// TestPacked is the same with trees stored as deltas.
func TestPacked(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	for seed := range uint64(8) {
		dir := t.TempDir()
		w := newWorld(dir, rand.New(rand.NewPCG(seed, 2)), 60, 30)
		os.MkdirAll(filepath.Join(dir, "refs", "heads"), 0o700)
		os.WriteFile(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/none\n"), 0o600)
		for i, c := range w.commits {
			os.WriteFile(filepath.Join(dir, "refs", "heads", fmt.Sprint("c", i)), []byte(c.id.String()+"\n"), 0o600)
		}
		cmd := exec.Command(git, "--git-dir", dir, "repack", "-adfq", "--depth=20", "--window=50")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		w.check(t, seed%2 == 0)
	}
}
