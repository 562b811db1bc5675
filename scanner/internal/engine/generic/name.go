package generic

// class is what a name says its value is.
type class uint8

const (
	noClass class = iota
	password
	secret
	token
	strongKey // api key, secret key, encryption key ...
	otherKey  // a key with other words
	bareKey   // "key" alone
	auth
	credential
	salt // salts, nonces, seeds, session ids: drawn, but seldom secret
	session
	classCount
)

var classNames = [...]string{"no telling name", "a password's name", "a secret's name", "a token's name",
	"an API or encryption key's name", "some key's name", "the name \"key\"", "an authorisation's name",
	"a credential's name", "a salt's, nonce's or signature's name", "a session's or cookie's name"}

// Facts about a name, beside its class.
const (
	nameAgainst = 1 << iota // words that speak against: public, id, type, file ...
	nameVerb                // starts with get, has, is, find ...
	nameSetter              // starts with set, with, add, use
	namePlural              // the telling word is plural
	nameHelped              // words that speak for: api, secret, private, client ...
	nameTailed              // unknown words after the telling one
	nameHash                // hash, digest, checksum, fingerprint, encrypted
	nameSingle              // the telling word is the whole name
	nameConst               // DB_PASSWORD
	nameCamel               // dbPassword
	nameDotted              // spring.datasource.password
	nameDashed              // db-password
	nameMock                // test, fake, wrong, invalid, mock, dummy, example, expected
	nameText                // label, message, error, prompt, placeholder, hint, title
	nameFacts   = iota
)

// name is what has been read of a name.
type name struct {
	start, end int // without quotes and leading dashes
	class      class
	facts      uint32
	own        int  // where the telling word starts
	ownEnd     int  // and ends
	before     byte // the byte before the name (and its dashes)
	dashes     int  // leading dashes: an option of a command
}

const maxName = 64 // bytes looked at to either side of the literal

// readEnd finds the end of the name that the literal at [pos, end) lies in.
func readEnd(text []byte, end int) int {
	limit := min(len(text), end+maxName)
	for end < limit && is(text[end], nameByte) {
		if text[end] == 0xEF && wide(text, end) != 0 {
			break
		}
		if b := text[end]; b == '-' || b == '.' || b == '$' {
			if end+1 >= limit || !is(text[end+1], wordByte) {
				break
			}
		}
		end++
	}
	return end
}

// read fills in the name whose end is known: where it starts, what its words
// say. It returns false if the literal at pos is not in the telling word, or
// if no word is telling.
func (n *name) read(text []byte, pos, end int) bool {
	start, limit := pos, max(0, pos-maxName)
	for start > limit && is(text[start-1], nameByte) {
		start--
	}
	for start < pos && (text[start] == '-' || text[start] == '.' || text[start] == '$') {
		if text[start] == '-' {
			n.dashes++
		}
		start++
	}
	n.start, n.end = start, end
	n.before = at(text, start-1-n.dashes)

	var buf [2*maxName + 64]byte
	s := text[start:end]
	if len(s) > len(buf) {
		return false
	}
	// words of the last dotted part
	first := 0
	for i := len(s) - 1; i > 0; i-- {
		if s[i] == '.' {
			first = i + 1
			n.facts |= nameDotted
			break
		}
	}
	type word struct {
		at, end int
		kind    wordKind
		plural  bool
	}
	var words [12]word
	count, telling := 0, -1
	uppers, lowers := 0, 0
	for i := first; i < len(s) && count < len(words); {
		b := s[i]
		if b == '_' || b == '-' || b == '$' {
			if b == '-' {
				n.facts |= nameDashed
			}
			i++
			continue
		}
		j := i + 1
		switch {
		case isDigit(b):
			for j < len(s) && isDigit(s[j]) {
				j++
			}
			i = j
			continue
		case b >= 0x80:
			for j < len(s) && s[j] != '_' && s[j] != '-' && !isUpper(s[j]) {
				j++
			}
		default:
			for j < len(s) && (isAlpha(s[j]) || s[j] >= 0x80) {
				if isUpper(s[j]) && (isLower(s[j-1]) || j+1 < len(s) && isLower(s[j+1])) {
					if j+2 == len(s) && s[j+1] == 's' { // plural of an acronym
						j += 2
					}
					break
				}
				j++
			}
		}
		w := buf[:j-i]
		for k, c := range s[i:j] {
			if isUpper(c) {
				c |= 0x20
				uppers++
			} else if isLower(c) {
				lowers++
			}
			w[k] = c
		}
		kind, plural := wUnknown, false
		if len(w) <= 24 { // longer than any word known; a longer string would allocate
			kind, plural = lookup(string(w))
		}
		if kind == wUnknown && len(w) > 4 {
			kind, plural = compound(w)
		}
		words[count] = word{i, j, kind, plural}
		switch kind {
		case wPass, wSecret, wToken, wKey, strongKeyWord, wAuth, wCred, wSalt, wSession:
			// "auth_token": the last telling word tells, but a bare "key" or
			// "auth" after a stronger one does not change it
			telling = count
		}
		count++
		i = j
	}
	if telling < 0 {
		return false
	}
	n.own, n.ownEnd = start+words[telling].at, start+words[telling].end
	if pos < n.own || pos >= n.ownEnd {
		return false
	}
	n.classify(count, telling, func(i int) (wordKind, bool) { return words[i].kind, words[i].plural })
	if uppers > 0 && lowers == 0 {
		n.facts |= nameConst
	} else if uppers > 0 && lowers > 0 && count > 1 {
		n.facts |= nameCamel
	}
	if count == 1 {
		n.facts |= nameSingle
	}
	return n.class != noClass
}

// wide is the ASCII sign of a full-width colon or equals sign at i, or 0.
func wide(text []byte, i int) byte {
	if at(text, i+1) == 0xBC {
		switch at(text, i+2) {
		case 0x9A:
			return ':'
		case 0x9D:
			return '='
		}
	}
	return 0
}

// compound reads words run together: "mydbpassword", "sshkey".
func compound(w []byte) (wordKind, bool) {
	for _, c := range [...]struct {
		tail string
		kind wordKind
	}{{"password", wPass}, {"passwd", wPass}, {"pass", wPass}, {"pwd", wPass}, {"passphrase", wPass}, {"secret", wSecret},
		{"token", wToken}, {"apikey", strongKeyWord}, {"key", wKey}, {"credential", wCred}, {"passwort", wPass}, {"senha", wPass},
		{"auth", wAuth}, {"密码", wPass}, {"密碼", wPass}, {"口令", wPass}, {"パスワード", wPass}, {"비밀번호", wPass}, {"пароль", wPass}, {"密钥", strongKeyWord}} {
		if len(w) > len(c.tail) && string(w[len(w)-len(c.tail):]) == c.tail {
			return c.kind, false
		}
		if len(w) > len(c.tail)+1 && w[len(w)-1] == 's' && string(w[len(w)-1-len(c.tail):len(w)-1]) == c.tail {
			return c.kind, true
		}
	}
	return wUnknown, false
}

func (n *name) classify(count, telling int, word func(int) (wordKind, bool)) {
	kind, plural := word(telling)
	if plural {
		n.facts |= namePlural
	}
	strong := false
	for i := range count {
		if i == telling {
			continue
		}
		k, _ := word(i)
		switch k {
		case wHeavy:
			if kind != wPass {
				n.class = noClass
				return
			}
			n.facts |= nameTailed
		case wAgainst:
			n.facts |= nameAgainst
		case wVerb:
			n.facts |= nameVerb
		case wSetter:
			n.facts |= nameSetter
		case wHash:
			n.facts |= nameHash
		case wMock:
			n.facts |= nameMock
		case wText:
			n.facts |= nameText
		case wStrongFor, wSecret, wAuth, wToken, wPass, wCred, strongKeyWord, wSession:
			if i < telling {
				strong = true
				n.facts |= nameHelped
			} else if k == wStrongFor {
				n.facts |= nameTailed
			}
		case wUnknown:
			if i > telling {
				n.facts |= nameTailed
			}
		}
	}
	switch kind {
	case wPass:
		n.class = password
	case wSecret:
		n.class = secret
	case wToken:
		n.class = token
	case wAuth:
		n.class = auth
	case wCred:
		n.class = credential
	case wSalt:
		n.class = salt
	case wSession:
		n.class = session
	case strongKeyWord:
		n.class = strongKey
	case wKey:
		switch {
		case strong:
			n.class = strongKey
			// "secret_key" is a secret all the more
		case count == 1:
			n.class = bareKey
		default:
			n.class = otherKey
		}
	}
}
