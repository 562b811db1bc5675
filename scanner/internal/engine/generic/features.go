package generic

import (
	"github.com/leaksonde/leaksonde/scanner/internal/engine/dsn"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// A feature is one piece of evidence, present or absent. Its weight is a log
// odds: see weights.go. Features come in groups of which usually one member is
// present; the groups' order and sizes are part of the model.
type feature uint16

const (
	fBias         feature = 0
	fClass                = fBias + 1
	fForm                 = fClass + feature(classCount)
	fQuote                = fForm + feature(formCount)
	fFacts                = fQuote + 5
	fName                 = fFacts + surroundFacts
	fShape                = fName + nameFacts
	fAlphabet             = fShape + feature(shapeCount)
	fLength               = fAlphabet + feature(randomness.Text+1)
	fSpelling             = fLength + lengthBuckets // this and the next two: one block for all names, then one for each group
	fScore                = fSpelling + (groups+1)*spellBuckets
	fKnown                = fScore + (groups+1)*scoreBuckets
	fMisc                 = fKnown + (groups+1)*knownBuckets
	fGroupLen             = fMisc + miscCount
	fUnquoted             = fGroupLen + groups*lengthBuckets
	fGroupShape           = fUnquoted + feature(shapeCount)
	fGroupName            = fGroupShape + groups*feature(shapeCount)
	fUnquotedForm         = fGroupName + groups*nameFacts
	features              = fUnquotedForm + feature(formCount)
)

const (
	groups        = 7
	lengthBuckets = 11
	spellBuckets  = 9
	scoreBuckets  = 9
	knownBuckets  = 6
)

// Miscellaneous evidence.
const (
	mPlaceholder    = iota // see randomness.Placeholder
	mRepeatsName           // the value holds the name's telling word
	mEqualsName            // the value is the name
	mCanonical             // 32, 40, 64, 96 or 128 hexadecimal digits
	mPadded                // ends in = and has a length of base64
	mHasPunct              // characters beyond letters, digits and separators
	mDigitsInside          // digits and letters change places three times or more
	mMockWord              // test, fake, dummy, example, invalid ... in the value
	mCredentialWord        // password, secret, token, key ... in the value
	mBasicPair             // base64 of user:password
	mSchemed               // "Bearer ..." or "ApiKey ..." in the value
	mHash                  // $2a$, {SSHA}, sha256: and other digests and sealed values
	mUpperSpread           // capitals inside, not only first or all
	mUserName              // of a URL: the password is the user's name
	mLocalHost             // of a URL: localhost or an address
	mExampleHost           // of a URL: example.com and its like
	mYear                  // ends in a year or few digits after letters
	mEntropyLow            // fewer than 2.5 bits a character
	mEntropyHigh           // more than 3.7 bits a character
	mCommonUser            // of a URL: user, username
	mPublicKey             // begins like a public key or certificate
	mPrivateKey            // begins like a private key in base64
	mURLScheme             // the value is a URL
	mDecodesText           // base64 of text
	mDecodesWords          // base64 of common words
	mDecodesJSON           // base64 of JSON
	mNearPublic            // "public" before the name
	mNearHash              // a digest's or signature's name before the name
	mNearTest              // a test's words before the name
	mNearPrivate           // user, login, client, account ... before the name
	mNumbers               // a list of numbers
	miscCount
)

// group folds the classes of names for the features that depend on both.
func group(c class) feature {
	switch c {
	case password:
		return 0
	case secret:
		return 1
	case strongKey:
		return 2
	case token:
		return 3
	case auth, credential:
		return 4
	case bareKey, otherKey:
		return 5
	}
	return 6
}

func lengthBucket(n int) feature {
	switch {
	case n < 5:
		return 0
	case n < 8:
		return 1
	case n < 12:
		return 2
	case n < 16:
		return 3
	case n < 20:
		return 4
	case n < 24:
		return 5
	case n < 32:
		return 6
	case n < 40:
		return 7
	case n < 64:
		return 8
	case n < 128:
		return 9
	}
	return 10
}

// evidence is what judge adds up: the features present.
type evidence struct {
	ids     [96]feature
	n       int
	decoded [150]byte
	full    bool // collect every feature, for training
}

func (e *evidence) add(f feature) {
	if e.n < len(e.ids) {
		e.ids[e.n] = f
		e.n++
	}
}

// collect reads the features of a parsed candidate. It returns false where the
// value cannot be a secret at all.
func (p *parse) collect(e *evidence) bool {
	v := p.text[p.start:p.end]
	if len(v) < 3 {
		return false
	}
	if p.name.class == auth || p.name.class == token || p.name.class == strongKey || p.name.class == secret || p.name.class == session {
		if n := schemeLen(v); n > 0 && p.scheme == noScheme {
			if n == 6 && basicPair(v[6:], &e.decoded) > 0 {
				return false // the Basic literal's own
			}
			p.start += n
			v = v[n:]
			p.scheme = otherScheme
			if len(v) < 3 {
				return false
			}
		}
	}
	if p.form == basicAuth {
		n := basicPair(v, &e.decoded)
		size, _ := decode64(v, e.decoded[:])
		v = e.decoded[n:size]
		if n == 0 {
			return false
		}
		if v[0] == ':' { // a user without a password: the user is the token
			v = e.decoded[:n]
		}
		if len(v) < 2 {
			return false
		}
	}
	if _, written := randomness.Syntax(v); written {
		return false // it says what secrets look like
	}
	sh := shapeOf(v, p)
	if sh == rejected {
		return false
	}
	if p.quote == 0 && p.facts&atSpacesAround != 0 && sh <= slashPath && (p.name.class == bareKey || p.name.class == otherKey || p.name.class == salt || p.name.class == session) {
		return false // key = node: by far the most frequent candidate, and never a secret
	}
	m := randomness.Measure(v)
	g := group(p.name.class)

	e.add(fBias)
	e.add(fClass + feature(p.name.class))
	e.add(fForm + feature(p.form))
	switch p.quote {
	case 0:
		e.add(fQuote)
		e.add(fUnquoted + feature(sh))
		e.add(fUnquotedForm + feature(p.form))
	case '"':
		e.add(fQuote + 1)
	case '\'':
		e.add(fQuote + 2)
	case '`':
		e.add(fQuote + 3)
	default:
		e.add(fQuote + 4)
	}
	for i := range feature(surroundFacts) {
		if p.facts>>i&1 != 0 {
			e.add(fFacts + i)
		}
	}
	for i := range feature(nameFacts) {
		if p.name.facts>>i&1 != 0 {
			e.add(fName + i)
			e.add(fGroupName + g*nameFacts + i)
		}
	}
	e.add(fShape + feature(sh))
	e.add(fGroupShape + g*feature(shapeCount) + feature(sh))
	e.add(fAlphabet + feature(m.Alphabet))
	lb := lengthBucket(len(v))
	e.add(fLength + lb)
	e.add(fGroupLen + g*lengthBuckets + lb)
	sp := feature(spellBuckets - 1) // no letters
	if m.Letters > 0 {
		sp = bucket(m.Spelling/float64(m.Letters), -0.6, -0.3, 0, 0.3, 0.6, 0.9, 1.3)
	}
	e.add(fSpelling + sp)
	e.add(fSpelling + (g+1)*spellBuckets + sp)
	sc := bucket(m.Total, -12, -5, 0, 5, 10, 16, 26, 45)
	e.add(fScore + sc)
	e.add(fScore + (g+1)*scoreBuckets + sc)
	known, _ := randomness.Known(v)
	kb := feature(knownBuckets - 1)
	if m.Letters > 0 {
		kb = bucket(float64(known)/float64(m.Letters), 0.01, 0.3, 0.6, 0.95)
	}
	e.add(fKnown + kb)
	e.add(fKnown + (g+1)*knownBuckets + kb)
	if e.score() < p.least()-most && !e.full {
		return false
	}
	p.misc(v, &m, e)
	return true
}

// most is what miscellaneous evidence can add at the very most.
var most = func() (s float64) {
	for _, w := range weights[fMisc:fGroupLen] {
		s += max(0, float64(w))
	}
	return
}()

// bucket counts the limits that x reaches.
func bucket(x float64, limits ...float64) (n feature) {
	for _, l := range limits {
		if x < l {
			break
		}
		n++
	}
	return
}

func (p *parse) misc(v []byte, m *randomness.Profile, e *evidence) {
	mark := func(i feature, ok bool) {
		if ok {
			e.add(fMisc + i)
		}
	}
	reason, ph := randomness.Placeholder(v)
	mark(mPlaceholder, ph)
	p.weak = ph
	own := p.text[p.name.own:p.name.ownEnd]
	if p.form != urlUser && p.form != shortOpt && len(own) >= 3 && len(own) < 24 && len(own) <= len(v) {
		mark(mRepeatsName, contains(v, own))
		mark(mEqualsName, len(own) == len(v) && contains(v, own) || p.name.end-p.name.start == len(v) && contains(v, p.text[p.name.start:p.name.end]))
	}
	hex := m.Alphabet == randomness.HexLower || m.Alphabet == randomness.HexUpper || m.Alphabet == randomness.Decimal
	mark(mCanonical, hex && (len(v) == 32 || len(v) == 40 || len(v) == 64 || len(v) == 96 || len(v) == 128))
	mark(mPadded, v[len(v)-1] == '=' && len(v)%4 == 0 && m.Alphabet <= randomness.Base64URL)
	mark(mHasPunct, m.Others > 0)
	mark(mDigitsInside, m.Changes >= 3)
	words := inValue.scan(v)
	mark(mMockWord, words&valueMock != 0)
	mark(mCredentialWord, words&valueCredential != 0)
	if p.form != basicAuth && m.Alphabet <= randomness.Base64URL && len(v) >= 8 {
		var buf [48]byte
		if n, ok := decode64(v, buf[:]); ok {
			d := buf[:n]
			if printable(d) {
				known, _ := randomness.Known(d)
				letters := 0
				for _, b := range d {
					if isAlpha(b) {
						letters++
					}
				}
				mark(mDecodesText, true)
				mark(mDecodesWords, known*10 >= letters*6)
				p.weak = p.weak || known*10 >= letters*6
				mark(mDecodesJSON, d[0] == '{')
				mark(mBasicPair, basicPair(v, &e.decoded) > 0)
			}
		}
	}
	mark(mSchemed, p.scheme == otherScheme)
	mark(mHash, sealed(v))
	if m.Uppers > 0 && m.Uppers < m.Letters {
		mark(mUpperSpread, m.Uppers > 1 || !isUpper(v[0]))
	}
	h := randomness.Entropy(v)
	mark(mEntropyLow, h < 2.5)
	mark(mEntropyHigh, h > 3.7)
	if m.Digits > 0 && m.Letters > 0 && m.Changes <= 1 && isDigit(v[len(v)-1]) {
		mark(mYear, m.Digits <= 4)
	}
	mark(mPrivateKey, len(v) > 200 && v[0] == 'M' && v[1] == 'I' || fold(v, 0, "ls0tls1crudj"))
	mark(mPublicKey, fold(v, 0, "miib") && len(v) < 450 || fold(v, 0, "ssh-") || fold(v, 0, "aaaab3") || fold(v, 0, "migf"))
	mark(mURLScheme, hasScheme(v))
	p.near(mark)
	mark(mNumbers, p.form == numbers)
	if p.form == urlUser {
		user := p.text[p.name.own:p.name.ownEnd]
		mark(mUserName, len(user) == len(v) && contains(v, user))
		mark(mCommonUser, fold(user, 0, "user") || fold(user, 0, "usr") || fold(user, 0, "name") || fold(user, 0, "login") || fold(user, 0, "foo"))
		host := p.text[p.end+1 : max(p.end+1, p.wholeEnd)]
		mark(mLocalHost, fold(host, 0, "localhost") || len(host) > 0 && isDigit(host[0]) || has(host, ".0.0.1"))
		mark(mExampleHost, has(host, "example") || fold(host, 0, "host") || fold(host, 0, "your") || has(host, "domain"))
		sample := dsn.Sample(user, v, host)
		p.used = !sample && (!ph || reason == "stock placeholder") && !formatted(v)
		p.weak = p.weak || sample && randomness.Score(v) <= 0
	}
}

func contains(s, sub []byte) bool {
	for i := 0; i+len(sub) <= len(s); i++ {
		k := 0
		for k < len(sub) && lowered(s[i+k]) == lowered(sub[k]) {
			k++
		}
		if k == len(sub) {
			return true
		}
	}
	return false
}

func lowered(b byte) byte {
	if isUpper(b) {
		return b | 0x20
	}
	if b == '-' {
		return '_'
	}
	return b
}

// schemeLen is the length of an authorisation scheme and its blank at the
// beginning of v.
func schemeLen(v []byte) int {
	for _, s := range [...]string{"bearer ", "basic ", "token ", "apikey ", "ntlm ", "ssws ", "bot ", "geniekey ", "splunk ", "key ", "jwt ", "oauth ", "negotiate ", "digest "} {
		if fold(v, 0, s) {
			return len(s)
		}
	}
	return 0
}

func hasScheme(v []byte) bool {
	for i := 2; i+2 < len(v) && i < 12; i++ {
		if v[i] == ':' {
			return v[i+1] == '/' && v[i+2] == '/'
		}
		if !is(v[i], nameByte) {
			return false
		}
	}
	return false
}

// sealed recognises digests of passwords and encrypted values.
func sealed(v []byte) bool {
	switch v[0] {
	case '$':
		return len(v) > 20 && (fold(v, 0, "$2a$") || fold(v, 0, "$2b$") || fold(v, 0, "$2y$") || fold(v, 0, "$1$") || fold(v, 0, "$5$") || fold(v, 0, "$6$") ||
			fold(v, 0, "$argon2") || fold(v, 0, "$pbkdf2") || fold(v, 0, "$apr1$") || fold(v, 0, "$ansible_vault") || fold(v, 0, "$p$") || fold(v, 0, "$y$") || fold(v, 0, "$scrypt"))
	case '{':
		return fold(v, 0, "{ssha") || fold(v, 0, "{sha") || fold(v, 0, "{crypt}") || fold(v, 0, "{md5}") || fold(v, 0, "{bcrypt}") || fold(v, 0, "{aes}") || fold(v, 0, "{cipher}") || fold(v, 0, "{pbkdf2")
	case 'E', 'e':
		return fold(v, 0, "enc[") || fold(v, 0, "enc(") || fold(v, 0, "enc:")
	case 's', 'S', 'p', 'm', 'M', 'v':
		return fold(v, 0, "sha256:") || fold(v, 0, "sha1:") || fold(v, 0, "sha512:") || fold(v, 0, "sha256-") || fold(v, 0, "sha512-") || fold(v, 0, "sha1-") || fold(v, 0, "sha384-") ||
			fold(v, 0, "pbkdf2") || fold(v, 0, "md5:") || fold(v, 0, "vault:v") || fold(v, 0, "scrypt:") || fold(v, 0, "md5$") || fold(v, 0, "scram-")
	case '!':
		return fold(v, 0, "!vault")
	case 'A', 'a':
		return fold(v, 0, "argon2") || fold(v, 0, "agcm") || fold(v, 0, "age-encryption")
	}
	return false
}

// near looks at the words between the name and the beginning of its line, as
// far as context was read.
func (p *parse) near(mark func(feature, bool)) {
	marks := beforeName.scan(p.text[max(0, p.context):max(0, p.whole)])
	mark(mNearPublic, marks&nearPublic != 0)
	mark(mNearHash, marks&nearHash != 0)
	mark(mNearTest, marks&nearTest != 0)
	mark(mNearPrivate, marks&nearPrivate != 0)
}
