package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// lossy walks and gives what came and what was reported missing, by id.
func lossy(t testing.TB, s *Store, opts WalkOptions) (seen map[object.ID][]byte, lost map[object.ID]error) {
	t.Helper()
	seen, lost = map[object.ID][]byte{}, map[object.ID]error{}
	opts.OnError = func(err error) {
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("error of type %T: %v", err, err)
			return
		}
		lost[e.ID] = err
	}
	opts.Workers = 1
	err := Walk(t.Context(), s, opts, func(int) Visitor[int] {
		return visitFunc(func(o *Object) { seen[o.ID] = bytes.Clone(o.Content) })
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen, lost
}

// TestFlips turns bits of a pack over: each object comes as it was, or is
// reported, or (where the flip hit a header and led to another base that
// fits) is something else. Nothing panics and nothing goes without a word.
func TestFlips(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 11))
	b := newPack(20)
	randomForest(r, b, 60)
	p := b.pack()
	index := b.index(2, p)
	reported := 0
	for range 200 {
		bad := slices.Clone(p)
		for range 1 + r.IntN(3) {
			bad[headerSize+r.IntN(len(bad)-headerSize-20)] ^= 1 << r.IntN(8)
		}
		dir := t.TempDir()
		savePack(t, dir, "a", bad, index)
		s := open(t, 20, Options{MaxObject: 1 << 20}, dir)
		seen, lost := lossy(t, s, WalkOptions{})
		wrong := 0
		for _, o := range b.objects {
			content, ok := seen[o.id]
			if _, isLost := lost[o.id]; !ok && !isLost {
				t.Fatalf("object %v neither came nor was reported", o.id)
			} else if ok && !bytes.Equal(content, o.content) {
				wrong++
			}
			typ, content, err := s.Get(o.id, nil)
			if (err == nil) != ok || err == nil && !bytes.Equal(content, seen[o.id]) {
				t.Fatalf("object %v: Get %v, %v; walk %v", o.id, typ, err, ok)
			}
			s.Header(o.id)
		}
		reported += len(lost)
		if wrong > 25 {
			t.Fatalf("%d objects came wrong", wrong)
		}
		s.Close()
	}
	if reported < 200 {
		t.Errorf("%d objects reported in all", reported)
	}
}

// hostile opens a pack of one whole object and what add puts beside it.
func hostile(t *testing.T, opts Options, add func(b *packBuilder)) (*Store, *packBuilder) {
	t.Helper()
	b := newPack(20)
	b.whole(object.Blob, []byte("an object that must come through"))
	add(b)
	dir := t.TempDir()
	b.save(t, dir, "a", 2)
	return open(t, 20, opts, dir), b
}

func TestHostileEntries(t *testing.T) {
	text := bytes.Repeat([]byte("x"), 1000)
	huge := func(n uint64) []byte { return binary.AppendUvarint(binary.AppendUvarint(nil, 32), n) }
	for _, c := range []struct {
		name string
		want error
		lost int
		add  func(b *packBuilder)
	}{
		{"size of 8 EB", ErrCorrupt, 1, func(b *packBuilder) {
			b.raw(object.Blob, text, append([]byte{0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, zipped(text, 6)...))
		}},
		{"size of 4 EB", ErrTooLarge, 1, func(b *packBuilder) {
			b.raw(object.Blob, text, append(entryHeader(3, int64(1<<62)), zipped(text, 6)...))
		}},
		{"size that cannot be", ErrCorrupt, 1, func(b *packBuilder) {
			b.raw(object.Blob, text, append(entryHeader(3, 400<<20), zipped(text, 6)...))
		}},
		{"bomb", ErrCorrupt, 1, func(b *packBuilder) {
			b.raw(object.Blob, text, append(entryHeader(3, 1000), zipped(make([]byte, 50<<20), 6)...))
		}},
		{"shorter than stated", ErrCorrupt, 1, func(b *packBuilder) {
			b.raw(object.Blob, text, append(entryHeader(3, 2000), zipped(text, 6)...))
		}},
		{"entry of type 5", ErrCorrupt, 1, func(b *packBuilder) {
			b.raw(object.Blob, text, append(entryHeader(5, 1000), zipped(text, 6)...))
		}},
		{"checksum", ErrCorrupt, 1, func(b *packBuilder) {
			z := zipped(text, 6)
			z[len(z)-1]++
			b.raw(object.Blob, text, append(entryHeader(3, 1000), z...))
		}},
		{"cut stream", ErrTruncated, 1, func(b *packBuilder) {
			b.raw(object.Blob, text, append(entryHeader(3, 1000), zipped(text, 0)[:500]...))
			b.whole(object.Blob, []byte("what the cut one runs into"))
		}},
		{"delta of 8 EB", ErrTooLarge, 1, func(b *packBuilder) {
			b.ofs(0, text, append(huge(1<<63-1), 0x90, 32))
		}},
		{"delta of 64-bit overflow", ErrCorrupt, 1, func(b *packBuilder) {
			b.ofs(0, text, append(huge(0), bytes.Repeat([]byte{0xff}, 12)...))
		}},
		{"delta of 300 MB from nothing", ErrCorrupt, 1, func(b *packBuilder) {
			b.ofs(0, text, append(huge(300<<20), 0x90, 32))
		}},
		{"copy beyond the base", ErrCorrupt, 1, func(b *packBuilder) {
			b.ofs(0, text, append(huge(20), 0x91, 20, 20))
		}},
		{"insertion beyond the delta", ErrCorrupt, 1, func(b *packBuilder) {
			b.ofs(0, text, append(huge(20), 20, 'a'))
		}},
		{"reserved instruction", ErrCorrupt, 1, func(b *packBuilder) {
			b.ofs(0, text, append(huge(20), 0))
		}},
		{"delta for another base", ErrCorrupt, 1, func(b *packBuilder) {
			b.ofs(0, text, []byte{31, 4, 4, 'a', 'b', 'c', 'd'})
		}},
		{"delta against itself", ErrCorrupt, 1, func(b *packBuilder) {
			d := []byte{32, 4, 4, 'a', 'b', 'c', 'd'}
			b.raw(object.Blob, text, append(ofsHeader(len(d), 0), zipped(d, 6)...))
		}},
		{"delta against no object", ErrBase, 1, func(b *packBuilder) {
			d := []byte{32, 4, 4, 'a', 'b', 'c', 'd'}
			b.raw(object.Blob, text, append(ofsHeader(len(d), 7), zipped(d, 6)...))
		}},
		{"base that is nowhere", ErrBase, 2, func(b *packBuilder) {
			k := b.ref(object.Blob, object.ID{1}, text, []byte{32, 4, 4, 'a', 'b', 'c', 'd'})
			b.ofs(k, text[1:], []byte{4, 4, 0x90, 4})
		}},
		{"loop of two", ErrLoop, 3, func(b *packBuilder) {
			one, two := text[:500], text[:600]
			id := object.Hash(object.Blob, two, 20)
			k := b.ref(object.Blob, id, one, []byte{88, 4, 116, 3, 0x90, 100})
			b.ref(object.Blob, b.objects[k].id, two, []byte{116, 3, 88, 4, 0x90, 100})
			b.ofs(k, text[:700], []byte{116, 3, 88, 4, 0x90, 100})
		}},
		{"loop of one", ErrLoop, 1, func(b *packBuilder) {
			b.ref(object.Blob, object.Hash(object.Blob, text, 20), text, []byte{4, 4, 0x90, 4})
		}},
		{"below a bad object", ErrCorrupt, 4, func(b *packBuilder) {
			k := b.raw(object.Blob, text, append(entryHeader(3, 1000), "no zlib stream"...))
			for n := range 3 {
				c := text[:900-n]
				k = b.ofs(k, c, encodeDelta(rand.New(rand.NewPCG(1, 1)), 1000-n, len(c), []edit{{src: 0, n: len(c)}}))
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, b := hostile(t, Options{}, c.add)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			seen, lost := lossy(t, s, WalkOptions{})
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 40<<20 {
				t.Errorf("%d MB were allocated", n>>20)
			}
			same := 0
			for _, o := range b.objects {
				if bytes.Equal(seen[o.id], o.content) {
					same++
				}
			}
			if same != len(b.objects)-c.lost || len(lost) != c.lost {
				t.Errorf("%d of %d objects came, want %d; %d lost: %v", same, len(b.objects), len(b.objects)-c.lost, len(lost), lost)
			}
			match := false
			for id, err := range lost {
				match = match || errors.Is(err, c.want)
				for _, part := range []string{"pack-a.pack: ", id.String(), " at offset ", "git f"} {
					if c.want != ErrTooLarge && !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not say %q", err, part)
					}
				}
				if _, _, err := s.Get(id, nil); err == nil {
					t.Errorf("Get reads object %v", id)
				}
				s.Header(id)
			}
			if !match {
				t.Errorf("want %v, got %v", c.want, lost)
			}
		})
	}
}

// TestLimit reads a pack in which some objects are over the limit.
func TestLimit(t *testing.T) {
	b := newPack(20)
	randomForest(rand.New(rand.NewPCG(3, 12)), b, 200)
	dir := t.TempDir()
	b.save(t, dir, "a", 2)
	s := open(t, 20, Options{MaxObject: 1500}, dir)
	seen, lost := lossy(t, s, WalkOptions{})
	large := 0
	for _, o := range b.objects {
		if len(o.content) > 1500 {
			large++
			if err := lost[o.id]; !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "raise") {
				t.Errorf("object of %d bytes: %v", len(o.content), err)
			}
		} else if content, ok := seen[o.id]; ok != (lost[o.id] == nil) || ok && !bytes.Equal(content, o.content) {
			t.Errorf("object %v: came %v, lost %v", o.id, ok, lost[o.id])
		}
	}
	if large == 0 || len(seen) < 20 {
		t.Errorf("%d large objects, %d seen", large, len(seen))
	}
}

// TestOtherCopy loses objects in one pack that stand in another, or loose:
// they come from there, and so does what was made from them.
func TestOtherCopy(t *testing.T) {
	a, b := newPack(20), newPack(20)
	text := bytes.Repeat([]byte("y"), 1000)
	bad := func(data []byte) []byte {
		z := zipped(data, 6)
		z[len(z)-1]++
		return z
	}
	root := a.raw(object.Blob, text, append(entryHeader(3, 1000), bad(text)...))
	first := []byte{0xe8, 7, 100, 0x90, 100}
	kid := a.raw(object.Blob, text[:100], append(ofsHeader(len(first), int64(len(a.body))-a.objects[root].off), bad(first)...))
	a.ofs(kid, text[:50], []byte{100, 50, 0x90, 50})
	b.whole(object.Blob, text)
	dir := t.TempDir()
	a.save(t, dir, "a", 2)
	b.save(t, dir, "b", 2)
	saveLoose(t, dir, object.Blob, text[:100], 20)
	s := open(t, 20, Options{}, dir)
	seen, lost := lossy(t, s, WalkOptions{})
	if len(seen) != 3 || len(lost) != 0 {
		t.Errorf("seen %d, lost %v", len(seen), lost)
	}
	for _, o := range a.objects {
		if !bytes.Equal(seen[o.id], o.content) {
			t.Errorf("object %v came wrong", o.id)
		}
	}
	for _, o := range a.objects[:2] {
		if _, content, err := s.Get(o.id, nil); err != nil || !bytes.Equal(content, o.content) {
			t.Error(err)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	b := newPack(20)
	randomForest(rand.New(rand.NewPCG(4, 13)), b, 30)
	good := newPack(20)
	good.whole(object.Blob, []byte("good"))
	p := b.pack()
	index := b.index(2, p)
	edit := func(data []byte, at int, with ...byte) []byte {
		data = slices.Clone(data)
		copy(data[at:], with)
		return data
	}
	for _, c := range []struct {
		name        string
		pack, index []byte
		want        error
	}{
		{"empty pack", nil, index, ErrTruncated},
		{"cut pack", p[:len(p)/2], index, ErrCorrupt},
		{"no pack", []byte(strings.Repeat("no pack at all ", 99)), index, ErrCorrupt},
		{"pack version 4", edit(p, 4, 0, 0, 0, 4), index, ErrFormat},
		{"pack of another count", edit(p, 8, 0, 0, 0, 3), index, ErrCorrupt},
		{"empty index", p, nil, ErrTruncated},
		{"cut index", p, index[:len(index)-100], ErrCorrupt},
		{"index version 3", p, edit(index, 4, 0, 0, 0, 3), ErrFormat},
		{"fan-out falls", p, edit(index, 8, 0, 0, 9, 9), ErrCorrupt},
		{"fan-out of billions", p, edit(index, 8+1020, 0xff, 0xff, 0xff, 0xff), ErrTooLarge},
		{"index of another pack", p, edit(index, len(index)-40, 1, 2, 3), ErrCorrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			savePack(t, dir, "bad", c.pack, c.index)
			good.save(t, dir, "good", 2)
			s := open(t, 20, Options{}, dir)
			faults := s.Faults()
			if len(faults) != 1 || !errors.Is(faults[0], c.want) || !strings.Contains(faults[0].Error(), "pack-bad.") {
				t.Errorf("faults %v, want %v", faults, c.want)
			}
			seen, lost := lossy(t, s, WalkOptions{})
			if len(seen) != 1 || len(lost) != 0 {
				t.Errorf("seen %d, lost %v", len(seen), lost)
			}
		})
	}
	t.Run("no index", func(t *testing.T) {
		dir := t.TempDir()
		os.Remove(strings.TrimSuffix(b.save(t, dir, "bad", 2), ".pack") + ".idx")
		if f := open(t, 20, Options{}, dir).Faults(); len(f) != 1 || !strings.Contains(f[0].Error(), "pack-bad.idx") {
			t.Errorf("faults %v", f)
		}
	})
	t.Run("offsets out of the pack", func(t *testing.T) {
		dir := t.TempDir()
		bad := slices.Clone(index)
		at := 8 + 1024 + 24*len(b.objects)
		copy(bad[at:], []byte{0x7f, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1})
		copy(bad[at+12:at+16], bad[at+16:at+20]) // two objects at one place
		savePack(t, dir, "bad", p, bad)
		s := open(t, 20, Options{}, dir)
		seen, lost := lossy(t, s, WalkOptions{})
		if len(lost) < 4 || len(seen)+len(lost) < len(b.objects) {
			t.Errorf("seen %d, lost %d of %d", len(seen), len(lost), len(b.objects))
		}
		for _, o := range b.objects {
			s.Get(o.id, nil)
			s.Header(o.id)
		}
	})
	t.Run("multi-pack-index", func(t *testing.T) {
		dir := t.TempDir()
		b.save(t, dir, "b", 2)
		good.save(t, dir, "good", 2)
		m := multi(20, []string{"b", "good"}, []*packBuilder{b, good})
		if err := os.WriteFile(filepath.Join(dir, "pack", "multi-pack-index"), m[:len(m)-40], 0o644); err != nil {
			t.Fatal(err)
		}
		s := open(t, 20, Options{}, dir)
		if f := s.Faults(); len(f) != 1 || !strings.Contains(f[0].Error(), "multi-pack-index write") {
			t.Errorf("faults %v", f)
		}
		if seen, lost := lossy(t, s, WalkOptions{}); len(seen) != 31 || len(lost) != 0 {
			t.Errorf("seen %d, lost %v", len(seen), lost)
		}
	})
}

func TestHostileLoose(t *testing.T) {
	dir := t.TempDir()
	ok := saveLoose(t, dir, object.Blob, []byte("good"), 20)
	for i, data := range [][]byte{
		nil,
		[]byte("no zlib"),
		zipped([]byte("blob"), 6),
		zipped([]byte("blob \x00abc"), 6),
		zipped([]byte("blob 4\x00abc"), 6),
		zipped([]byte("blob 2\x00abc"), 6),
		zipped([]byte("blob 9999999999999999999\x00abc"), 6),
		zipped([]byte("blob 99999999999999999\x00abc"), 6),
		zipped([]byte("blob 99999999\x00abc"), 6),
		zipped([]byte("blub 3\x00abc"), 6),
		zipped(append([]byte("blob 3\x00"), make([]byte, 40<<20)...), 6),
	} {
		name := looseName(dir, object.ID{byte(i), 1})
		if err := errOf(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	name := looseName(dir, object.ID{0xaa, 1})
	if err := os.MkdirAll(name, 0o755); err != nil { // a directory
		t.Fatal(err)
	}
	s := open(t, 20, Options{}, dir)
	seen, lost := lossy(t, s, WalkOptions{})
	if len(seen) != 1 || string(seen[ok]) != "good" || len(lost) != 12 {
		t.Errorf("seen %d, lost %d: %v", len(seen), len(lost), lost)
	}
	for id := range lost {
		if _, _, err := s.Get(id, nil); err == nil {
			t.Errorf("Get reads %v", id)
		}
		s.Header(id)
	}
}

// TestCutWhileMapped cuts a pack short that is mapped: touching the lost pages
// is a memory fault, which must become an error.
func TestCutWhileMapped(t *testing.T) {
	b := newPack(20)
	b.level = 0
	randomForest(rand.New(rand.NewPCG(5, 14)), b, 400)
	dir := t.TempDir()
	name := b.save(t, dir, "a", 2)
	s := open(t, 20, Options{}, dir)
	if s.Packs()[0].data.mapped == nil {
		t.Skip("files are not mapped here")
	}
	if err := os.Truncate(name, 8192); err != nil {
		t.Fatal(err)
	}
	seen, lost := lossy(t, s, WalkOptions{})
	if len(lost) == 0 {
		t.Error("nothing was reported")
	}
	failed := 0
	for _, o := range b.objects {
		if _, _, err := s.Get(o.id, nil); err != nil {
			if !errors.Is(err, ErrChanged) {
				t.Fatalf("%v", err)
			}
			failed++
		}
		s.Header(o.id)
	}
	if failed == 0 || failed == len(b.objects) {
		t.Errorf("%d of %d objects failed, %d seen", failed, len(b.objects), len(seen))
	}
}
