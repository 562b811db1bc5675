package generic

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func unkeyedIn(text string, from, to int) (all []string) {
	Unkeyed([]byte(text), from, to, func(c Candidate) {
		all = append(all, fmt.Sprint(c.SecretStart, " ", text[c.SecretStart:c.SecretEnd]))
	})
	return
}

func TestUnkeyed(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	b := make([]byte, 30)
	for i := range b {
		b[i] = valueChars[r.IntN(62)]
	}
	run := string(b)
	uuid := fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Uint64()>>16)
	for text, want := range map[string]string{
		"x = \"" + run + "\"":                     run,
		"deploy(" + run + ")":                     run,
		"node " + uuid + "\n":                     uuid,
		"https://h.io/a." + run:                   "",
		"\"sha256-" + run + "\"":                  "",
		"see getElementsByClassNameAndIndex here": "",
		"00000000-0000-0000-0000-000000000000":    "",
		"\n" + strings.Repeat(run, 2) + "\n":      "",
		"\n" + run + "\n":                         run,
		"x \"" + base64.StdEncoding.EncodeToString([]byte("nothing but plain text in here")) + "\"": "",
		strings.Repeat(run, 9): "",
	} {
		got := unkeyedIn(text, 0, len(text))
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.HasSuffix(got[0], " "+want)) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What two adjacent ranges find, each with the margin the engine takes, is
// what the whole finds.
func TestUnkeyedAnyCut(t *testing.T) {
	const margin = 512
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		text := string(generated(r, 1500))
		whole := unkeyedIn(text, 0, len(text))
		cut := r.IntN(len(text))
		parts := append(unkeyedIn(text, 0, min(len(text), cut+margin)), unkeyedIn(text, max(0, cut-margin), len(text))...)
		slices.Sort(parts)
		parts = slices.Compact(parts)
		slices.Sort(whole)
		if !slices.Equal(whole, parts) {
			t.Fatalf("seed %d: %q and %q", seed, whole, parts)
		}
	}
}

// Work grows with the text, not with its square, whatever the text.
func TestLinearOnHostileText(t *testing.T) {
	if testing.Short() {
		t.Skip()
	}
	for name, f := range hostile {
		text := f(1 << 17)
		n := 0
		hits(text, func(pos, pattern int) {
			if n++; n > 20000 {
				return
			}
			// The window bounds the work: cut to it, the answer is the same.
			var c, d Candidate
			a, z := max(0, pos-MaxLeft-1), min(len(text), pos+MaxRight+1)
			if n%50 == 0 && Match(text, pos, pattern, &c) != Match(text[a:z], pos-a, pattern, &d) {
				t.Errorf("%s at %d: the window does not decide", name, pos)
			}
		})
	}
}
