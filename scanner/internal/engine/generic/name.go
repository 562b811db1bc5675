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

// word kinds, as lookup returns them
type wordKind uint8

const (
	wUnknown wordKind = iota
	wPass
	wSecret
	wToken
	wKey
	wAuth
	wCred
	wSalt
	wSession
	wPlural // added to none: see plural
	wFor
	wAgainst
	wVerb
	wSetter
	wHash
	wNeutral
	wMock
	wText
	wStrongFor // makes a key a strong key
	wHeavy     // ends all: public key, foreign key, keyword, passport
)

// lookup classifies one lower-case word.
func lookup(w string) (wordKind, bool) {
	switch w {
	case "password", "passwd", "pass", "pwd", "passphrase", "passwort", "passcode", "psw", "pswd", "pw", "passwrd",
		"passw", "userpass", "userpassword", "dbpass", "dbpassword", "dbpasswd", "dbpwd", "mypassword", "rootpass", "rootpassword",
		"adminpass", "adminpassword", "userpwd", "keypass", "storepass", "storepassword", "keypassword", "bindpw", "rootpw", "bindpassword", "pin",
		"senha", "contrasena", "contraseña", "contrasenya", "contrasenia", "clave", "kennwort", "motdepasse", "mdp", "wachtwoord",
		"haslo", "hasło", "heslo", "parol", "parola", "parole", "sifre", "şifre", "mima", "losenord", "lösenord", "salasana",
		"jelszo", "passphrases", "requirepass", "masterauth", "sshpass", "userpasswd", "syspassword", "mysqlpassword", "smtppassword",
		"пароль", "Пароль", "密码", "密碼", "口令", "パスワード", "비밀번호", "Hasło", "passin", "passout", "accountpassword", "loginpassword", "securestring",
		"sqlpassword", "ldappassword", "mailpassword", "ftppassword", "sudopassword", "proxypassword", "wifipassword", "keystorepassword", "truststorepassword":
		return wPass, false
	case "passwords", "passphrases2", "pwds":
		return wPass, true
	case "secret", "appsecret", "clientsecret", "consumersecret", "apisecret", "jwtsecret", "secretid", "geheim", "geheimnis", "segredo",
		"segreto", "sharedsecret", "usersecret", "cookiesecret", "sessionsecret", "tokensecret", "mnemonic", "hmac", "otp", "totp":
		return wSecret, false
	case "secrets":
		return wSecret, true
	case "token", "accesstoken", "authtoken", "apitoken", "refreshtoken", "usertoken", "xtoken", "jwttoken", "devicetoken", "oauthtoken",
		"bottoken", "jwt", "pat", "sas", "ticket", "satoken", "令牌", "logintoken", "idtoken", "csrftoken", "sessiontoken", "bearer":
		return wToken, false
	case "tokens":
		return wToken, true
	case "key", "chave", "chiave", "clef", "schluessel":
		return wKey, false
	case "apikey", "secretkey", "accesskey", "privatekey", "appkey", "authkey", "aeskey", "encryptionkey", "signingkey", "masterkey",
		"accountkey", "sharedaccesskey", "jwtkey", "hmackey", "cryptkey", "licensekey", "consumerkey", "clientkey", "sharedkey", "storagekey", "cipherkey",
		"mackey", "rsakey", "deskey", "appid2", "密钥", "desKey", "privkey", "seckey", "subscriptionkey", "sessionkey", "apikeys", "cipher", "secretaccesskey":
		return wStrongFor + 100, false
	case "keys":
		return wKey, true
	case "auth", "authorization", "authorisation", "authentication", "oauth", "authdata", "authcode", "authn", "oauth2", "authenticator":
		return wAuth, false
	case "cred", "credential", "creds", "directoryentry":
		return wCred, false
	case "credentials":
		return wCred, true
	case "salt", "nonce", "nonces", "signature", "sig", "noncestr", "seed", "seeds", "salts", "iv", "community":
		return wSalt, false
	case "session", "sid", "cookie", "sessionid", "jsessionid", "phpsessid", "cookies":
		return wSession, false
	case "api", "private", "access", "master", "aes", "des", "rsa", "hmac256", "encryption", "encrypt", "decrypt", "signing", "sign", "crypto", "crypt",
		"client", "consumer", "license", "licence", "storage", "account", "shared", "app", "application", "service", "subscription", "admin",
		"jwt2", "webhook", "deploy", "bot", "user", "db", "database", "mysql", "postgres", "redis", "root", "aws", "azure", "github", "gitlab",
		"slack", "stripe", "twilio", "sendgrid", "mailgun", "twitter", "facebook", "google", "smtp", "mail", "email", "ldap", "ssh", "ftp",
		"x", "my", "server", "login", "bearer2", "refresh", "personal", "deployment", "registration", "device", "integration", "basic",
		"oauth3", "verification", "secure", "security", "write", "read", "publish", "upload", "npm", "docker", "vault", "proxy", "host", "remote", "ci", "dsa", "ec", "ecdsa", "wallet", "mac", "sa", "sso", "saml", "oidc":
		return wStrongFor, false
	case "sort", "partition", "cache", "hash2", "range", "unique", "composite", "index", "column", "row",
		"node", "react", "translation", "i18n", "locale", "message2", "config2", "map", "dict", "lookup", "group", "object", "json", "storage2",
		"id", "ids", "name", "names", "type", "types", "file", "files", "filename", "path", "paths", "url", "uri", "urls", "endpoint", "field", "fields",
		"size", "length", "len", "count", "num", "number", "min", "max", "limit", "index2", "idx", "pos", "position", "offset", "code", "codes",
		"expiry", "expires", "expire", "expiration", "expired", "ttl", "timeout", "age", "lifetime", "validity", "duration", "interval", "date", "time", "at", "issued",
		"policy", "policies", "strength", "rule", "rules", "regex", "pattern", "format", "class", "mode", "method", "scheme", "protocol", "version",
		"algorithm", "alg", "algo", "enabled", "enable", "disabled", "disable", "required", "require", "optional", "allowed", "valid", "is", "present", "exists", "missing",
		"confirmation", "confirm", "reset", "change", "changed", "update", "updated", "forgot", "forgotten", "recovery", "recover", "expected2",
		"provider", "providers", "manager", "service2", "handler", "helper", "factory", "builder", "store", "storage3", "repository", "source", "generator", "filter",
		"controller", "view", "model", "component", "module", "plugin", "interface", "impl", "exception", "event", "events", "action", "state", "status",
		"kind", "category", "scope", "scopes", "issuer", "audience", "subject", "header", "headers", "prefix", "suffix", "separator", "delimiter",
		"down", "up", "press", "pressed", "code2", "board", "binding", "bindings", "stroke", "frame", "frames", "usage", "pair", "pairs", "ring", "chain", "vaulturl", "arn", "ref", "var", "variable", "env", "param", "params", "parameter", "parameters", "arg", "args", "attr", "attribute", "property", "prop", "props", "option", "options", "setting", "settings", "input", "output",
		"role", "realm", "server2", "domain", "callback", "redirect", "uri2", "page", "form", "button", "link", "dialog", "screen", "template", "script", "dir", "directory", "folder", "bucket", "region", "table", "schema", "query", "list", "set2", "array", "stream", "reader", "writer", "parser", "lexer", "scanner", "iterator", "cursor", "stack", "queue", "tree", "factor", "usage2", "signer", "site", "etag", "csrf", "xsrf", "license2", "crc", "commit", "authenticity", "revision", "integrity", "link2", "vendor", "product", "item", "items", "alias", "aliases", "metric", "stats", "thumbprint", "login2", "last", "first", "next", "prev", "previous", "continuation", "pagination", "cursor2":
		return wAgainst, false
	case "get", "has", "have", "find", "check", "validate", "verify", "load", "fetch", "generate", "create", "make", "parse", "remove", "delete",
		"show", "hide", "toggle", "on", "handle", "compare", "match", "matches", "contains", "to", "from", "can", "should", "needs", "need", "use2", "no", "not", "without", "skip", "ignore", "missing2", "invalidate", "revoke", "resolve", "decode", "encode", "build", "retrieve", "lookup2", "ask", "prompt", "request", "apply", "extract", "invalidates", "renew", "rotate", "register", "unset", "clear", "empty", "null", "describe", "it":
		return wVerb, false
	case "set", "with", "add", "use", "using", "put", "the", "by":
		return wSetter, false
	case "hash", "sha", "sha1", "sha256", "sha512", "md5", "hash256", "hashed", "digest", "checksum", "fingerprint", "encrypted", "hashes", "enc", "encoded", "bcrypt", "ciphertext", "masked", "crypted", "cert", "certificate":
		return wHash, false
	case "base", "value", "val", "string", "str", "text", "plain", "plaintext", "raw", "prod", "production", "dev", "development", "default", "new", "old",
		"bytes", "data", "hex", "b64", "base64", "current", "local", "staging", "live", "main", "v1", "v2", "primary2", "secondary", "backup", "temp", "tmp", "stg", "qa", "uat", "hex2", "content", "cleartext", "clear2", "pem", "a", "b", "c":
		return wNeutral, false
	case "test", "tests", "testing", "fake", "wrong", "invalid", "mock", "dummy", "example", "expected", "bad", "incorrect", "bogus", "sample", "demo", "malformed", "stub", "testtoken":
		return wMock, false
	case "label", "message", "msg", "error", "err", "errors", "placeholder", "hint", "title", "description", "desc", "tip", "tooltip", "help", "caption", "info", "warning", "text2", "question", "reminder", "subtitle", "body", "heading", "fmt":
		return wText, false
	case "public", "pub", "foreign", "primary", "recv", "keyword", "keywords", "keyboard", "keycode", "keydown", "keyup", "keypress", "keyframes", "keyframe", "passport", "passed", "passing", "passive",
		"passenger", "passes", "passthrough", "passthru", "tokenize", "tokenizer", "tokenized", "tokenization", "tokentype", "author", "authors", "authority", "authored",
		"primarykey", "publickey", "foreignkey", "pubkey", "keyname", "keyid", "authorities", "authored2", "secretary", "bypass", "compass", "monkey", "turkey", "hockey", "hotkey", "hotkeys", "keystroke", "keychain", "keyring", "keyspace", "keyspaces", "seeder", "seeding", "default2", "salted", "ticketing", "publickeytoken", "authtype", "authmode", "keytype", "credits", "sacred", "keymap", "keybinding", "keygen", "keyserver", "keyset", "keyspec", "keysize", "keypath", "keylen", "keyfile", "keystore", "keypair", "passwordless", "passwordfile", "passfile", "tokenid", "tokenurl", "tokenuri", "authurl", "authuri", "authorized", "authenticated", "authenticate", "authorize", "authorizer", "unauthorized", "accredited", "incredible", "incredibly", "credit", "cookiejar", "parolee", "parolees", "seeded", "ciphers", "ciphersuite", "ciphersuites", "passage", "passable", "surpass", "trespass", "signatures", "passphraseless", "otpauth":
		return wHeavy, false
	}
	return wUnknown, false
}

const strongKeyWord = wStrongFor + 100

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

// compound reads words run together: "mydbpassword", "sshkey".
func compound(w []byte) (wordKind, bool) {
	for _, c := range [...]struct {
		tail string
		kind wordKind
	}{{"password", wPass}, {"passwd", wPass}, {"pass", wPass}, {"pwd", wPass}, {"passphrase", wPass}, {"secret", wSecret},
		{"token", wToken}, {"apikey", strongKeyWord}, {"key", wKey}, {"credential", wCred}, {"passwort", wPass}, {"senha", wPass},
		{"auth", wAuth}} {
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
