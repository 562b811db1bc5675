package object

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestID(t *testing.T) {
	short := strings.Repeat("0a", 20)
	long := strings.Repeat("f1", 32)
	for _, text := range []string{short, long} {
		id, err := ParseID(text)
		if err != nil || id.String() != text || id.IsZero() {
			t.Errorf("%s: %v, %v", text, id, err)
		}
		if got := FromBytes(id[:len(text)/2]); got != id {
			t.Errorf("%s: from bytes %v", text, got)
		}
	}
	for _, text := range []string{"", "0a", short + "0", strings.Repeat("g", 40), strings.Repeat("0a", 25)} {
		if id, err := ParseID(text); err == nil || !id.IsZero() {
			t.Errorf("%q: %v, %v", text, id, err)
		}
	}
	// As printed by git hash-object -t blob /dev/null, for either hash.
	for size, want := range map[int]string{
		SHA1Size:   "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
		SHA256Size: "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
	} {
		if got := Hash(Blob, nil, size).String(); got != want {
			t.Errorf("empty blob of %d bytes: %s, want %s", size, got, want)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, typ := range []Type{Commit, Tree, Blob, Tag} {
		if got, ok := ParseType(typ.String()); !ok || got != typ || !All.Has(typ) || !SetOf(typ).Has(typ) || SetOf().Has(typ) {
			t.Errorf("%v: %v, %v", typ, got, ok)
		}
	}
	if _, ok := ParseType("blub"); ok || All.Has(0) || All.Has(255) {
		t.Error("strange types")
	}
}

func treeText(hashSize int, entries ...Entry) (b []byte) {
	for _, e := range entries {
		b = fmt.Appendf(b, "%o %s\x00", e.Mode, e.Name)
		b = append(b, e.ID[:hashSize]...)
	}
	return b
}

func TestTree(t *testing.T) {
	for _, size := range []int{SHA1Size, SHA256Size} {
		want := []Entry{
			{ModeRegular, []byte("a b"), FromBytes([]byte{1, 0, 3})},
			{ModeTree, []byte("dir"), FromBytes([]byte{2})},
			{ModeGitlink, []byte("mod\n"), FromBytes([]byte{3})},
			{ModeSymlink, []byte("s"), FromBytes([]byte{4})},
		}
		text := treeText(size, want...)
		for cut := 0; cut <= len(text); cut++ {
			r := ReadTree(text[:cut], size)
			var e Entry
			n := 0
			for r.Next(&e) {
				if e.Mode != want[n].Mode || !bytes.Equal(e.Name, want[n].Name) || e.ID != want[n].ID {
					t.Fatalf("entry %d: %+v", n, e)
				}
				n++
			}
			whole := len(treeText(size, want[:n]...)) == cut
			if (r.Err() == nil) != whole {
				t.Fatalf("cut at %d after %d entries: %v", cut, n, r.Err())
			}
		}
	}
	e := Entry{Mode: ModeTree}
	if !e.IsTree() || e.IsGitlink() || e.IsSymlink() {
		t.Error("kinds of a tree")
	}
}

var (
	hexA = strings.Repeat("a1", 20)
	hexB = strings.Repeat("b2", 20)
)

const commitRest = "author A U Thor <a@b.example> 1700000000 +0130\ncommitter C <c@d.example> 1700000001 -0800\nencoding ISO-8859-1\ngpgsig -----BEGIN\n author x\n -----END\n\nsubject\n\nbody\n"

func TestCommit(t *testing.T) {
	for parents := range 4 {
		text := "tree " + hexA + "\n" + strings.Repeat("parent "+hexB+"\n", parents) + commitRest
		c, err := ParseCommit([]byte(text), SHA1Size)
		if err != nil {
			t.Fatal(err)
		}
		if c.Tree.String() != hexA || c.NumParents() != parents || string(c.Message) != "subject\n\nbody\n" ||
			string(c.Encoding) != "ISO-8859-1" || string(c.Header)+"\n"+string(c.Message) != text {
			t.Errorf("%d parents: %+v", parents, c)
		}
		for i := range parents {
			if got := c.Parent(i); got.String() != hexB {
				t.Errorf("parent %d: %v", i, got)
			}
		}
		if p := ParsePerson(c.Author); string(p.Name) != "A U Thor" || string(p.Mail) != "a@b.example" || p.Seconds != 1700000000 || p.Zone != 90 {
			t.Errorf("author %+v", p)
		}
		if p := ParsePerson(c.Committer); p.Zone != -480 {
			t.Errorf("committer %+v", p)
		}
	}
	for _, text := range []string{"", "tree", "tree " + hexA, "tree " + hexA[1:] + "\n" + commitRest,
		"tree " + hexA + "\nparent " + hexB + "0\n" + commitRest, "tree " + hexA + "\nparent x\n" + commitRest, commitRest} {
		if _, err := ParseCommit([]byte(text), SHA1Size); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestTag(t *testing.T) {
	text := "object " + hexA + "\ntype commit\ntag v1\ntagger T <t@u.example> 5 +0000\n\nmessage\n"
	g, err := ParseTag([]byte(text), SHA1Size)
	if err != nil || g.Target.String() != hexA || g.Type != Commit || string(g.Name) != "v1" ||
		string(g.Message) != "message\n" || ParsePerson(g.Tagger).Seconds != 5 {
		t.Errorf("%+v, %v", g, err)
	}
	for _, text := range []string{"", "object " + hexA, "object " + hexA + "\ntype blub\n", "type commit\n"} {
		if _, err := ParseTag([]byte(text), SHA1Size); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestPerson(t *testing.T) {
	for line, want := range map[string]Person{
		"":                                    {},
		"Name only":                           {Name: []byte("Name only")},
		"A <m":                                {Name: []byte("A"), Mail: []byte("m")},
		"A <m>":                               {Name: []byte("A"), Mail: []byte("m")},
		"A <m> x +0000":                       {Name: []byte("A"), Mail: []byte("m")},
		"A <m> 12":                            {Name: []byte("A"), Mail: []byte("m"), Seconds: 12},
		"A <m> -12 +9999999":                  {Name: []byte("A"), Mail: []byte("m"), Seconds: -12},
		"<m> 12 -0030":                        {Mail: []byte("m"), Seconds: 12, Zone: -30},
		"A <m> B> 99999999999999999999 +0000": {Name: []byte("A"), Mail: []byte("m")},
	} {
		p := ParsePerson([]byte(line))
		if string(p.Name) != string(want.Name) || string(p.Mail) != string(want.Mail) || p.Seconds != want.Seconds || p.Zone != want.Zone {
			t.Errorf("%q: %+v, want %+v", line, p, want)
		}
	}
}

// Nothing of the readers allocates: they run for every object of a history.
func TestNoAllocations(t *testing.T) {
	commit := []byte("tree " + hexA + "\nparent " + hexB + "\n" + commitRest)
	tree := treeText(SHA1Size, Entry{ModeRegular, []byte("a"), ID{1}}, Entry{ModeTree, []byte("b"), ID{2}})
	n := testing.AllocsPerRun(10, func() {
		c, err := ParseCommit(commit, SHA1Size)
		if err != nil || c.Parent(0).IsZero() {
			t.Fatal(err)
		}
		ParsePerson(c.Author)
		r := ReadTree(tree, SHA1Size)
		var e Entry
		for r.Next(&e) {
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzTree(f *testing.F) {
	f.Add(treeText(SHA1Size, Entry{ModeRegular, []byte("a"), ID{1}}, Entry{ModeTree, []byte("b"), ID{2}}), false)
	f.Add(treeText(SHA256Size, Entry{ModeSymlink, []byte("a"), ID{1}}), true)
	f.Add([]byte("100644 a\x00"), false)
	f.Fuzz(func(t *testing.T, text []byte, long bool) {
		size := SHA1Size
		if long {
			size = SHA256Size
		}
		r := ReadTree(text, size)
		var e Entry
		used := 0
		for r.Next(&e) {
			if len(e.Name) == 0 || bytes.IndexByte(e.Name, 0) >= 0 {
				t.Fatalf("name %q", e.Name)
			}
			if len(text)-len(r.Rest()) < used+len(e.Name)+size+3 {
				t.Fatalf("entry %+v in %d bytes", e, len(text)-len(r.Rest())-used)
			}
			used = len(text) - len(r.Rest())
		}
		if (r.Err() == nil) != (used == len(text)) {
			t.Fatalf("%d of %d bytes read, %v", used, len(text), r.Err())
		}
	})
}

func FuzzCommit(f *testing.F) {
	f.Add([]byte("tree " + hexA + "\nparent " + hexB + "\n" + commitRest))
	f.Add([]byte("tree " + hexA + "\nparent " + hexB))
	f.Add([]byte("object " + hexA + "\ntype commit\ntag v1\ntagger T <t> 5 +0000\n\nmessage\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, size := range []int{SHA1Size, SHA256Size} {
			c, err := ParseCommit(text, size)
			for i := range c.NumParents() {
				if id := c.Parent(i); err == nil && !bytes.Contains(text, []byte("parent "+strings.ToLower(id.String()))) &&
					!bytes.Contains(bytes.ToLower(text), []byte("parent "+id.String())) {
					t.Fatalf("parent %v is not in %q", id, text)
				}
			}
			ParsePerson(c.Author)
			ParsePerson(c.Committer)
			g, _ := ParseTag(text, size)
			ParsePerson(g.Tagger)
			if len(c.Header)+len(c.Message) > len(text) {
				t.Fatalf("%q became longer", text)
			}
		}
	})
}

func BenchmarkReadTree(b *testing.B) {
	var entries []Entry
	for i := range 200 {
		entries = append(entries, Entry{ModeRegular, fmt.Appendf(nil, "some-file-%d.c", i), ID{byte(i)}})
	}
	text := treeText(SHA1Size, entries...)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r := ReadTree(text, SHA1Size)
		var e Entry
		for r.Next(&e) {
		}
	}
}
