package scanner

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/reporters"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// TestLifetimes: where a secret came in, where it left, and what holds it, on
// histories whose story is known.
func TestLifetimes(t *testing.T) {
	f := newFixture(t)
	plain, again, merged, moved := f.token(), f.token(), f.token(), f.token()
	ids := map[string]string{}
	ids["in"] = f.commit("plain.txt", plain+"\n")
	f.commit("plain.txt", "above\n"+plain+"\nbelow\n") // an edit is no end
	ids["out"] = f.commit("plain.txt", "nothing\n")

	ids["again in"] = f.commit("again.txt", again+"\n")
	ids["again out"] = f.commit("again.txt", "")
	f.git("revert", "--no-edit", "HEAD")
	ids["again back"] = f.git("rev-parse", "HEAD")

	f.git("checkout", "-q", "-b", "side")
	ids["merged in"] = f.commit("merged.txt", merged+"\n")
	f.git("checkout", "-q", "main")
	f.commit("other.txt", "other\n")
	f.git("merge", "-q", "--no-ff", "-m", "merge", "side")

	ids["moved in"] = f.commit("old.txt", moved+"\n")
	f.git("mv", "old.txt", "new.txt")
	f.git("commit", "-qm", "move")
	f.git("tag", "v1")
	f.write(".mailmap", "Ada Lovelace <countess@example.org> <ada@example.org>\n")
	f.git("add", ".mailmap")
	f.git("commit", "-qm", "mailmap")
	for _, pack := range []bool{false, true} {
		if pack {
			f.git("gc", "-q")
		}
		r := f.scan(Options{Scope: ScopeHistory})
		wantSecrets(t, r, plain, again, merged, moved)
		life := func(secret string) *finding.Lifetime {
			l := find(r, secret).Lifetime
			if l == nil {
				t.Fatalf("no lifetime of %s", secret)
			}
			if l.Introduced.Author != "Ada Lovelace <countess@example.org>" {
				t.Errorf("author %q", l.Introduced.Author)
			}
			return l
		}
		if l := life(plain); l.Introduced.Commit != ids["in"] || l.Introduced.Path != "plain.txt" || l.Removed == nil || l.Removed.Commit != ids["out"] || l.AtHead || l.RefCount != 0 || l.ReachableFrom != 3 {
			t.Errorf("plain: %+v", l)
		}
		if l := life(again); l.Introduced.Commit != ids["again in"] || l.Removed != nil || !l.AtHead || len(l.Intervals) != 2 ||
			l.Intervals[0].Removed.Commit != ids["again out"] || l.Intervals[1].Introduced.Commit != ids["again back"] {
			t.Errorf("again: %+v", l)
		}
		if l := life(merged); l.Introduced.Commit != ids["merged in"] || !l.AtHead || !slices.Equal(l.Refs, []string{"refs/heads/main", "refs/heads/side", "refs/tags/v1"}) || len(l.Intervals) != 1 {
			t.Errorf("merged: %+v", l)
		}
		if l := life(moved); l.Introduced.Commit != ids["moved in"] || l.Introduced.Path != "old.txt" || !l.AtHead || len(l.Intervals) != 1 || len(l.Paths) != 2 {
			t.Errorf("moved: %+v", l)
		}
		for _, format := range []string{"console", "json", "sarif"} {
			text := render(t, r, format)
			if !strings.Contains(text, ids["in"][:7]) || !strings.Contains(text, ids["out"][:7]) || strings.Contains(text, plain) {
				t.Errorf("%s:\n%s", format, text)
			}
		}
	}
}

// render writes a report in a format.
func render(t testing.TB, r *finding.Report, format string) string {
	t.Helper()
	var b bytes.Buffer
	rep, err := reporters.New(format, &b, reporters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if err := rep.Finding(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := rep.Close(r.Run, r.Coverage); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestDeltaEqualsPlainReport: the whole report is the same, byte for byte,
// along the deltas and without them, and for any number of workers.
func TestDeltaEqualsPlainReport(t *testing.T) {
	f := newFixture(t)
	// A file that grows, is cut, and has its parts moved, with tokens in it.
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("line %d of a file that is long enough to be worth a delta", i))
	}
	for i := range 40 {
		at := (i * 37) % len(lines)
		switch i % 5 {
		case 0, 1:
			lines = slices.Insert(lines, at, "token = "+f.token())
		case 2:
			lines = slices.Delete(lines, at, min(len(lines), at+3))
		case 3:
			lines = slices.Concat(lines[at:], lines[:at])
		case 4:
			lines[at] += fmt.Sprintf(" password = %q", f.token()[6:])
		}
		f.commit("file.txt", strings.Join(lines, "\n")+"\n")
	}
	f.git("gc", "-q", "--aggressive")
	for _, scope := range []string{"", ScopeAll} {
		want := ""
		for _, jobs := range []int{1, 2, 8} {
			for _, noDelta := range []bool{false, true} {
				text := render(t, f.scan(Options{Scope: scope, Jobs: jobs, NoDelta: noDelta, MinConfidence: finding.Low}), "json")
				if want == "" {
					want = text
					if strings.Count(text, `"fingerprint"`) < 16 {
						t.Fatalf("too little found:\n%s", text)
					}
				}
				if text != want {
					t.Fatalf("scope %q, %d jobs, no delta %v: another report", scope, jobs, noDelta)
				}
			}
		}
	}
}
