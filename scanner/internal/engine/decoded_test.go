package engine

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
)

// aToken is an example of a rule with a telling literal, drawn anew.
func aToken(t testing.TB, set *rules.Set, id string, seed int) (value string) {
	t.Helper()
	r := set.Lookup(id)
	if r == nil {
		t.Skipf("no rule %s", id)
	}
	x, err := r.Expand(r.Examples[0], seed)
	if err != nil {
		t.Fatal(err)
	}
	return x.Secret
}

func resolved(t testing.TB, e *Engine, text string) []Match {
	t.Helper()
	var s Scratch
	var raw []Match
	err := e.Find([]byte(text), Span{0, len(text)}, Whole, &s, func(m *Match) error {
		raw = append(raw, *m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return Resolve(raw)
}

// wantDecoded checks that the secret is found at [start, end), give or take
// what an encoding has at its ends.
func wantDecoded(t testing.TB, e *Engine, text, secret, kinds string, start, end int) {
	t.Helper()
	var seen []string
	for _, m := range resolved(t, e, text) {
		value := string(m.Value)
		if m.Value == nil {
			value = text[m.Secret.Start:m.Secret.End]
		}
		if value == secret && strings.Join(m.DecodedFrom, " ") == kinds && m.Secret.Start >= start && m.Secret.End <= end {
			return
		}
		seen = append(seen, fmt.Sprintf("%s %q %v %v", m.Rule.ID, value, m.DecodedFrom, m.Secret))
	}
	t.Errorf("%q (%s) not found within [%d, %d) of %d bytes; found %q\n%.300q", secret, kinds, start, end, len(text), seen, text)
}

const tokenRule = "hugging-face-user-access-token"

// TestEncodings finds a token in each encoding and in all pairs of them.
func TestEncodings(t *testing.T) {
	set, e := builtin(t)
	const before, after = "line one\nvalue = \"", "\"\nlast line\n"
	for i, x := range encoders() {
		token := aToken(t, set, tokenRule, i)
		code := x.encode(token)
		wantDecoded(t, e, before+code+after, token, x.name, len(before), len(before)+len(code))
		for k, y := range encoders() {
			if !x.inner || strings.HasPrefix(y.name, "joined") || strings.HasPrefix(y.name, "quoted") {
				continue
			}
			token := aToken(t, set, tokenRule, 100*i+k)
			code := y.encode(x.encode(token))
			kinds := y.name + " " + x.name
			wantDecoded(t, e, before+code+after, token, kinds, len(before), len(before)+len(code))
		}
		for k, y := range wideEncoders() {
			token := aToken(t, set, tokenRule, 100*i+50+k)
			code := y.encode(before + x.encode(token) + after)
			wantDecoded(t, e, code, token, y.name+" "+x.name, len(y.encode(before)), len(code)-len(y.encode(after)))
		}
	}
}

// TestWide: text in units of two and four bytes, alone, behind a mark and amid
// other bytes; the location is exact.
func TestWide(t *testing.T) {
	set, e := builtin(t)
	const before, after = "line one\nvalue = \"", "\"\nlast line\n"
	noise := make([]byte, 777)
	_, _ = rand.Read(noise)
	noise[0], noise[len(noise)-1] = 0xff, 0xff
	for i, x := range wideEncoders() {
		for _, around := range []string{"", x.encode("\ufeff"), string(noise), "plain text, "} {
			token := aToken(t, set, tokenRule, i)
			text := around + x.encode(before+token+after) + around
			start := len(around) + len(x.encode(before))
			var found []Match
			for _, m := range resolved(t, e, text) {
				if string(m.Value) == token {
					found = append(found, m)
				}
			}
			if len(found) != 1 || found[0].Secret != (Span{start, start + len(x.encode(token))}) || !slices.Equal(found[0].DecodedFrom, []string{x.name}) {
				t.Errorf("%s behind %.20q: %d matches %+v, want one at %d", x.name, around, len(found), found, start)
			}
		}
	}
}

// TestLayers: evidence outside, value encoded, and the other way round.
func TestLayers(t *testing.T) {
	set, e := builtin(t)
	b64 := base64.StdEncoding.EncodeToString
	token := aToken(t, set, tokenRule, 1)
	// The generic engine is another's: any password that it takes as it stands.
	password := ""
	for i := 0; password == ""; i++ {
		p := token[i:i+3] + "#" + token[i+4:i+7] + "$" + token[i+8:i+11] + "@7" + token[i+12:i+16] + "!4"
		for _, m := range resolved(t, e, "data:\n  DB_PASSWORD: "+p+"\n") {
			if m.Rule.Kind == "password" {
				password = p
			}
		}
		if i == 16 {
			t.Skip("the generic engine takes none of the passwords")
		}
	}
	dockerAuth := b64([]byte("deploy:" + password))
	for _, c := range []struct{ name, text, value, kinds string }{
		{"Kubernetes Secret", "data:\n  DB_PASSWORD: " + b64([]byte(password)) + "\n  USER: YWRtaW4=\n", password, "base64"},
		{"Kubernetes Secret with line end", "data:\n  DB_PASSWORD: " + b64([]byte(password+"\n")) + "\n", password, "base64"},
		{"Kubernetes list as JSON", `{"data": {"DB_PASSWORD": "` + b64([]byte(password)) + `"}}`, password, "base64"},
		{"Helm release", "release: " + b64([]byte(b64([]byte("values:\n  hub: "+token+"\n")))), token, "base64 base64"},
		{"data URL", "url('data:text/plain;base64," + b64([]byte("hub "+token)) + "')", token, "base64"},
		{"JWT payload", "auth " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"hub":"`+token+`"}`)) + ".c2ln", token, "base64"},
		{"npmrc", "//registry.example.com/:_auth=" + dockerAuth + "\n", "", ""},
		{"docker", `{"auths": {"registry.example.com": {"auth": "` + dockerAuth + `"}}}`, "", ""},
		{"query", "- name: DB_PASSWORD%0A  DB_PASSWORD%3A " + password + "\n", password, ""},
	} {
		if c.value == "" { // the generic engine's own: it reads them as they stand
			if len(resolved(t, e, c.text)) == 0 {
				t.Errorf("%s: nothing found in %q", c.name, c.text)
			}
			continue
		}
		wantDecoded(t, e, c.text, c.value, c.kinds, 0, len(c.text))
	}
}

// TestDecodedOnce: a secret that stands in the text is not reported as decoded
// because something else near it is encoded.
func TestDecodedOnce(t *testing.T) {
	set, e := builtin(t)
	token := aToken(t, set, tokenRule, 7)
	text := "a=%41%42%43%44&b=" + token + "&c=" + base64.StdEncoding.EncodeToString([]byte("nothing but some words in here")) + "\n"
	for _, m := range resolved(t, e, text) {
		if m.Rule.ID == tokenRule && (m.Value != nil || m.DecodedFrom != nil) {
			t.Errorf("decoded: %+v", m)
		}
	}
}

// TestDeep: encodings are followed to a depth, and what is deeper is said.
func TestDeep(t *testing.T) {
	set, e := builtin(t)
	code := aToken(t, set, tokenRule, 3)
	for depth := 1; depth < 12; depth++ {
		code = base64.StdEncoding.EncodeToString([]byte(code))
		var s Scratch
		found := 0
		_ = e.Find([]byte(code), Span{0, len(code)}, Whole, &s, func(m *Match) error {
			if m.Rule.ID == tokenRule && len(m.DecodedFrom) == depth {
				found++
			}
			return nil
		})
		if (found > 0) != (depth <= maxDepth) || (s.Gap() != "") != (depth > maxDepth) {
			t.Errorf("depth %d: found %d, gap %q", depth, found, s.Gap())
		}
	}
}
