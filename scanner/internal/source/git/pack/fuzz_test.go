package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

func smallPack(seed uint64, hashSize, n int) *packBuilder {
	b := newPack(hashSize)
	randomForest(rand.New(rand.NewPCG(seed, 20)), b, n)
	return b
}

func FuzzIndex(f *testing.F) {
	for version := 1; version <= 3; version++ {
		for _, size := range []int{20, 32} {
			b := smallPack(1, size, 5)
			f.Add(b.index(version, b.pack()), size == 32)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, long bool) {
		size := 20
		if long {
			size = 32
		}
		x, err := parseIndex(data, size)
		if err != nil {
			return
		}
		for pos := range x.n {
			id := x.id(pos)
			x.offset(pos)
			if k, ok := x.find(&id); ok && x.id(k) != id {
				t.Fatalf("find(%v) gives %v", id, x.id(k))
			}
		}
		x.find(&object.ID{})
		x.find(&object.ID{0xff})
	})
}

func FuzzMultiIndex(f *testing.F) {
	for _, size := range []int{20, 32} {
		a, b := smallPack(2, size, 4), smallPack(3, size, 4)
		f.Add(multi(size, []string{"a", "b"}, []*packBuilder{a, b}), size == 32)
	}
	f.Fuzz(func(t *testing.T, data []byte, long bool) {
		size := 20
		if long {
			size = 32
		}
		m, err := parseMultiIndex(data, size)
		if err != nil {
			return
		}
		for pos := range m.n {
			id := object.FromBytes(m.ids[pos*size:][:size])
			if k, ok := m.find(&id); ok && m.packs[k] == "" {
				t.Fatalf("find(%v) gives pack %d", id, k)
			}
		}
		m.find(&object.ID{0xff})
	})
}

func FuzzEntry(f *testing.F) {
	f.Add(append(entryHeader(3, 1000), "rest"...), int64(100))
	f.Add(ofsHeader(20, 70000), int64(100000))
	f.Add(append(entryHeader(7, int64(1<<40)), make([]byte, 32)...), int64(1<<40))
	f.Add(bytes.Repeat([]byte{0xff}, 30), int64(12))
	f.Fuzz(func(t *testing.T, text []byte, off int64) {
		e, err := parseEntry(text, off, 20)
		if err != nil {
			return
		}
		if e.size < 0 || e.headLen <= 0 || e.headLen > len(text) || e.kind == ofsDelta && (e.base < headerSize || e.base >= off) {
			t.Fatalf("%+v at %d", e, off)
		}
	})
}

// FuzzDelta holds applyDelta, its segments and checkDelta to a plain reading
// of the format.
func FuzzDelta(f *testing.F) {
	r := rand.New(rand.NewPCG(4, 21))
	for range 20 {
		base := randomText(r, r.IntN(500))
		content, edits := randomEdits(r, base)
		f.Add(base, encodeDelta(r, len(base), len(content), edits))
	}
	f.Add([]byte("base"), []byte{4, 0x80, 0x80, 4, 0x80})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		in, size, err := openDelta(delta, len(base), 1<<20)
		if err != nil {
			return
		}
		want, wantErr := plainDelta(base, in, int(size))
		dst := make([]byte, size)
		segs := make([]Segment, 0, 4)
		err = applyDelta(dst, base, in, &segs)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%v, want %v", err, wantErr)
		}
		if err := applyDelta(make([]byte, size), base, in, nil); (err == nil) != (wantErr == nil) {
			t.Fatalf("without segments: %v, want %v", err, wantErr)
		}
		if err != nil {
			return
		}
		if !bytes.Equal(dst, want) {
			t.Fatalf("%q, want %q", dst, want)
		}
		if err := checkDelta(in, size); err != nil {
			t.Fatalf("checkDelta: %v", err)
		}
		o := &Object{Content: dst, Base: base, Segments: segs}
		checkFresh(t, o, o.AppendFresh(nil))
		for i := 1; i < len(segs); i++ {
			a, b := segs[i-1], segs[i]
			if a.Src == Inserted && b.Src == Inserted || a.Src != Inserted && a.Src+a.Len == b.Src {
				t.Fatalf("a seam that is none: %v", segs)
			}
		}
	})
}

var errPlain = errors.New("bad delta")

// plainDelta is the format as documented, byte by byte.
func plainDelta(base, in []byte, size int) (out []byte, err error) {
	next := func() int {
		if len(in) == 0 {
			err = errPlain
			return 0
		}
		c := in[0]
		in = in[1:]
		return int(c)
	}
	for len(in) > 0 && err == nil && len(out) <= size {
		op := next()
		if op < 0x80 {
			if op == 0 || op > len(in) {
				return nil, errPlain
			}
			out = append(out, in[:op]...)
			in = in[op:]
			continue
		}
		off, n := 0, 0
		for i := range 4 {
			if op>>i&1 == 1 {
				off |= next() << (8 * i)
			}
		}
		for i := range 3 {
			if op>>(4+i)&1 == 1 {
				n |= next() << (8 * i)
			}
		}
		if n == 0 {
			n = 0x10000
		}
		if err != nil || off+n > len(base) {
			return nil, errPlain
		}
		out = append(out, base[off:off+n]...)
	}
	if err != nil || len(out) != size {
		return nil, errPlain
	}
	return out, nil
}

// FuzzPack puts anything where the entries of a pack stand, and offsets that
// lead anywhere into the index: a walk must end, and account for all.
func FuzzPack(f *testing.F) {
	for seed := range uint64(4) {
		b := smallPack(seed, 20, 6)
		p := b.pack()
		offs := []byte{}
		for _, o := range b.sorted() {
			offs = binary.BigEndian.AppendUint32(offs, uint32(o.off))
		}
		f.Add(p[headerSize:len(p)-20], offs)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, body, offs []byte) {
		b := newPack(20)
		b.body = append(b.body, body...)
		for i := 0; i+4 <= len(offs) && i < 400; i += 4 {
			id := object.FromBytes([]byte{byte(i / 4 * 7), byte(i / 4)})
			b.objects = append(b.objects, built{id: id, off: int64(binary.BigEndian.Uint32(offs[i:]))})
		}
		p := b.pack()
		s := open(t, 20, Options{MaxObject: 1 << 16}, saved(t, dir, p, b.index(2, p)))
		defer s.Close()
		if fs := s.Faults(); fs != nil {
			t.Fatal(fs)
		}
		seen, lost := lossy(t, s, WalkOptions{})
		for _, o := range b.objects {
			_, came := seen[o.id]
			if _, gone := lost[o.id]; !came && !gone {
				t.Fatalf("object %v neither came nor was reported", o.id)
			}
			_, content, err := s.Get(o.id, nil)
			if err == nil && came && !bytes.Equal(content, seen[o.id]) {
				t.Fatalf("object %v: Get and Walk differ", o.id)
			}
			s.Header(o.id)
		}
	})
}

// saved writes pack and index over those of the last call.
func saved(t *testing.T, dir string, pack, index []byte) string {
	d := filepath.Join(dir, "pack")
	if err := errOf(os.MkdirAll(d, 0o755), os.WriteFile(filepath.Join(d, "pack-a.pack"), pack, 0o644),
		os.WriteFile(filepath.Join(d, "pack-a.idx"), index, 0o644)); err != nil {
		t.Fatal(err)
	}
	return dir
}
