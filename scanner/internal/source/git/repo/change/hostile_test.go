package change

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// heap writes objects by hand.
type heap struct {
	*testing.T
	dir string
}

func (h *heap) write(typ object.Type, text string) object.ID {
	id := object.Hash(typ, []byte(text), 20)
	file := filepath.Join(h.dir, id.String()[:2], id.String()[2:])
	os.MkdirAll(filepath.Dir(file), 0o700)
	var z bytes.Buffer
	d := zlib.NewWriter(&z)
	fmt.Fprintf(d, "%v %d\x00%s", typ, len(text), text)
	d.Close()
	if err := os.WriteFile(file, z.Bytes(), 0o600); err != nil {
		h.Fatal(err)
	}
	return id
}

func (h *heap) differ() *differ {
	s, err := pack.OpenStore([]string{h.dir}, 20, pack.Options{})
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { s.Close() })
	return &differ{objects: s, hashSize: 20}
}

// TestHostileTrees: what git would never write is compared all the same.
func TestHostileTrees(t *testing.T) {
	h := &heap{t, t.TempDir()}
	a, b := h.write(object.Blob, "a"), h.write(object.Blob, "b")
	line := func(mode, name string, id object.ID) string { return mode + " " + name + "\x00" + string(id[:20]) }
	missing := object.Hash(object.Tree, []byte("gone"), 20)
	for _, tc := range []struct {
		what, tree, parent string
		want               string
		fault              bool
	}{
		{"unsorted", line("100644", "z", a) + line("100644", "a", b), line("100644", "a", b), "z", false},
		{"twice", line("100644", "a", a) + line("100644", "a", b), line("100644", "a", a), "a", false},
		{"twice in both", line("100644", "a", a) + line("100644", "a", b), line("100644", "a", b) + line("100644", "a", a), "", false},
		{"names", line("100644", "../x", a) + line("100644", "/etc", a) + line("100644", "a\nb", a) + line("100644", ".git", a), "", "../x .git /etc a\nb", false},
		{"modes", line("7777777", "m", a) + line("0", "n", a), "", "m n", false},
		{"cut", line("100644", "a", a) + "100644 b\x00short", "", "a", true},
		{"missing", line("100644", "a", a) + line("40000", "d", missing), "", "a", true},
		{"blob for a tree", line("40000", "d", a), "", "", true},
		{"noise", "noise", "", "", true},
		{"submodule", line("160000", "s", a), "", "", false},
		{"file to directory", line("40000", "a", h.write(object.Tree, line("100644", "x", a))), line("100644", "a", a), "a/x", false},
	} {
		d := h.differ()
		tree := h.write(object.Tree, tc.tree)
		var parents []object.ID
		if tc.parent != "" {
			parents = append(parents, h.write(object.Tree, tc.parent))
		}
		err := d.trees(tree, parents, "", 0)
		var got []string
		for _, c := range d.changes {
			got = append(got, c.Path)
		}
		if err != nil || strings.Join(got, " ") != tc.want || (d.err() != nil) != tc.fault {
			t.Errorf("%s: got %q, %v, %v; want %q", tc.what, got, err, d.err(), tc.want)
		}
	}
}

// TestBombs: trees that spell out more than can be looked at end with an error.
func TestBombs(t *testing.T) {
	h := &heap{t, t.TempDir()}
	for _, leaf := range []string{"", "100644 f\x00" + strings.Repeat("x", 20)} {
		wide := h.write(object.Tree, leaf)
		for range 12 {
			var text strings.Builder
			for i := range 10 {
				fmt.Fprintf(&text, "40000 d%d\x00%s", i, wide[:20])
			}
			wide = h.write(object.Tree, text.String())
		}
		d := h.differ()
		d.limit = 5000
		if err := d.trees(wide, nil, "", 0); err == nil && d.err() == nil {
			t.Error("no error")
		}
	}
	deep := h.write(object.Tree, "")
	for range MaxDepth + 10 {
		deep = h.write(object.Tree, "40000 d\x00"+string(deep[:20]))
	}
	d := h.differ()
	if err := d.trees(deep, nil, "", 0); err != nil || d.err() == nil {
		t.Error(err, d.err())
	}
}
