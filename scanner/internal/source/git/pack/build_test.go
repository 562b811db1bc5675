package pack

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// packBuilder writes packs and indexes as git would, or nearly.
type packBuilder struct {
	hashSize int
	body     []byte
	objects  []built
	byID     map[object.ID]int
	level    int
}

type built struct {
	id      object.ID
	typ     object.Type
	content []byte
	off     int64
	crc     uint32
}

func newPack(hashSize int) *packBuilder {
	return &packBuilder{hashSize: hashSize, body: make([]byte, headerSize), byID: map[object.ID]int{}, level: zlib.DefaultCompression}
}

func zipped(data []byte, level int) []byte {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, level)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func entryHeader[N int | int64](kind uint8, size N) []byte {
	h := []byte{kind<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		h[len(h)-1] |= 0x80
		h = append(h, byte(size&0x7f))
	}
	return h
}

// raw adds an entry as it stands, for the object that it should be.
func (b *packBuilder) raw(typ object.Type, content, entry []byte) int {
	o := built{id: object.Hash(typ, content, b.hashSize), typ: typ, content: content, off: int64(len(b.body)), crc: crc32.ChecksumIEEE(entry)}
	b.body = append(b.body, entry...)
	b.objects = append(b.objects, o)
	b.byID[o.id] = len(b.objects) - 1
	return len(b.objects) - 1
}

func (b *packBuilder) whole(typ object.Type, content []byte) int {
	return b.raw(typ, content, append(entryHeader(uint8(typ), len(content)), zipped(content, b.level)...))
}

func ofsHeader(size int, back int64) []byte {
	h := entryHeader(ofsDelta, size)
	enc := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		enc = append([]byte{0x80 | byte(back&0x7f)}, enc...)
	}
	return append(h, enc...)
}

// ofs adds a delta against an object of this pack.
func (b *packBuilder) ofs(base int, content, delta []byte) int {
	h := ofsHeader(len(delta), int64(len(b.body))-b.objects[base].off)
	return b.raw(b.objects[base].typ, content, append(h, zipped(delta, b.level)...))
}

// ref adds a delta against any object.
func (b *packBuilder) ref(typ object.Type, base object.ID, content, delta []byte) int {
	h := append(entryHeader(refDelta, len(delta)), base[:b.hashSize]...)
	return b.raw(typ, content, append(h, zipped(delta, b.level)...))
}

func (b *packBuilder) sum(data []byte) []byte {
	if b.hashSize == object.SHA256Size {
		s := sha256.Sum256(data)
		return s[:]
	}
	s := sha1.Sum(data)
	return s[:]
}

func (b *packBuilder) pack() []byte {
	p := slices.Clone(b.body)
	copy(p, "PACK")
	binary.BigEndian.PutUint32(p[4:], 2)
	binary.BigEndian.PutUint32(p[8:], uint32(len(b.objects)))
	return append(p, b.sum(p)...)
}

func (b *packBuilder) sorted() []built {
	s := slices.Clone(b.objects)
	sort.Slice(s, func(i, k int) bool { return s[i].id.Compare(s[k].id) < 0 })
	return s
}

func fanout(ids []built) (f []byte) {
	for i := range 256 {
		n := sort.Search(len(ids), func(k int) bool { return int(ids[k].id[0]) > i })
		f = binary.BigEndian.AppendUint32(f, uint32(n))
	}
	return f
}

// index writes an index of version 1, 2, or 2 with all offsets in the table
// of 64 bits ("3").
func (b *packBuilder) index(version int, pack []byte) []byte {
	s := b.sorted()
	var x []byte
	if version > 1 {
		x = append(x, 0xff, 't', 'O', 'c', 0, 0, 0, 2)
	}
	x = append(x, fanout(s)...)
	var ids, crcs, small, large []byte
	for i, o := range s {
		if version == 1 {
			x = binary.BigEndian.AppendUint32(x, uint32(o.off))
			x = append(x, o.id[:b.hashSize]...)
			continue
		}
		ids = append(ids, o.id[:b.hashSize]...)
		crcs = binary.BigEndian.AppendUint32(crcs, o.crc)
		if version == 3 {
			small = binary.BigEndian.AppendUint32(small, 1<<31|uint32(i))
			large = binary.BigEndian.AppendUint64(large, uint64(o.off))
		} else {
			small = binary.BigEndian.AppendUint32(small, uint32(o.off))
		}
	}
	x = slices.Concat(x, ids, crcs, small, large, pack[len(pack)-b.hashSize:])
	return append(x, b.sum(x)...)
}

// save writes pack and index into objects/pack and gives the pack's path.
func (b *packBuilder) save(t testing.TB, objects, name string, version int) string {
	t.Helper()
	p := b.pack()
	return savePack(t, objects, name, p, b.index(version, p))
}

func savePack(t testing.TB, objects, name string, pack, index []byte) string {
	t.Helper()
	dir := filepath.Join(objects, "pack")
	path := filepath.Join(dir, "pack-"+name+".pack")
	if err := errOf(os.MkdirAll(dir, 0o755), os.WriteFile(path, pack, 0o644),
		os.WriteFile(filepath.Join(dir, "pack-"+name+".idx"), index, 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

func errOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// saveLoose writes a loose object.
func saveLoose(t testing.TB, objects string, typ object.Type, content []byte, hashSize int) object.ID {
	t.Helper()
	id := object.Hash(typ, content, hashSize)
	name := looseName(objects, id)
	header := append([]byte(typ.String()+" "), []byte(itoa(len(content)))...)
	data := append(append(header, 0), content...)
	if err := errOf(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, zipped(data, 6), 0o644)); err != nil {
		t.Fatal(err)
	}
	return id
}

func itoa(n int) string { return strconv.Itoa(n) }

// multi writes a multi-pack-index over packs by name; earlier packs win.
func multi(hashSize int, names []string, packs []*packBuilder) []byte {
	type at struct {
		built
		pack int
	}
	var all []at
	seen := map[object.ID]bool{}
	for k, p := range packs {
		for _, o := range p.objects {
			if !seen[o.id] {
				seen[o.id] = true
				all = append(all, at{o, k})
			}
		}
	}
	sort.Slice(all, func(i, k int) bool { return all[i].id.Compare(all[k].id) < 0 })
	var pnam, oidl, ooff []byte
	var ids []built
	for _, n := range names {
		pnam = append(append(pnam, "pack-"+n+".idx"...), 0)
	}
	for len(pnam)%4 != 0 {
		pnam = append(pnam, 0)
	}
	for _, o := range all {
		ids = append(ids, o.built)
		oidl = append(oidl, o.id[:hashSize]...)
		ooff = binary.BigEndian.AppendUint32(ooff, uint32(o.pack))
		ooff = binary.BigEndian.AppendUint32(ooff, uint32(o.off))
	}
	hash := byte(1)
	if hashSize == object.SHA256Size {
		hash = 2
	}
	m := []byte{'M', 'I', 'D', 'X', 1, hash, 4, 0}
	m = binary.BigEndian.AppendUint32(m, uint32(len(names)))
	pos := uint64(12 + 5*12)
	chunks := [][]byte{pnam, fanout(ids), oidl, ooff}
	for i, c := range chunks {
		m = append(m, []string{"PNAM", "OIDF", "OIDL", "OOFF"}[i]...)
		m = binary.BigEndian.AppendUint64(m, pos)
		pos += uint64(len(c))
	}
	m = append(m, 0, 0, 0, 0)
	m = binary.BigEndian.AppendUint64(m, pos)
	for _, c := range chunks {
		m = append(m, c...)
	}
	return append(m, (&packBuilder{hashSize: hashSize}).sum(m)...)
}

// An edit is one run of a new text: of the base from src, or of its own.
type edit struct {
	src, n int
	text   []byte
}

// randomEdits makes a text from base, and the instructions for it: runs that
// move on, skip, jump back or repeat, with new text between.
func randomEdits(r *rand.Rand, base []byte) (content []byte, edits []edit) {
	at := 0
	for range 1 + r.IntN(8) {
		switch r.IntN(6) {
		case 0:
			text := randomText(r, 1+r.IntN(300))
			edits = append(edits, edit{src: -1, text: text})
		case 1:
			at = r.IntN(len(base) + 1)
		default:
			if at >= len(base) {
				if len(base) == 0 || r.IntN(2) == 0 {
					break
				}
				at = 0
			}
			n := 1 + r.IntN(len(base)-at)
			if r.IntN(3) == 0 {
				n = min(n, 1+r.IntN(20))
			}
			edits = append(edits, edit{src: at, n: n})
			at += n
		}
	}
	if r.IntN(3) == 0 { // the whole base with something in between
		cut := r.IntN(len(base) + 1)
		edits = []edit{{src: 0, n: cut}, {src: -1, text: randomText(r, r.IntN(30))}, {src: cut, n: len(base) - cut}}
	}
	for _, e := range edits {
		if e.src < 0 {
			content = append(content, e.text...)
		} else {
			content = append(content, base[e.src:e.src+e.n]...)
		}
	}
	return content, edits
}

func randomText(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefgh \n"[r.IntN(10)]
	}
	return b
}

// encodeDelta writes edits as git's instructions, cut as git must cut them
// and at random places besides.
func encodeDelta(r *rand.Rand, baseLen, size int, edits []edit) []byte {
	d := binary.AppendUvarint(nil, uint64(baseLen))
	d = binary.AppendUvarint(d, uint64(size))
	for _, e := range edits {
		for len(e.text) > 0 {
			n := min(len(e.text), 1+r.IntN(127))
			d = append(append(d, byte(n)), e.text[:n]...)
			e.text = e.text[n:]
		}
		for e.src >= 0 && e.n > 0 {
			n := min(e.n, 0xffffff)
			if r.IntN(2) == 0 {
				n = 1 + r.IntN(n)
			}
			at := len(d)
			d = append(d, 0x80)
			for i := range 4 {
				if v := byte(e.src >> (8 * i)); v != 0 || r.IntN(10) == 0 {
					d[at] |= 1 << i
					d = append(d, v)
				}
			}
			if n != 0x10000 {
				for i := range 3 {
					if v := byte(n >> (8 * i)); v != 0 || r.IntN(10) == 0 {
						d[at] |= 16 << i
						d = append(d, v)
					}
				}
			}
			e.src += n
			e.n -= n
		}
	}
	return d
}

// randomForest fills a pack with objects that are made from each other.
func randomForest(r *rand.Rand, b *packBuilder, n int) {
	for len(b.objects) < n {
		k := len(b.objects)
		if k == 0 || r.IntN(6) == 0 {
			typ := object.Type(1 + r.IntN(4))
			content := randomText(r, r.IntN(3000))
			if _, ok := b.byID[object.Hash(typ, content, b.hashSize)]; !ok {
				b.whole(typ, content)
			}
			continue
		}
		base := r.IntN(k)
		if r.IntN(2) == 0 {
			base = k - 1 // long chains
		}
		from := &b.objects[base]
		content, edits := randomEdits(r, from.content)
		if _, ok := b.byID[object.Hash(from.typ, content, b.hashSize)]; ok {
			continue
		}
		delta := encodeDelta(r, len(from.content), len(content), edits)
		if r.IntN(3) == 0 {
			b.ref(from.typ, from.id, content, delta)
		} else {
			b.ofs(base, content, delta)
		}
	}
}
