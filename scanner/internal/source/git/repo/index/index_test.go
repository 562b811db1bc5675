package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// build writes an index by hand.
func build(version, hashSize int, entries []Entry, exts ...string) []byte {
	b := append([]byte("DIRC"), 0, 0, 0, byte(version))
	b = binary.BigEndian.AppendUint32(b, uint32(len(entries)))
	last := ""
	for _, e := range entries {
		start := len(b)
		b = append(b, make([]byte, 24)...)
		b = binary.BigEndian.AppendUint32(b, e.Mode)
		b = append(b, make([]byte, 12)...)
		b = append(b, e.ID[:hashSize]...)
		flags := uint16(e.Stage)<<12 | uint16(min(len(e.Path), 0xfff))
		var more uint16
		if e.SkipWorktree {
			more |= 0x4000
		}
		if e.IntentToAdd {
			more |= 0x2000
		}
		if more != 0 {
			flags |= 0x4000
		}
		b = binary.BigEndian.AppendUint16(b, flags)
		if more != 0 {
			b = binary.BigEndian.AppendUint16(b, more)
		}
		if version == 4 {
			n := 0
			for n < min(len(last), len(e.Path)) && last[n] == e.Path[n] {
				n++
			}
			b = append(append(appendVarint(b, uint64(len(last)-n)), e.Path[n:]...), 0)
			last = e.Path
			continue
		}
		b = append(append(b, e.Path...), 0)
		for (len(b)-start)%8 != 0 {
			b = append(b, 0)
		}
	}
	for _, x := range exts {
		b = append(b, x[:4]...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(x)-4))
		b = append(b, x[4:]...)
	}
	return append(b, checksum(b, hashSize)...)
}

func appendVarint(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return append(b, byte((v>>7)-1)|0x80, byte(v&0x7f)) // enough for tests
}

func sample(n, hashSize int) (list []Entry) {
	for i := range n {
		list = append(list, Entry{Path: fmt.Sprintf("dir%03d/sub/file%05d.go", i/50, i), Mode: 0o100644, ID: object.Hash(object.Blob, fmt.Append(nil, i), hashSize)})
	}
	return list
}

func TestParse(t *testing.T) {
	for _, hashSize := range []int{20, 32} {
		for version := 2; version <= 4; version++ {
			want := sample(300, hashSize)
			if version > 2 {
				want[3].IntentToAdd, want[4].SkipWorktree = true, true
			}
			want[6].Path, want[7].Path = want[5].Path, want[5].Path
			want[5].Stage, want[6].Stage, want[7].Stage = 1, 2, 3
			long := want[8].Path + strings.Repeat("x", 5000)
			want[8].Path = long
			tree := "TREE\x00-1 1\ndir000\x0050 0\n" + string(want[0].ID[:hashSize])
			ix, err := Parse("index", build(version, hashSize, want, tree, "ZZZZjunk"), hashSize)
			if err != nil || len(ix.Entries) != len(want) || ix.Version != version {
				t.Fatalf("v%d: %d entries, %v", version, len(ix.Entries), err)
			}
			for i := range want {
				if ix.Entries[i] != want[i] {
					t.Fatalf("v%d: %+v\nwant %+v", version, ix.Entries[i], want[i])
				}
			}
			if got := ix.Trees["dir000"]; got.Entries != 50 || got.ID != want[0].ID || len(ix.Trees) != 1 {
				t.Errorf("v%d: trees %v", version, ix.Trees)
			}
			if !ix.Tracked(long) || ix.Tracked("dir000/sub") || !ix.TracksBelow("dir000") || ix.TracksBelow("dir00") || len(ix.Below("dir001")) != 50 {
				t.Error("Tracked or TracksBelow or Below is wrong")
			}
		}
	}
}

// TestDamage: what stands before the damage is read, the error says where.
func TestDamage(t *testing.T) {
	whole := build(2, 20, sample(100, 20))
	for n := range len(whole) {
		ix, err := Parse("index", whole[:n], 20)
		var e *Error
		if !errors.As(err, &e) || e.File != "index" || ix == nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if n > len(whole)/2 && len(ix.Entries) < 40 {
			t.Fatalf("cut at %d: %d entries", n, len(ix.Entries))
		}
	}
	bad := sample(3, 20)
	bad[0], bad[1] = bad[1], bad[0]
	for what, text := range map[string][]byte{
		"order":     build(2, 20, bad),
		"name":      build(2, 20, []Entry{{Mode: 1}}),
		"extension": build(2, 20, nil, "need"),
		"version":   build(5, 20, nil),
		"checksum":  append(build(2, 20, nil)[:12], make([]byte, 19)...),
	} {
		if _, err := Parse("index", text, 20); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	zero := build(2, 20, sample(3, 20))
	copy(zero[len(zero)-20:], make([]byte, 20))
	if _, err := Parse("index", zero, 20); err != nil {
		t.Errorf("skipHash: %v", err)
	}
}

func TestAgainstGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	for _, tc := range []struct {
		name   string
		format string
		setup  [][]string
	}{
		{"v2", "sha1", nil},
		{"v3", "sha1", [][]string{{"add", "-N", "new"}}},
		{"v4", "sha1", [][]string{{"update-index", "--index-version", "4"}}},
		{"sha256", "sha256", [][]string{{"update-index", "--index-version", "4"}}},
		{"split", "sha1", [][]string{{"config", "splitIndex.maxPercentChange", "100"}, {"update-index", "--split-index"}, {"rm", "-q", "--cached", "d1/f3", "d2/f0"}, {"add", "d0/f0", "new"}}},
		{"sparse", "sha1", [][]string{{"commit", "-qm", "c"}, {"sparse-checkout", "set", "--cone", "--sparse-index", "d1"}}},
	} {
		dir := t.TempDir()
		run := func(args ...string) string {
			t.Helper()
			cmd := exec.Command(git, append([]string{"-C", dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "advice.updateSparsePath=false"}, args...)...)
			cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: git %s: %v: %s", tc.name, args, err, out)
			}
			return string(out)
		}
		run("init", "-q", "--object-format="+tc.format)
		for i := range 5 {
			os.MkdirAll(filepath.Join(dir, fmt.Sprintf("d%d", i)), 0o700)
			for j := range 80 {
				os.WriteFile(filepath.Join(dir, fmt.Sprintf("d%d/f%d", i, j)), fmt.Append(nil, i, j), 0o600)
			}
		}
		run("add", ".")
		os.WriteFile(filepath.Join(dir, "new"), []byte("new"), 0o600)
		os.WriteFile(filepath.Join(dir, "d0/f0"), []byte("changed"), 0o600)
		for _, s := range tc.setup {
			run(s...)
		}
		size := 20
		if tc.format == "sha256" {
			size = 32
		}
		gd := filepath.Join(dir, ".git")
		ix, err := Read(filepath.Join(gd, "index"), gd, size)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		var got strings.Builder
		for _, e := range ix.Entries {
			fmt.Fprintf(&got, "%06o %s %d\t%s\n", e.Mode, e.ID, e.Stage, e.Path)
		}
		if want := run("ls-files", "--stage", "--sparse"); got.String() != want {
			t.Errorf("%s: got\n%.600s\nwant\n%.600s", tc.name, got.String(), want)
		}
		switch tc.name {
		case "split":
			if ix.Split.IsZero() {
				t.Error("not split")
			}
			os.Remove(filepath.Join(gd, "sharedindex."+ix.Split.String()))
			if _, err := Read(filepath.Join(gd, "index"), gd, size); err == nil {
				t.Error("a missing shared index is no error")
			}
		case "sparse":
			if !ix.Sparse || !ix.Tracked("d3/x") || ix.Tracked("d1/x") {
				t.Error("not sparse")
			}
			if got, want := ix.Trees[""].ID.String(), strings.TrimSpace(run("rev-parse", "HEAD^{tree}")); got != want {
				t.Errorf("cached tree %s, want %s", got, want)
			}
		case "v3":
			if ix.Version != 3 || !ix.Entries[len(ix.Entries)-1].IntentToAdd {
				t.Error("not v3")
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	e := sample(3, 20)
	e[1].SkipWorktree = true
	bits := "\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00"
	for v := 2; v <= 4; v++ {
		f.Add(build(v, 20, e, "TREE\x003 0\n"+strings.Repeat("a", 20), "link"+strings.Repeat("b", 20)+bits+bits)[:200])
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, _ := parse("index", append(text, make([]byte, 20)...), 20)
		if p.link != nil {
			p.index.merge("index", sample(5, 20), p.link)
		}
		p.index.sort("index")
		for _, e := range p.index.Entries {
			if e.Path == "" {
				t.Fatal("an entry without a name")
			}
			if !p.index.Tracked(e.Path) {
				t.Fatalf("%q is not tracked", e.Path)
			}
		}
	})
}

func BenchmarkParse5000(b *testing.B) {
	text := build(2, 20, sample(5000, 20))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("index", text, 20); err != nil {
			b.Fatal(err)
		}
	}
}
