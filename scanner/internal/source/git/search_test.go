package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// testRepository is a git directory to measure on, named by LEAKSONDE_REPO.
func testRepository(t testing.TB) *pack.Store {
	t.Helper()
	dir := os.Getenv("LEAKSONDE_REPO")
	if dir == "" {
		t.Skip("LEAKSONDE_REPO is not set")
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		dir = filepath.Join(dir, ".git")
	}
	s, err := pack.OpenStore([]string{filepath.Join(dir, "objects")}, 20, pack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func builtinEngine(t testing.TB, least finding.Confidence) *engine.Engine {
	t.Helper()
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(set, engine.Options{Minimum: least})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// signatures searches a store and describes each object that holds something.
func signatures(t *testing.T, s *pack.Store, e *engine.Engine, plain bool) []string {
	t.Helper()
	var mu sync.Mutex
	ids := map[string]int32{}
	holders, err := Search(context.Background(), s, e, Options{
		Plain: plain,
		Values: func(_ int, text []byte, raw []engine.Match) []int32 {
			mu.Lock()
			defer mu.Unlock()
			var out []int32
			for _, m := range engine.Resolve(slices.Clone(raw)) {
				key := fmt.Sprintf("%s %v %x", m.Rule.ID, m.Confidence, text[m.Secret.Start:m.Secret.End])
				id, ok := ids[key]
				if !ok {
					id = int32(len(ids))
					ids[key] = id
				}
				out = append(out, id)
			}
			return out
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(ids))
	for k, id := range ids {
		names[id] = k
	}
	var out []string
	for _, h := range holders {
		var b strings.Builder
		fmt.Fprint(&b, h.ID)
		for _, v := range h.Values {
			fmt.Fprint(&b, "\n  ", names[v])
		}
		out = append(out, b.String())
	}
	slices.Sort(out)
	return out
}

// TestDeltaEqualsPlain holds the delta walk against a search of every object
// in full, on a repository of the caller's.
func TestDeltaEqualsPlain(t *testing.T) {
	s := testRepository(t)
	e := builtinEngine(t, finding.Low)
	delta, plain := signatures(t, s, e, false), signatures(t, s, e, true)
	t.Logf("%d objects hold something", len(plain))
	for i := range max(len(delta), len(plain)) {
		if i >= len(delta) || i >= len(plain) || delta[i] != plain[i] {
			d, p := "(none)", "(none)"
			if i < len(delta) {
				d = delta[i]
			}
			if i < len(plain) {
				p = plain[i]
			}
			t.Fatalf("delta and plain differ:\ndelta %.2000s\nplain %.2000s", d, p)
		}
	}
}

// BenchmarkSearch searches the repository named by LEAKSONDE_REPO.
func BenchmarkSearch(b *testing.B) {
	s := testRepository(b)
	e := builtinEngine(b, finding.Medium)
	for b.Loop() {
		_, err := Search(context.Background(), s, e, Options{
			Values: func(_ int, text []byte, raw []engine.Match) []int32 { return []int32{1} },
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
