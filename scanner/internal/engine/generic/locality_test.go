package generic

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
)

// pieces are what generated text is put together from: enough syntax for every
// form to come up. Values are drawn, so nothing here looks like a live key.
var pieces = []string{"password", "db_password", "apiKey", "API_SECRET", "token", "auth", "x-api-key", "key", "secret", "salt", "pw", "passwort",
	"Authorization", "client_secret", "public_key", "token_type", "PrivateKey", "user", "name", "config", "id", "credentials", "NetworkCredential",
	"=", ":", " = ", ": ", " := ", "=>", " => ", "==", " || ", "||", ":-", ", ", ",", "(", ")", "[", "]", "{", "}", "<", ">", "</", "/>", " value=", ";", "&", "?",
	"\"", "'", "`", "\\\"", "\\", "&quot;", " ", "  ", "\t", "\n", "\r\n", "--", "-p", " -p", " -u ", "-", ".", "@", "$", "${", "#", "//", "://", "postgres://", "https://",
	"Bearer ", "bearer ", "Basic ", "basic ", "identified by ", "IDENTIFIED WITH x BY ", "curl ", "mysql ", "sshpass ", "docker login ", "redis-cli ", "\"d\": \"", "\"k\":\"", "export ", "const ", "new ", "String(",
	"aws.String(", "os.getenv(", "string ", "byte[]{", "[]byte{", "0x1f, 0x8b, ", "12, 255, 3, ", "ConvertTo-SecureString ", "-String ", "login ", "true", "null", "%s", "é", "密码", "x", "1", "localhost:5432/", "*", "!", "+", "|", "=="}

// frames are whole phrases of the forms that chance seldom puts together: %s
// is a value, %64 the base64 of a user and a value.
var frames = []string{"postgres://app:%s@db:5432/x", "https://u:%s@h.example.org/p?q=1", "keys: [\"%s\", \"b\"]", "tokens = ['%s'", "secret = {0x1f, 0x8b, 0x08, 12, 0x10, 200, 0x44, 3, 9}",
	"authData := []byte{31, 139, 8, 12, 16, 200, 68, 3, 9, 1}", "curl -u app:%s http://x/", "curl --user 'app:%s' x", "--password %s ", " -db-password '%s'\n", "<password>%s</password>",
	"<add key=\"Password\" value=\"%s\"/>", "Authorization: Basic %64\n", "'Basic %64'", "\"d\": \"%s%s%s\"", "mysql -uroot -p%s db", "sshpass -p '%s' ssh", "docker login -u x -p %s h",
	"login app password %s\n", "ENV API_KEY %s\n", "PASSWORD '%s';", "Bearer %s\n", "bearer %s\"", "IDENTIFIED BY '%s'", "identified by %s;", "ConvertTo-SecureString -String \"%s\" -AsPlainText",
	"?a=b&token=%s&c", ";Password=%s;", "let k: string = '%s';\n", "var apiKey string = \"%s\"\n", "setPassword(\"%s\")", "(\"password\", \"%s\")", ":secret, '%s'", "\\\"token\\\":\\\"%s\\\"", "${KEY:-%s}",
	"<key>password</key><string>%s</string>", "userPassword:: %64\n", "new NetworkCredential(\"u\", \"%s\")", "'MII" + "EvgI" + "BADANBgkqhkiG9w0" + "BAQEFAASC" + strings.Repeat("%61", 8) + "'", "密码：%s\n", "$token .= \"%s\"", "key :::= '%s'", "token ||: \"%s\"", "smtps://a@b.c:%s@h/", "if string(pass) == \"%s\" {"}

const valueChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-.!$%"

func drawn(r *rand.Rand, n int) string {
	b := make([]byte, n)
	k := []int{10, 26, 62, 65, len(valueChars)}[r.IntN(5)]
	for i := range b {
		b[i] = valueChars[r.IntN(k)]
	}
	return string(b)
}

// generated is random text in which names meet values.
func generated(r *rand.Rand, size int) []byte {
	var b bytes.Buffer
	for b.Len() < size {
		switch r.IntN(7) {
		case 2:
			f := frames[r.IntN(len(frames))]
			v := drawn(r, 6+r.IntN(40))
			code := base64.StdEncoding.EncodeToString([]byte("app:" + v + v))
			b.WriteString(strings.NewReplacer("%64", code, "%61", strings.Trim(code, "="), "%s", v).Replace(f))
		case 0:
			b.WriteString(drawn(r, 1+r.IntN(44)))
		case 1: // something well formed
			name := pieces[r.IntN(23)]
			op := pieces[23+r.IntN(12)]
			q := []string{"\"", "'", "", "`", "\\\""}[r.IntN(5)]
			nq := []string{"\"", "", "", ""}[r.IntN(4)]
			b.WriteString(nq + name + nq + op + q + drawn(r, 4+r.IntN(40)) + q)
			b.WriteString([]string{"\n", ";", ",", " ", ")"}[r.IntN(5)])
		default:
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
	}
	return b.Bytes()
}

// hits calls f for every occurrence of every literal.
func hits(text []byte, f func(pos, pattern int)) {
	for pattern, t := range triggers {
		for pos := 0; pos+len(t.bytes) <= len(text); pos++ {
			if t.fold && fold(text, pos, t.bytes) || !t.fold && string(text[pos:pos+len(t.bytes)]) == t.bytes {
				f(pos, pattern)
			}
		}
	}
}

// checkLocal holds the promise of DESIGN §4 against one hit: a candidate
// depends on its evidence alone, lies in it, and the evidence is bounded.
func checkLocal(t *testing.T, r *rand.Rand, text []byte, pos, pattern int) (form form) {
	t.Helper()
	var c Candidate
	if !Match(text, pos, pattern, &c) {
		return noForm
	}
	var p parse
	p.attempt(text, pos, pattern)
	lo, hi := c.EvidenceStart, c.EvidenceEnd
	if lo > c.Start || hi < c.End || c.SecretStart < c.Start || c.SecretEnd > c.End || c.SecretStart >= c.SecretEnd || lo < -1 || hi > len(text)+1 {
		t.Fatalf("spans of %+v do not nest", c)
	}
	if pos-lo > MaxLeft || hi-pos > MaxRight {
		t.Fatalf("evidence of %+v around %d is out of bounds", c, pos)
	}
	same := func(what string, text []byte, shift int) {
		t.Helper()
		var d Candidate
		ok := Match(text, pos-shift, pattern, &d)
		d.Start += shift
		d.End += shift
		d.SecretStart += shift
		d.SecretEnd += shift
		if !ok || d.SecretStart != c.SecretStart || d.SecretEnd != c.SecretEnd || d.Score != c.Score || d.Start != c.Start || d.Kind != c.Kind || d.Confidence != c.Confidence {
			a, z := max(0, lo), min(len(text)+shift, hi)
			t.Fatalf("%s: %q (pattern %q at %d): %+v became %v %+v", what, text[a-shift:z-shift], triggers[pattern].bytes, pos-a, c, ok, d)
		}
	}
	if lo >= 0 {
		same("cut before the evidence", text[lo:], lo)
	}
	if hi <= len(text) {
		same("cut behind the evidence", text[:hi], 0)
	}
	if lo > 0 || hi < len(text) {
		m := bytes.Clone(text)
		for i := range m {
			if i < lo || i >= hi {
				m[i] = pieces[r.IntN(len(pieces))][0]
			}
		}
		same("other bytes around", m, 0)
	}
	// more text where there was an end, unless the evidence reaches beyond it
	if lo >= 0 {
		same("text put before", append([]byte("\"x=("), text...), -4)
	}
	if hi <= len(text) {
		same("text put behind", append(bytes.Clone(text), "x\"=("...), 0)
	}
	return p.form
}

func TestEvidenceDecides(t *testing.T) {
	var seen [formCount]int
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 1))
		text := generated(r, 400)
		hits(text, func(pos, pattern int) { seen[checkLocal(t, r, text, pos, pattern)]++ })
	}
	for f := assign; f < unkeyed; f++ {
		if seen[f] == 0 {
			t.Errorf("no candidate of form %q was generated", formNames[f])
		}
	}
	t.Log(seen)
}

func FuzzMatch(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(generated(rand.New(rand.NewPCG(seed, 2)), 200))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := rand.New(rand.NewPCG(uint64(len(text)), 3))
		hits(text, func(pos, pattern int) { checkLocal(t, r, text, pos, pattern) })
		for from := 0; from <= len(text); from += 1 + len(text)/7 {
			Unkeyed(text, from, min(len(text), from+97), func(c Candidate) {
				if c.SecretStart >= c.SecretEnd || c.SecretEnd > len(text) {
					t.Fatalf("%+v", c)
				}
			})
		}
	})
}
