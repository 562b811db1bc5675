package generic

// wordSet finds words in a string in one pass: what it returns is the union of
// the marks of the words found, in either case.
type wordSet [26][]markedWord

type markedWord struct {
	tail string // without the first letter
	mark uint8
}

func newWordSet(marks map[uint8][]string) (w wordSet) {
	for mark, words := range marks {
		for _, s := range words {
			w[s[0]-'a'] = append(w[s[0]-'a'], markedWord{s[1:], mark})
		}
	}
	return
}

func (w *wordSet) scan(s []byte) (marks uint8) {
	for i, b := range s {
		k := (b | 0x20) - 'a'
		if k >= 26 {
			continue
		}
		for _, m := range w[k] {
			if marks&m.mark == 0 && fold(s, i+1, m.tail) {
				marks |= m.mark
			}
		}
	}
	return
}

const (
	valueMock = 1 << iota
	valueCredential
)

// inValue are words in values: a test's, and what credentials are called.
var inValue = newWordSet(map[uint8][]string{
	valueMock:       {"test", "fake", "dummy", "example", "invalid", "wrong", "mock", "foo", "sample", "demo"},
	valueCredential: {"pass", "secret", "token", "key", "pwd", "auth"},
})

const (
	nearPublic = 1 << iota
	nearHash
	nearTest
	nearPrivate
)

// beforeName are words between a line's beginning and the name.
var beforeName = newWordSet(map[uint8][]string{
	nearPublic:  {"public"},
	nearHash:    {"sha1", "sha256", "md5", "hash", "digest", "checksum", "signature"},
	nearTest:    {"test", "expect", "assert", "example", "mock"},
	nearPrivate: {"user", "login", "client", "account", "private"},
})
