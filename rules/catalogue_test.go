package rules

import (
	"bytes"
	"os"
	"testing"
)

// TestCompactIsFresh holds the embedded form against the TOML files.
func TestCompactIsFresh(t *testing.T) {
	want, err := CompactCatalogue(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(catalogue)) {
		t.Fatal("catalogue.bin is not what the TOML files give: run go generate ./rules")
	}
	set, err := decode(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	if again := encode(set); !bytes.Equal(again, want) {
		t.Error("decoding and encoding again gives something else")
	}
	for _, r := range set.Rules {
		if full := r.Full(); full.people != "" || full.File == "" {
			t.Errorf("%s: what is for people cannot be read", r.ID)
		}
		fresh := *r
		fresh.analysis = nil
		if got, want := *r.analysis, *fresh.analyse(); got.longest != want.longest || len(got.triggers) != len(want.triggers) || got.digest != want.digest {
			t.Errorf("%s: the analysis kept differs from a fresh one", r.ID)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(catalogue[:min(len(catalogue), 4096)]))
	f.Add(encode(&Set{Source: "x", Rules: []*Rule{{ID: "a", Token: "abc[0-9]+", Tags: []string{"t"}}}}))
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = decode(string(b)) })
}

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		if _, err := Builtin(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestCatalogueExpands loads the built-in rules and expands every example;
// whether the engine agrees with the examples is tested in package scanner.
func TestCatalogueExpands(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Rules {
		for _, problem := range r.Lint() {
			t.Error(problem)
		}
		for _, list := range [][]string{r.Examples, r.Counterexamples} {
			for i, template := range list {
				x, err := r.Expand(template, i)
				if err != nil {
					t.Errorf("%s: %q: %v", r.ID, template, err)
				}
				if x.Text == "" {
					t.Errorf("%s: %q expands to nothing", r.ID, template)
				}
			}
		}
	}
}
