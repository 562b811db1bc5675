package decode

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// shownView is a view as tests compare it.
type shownView struct {
	text  string
	kinds []string
	where []Span // of the anchors, in the source
}

func viewsOf(t testing.TB, text []byte) (out []shownView, gaps []string) {
	t.Helper()
	var f Finder
	x := &Text{Bytes: text, Region: Span{0, len(text)}, Gap: func(what string) { gaps = append(gaps, what) }}
	x.Visit = func(v *View) error {
		check(t, text, v)
		s := shownView{text: string(v.Text)}
		for _, p := range v.Pieces {
			if p.Anchor {
				s.kinds = append(s.kinds, strings.Join(p.Kinds, " "))
				s.where = append(s.where, v.Source(p.Span))
			}
		}
		out = append(out, s)
		return nil
	}
	if err := f.Views(x, triggersIn(text)); err != nil {
		t.Fatal(err)
	}
	return out, gaps
}

// triggersIn does what the engine's literal search does.
func triggersIn(text []byte) (at []At) {
	all := Triggers()
	for i := range text {
		for k := range all {
			if bytes.HasPrefix(text[i:], []byte(all[k].Text)) {
				at = append(at, At{i, &all[k]})
			}
		}
	}
	return at
}

// check holds a view to what it promises.
func check(t testing.TB, text []byte, v *View) {
	t.Helper()
	if v.packed.End > 0 {
		if v.packed.Start < 0 || v.packed.End > len(text) || len(v.Text) > maxUnpacked {
			t.Fatalf("packed %v of %d bytes, %d unpacked", v.packed, len(text), len(v.Text))
		}
		return
	}
	if len(v.from) != len(v.Text) || len(v.to) != len(v.Text) {
		t.Fatalf("%d bytes, %d and %d places", len(v.Text), len(v.from), len(v.to))
	}
	at := 0
	for _, p := range v.Pieces {
		if p.Start < at || p.End <= p.Start || p.End > len(v.Text) || len(p.Kinds) == 0 {
			t.Fatalf("pieces %+v of %d bytes", v.Pieces, len(v.Text))
		}
		at = p.End
	}
	for i := range v.Text {
		from, to := int(v.from[i]), int(v.to[i])
		if from < 0 || to > len(text) || from >= to || i > 0 && (v.from[i] < v.from[i-1] || v.to[i] < v.to[i-1]) {
			t.Fatalf("byte %d of the view is made of [%d, %d) of %d", i, from, to, len(text))
		}
		if !v.touches(Span{i, i + 1}, false) && to-from == 1 && text[from] != v.Text[i] {
			t.Fatalf("byte %d of the view stands for another one", i)
		}
	}
	if v.First && v.from[0] != 0 || v.Last && int(v.to[len(v.to)-1]) != len(text) {
		t.Fatalf("the view claims ends that it does not reach")
	}
}

func TestViews(t *testing.T) {
	for _, c := range []struct{ name, text, view, kinds string }{
		{"base64", "key: c29tZSBzZWNyZXQgdGV4dCBoZXJl\n", "key: some secret text here\n", "base64"},
		{"base64 without padding", "k=c29tZSBzZWNyZXQgdGV4dCBoZXJlIQ;", "k=some secret text here!;", "base64"},
		{"base64 with padding", "k=c29tZSBzZWNyZXQgdGV4dCBoZXJlISE=;", "k=some secret text here!!;", "base64"},
		{"behind a path", "a/c29tZSBzZWNyZXQgdGV4dCBoZXJl", "a/some secret text here", "base64"},
		{"hex", "id 736f6d65207365637265742074657874", "id some secret text", "hex"},
		{"hex with a prefix", "0x736F6D65207365637265742074657874", "some secret text", "hex"},
		{"percent", "a%3Db%26c", "a=b&c", "percent percent"},
		{"percent and space", "a%3Db%20c", "a=b c", "percent"},
		{"u", `{"a":"b\u003dc"}`, `{"a":"b=c"}`, "unicode-escape"},
		{"u escaped", `{"a":"b\\u003dc"}`, `{"a":"b=c"}`, "unicode-escape"},
		{"u with braces", `"b\u{3d}c"`, `"b=c"`, "unicode-escape"},
		{"entities", "a&#61;b&#x3d;c &lt;", "a=b=c <", "html-entity html-entity"},
		{"slashes", `"https:\/\/a\/b"`, `"https://a/b"`, "json-escape"},
		{"quoted", "a=3Db=\nc", "a=bc", "quoted-printable"},
		{"joined", "x = \"abc\" +\n    \"def\"", `x = "abcdef"`, "joined-strings"},
		{"joined with a point", "x = 'abc' .\n    'def'", `x = 'abcdef'`, ""},
	} {
		views, gaps := viewsOf(t, []byte(c.text))
		if len(gaps) > 0 {
			t.Errorf("%s: gaps %q", c.name, gaps)
		}
		ok := slices.ContainsFunc(views, func(v shownView) bool { return v.text == c.view && strings.Join(v.kinds, " ") == c.kinds })
		if !ok && c.kinds != "" {
			t.Errorf("%s: %q: views %+v, want %q", c.name, c.text, views, c.view)
		}
	}
}

// TestNoViews: what looks like base64 and is none costs no view.
func TestNoViews(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < 1<<20 {
		for range 20 + r.IntN(200) {
			b.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.IntN(64)])
		}
		fmt.Fprintf(&b, "\n%064x\n%s\n", r.Uint64(), "aRatherLongIdentifierInCamelCase/and_one_in_snake_case/------------------------------")
	}
	views, _ := viewsOf(t, []byte(b.String()))
	if len(views) > 2 {
		t.Errorf("%d views of a megabyte of noise: %.2000q", len(views), fmt.Sprint(views))
	}
}

// TestSurvey holds the masks against the plain way.
func TestSurvey(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		text := make([]byte, r.IntN(3*blockBytes))
		p := r.IntN(40)
		for i := range text {
			switch {
			case r.IntN(40) < p:
				text[i] = byte(r.IntN(256))
			case r.IntN(100) == 0:
				text[i] = "\x00%"[r.IntN(2)]
			default:
				text[i] = "ABZaz09+-/_="[r.IntN(12)]
			}
		}
		from := r.IntN(len(text) + 1)
		to := from + r.IntN(len(text)-from+1)
		var fast, plain survey
		fast.look(text, from, to)
		plain.lookPlain(text, from, to)
		if !slices.Equal(fast.runs, plain.runs) || !slices.Equal(fast.percents, plain.percents) || !slices.Equal(fast.nul, plain.nul) {
			t.Fatalf("[%d, %d) of %d: %v %v %v, want %v %v %v", from, to, len(text), fast.runs, fast.percents, fast.nul, plain.runs, plain.percents, plain.nul)
		}
	}
}

func TestPacked(t *testing.T) {
	for _, c := range []struct{ head, kinds string }{{"H4sI", "gzip"}, {"eJxz", "zlib"}, {"1f8b08", "gzip"}} {
		text := []byte(strings.Repeat(c.head, 20))
		if views, _ := viewsOf(t, text); len(views) > 1 {
			t.Errorf("%s: %d views", c.head, len(views))
		}
	}
}

func seeds(f *testing.F, texts ...string) {
	f.Add([]byte("k: c29tZSBzZWNyZXQgdGV4dCBoZXJl\nc29tZSBzZWNyZXQgdGV4dCBoZXJl\n"))
	for _, t := range texts {
		f.Add([]byte(t))
	}
}

// fuzzViews checks the views of any bytes.
func fuzzViews(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		viewsOf(t, text)
	})
}

func FuzzRuns(f *testing.F) {
	seeds(f, "0x736F6D65207365637265742074657874", `c29tZSBzZWNyZXQgdGV4dCBoZXJl\nc29tZSBzZWNyZXQgdGV4dCBoZXJl\r\nabcd`, "c29tZSBzZWNyZXQgdGV4dCBoZXJlIQ%3D%3D")
	fuzzViews(f)
}

func FuzzPacked(f *testing.F) {
	seeds(f, "H4sIAAAAAAAA/wvOz01VKE5NLkotUShJrShRyEgtSgUAH1wEFRUAAAA=", "eJwLzs9NVShOTS5KLVEoSa0oUchILUoFAFtVB9M=", "1f8b0800000000000000")
	fuzzViews(f)
}

func FuzzEscapes(f *testing.F) {
	seeds(f, `a%3Db%u0041\u0041\\u0041\U00000041\x41\u{41}&#65;&#x41;&amp;=3D=`+"\n", "a=3Db=\r\nc", "\"a\" +\n \"b\" . \"c\"\n\"d\"", "a\\\n  b")
	fuzzViews(f)
}

func FuzzWide(f *testing.F) {
	for i := range wideForms {
		w := &wideForms[i]
		b := make([]byte, 0, 200)
		for _, c := range "some text that is wide enough to be seen" {
			u := make([]byte, w.size)
			if w.little {
				u[0] = byte(c)
			} else {
				u[w.size-1] = byte(c)
			}
			b = append(b, u...)
		}
		f.Add(b)
		f.Add(append([]byte("odd"), b...))
	}
	fuzzViews(f)
}
