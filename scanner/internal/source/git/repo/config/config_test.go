package config

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	text := "\ufeff# a comment\n" +
		"[core]\n\trepositoryformatversion = 1\n\tbare\n\tEMPTY =\n" +
		"[Remote \"Ori\\\"gin\"] url = https://example.org/a.git ; trailing\n" +
		"\tfetch = \"+refs/heads/*:refs/remotes/origin/*\"\n" +
		"\tpushurl = one\\\n two\r\n" +
		"[branch.Topic]\nmerge = \" a # b \" # c\n" +
		"[core]\nbare = off\n[x] y = a\\tb\\\\c  d   \n"
	c, err := Parse("config", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ section, sub, key, want string }{
		{"core", "", "RepositoryFormatVersion", "1"},
		{"core", "", "bare", "off"},
		{"core", "", "empty", ""},
		{"remote", `Ori"gin`, "url", "https://example.org/a.git"},
		{"remote", `Ori"gin`, "fetch", "+refs/heads/*:refs/remotes/origin/*"},
		{"remote", `Ori"gin`, "pushurl", "one two"},
		{"branch", "topic", "merge", " a # b "},
		{"x", "", "y", "a\tb\\c  d"},
	} {
		got, ok := c.Get(tc.section, tc.sub, tc.key)
		if !ok || got != tc.want {
			t.Errorf("%s.%s.%s = %q, %v; want %q", tc.section, tc.sub, tc.key, got, ok, tc.want)
		}
	}
	if got := c.All("core", "", "bare"); !slices.Equal(got, []string{"true", "off"}) {
		t.Errorf("All(core.bare) = %q", got)
	}
	if c.Bool("core", "", "bare", true) || !c.Bool("core", "", "none", true) || c.Bool("core", "", "empty", true) {
		t.Error("Bool is wrong")
	}
	if got := c.Subsections("remote"); !slices.Equal(got, []string{`Ori"gin`}) {
		t.Errorf("Subsections = %q", got)
	}
	if e := c.Entries[3]; e.Line != 6 {
		t.Errorf("%+v: line is not 6", e)
	}
}

// TestParseGoesOn: one bad line costs that line and no more.
func TestParseGoesOn(t *testing.T) {
	for _, tc := range []struct {
		bad  string
		line int
	}{
		{"[remote \"x\n", 3}, {"[]\n", 3}, {"= 3\n", 3}, {"key ! 3\n", 3}, {"k = \\x\n", 3}, {"k = \"a\n", 3},
		{"[a b]\n", 3}, {"[remote \"x\"\n", 3}, {"\x00\n", 3},
	} {
		c, err := Parse("f", []byte("[a]\nk = 1\n"+tc.bad+"[b]\nk = 2\n"))
		var e *Error
		if !errors.As(err, &e) || e.Line != tc.line || e.File != "f" {
			t.Errorf("%q: error %v", tc.bad, err)
		}
		if v, _ := c.Get("a", "", "k"); v != "1" {
			t.Errorf("%q: a.k = %q", tc.bad, v)
		}
		if v, _ := c.Get("b", "", "k"); v != "2" {
			t.Errorf("%q: b.k = %q", tc.bad, v)
		}
	}
	if _, err := Parse("f", []byte("k = 1\n")); err == nil {
		t.Error("a key before any section is not an error")
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	os.WriteFile(a, []byte("[a]\nk=1\n[include]\npath=b\n"), 0o600)
	os.WriteFile(b, []byte("[a]\nk=2\n"), 0o600)
	c, err := Load(a, filepath.Join(dir, "none"), b)
	if v, _ := c.Get("a", "", "k"); err != nil || v != "2" {
		t.Errorf("k = %q, %v", v, err)
	}
	if inc := c.Includes(); len(inc) != 1 || inc[0].Value != "b" {
		t.Errorf("includes: %v", inc)
	}
	if c, err := Load(dir, a); err == nil || c == nil || len(c.Entries) != 2 {
		t.Errorf("a directory: %v, %v", c, err)
	}
}

// TestAgainstGit holds the reader against git itself, where there is one.
func TestAgainstGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	for i, text := range []string{
		"[a]\nk = \"x\" y \"z \"\n", "[a]\nk = a;b\n", "[a \"B.c\"]\nk\n", "[a.B]\nK=\"a\\\nb\"\n",
		"[a]k=1\n[b]k= 2 # x\n", "[a]\nk = x \\\n  y\\\n\n l = 3", "[a]\r\nk = v\r\nl = w \r\n", "[a]\nk = a\"\"b  \"\"\n",
		"[a]\nk = \\\"q\\\"\n", "[a]\nk = x\\", "[a \"\"]\nk = 1\n", "[a-1 \"\\x\\y\"]\nk-2 = 1",
	} {
		f := filepath.Join(t.TempDir(), "config")
		os.WriteFile(f, []byte(text), 0o600)
		out, err := exec.Command(git, "config", "--file", f, "--list", "-z").Output()
		if err != nil {
			t.Errorf("%d: git: %v", i, err)
			continue
		}
		c, err := Load(f)
		var b bytes.Buffer
		for _, e := range c.Entries {
			b.WriteString(e.Section + ".")
			if e.Subsection != "" || strings.Contains(text, `""]`) {
				b.WriteString(e.Subsection + ".")
			}
			b.WriteString(e.Key)
			if e.HasValue {
				b.WriteString("\n" + e.Value)
			}
			b.WriteByte(0)
		}
		if b.String() != string(out) || err != nil {
			t.Errorf("%q:\n got %q, %v\nwant %q", text, b.String(), err, out)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[a \"b\"]\nk = \"v\\\n w\" # c\n[c.d]\nx\n"))
	f.Add([]byte("[a]\nk = \\"))
	f.Add([]byte("[a \"\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse("f", text)
		lines := bytes.Count(text, []byte("\n")) + 1
		for _, e := range c.Entries {
			if e.Line < 1 || e.Line > lines || e.Section == "" || e.Key == "" {
				t.Fatalf("%+v", e)
			}
		}
		_ = err
	})
}
