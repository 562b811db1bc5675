package pack

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// bigRepo opens the repository that LEAKSONDE_REPO names, or several at once,
// as alternates, if it is a list of paths. Without it the test is skipped.
func bigRepo(t testing.TB) *Store {
	t.Helper()
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("LEAKSONDE_REPO")) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			dir = filepath.Join(dir, ".git")
		}
		dirs = append(dirs, filepath.Join(dir, "objects"))
	}
	if dirs == nil {
		t.Skip("LEAKSONDE_REPO names no repository")
	}
	s, err := OpenStore(dirs, object.SHA1Size, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, f := range s.Faults() {
		t.Errorf("fault: %v", f)
	}
	return s
}

// TestBigGet holds what random access reads against the ids, for a sample.
func TestBigGet(t *testing.T) {
	s := bigRepo(t)
	start := time.Now()
	var buf []byte
	n, bytes := 0, 0
	for i := 0; i < s.Count(); i += 37 {
		id := s.IDOf(i)
		typ, content, err := s.Get(id, buf)
		if err != nil {
			t.Fatal(err)
		}
		if got := object.Hash(typ, content, s.HashSize()); got != id {
			t.Fatalf("object %v hashes to %v", id, got)
		}
		htyp, size, err := s.Header(id)
		if err != nil || htyp != typ || size != int64(len(content)) {
			t.Fatalf("object %v: header %v %d %v, content %v %d", id, htyp, size, err, typ, len(content))
		}
		if k, ok := s.Number(id); !ok || s.IDOf(k) != id {
			t.Fatalf("object %v has number %d, %v, want %d", id, k, ok, i)
		}
		n++
		bytes += len(content)
		buf = content
	}
	t.Logf("%d of %d objects, %d MB, %v", n, s.Count(), bytes>>20, time.Since(start))
}

// checker hashes what it sees and holds the segments to the content.
type checker struct {
	t     testing.TB
	size  int
	count [8]int
	bytes [8]int
	delta int
	fresh int
	seen  []atomic.Bool
}

func (c *checker) Visit(o *Object, base int) int {
	if got := object.Hash(o.Type, o.Content, c.size); got != o.ID {
		c.t.Errorf("object %v hashes to %v", o.ID, got)
	}
	if c.seen[o.Number].Swap(true) {
		c.t.Errorf("object %v seen twice", o.ID)
	}
	c.count[o.Type]++
	c.bytes[o.Type] += len(o.Content)
	if o.Segments != nil {
		c.delta++
		if base != len(o.Base) {
			c.t.Errorf("object %v: base state %d, base of %d bytes", o.ID, base, len(o.Base))
		}
		at := 0
		for i, s := range o.Segments {
			if int(s.Dst) != at || s.Len <= 0 {
				c.t.Fatalf("object %v: segment %d of %v", o.ID, i, o.Segments)
			}
			at += int(s.Len)
			if s.Src == Inserted {
				c.fresh += int(s.Len)
			} else if !bytes.Equal(o.Content[s.Dst:at], o.Base[s.Src:s.Src+s.Len]) {
				c.t.Fatalf("object %v: segment %d is not in the base", o.ID, i)
			}
		}
		if at != len(o.Content) {
			c.t.Fatalf("object %v: segments end at %d of %d", o.ID, at, len(o.Content))
		}
	}
	return len(o.Content)
}

// TestBigWalk recomputes the id of every object of a repository.
func TestBigWalk(t *testing.T) {
	s := bigRepo(t)
	seen := make([]atomic.Bool, s.Count())
	var all []*checker
	start := time.Now()
	err := Walk(t.Context(), s, WalkOptions{OnError: func(err error) { t.Error(err) }}, func(int) Visitor[int] {
		c := &checker{t: t, size: s.HashSize(), seen: seen}
		all = append(all, c)
		return c
	})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, c := range all {
		t.Logf("counts %v, MB %v, deltas %d, inserted MB %d", c.count, c.bytes, c.delta, c.fresh>>20)
		for _, n := range c.count {
			total += n
		}
	}
	want := 0
	for _, p := range s.numbered() {
		for i := range p.n {
			if !p.isDup(i) {
				want++
			}
		}
	}
	if total != want {
		t.Errorf("%d objects seen, want %d", total, want)
	}
	t.Logf("%d objects in %v", total, time.Since(start))
}

type nothing struct{ n, bytes int }

func (v *nothing) Visit(o *Object, _ struct{}) struct{} {
	v.n++
	v.bytes += len(o.Content)
	return struct{}{}
}

// BenchmarkBigWalk times the walk alone, with git's own printing of the same
// objects beside it where there is a git.
func BenchmarkBigWalk(b *testing.B) {
	s := bigRepo(b)
	s.Count()
	for _, bench := range []struct {
		name    string
		types   object.Set
		workers int
	}{
		{"blobs/1", object.SetOf(object.Blob), 1},
		{"blobs/2", object.SetOf(object.Blob), 2},
		{"trees/2", object.SetOf(object.Tree), 2},
		{"all/2", object.All, 2},
	} {
		b.Run(bench.name, func(b *testing.B) {
			n, bytes := 0, 0
			before, _ := cpuTime()
			for b.Loop() {
				var all []*nothing
				err := Walk(b.Context(), s, WalkOptions{Types: bench.types, Workers: bench.workers}, func(int) Visitor[struct{}] {
					v := new(nothing)
					all = append(all, v)
					return v
				})
				if err != nil {
					b.Fatal(err)
				}
				n, bytes = 0, 0
				for _, v := range all {
					n += v.n
					bytes += v.bytes
				}
			}
			after, _ := cpuTime()
			b.ReportMetric((after-before).Seconds()/float64(b.N), "cpu-s/op")
			b.SetBytes(int64(bytes))
			b.ReportMetric(float64(n), "objects")
		})
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return
	}
	b.Run("git-cat-file", func(b *testing.B) {
		_, before := cpuTime()
		for b.Loop() {
			cmd := exec.Command(git, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")
			cmd.Dir = os.Getenv("LEAKSONDE_REPO")
			if err := cmd.Run(); err != nil { // output thrown away
				b.Fatal(err)
			}
		}
		_, after := cpuTime()
		b.ReportMetric((after-before).Seconds()/float64(b.N), "cpu-s/op")
	})
}
