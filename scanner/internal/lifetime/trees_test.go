package lifetime

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

func newReader(blobs []object.ID, store *pack.Store) *treeReader {
	vals := make([]uint32, len(blobs))
	for i := range vals {
		vals[i] = uint32(i)
	}
	return &treeReader{store: store, hashSize: 20, blobs: newIDSet(blobs, vals), names: &names{known: map[string]uint32{}}, known: map[string]uint32{}}
}

// FuzzDerive holds a tree read as a delta against the same tree read afresh:
// for any base, well formed or not, and any way of putting it together.
func FuzzDerive(f *testing.F) {
	store, err := pack.OpenStore([]string{f.TempDir()}, 20, pack.Options{})
	if err != nil {
		f.Fatal(err)
	}
	var blobs []object.ID
	for i := range 4 {
		blobs = append(blobs, object.Hash(object.Blob, fmt.Append(nil, i), 20))
	}
	tree := func(n int) (b []byte) {
		for i := range n {
			id := object.Hash(object.Blob, fmt.Append(nil, i%7), 20)
			b = append(b, fmt.Sprintf("100644 file%02d\x00%s", i, id[:20])...)
		}
		return b
	}
	f.Add(tree(5), []byte("100644 x\x00aaaaaaaaaaaaaaaaaaaa"), []byte{0, 0, 66, 1, 0, 0, 0, 66, 33})
	f.Add(tree(8), []byte("junk"), []byte{0, 33, 66, 0, 0, 99, 0, 0, 99})
	f.Add(tree(3), blobs[0][:20], []byte{0, 0, 12, 1, 0, 20, 0, 32, 70})
	f.Fuzz(func(t *testing.T, base, inserted, plan []byte) {
		if len(base) > 1<<12 || len(plan) > 90 {
			return
		}
		var content []byte
		var segs []pack.Segment
		for ; len(plan) >= 3; plan = plan[3:] {
			from, n := int(plan[1]), int(plan[2])
			src, at := base, int32(from)
			if plan[0]&1 == 1 {
				src, at = inserted, pack.Inserted
			}
			if n == 0 || from+n > len(src) {
				continue
			}
			segs = append(segs, pack.Segment{Dst: int32(len(content)), Len: int32(n), Src: at})
			content = append(content, src[from:from+n]...)
		}
		if segs == nil {
			segs = []pack.Segment{}
		}
		r := newReader(blobs, store)
		b := r.Visit(&pack.Object{Number: 100, Content: base}, nil)
		before := slices.Clone(b.kids)
		got := r.Visit(&pack.Object{Number: 101, Content: content, Base: base, Segments: segs}, b)
		rec := r.records[1]
		want := r.Visit(&pack.Object{Number: 102, Content: content}, nil)
		if !slices.Equal(got.ends, want.ends) || !slices.Equal(got.kids, want.kids) {
			t.Fatalf("got %v %v\nwant %v %v", got.ends, got.kids, want.ends, want.kids)
		}
		// What the base has, less what is gone, and what is added: as many of
		// each as the tree has.
		count := map[link]int{}
		for _, k := range before {
			count[k.link]++
		}
		for _, l := range r.links[rec.from : rec.from+rec.added] {
			count[l]++
		}
		for _, l := range r.links[rec.from+rec.added : rec.from+rec.added+rec.gone] {
			count[l]--
		}
		for _, k := range want.kids {
			count[k.link]--
		}
		for l, n := range count {
			if n != 0 {
				t.Fatalf("link %v is off by %d", l, n)
			}
		}
	})
}

func TestIDSet(t *testing.T) {
	var ids []object.ID
	var vals []uint32
	for i := range 1000 {
		ids = append(ids, object.Hash(object.Blob, fmt.Append(nil, i), 20))
		vals = append(vals, uint32(i))
	}
	// Ids alike in their first bytes, also in zeros.
	a, b, z := ids[0], ids[1], object.ID{}
	copy(b[:8], a[:8])
	z[19] = 1
	ids, vals = append(ids, b, z), append(vals, 1000, 1001)
	s := newIDSet(ids, vals)
	for i, id := range ids {
		if v, ok := s.find(&id); !ok || v != vals[i] {
			t.Errorf("%v: %d, %v", id, v, ok)
		}
	}
	other := z
	binary.BigEndian.PutUint16(other[18:], 7)
	for _, id := range []object.ID{object.Hash(object.Blob, []byte("x"), 20), other} {
		if _, ok := s.find(&id); ok {
			t.Errorf("%v was found", id)
		}
	}
	if len(bytes.TrimLeft(z[:8], "\x00")) != 0 {
		t.Error("not a zero key")
	}
}

// FuzzCommit: no header makes the Collector fail.
func FuzzCommit(f *testing.F) {
	store, err := pack.OpenStore([]string{f.TempDir()}, 20, pack.Options{})
	if err != nil {
		f.Fatal(err)
	}
	id := object.Hash(object.Blob, nil, 20).String()
	f.Add([]byte("tree "+id+"\nparent "+id+"\nauthor A <a> 1 +0000\ncommitter B <b> 2 -0130\n\nm"), true)
	f.Add([]byte("object "+id+"\ntype commit\ntag t\n"), false)
	f.Fuzz(func(t *testing.T, text []byte, commit bool) {
		typ := object.Tag
		if commit {
			typ = object.Commit
		}
		c := NewCollector(store, 1)
		c.Worker(0).Add(object.Hash(typ, text, 20), typ, 0, text)
	})
}
