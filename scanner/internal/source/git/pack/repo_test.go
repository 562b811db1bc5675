package pack

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// bigRepo is a bare repository named by LEAKSONDE_REPO; the test is skipped
// without it.
func bigRepo(t testing.TB) *Store {
	t.Helper()
	dir := os.Getenv("LEAKSONDE_REPO")
	if dir == "" {
		t.Skip("LEAKSONDE_REPO names no repository")
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		dir = filepath.Join(dir, ".git")
	}
	s, err := OpenStore([]string{filepath.Join(dir, "objects")}, object.SHA1Size, Options{})
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
		if k, ok := s.Number(id); !ok || k != i {
			t.Fatalf("object %v has number %d, %v, want %d", id, k, ok, i)
		}
		n++
		bytes += len(content)
		buf = content
	}
	t.Logf("%d of %d objects, %d MB, %v", n, s.Count(), bytes>>20, time.Since(start))
}
