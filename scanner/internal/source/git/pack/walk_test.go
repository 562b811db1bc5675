package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// recorder keeps copies of all it sees, and finds in each object the places
// of some words in two ways.
type recorder struct {
	t     testing.TB
	mu    *sync.Mutex
	seen  map[object.ID]built
	size  int
	spans []Span
}

// state is what a recorder knows of a visited object.
type state struct {
	id   object.ID
	size int
	hits []int // of "ab", ascending
}

var word = []byte("ab")

func plainHits(text []byte) (hits []int) {
	for i := range text {
		if bytes.HasPrefix(text[i:], word) {
			hits = append(hits, i)
		}
	}
	return hits
}

func (r *recorder) Visit(o *Object, base *state) *state {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.seen[o.ID]; ok {
		r.t.Errorf("object %v seen twice", o.ID)
	}
	r.seen[o.ID] = built{id: o.ID, typ: o.Type, content: bytes.Clone(o.Content)}
	if (base == nil) != (o.Segments == nil) {
		r.t.Errorf("object %v: base %v, segments %v", o.ID, base, o.Segments)
	}
	r.spans = o.AppendFresh(r.spans[:0])
	if base != nil {
		if got := object.Hash(o.Type, o.Base, r.size); got != base.id {
			r.t.Errorf("object %v: base content is %v's, state %v's", o.ID, got, base.id)
		}
		checkFresh(r.t, o, r.spans)
	}
	// The scanner's way: carry over, and search where something is new.
	var hits []int
	if base != nil {
		Carry(o.Segments, base.hits, func(h *int) (int, int) { return *h, *h + len(word) }, func(h *int, shift int) {
			hits = append(hits, *h+shift)
		})
	}
	for i := 0; i+len(word) <= len(o.Content); i++ {
		if Touches(r.spans, len(o.Content), i, i+len(word)) && bytes.HasPrefix(o.Content[i:], word) && !slices.Contains(hits, i) {
			hits = append(hits, i)
		}
	}
	slices.Sort(hits)
	if want := plainHits(o.Content); !slices.Equal(hits, want) {
		r.t.Errorf("object %v: hits %v, want %v (segments %v)", o.ID, hits, want, o.Segments)
	}
	return &state{id: o.ID, size: len(o.Content), hits: hits}
}

// checkFresh holds spans to their definition, byte by byte.
func checkFresh(t testing.TB, o *Object, spans []Span) {
	n := len(o.Content)
	if n > 120 {
		n = 120 // all pairs are looked at
	}
	src := make([]int, len(o.Content)) // where each byte came from; -1: new
	at := 0
	for _, s := range o.Segments {
		if int(s.Dst) != at || s.Len <= 0 {
			t.Fatalf("segments %v", o.Segments)
		}
		for i := range int(s.Len) {
			if src[at] = -1; s.Src != Inserted {
				src[at] = int(s.Src) + i
				if o.Base[src[at]] != o.Content[at] {
					t.Fatalf("object %v: byte %d is not the base's %d", o.ID, at, src[at])
				}
			}
			at++
		}
	}
	if at != len(o.Content) {
		t.Fatalf("object %v: segments end at %d of %d", o.ID, at, len(o.Content))
	}
	last := -1
	for i, s := range spans {
		if s.Start < 0 || s.End < s.Start || s.End > len(o.Content) || s.Start < last || i > 0 && s.Start == last && s.Start == s.End && spans[i-1].Start < last {
			t.Fatalf("object %v: spans %v", o.ID, spans)
		}
		last = s.End
	}
	for start := range n {
		old := src[start] >= 0 && (start > 0 || src[start] == 0)
		for end := start + 1; end <= n; end++ {
			old = old && src[end-1] >= 0 && (end-1 == start || src[end-1] == src[end-2]+1)
			want := !old || end == len(o.Content) && src[end-1] != len(o.Base)-1
			if got := Touches(spans, len(o.Content), start, end); got != want {
				t.Fatalf("object %v: [%d,%d) touched %v, want %v: spans %v, segments %v of %d, base %d", o.ID, start, end, got, want, spans, o.Segments, len(o.Content), len(o.Base))
			}
		}
	}
}

func record(t testing.TB, s *Store, opts WalkOptions) map[object.ID]built {
	t.Helper()
	seen := map[object.ID]built{}
	var mu sync.Mutex
	err := Walk(context.Background(), s, opts, func(int) Visitor[*state] {
		return &recorder{t: t, mu: &mu, seen: seen, size: s.HashSize()}
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func open(t testing.TB, hashSize int, opts Options, dirs ...string) *Store {
	t.Helper()
	s, err := OpenStore(dirs, hashSize, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func same(t testing.TB, got map[object.ID]built, want []built) {
	t.Helper()
	for _, o := range want {
		g, ok := got[o.id]
		if !ok {
			t.Errorf("object %v not seen", o.id)
		} else if g.typ != o.typ || !bytes.Equal(g.content, o.content) {
			t.Errorf("object %v: %v of %d bytes, want %v of %d", o.id, g.typ, len(g.content), o.typ, len(o.content))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d objects, want %d", len(got), len(want))
	}
}

// TestWalkForests walks random delta forests in every setting and holds all
// three ways of reading against what was written.
func TestWalkForests(t *testing.T) {
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 7))
		hashSize := []int{object.SHA1Size, object.SHA256Size}[seed%2]
		b := newPack(hashSize)
		b.level = []int{-2, 0, 1, 6, 9}[seed%5]
		randomForest(r, b, 1+r.IntN(90))
		version := 1 + int(seed)%3
		dir := t.TempDir()
		b.save(t, dir, "a", version)
		s := open(t, hashSize, Options{Cache: 1 << (8 + seed%10), noMap: seed%3 == 2}, dir)
		if f := s.Faults(); f != nil {
			t.Fatal(f)
		}
		for _, workers := range []int{1, 2, 8} {
			for _, hold := range []int{1, 5000, 0} {
				same(t, record(t, s, WalkOptions{Workers: workers, Hold: hold}), b.objects)
			}
		}
		for _, typ := range []object.Type{object.Commit, object.Tree, object.Blob, object.Tag} {
			want := slices.DeleteFunc(slices.Clone(b.objects), func(o built) bool { return o.typ != typ })
			same(t, record(t, s, WalkOptions{Types: object.SetOf(typ)}), want)
		}
		some := slices.DeleteFunc(slices.Clone(b.objects), func(o built) bool { return o.id[3]%3 != 0 })
		same(t, record(t, s, WalkOptions{Want: func(n int) bool { return s.IDOf(n)[3]%3 == 0 }}), some)
		var buf []byte
		for _, o := range b.objects {
			typ, content, err := s.Get(o.id, buf)
			if err != nil || typ != o.typ || !bytes.Equal(content, o.content) {
				t.Fatalf("object %v: %v, %v", o.id, typ, err)
			}
			buf = content
			typ, size, err := s.Header(o.id)
			if err != nil || typ != o.typ || size != int64(len(o.content)) || !s.Has(o.id) {
				t.Fatalf("object %v: header %v, %d, %v", o.id, typ, size, err)
			}
			if n, ok := s.Number(o.id); !ok || s.IDOf(n) != o.id || n >= s.Count() {
				t.Fatalf("object %v: number %d, %v", o.id, n, ok)
			}
		}
		if _, _, err := s.Get(object.ID{1, 2, 3}, nil); !errors.Is(err, ErrNotFound) {
			t.Fatalf("absent object: %v", err)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestStoreJoins spreads objects over packs, loose files and alternates, with
// copies and with deltas whose base is elsewhere.
func TestStoreJoins(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 8))
		hashSize := []int{object.SHA1Size, object.SHA256Size}[seed%2]
		dirs := []string{t.TempDir(), t.TempDir()}
		want := map[object.ID]built{}
		var packs []*packBuilder
		var names []string
		for k := range 4 {
			b := newPack(hashSize)
			randomForest(r, b, 20)
			for _, o := range want { // copies, and thin deltas
				if _, ok := b.byID[o.id]; !ok && r.IntN(4) == 0 {
					b.whole(o.typ, o.content)
				}
				if r.IntN(4) == 0 {
					content, edits := randomEdits(r, o.content)
					if _, ok := b.byID[object.Hash(o.typ, content, hashSize)]; !ok {
						b.ref(o.typ, o.id, content, encodeDelta(r, len(o.content), len(content), edits))
					}
				}
			}
			for _, o := range b.objects {
				want[o.id] = o
			}
			name := fmt.Sprint("p", k)
			b.save(t, dirs[k/3], name, 2)
			if k < 3 {
				packs, names = append(packs, b), append(names, name)
			}
		}
		for k := range 20 {
			typ, content := object.Type(1+k%4), randomText(r, r.IntN(2000))
			id := saveLoose(t, dirs[k%2], typ, content, hashSize)
			want[id] = built{id: id, typ: typ, content: content}
			if k%5 == 0 {
				saveLoose(t, dirs[1-k%2], typ, content, hashSize)
			}
		}
		for _, o := range packs[0].objects[:5] {
			saveLoose(t, dirs[0], o.typ, o.content, hashSize)
		}
		if seed%3 > 0 {
			m := multi(hashSize, names[:1+seed%3], packs[:1+seed%3])
			if err := os.WriteFile(filepath.Join(dirs[0], "pack", "multi-pack-index"), m, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, hashSize, Options{}, dirs...)
		if f := s.Faults(); f != nil {
			t.Fatal(f)
		}
		if multi := s.dirs[0].packs.Load().multi; (multi != nil) != (seed%3 > 0) {
			t.Fatalf("multi-pack-index: %v", multi)
		}
		all := slices.Collect(maps.Values(want))
		same(t, record(t, s, WalkOptions{Workers: 3}), all)
		each := map[object.ID]built{}
		err := s.Each(0, func(err error) { t.Error(err) }, func(id object.ID, typ object.Type, number int) error {
			if _, ok := each[id]; ok || s.IDOf(number) != id {
				t.Errorf("object %v twice, or as number %d", id, number)
			}
			each[id] = built{id: id, typ: typ, content: want[id].content}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, each, all)
		for _, o := range all {
			typ, content, err := s.Get(o.id, nil)
			if err != nil || typ != o.typ || !bytes.Equal(content, o.content) {
				t.Fatalf("object %v: %v, %v", o.id, typ, err)
			}
			typ, size, err := s.Header(o.id)
			if err != nil || typ != o.typ || size != int64(len(o.content)) {
				t.Fatalf("object %v: header %v, %d, %v", o.id, typ, size, err)
			}
			if n, ok := s.Number(o.id); !ok || s.IDOf(n) != o.id {
				t.Fatalf("object %v: number %d, %v", o.id, n, ok)
			}
		}
	}
}

// TestRepacked takes the packs away under an open store and puts others in.
func TestRepacked(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	dir := t.TempDir()
	a, b := newPack(20), newPack(20)
	randomForest(r, a, 60)
	randomForest(r, b, 60)
	name := a.save(t, dir, "a", 2)
	s := open(t, 20, Options{}, dir)
	b.save(t, dir, "b", 2)
	if err := errOf(os.Remove(name), os.Remove(name[:len(name)-4]+"idx")); err != nil {
		t.Skip("open files cannot be removed here: ", err)
	}
	same(t, record(t, s, WalkOptions{}), a.objects)
	loose := saveLoose(t, dir, object.Blob, []byte("late"), 20)
	for _, o := range slices.Concat(a.objects, b.objects, []built{{id: loose}}) {
		if _, _, err := s.Get(o.id, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWalkStops ends a walk from within.
func TestWalkStops(t *testing.T) {
	b := newPack(20)
	randomForest(rand.New(rand.NewPCG(1, 10)), b, 2000)
	dir := t.TempDir()
	b.save(t, dir, "a", 2)
	s := open(t, 20, Options{}, dir)
	for workers := 1; workers < 5; workers++ {
		ctx, cancel := context.WithCancel(t.Context())
		err := Walk(ctx, s, WalkOptions{Workers: workers}, func(int) Visitor[int] {
			return visitFunc(func(*Object) { cancel() })
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

type visitFunc func(o *Object)

func (f visitFunc) Visit(o *Object, _ int) int {
	f(o)
	return 0
}

// TestWalkShares walks one long tree with many workers: it must be cut up.
func TestWalkShares(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 10))
	b := newPack(20)
	b.whole(object.Blob, randomText(r, 20000))
	for len(b.objects) < 500 {
		base := r.IntN(len(b.objects))
		from := b.objects[base].content
		cut := r.IntN(len(from))
		text := randomText(r, 9)
		content := slices.Concat(from[:cut], text, from[cut:])
		b.ofs(base, content, encodeDelta(r, len(from), len(content), []edit{{src: 0, n: cut}, {src: -1, text: text}, {src: cut, n: len(from) - cut}}))
	}
	dir := t.TempDir()
	b.save(t, dir, "a", 2)
	s := open(t, 20, Options{}, dir)
	counts := make([]int, 4)
	var released atomic.Int64
	err := Walk(t.Context(), s, WalkOptions{Workers: 4}, func(w int) Visitor[*int] {
		return &slowVisitor{n: &counts[w], released: &released}
	})
	if err != nil {
		t.Fatal(err)
	}
	sum, most := 0, 0
	for _, n := range counts {
		sum += n
		most = max(most, n)
	}
	if sum != 500 || most > 400 {
		t.Errorf("objects by worker: %v", counts)
	}
	if n := released.Load(); n < 300 || n > 500 {
		t.Errorf("%d states released", n)
	}
}

type slowVisitor struct {
	n        *int
	released *atomic.Int64
}

func (v *slowVisitor) Visit(o *Object, base *int) *int {
	if base != nil && *base < 0 {
		panic("a released state was used")
	}
	time.Sleep(100 * time.Microsecond)
	*v.n++
	n := len(o.Content)
	return &n
}

func (v *slowVisitor) Release(s *int) {
	if *s < 0 {
		panic("released twice")
	}
	*s = -1
	v.released.Add(1)
}
