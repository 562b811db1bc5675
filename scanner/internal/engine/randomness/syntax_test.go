package randomness

import (
	"math/rand/v2"
	"testing"
)

func TestSyntax(t *testing.T) {
	for _, s := range []string{
		`[A-Za-z0-9_-]{40}`, `acme_[0-9a-f]{40}`, `^(?=.*[A-Z])(?=.*\d).{8,}$`, `(?i)token`, `user_[^A-Z]{2,}x`, `sk-\\w+`,
		`\b(foo|bar)\b`, `(ab|cd){4}`, `\d{6}`, `^\S+@\S+$`, `{{secret}}`, `prefix-{{gen:[a-z]{10}}}`, `?:[A-Za-z0-9+/]{43`,
	} {
		if _, ok := Syntax([]byte(s)); !ok {
			t.Errorf("%q passes for a value", s)
		}
		if _, ok := Placeholder([]byte(s)); !ok {
			t.Errorf("%q is no placeholder", s)
		}
	}
	for _, s := range []string{`CORP\bob`, `p{4}ss`, `a[0]`, `x(y)z`, `^pa$`, `[z-a]`, `{"type":"service"}`, `C:\dir\was`, `]{`, `(?`, `\`, `[a-z`} {
		if r, ok := Syntax([]byte(s)); ok {
			t.Errorf("%q taken for a %s", s, r)
		}
	}
}

// TestSyntaxDrawn: passwords from all printable characters are seldom taken for
// a regular expression.
func TestSyntaxDrawn(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	n := 0
	for range 100000 {
		var s [20]byte
		for i := range s {
			s[i] = byte('!' + r.IntN(94))
		}
		if _, ok := Syntax(s[:]); ok {
			n++
		}
	}
	if n > 100 {
		t.Errorf("%d of 100,000", n)
	}
}
