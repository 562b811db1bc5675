package randomness

import "bytes"

// Placeholder names the way in which s stands for a secret without being one,
// if it does. Every test is chosen so that fewer than one in ten thousand
// random draws of twenty characters fails it: rules for providers' tokens call
// it too. Plain words ("secret", "test") are therefore not among them.
func Placeholder(s []byte) (reason string, ok bool) {
	if len(s) == 0 {
		return "empty", true
	}
	if len(s) > maxMeasured {
		s = s[:maxMeasured]
	}
	if r := wrapped(s); r != "" {
		return r, true
	}
	if r := patterned(s); r != "" {
		return r, true
	}
	if r, ok := Syntax(s); ok {
		return r, true
	}
	var buf [maxMeasured]byte
	low := buf[:len(s)]
	var buf2 [maxMeasured]byte
	plain := buf2[:len(s)]
	letters := false
	for i, b := range s {
		if classOf[b] == upper {
			b |= 0x20
		} else if b == '-' || b == ' ' || b == '.' {
			b = '_'
		}
		letters = letters || classOf[b] == lower
		low[i] = b
		plain[i] = leet[b]
	}
	if !letters {
		return "", false
	}
	for _, k := range keyboard {
		if 2*len(k) >= len(low) && bytes.Contains(low, k) {
			return "keyboard run", true
		}
	}
	if stock.in(low) || disguised.in(plain) {
		return "stock placeholder", true
	}
	if len(low) <= 9 {
		for _, w := range short {
			if string(low) == w {
				return "stock placeholder", true
			}
		}
	}
	for _, w := range leading {
		if bytes.HasPrefix(low, w) {
			return "stock placeholder", true
		}
	}
	return "", false
}

func list(words ...string) (l [][]byte) {
	for _, w := range words {
		l = append(l, []byte(w))
	}
	return
}

var (
	keyboard = list("qwerty", "asdfg", "zxcvb", "qazwsx", "1q2w3e", "1qaz2wsx", "qwertz", "azerty", "yxcvb")
	stock    = newStock("example", "changeme", "change_me", "changeit", "change_it", "change_this", "changethis",
		"placeholder", "redacted", "censored", "replaceme", "replace_me", "replace_with", "replacewith",
		"insert_", "inserthere", "enter_your", "fill_me", "fill_in", "set_me", "todo_", "fixme", "xxxx", "your_",
		"yourkey", "yourtoken", "yoursecret", "yourapi", "yourpass", "_here", "keyhere", "tokenhere", "secrethere",
		"dummy", "sample", "fakekey", "faketoken", "fake_", "_fake", "foobar", "foo_bar", "lorem_ipsum", "loremipsum",
		"deadbeef", "cafebabe", "badc0de", "c0ffee", "notasecret", "not_a_secret", "notreal", "not_real",
		"undefined", "hunter2", "supersecret", "super_secret", "topsecret", "top_secret", "mysecret", "my_secret",
		"mypassword", "my_password", "mytoken", "my_token", "myapikey", "my_key", "my_api", "secretkey", "secret_key",
		"password123", "s3cr3t", "p@ssw", "passw0rd", "pa55w", "letmein", "no_secret", "abcdef123", "123abc", "abc123", "a1b2c3", "q1w2e3", "1a2b3c", "1q2w3e")
	// disguised are found behind digits for letters: p4ssw0rd
	disguised = newStock("password", "passwd")
	short     = []string{"none", "null", "nil", "true", "false", "test", "foo", "bar", "baz", "secret", "password", "token",
		"key", "pass", "apikey", "api_key", "unset", "empty", "default", "string", "value", "na", "n/a", "tbd", "todo",
		"optional", "required", "disabled", "enabled", "admin", "root", "user", "username", "guest", "demo", "abcd",
		"abc", "hidden", "blah", "bla", "unknown", "random", "invalid", "wrong", "bogus", "passwd", "pwd"}
	leading = list("your", "enter_", "put_", "paste_", "add_your", "my_", "the_", "some_", "any_", "a_")
)

// leet maps digits and signs that stand for letters to those letters.
var leet = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	for i, b := range []byte("013457@$!") {
		t[b] = "oleastasi"[i]
	}
	return
}()

// stockWords finds words in one pass, by their first letter; those that begin
// with none share a list.
type stockWords [27][]string

func newStock(words ...string) (w stockWords) {
	for _, s := range words {
		k := symbolOf[s[0]]
		w[k] = append(w[k], s)
	}
	return
}

func (w *stockWords) in(s []byte) bool {
	for i, b := range s {
		for _, word := range w[symbolOf[b]] {
			if i+len(word) <= len(s) && string(s[i:i+len(word)]) == word {
				return true
			}
		}
	}
	return false
}

// wrapped recognises brackets and marks of templates and masks.
func wrapped(s []byte) string {
	n := len(s)
	a, z := s[0], s[n-1]
	switch {
	case n < 2:
	case a == '<' && z == '>', a == '[' && z == ']', a == '(' && z == ')':
		return "in brackets"
	case a == '{' && z == '}', a == '$' && s[1] == '{', a == '$' && s[1] == '(', a == '#' && s[1] == '{',
		a == '{' && s[1] == '{', a == '%' && z == '%', a == '@' && z == '@' && n > 2,
		a == '_' && z == '_' && s[1] == '_' && s[n-2] == '_':
		return "template"
	}
	if i := bytes.IndexByte(s, '{'); i >= 0 && i+1 < n {
		if s[i+1] == '{' || s[i+1] == '%' || i > 0 && (s[i-1] == '$' || s[i-1] == '#') {
			return "template"
		}
	}
	if bytes.Contains(s, maskStars) || bytes.Contains(s, maskDots) || bytes.Contains(s, maskBullets) ||
		bytes.Contains(s, maskEllipsis) {
		return "masked"
	}
	if bytes.Contains(s, erb) {
		return "template"
	}
	return ""
}

var (
	maskStars    = []byte("***")
	maskDots     = []byte("...")
	maskBullets  = []byte("••")
	maskEllipsis = []byte("…")
	erb          = []byte("<%")
)

// patterned recognises runs, sequences and repetition.
func patterned(s []byte) string {
	n := len(s)
	same, longestSame := 1, 1
	up, down, inSequence, longest := 1, 1, 0, 1
	var seen [4]uint64
	distinct := 0
	for i, b := range s {
		if seen[b>>6]&(1<<(b&63)) == 0 {
			seen[b>>6] |= 1 << (b & 63)
			distinct++
		}
		if i == 0 {
			continue
		}
		p := s[i-1]
		if b == p {
			same++
			longestSame = max(longestSame, same)
		} else {
			same = 1
		}
		if b == p+1 || p == '9' && (b == '0' || b == 'a' || b == 'A') {
			up++
		} else {
			if up >= 4 {
				inSequence += up
			}
			longest = max(longest, up)
			up = 1
		}
		if b+1 == p || p == '0' && b == '9' {
			down++
		} else {
			if down >= 4 {
				inSequence += down
			}
			longest = max(longest, down)
			down = 1
		}
	}
	for _, r := range [2]int{up, down} {
		if r >= 4 {
			inSequence += r
		}
		longest = max(longest, r)
	}
	switch {
	case longestSame >= 7 || n >= 3 && longestSame == n || longestSame >= 4 && 2*longestSame >= n:
		return "one character repeated"
	case distinct <= 2 && n >= 6, distinct <= 3 && n >= 10, distinct <= 5 && n >= 24:
		return "few different characters"
	case longest >= 8 || inSequence >= 4 && 2*inSequence > n:
		return "sequence"
	}
	for p := 2; p <= n/2 && p <= 20; p++ {
		if n-p < 5 {
			break
		}
		i := p
		for i < n && s[i] == s[i-p] {
			i++
		}
		if i == n {
			return "repeated pattern"
		}
	}
	return ""
}
