package scanner

import (
	"encoding/base64"
	"testing"
	"unicode/utf16"
)

// hidingPlace is where a token hides in a repository.
type hidingPlace struct {
	name  string
	scope string // the scope that finds it: "" for the default, ScopeAll
	token string
}

// hidingPlaces builds one repository with a token in each of the twenty places
// in which scanners were seen to overlook one.
func hidingPlaces(t *testing.T) (*fixture, []*hidingPlace) {
	f := newFixture(t)
	var places []*hidingPlace
	in := func(name, scope string) string {
		p := &hidingPlace{name, scope, f.token()}
		places = append(places, p)
		return "token = " + p.token + "\n"
	}
	f.write(".gitattributes", "hidden.txt -diff\n")
	f.write(".gitignore", "ignored.txt\n")
	f.git("add", ".")
	f.commit("base.txt", "nothing\n")
	f.commit("head.txt", in("in HEAD, normal commit", ""))
	f.commit("gone.txt", in("added, then deleted", ""))
	f.commit("gone.txt", "")
	// A conflict resolved with a token that no parent has.
	f.git("checkout", "-q", "-b", "side")
	f.commit("base.txt", "side\n")
	f.git("checkout", "-q", "main")
	f.commit("base.txt", "main\n")
	if _, err := f.tryGit("merge", "-q", "side"); err == nil {
		t.Fatal("no conflict")
	}
	f.commit("base.txt", in("only in a merge commit", ""))
	f.commit("base.txt", "nothing\n")
	f.commit("hidden.txt", in("file with -diff", ""))
	f.commit("binary.bin", "\x00\x01\x02"+in("binary blob", "")+"\x00\xff")
	f.commit("wide.txt", utf16le(in("UTF-16LE file", "")))
	f.commit("encoded.txt", "blob: "+base64.StdEncoding.EncodeToString([]byte(in("base64 inside text", "")))+"\n")
	f.git("commit", "-q", "--allow-empty", "-m", "message\n\n"+in("commit message", ""))
	f.git("tag", "-a", "-m", in("annotated tag message", ""), "v1")
	f.git("notes", "add", "-m", in("git note", ""))
	// A stash has a commit for the index, one for untracked files, and itself.
	f.write("base.txt", in("stash: staged part", ""))
	f.git("add", "base.txt")
	f.write("base.txt", "nothing\n")
	f.write("head.txt", in("stash: unstaged part", ""))
	f.write("loose.txt", in("stash: untracked part", ""))
	f.git("stash", "push", "-q", "-u")
	// The token stays at HEAD though the stash was built from it.
	f.git("checkout", "-q", "--detach")
	f.commit("amended.txt", in("amended away", ScopeAll))
	f.write("amended.txt", "nothing\n")
	f.git("commit", "-q", "--amend", "-m", "amended", "amended.txt")
	f.git("checkout", "-q", "main")
	f.hash(in("dangling blob", ScopeAll))
	f.git("checkout", "-q", "-b", "pull")
	f.commit("pull.txt", in("refs/pull", ""))
	f.git("update-ref", "refs/pull/1/head", "pull")
	f.git("checkout", "-q", "main")
	f.git("branch", "-q", "-D", "pull")
	f.write("staged.txt", in("staged", ""))
	f.git("add", "staged.txt")
	f.write("staged.txt", "nothing\n")
	f.write("hidden.txt", in("unstaged", ""))
	f.write("untracked.txt", in("untracked", ""))
	f.write("ignored.txt", in("ignored", ScopeAll))
	return f, places
}

func utf16le(s string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// TestHidingPlaces: the scope all finds every one; the default leaves out what
// no reference leads to and what is ignored.
func TestHidingPlaces(t *testing.T) {
	f, places := hidingPlaces(t)
	if len(places) != 20 {
		t.Fatalf("%d places", len(places))
	}
	check := func(t *testing.T, f *fixture) {
		for _, o := range []Options{{}, {Scope: ScopeAll}, {NoDelta: true}, {Scope: ScopeAll, NoDelta: true}} {
			r := f.scan(o)
			for _, p := range places {
				found, want := find(r, p.token) != nil, p.scope == o.Scope || o.Scope == ScopeAll
				if found != want {
					t.Errorf("scope %q, no delta %v: %s: found %v, want %v", o.Scope, o.NoDelta, p.name, found, want)
				}
			}
			if r.Coverage.Incomplete() {
				t.Errorf("scope %q: incomplete: %+v", o.Scope, r.Coverage.Gaps())
			}
		}
	}
	t.Run("loose", func(t *testing.T) { check(t, f) })
	f.git("repack", "-q", "-a", "-d", "--unpack-unreachable", "-k")
	f.git("pack-refs", "--all")
	t.Run("packed", func(t *testing.T) { check(t, f) })
}
