package ignore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// walkTexts judges path (a directory if isDir) with the .gitignore texts by
// directory ("" is the root).
func walkTexts(texts map[string]string, fold bool, p string, isDir bool) bool {
	d := &Dir{fold: fold}
	d.push([]byte(texts[""]))
	segs := strings.Split(p, "/")
	for i, s := range segs[:len(segs)-1] {
		d = d.EnterText(s, []byte(texts[strings.Join(segs[:i+1], "/")]))
	}
	return d.Ignored(segs[len(segs)-1], isDir)
}

func TestIgnored(t *testing.T) {
	for _, tc := range []struct {
		text, path string
		dir, want  bool
	}{
		{"*.o", "a.o", false, true},
		{"*.o", "d/a.o", false, true},
		{"*.o", "a.oo", false, false},
		{"*.tar.gz", "x.tar.gz", false, true},
		{"/a", "d/a", false, false},
		{"/a", "a", false, true},
		{"d/a", "e/d/a", false, false},
		{"d/a", "d/a", false, true},
		{"d/", "d", false, false},
		{"d/", "d", true, true},
		{"d/", "d/x", false, true},
		{"**/a/b", "x/y/a/b", false, true},
		{"**/a/b", "a/b", false, true},
		{"a/**/b", "a/b", false, true},
		{"a/**/b", "a/x/y/b", false, true},
		{"a/**", "a", true, false},
		{"a/**", "a/b", false, true},
		{"a/*", "a/b/c", false, true}, // because a/b is
		{"*\n!keep", "keep", false, false},
		{"*\n!keep", "other", false, true},
		{"d\n!d/keep", "d/keep", false, true}, // d itself is lost
		{"[!a]b", "ab", false, false},
		{"[!a]b", "cb", false, true},
		{"[a-c[:digit:]]", "7", false, true},
		{"[]]x", "]x", false, true},
		{"[", "[", false, false},
		{"a[", "a[", false, false},
		{`\[a`, "[a", false, true},
		{`\!x`, "!x", false, true},
		{`\#x`, "#x", false, true},
		{"#x", "#x", false, false},
		{"a ", "a", false, true},
		{`a\ `, "a ", false, true},
		{"a\r", "a", false, true},
		{"?.x", "a.x", false, true},
		{"a/b\\/c", "a/b/c", false, true},
		{"**", "x/y", false, true},
		{"/*\n!/d\n/d/*\n!/d/e", "d/e", false, false},
		{"/*\n!/d\n/d/*\n!/d/e", "d/f", false, true},
	} {
		if got := walkTexts(map[string]string{"": tc.text}, false, tc.path, tc.dir); got != tc.want {
			t.Errorf("%q on %q (dir %v): %v", tc.text, tc.path, tc.dir, got)
		}
	}
	if !walkTexts(map[string]string{"": "READ*\n*.O\nName"}, true, "x.o", false) || !walkTexts(map[string]string{"": "a/B[c]"}, true, "A/bC", false) {
		t.Error("case is not folded")
	}
	deep := map[string]string{"": "*.log", "d": "!*.log\n/x"}
	if walkTexts(deep, false, "d/a.log", false) || !walkTexts(deep, false, "a.log", false) ||
		!walkTexts(deep, false, "d/x", false) || walkTexts(deep, false, "d/e/x", false) {
		t.Error("the deeper file does not win, or its base is wrong")
	}
}

// TestLinear: a pattern made to be slow is not.
func TestLinear(t *testing.T) {
	start := time.Now()
	name := strings.Repeat("a", 250)
	pat := strings.Repeat("*a", 100) + "b\n" + "/" + strings.Repeat("**/*a*a*a/", 60) + "b"
	p := strings.TrimSuffix(strings.Repeat(name+"/", 200), "/")
	if walkTexts(map[string]string{"": pat}, false, p, false) {
		t.Error("matched")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestFiles(t *testing.T) {
	root := t.TempDir()
	os.MkdirAll(filepath.Join(root, "d"), 0o700)
	os.WriteFile(filepath.Join(root, "exclude"), []byte("secret\n*.x\n"), 0o600)
	os.WriteFile(filepath.Join(root, FileName), []byte("!b.x\n"), 0o600)
	os.WriteFile(filepath.Join(root, "d", FileName), []byte("!secret\n"), 0o600)
	d, err := New(Options{Root: root, Exclude: []string{filepath.Join(root, "exclude"), filepath.Join(root, "none")}})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := d.Enter("d", true)
	if err != nil || !d.Ignored("secret", false) || sub.Ignored("secret", false) || d.Ignored("b.x", false) || !sub.Ignored("a.x", false) {
		t.Error("wrong verdict", err)
	}
	// A link is not followed, a directory is not a file.
	os.Mkdir(filepath.Join(root, "e"), 0o700)
	if os.Symlink(filepath.Join(root, "exclude"), filepath.Join(root, "e", FileName)) == nil {
		if e, err := d.Enter("e", true); err == nil || e == nil {
			t.Error("a link was followed", err)
		}
	}
	if !d.child("x.x").Lost() || d.Path() != "" || sub.Path() != "d" {
		t.Error("Lost or Path")
	}
}

// gitBug finds "a**/b": git up to 2.51 takes the plain prefix off before it
// matches and then sees "**" at the start, so that "ab" matches.
var gitBug = regexp.MustCompile(`[^/!*]\*\*`)

// TestAgainstGit holds random patterns against git check-ignore.
func TestAgainstGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	rng := rand.New(rand.NewPCG(1, 8))
	names := []string{"a", "b", "ab", "a.o", "b.o", "B", "c-d", "]", "a b"}
	bits := []string{"a", "b", "*", "?", "[ab]", "[!a]", "[^b-d]", "**", ".o", "*.o", "/", "/", "/", "**/", "/**", "!", "\\a", " ", "[[:upper:]]", "[]x]", "c-", "\\*", "#", "["}
	pattern := func() string {
		var b strings.Builder
		for range 1 + rng.IntN(5) {
			b.WriteString(bits[rng.IntN(len(bits))])
		}
		if gitBug.MatchString(b.String()) {
			return "a"
		}
		return b.String()
	}
	for round := range 12 {
		root := t.TempDir()
		if out, err := exec.Command(git, "init", "-q", root).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		fold := round%4 == 3
		exec.Command(git, "-C", root, "config", "core.ignorecase", fmt.Sprint(fold)).Run()
		texts := map[string]string{}
		var paths []string
		isDir := map[string]bool{}
		var grow func(dir string, depth int)
		grow = func(dir string, depth int) {
			os.MkdirAll(filepath.Join(root, dir), 0o700)
			if depth == 0 || rng.IntN(4) == 0 {
				var b strings.Builder
				for range 1 + rng.IntN(6) {
					b.WriteString(pattern() + "\n")
				}
				texts[dir] = b.String()
				os.WriteFile(filepath.Join(root, dir, FileName), []byte(b.String()), 0o600)
			}
			for _, n := range names {
				p := path.Join(dir, n)
				if depth < 3 && rng.IntN(3) == 0 {
					isDir[p] = true
					paths = append(paths, p)
					grow(p, depth+1)
					continue
				}
				os.WriteFile(filepath.Join(root, p), nil, 0o600)
				paths = append(paths, p)
			}
		}
		grow("", 0)
		cmd := exec.Command(git, "-C", root, "check-ignore", "-z", "--stdin", "--no-index")
		cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
		out, _ := cmd.Output()
		want := map[string]bool{}
		for _, p := range bytes.Split(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
			want[string(p)] = true
		}
		slices.Sort(paths)
		for _, p := range paths {
			if got := walkTexts(texts, fold, p, isDir[p]); got != want[p] {
				t.Errorf("round %d: %q (dir %v): got %v, git says %v; patterns %q", round, p, isDir[p], got, want[p], texts)
			}
		}
		if t.Failed() {
			return
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("a/**/[!b]*\n!x\n*.o\n/q/", "a/b/c.o", true)
	f.Add("[[:alpha:]-z]\n[a-\n\\", "b", false)
	f.Fuzz(func(t *testing.T, text, p string, fold bool) {
		if p == "" || path.Clean("/" + p)[1:] != p {
			return
		}
		walkTexts(map[string]string{"": text}, fold, p, false)
	})
}

// BenchmarkWalk judges 80,000 files below a .gitignore of 300 patterns.
func BenchmarkWalk(b *testing.B) {
	var text strings.Builder
	for i := range 250 {
		fmt.Fprintf(&text, "/git-tool-%d\n", i)
	}
	for i := range 40 {
		fmt.Fprintf(&text, "*.ext%d\nname%d\n", i, i)
	}
	text.WriteString("/build/**/out\n*~\n.#*\n")
	for b.Loop() {
		root := &Dir{}
		root.push([]byte(text.String()))
		for i := range 80 {
			d := root.child(fmt.Sprintf("dir%d", i)).child("src")
			for j := range 1000 {
				if d.Ignored(names[j], false) {
					b.Fatal("ignored")
				}
			}
		}
	}
}

var names = func() (s []string) {
	for i := range 1000 {
		s = append(s, fmt.Sprintf("file_number_%d.c", i))
	}
	return s
}()
