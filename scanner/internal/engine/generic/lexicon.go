package generic

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
	case "passwords", "pwds":
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
		"mackey", "rsakey", "deskey", "密钥", "privkey", "seckey", "subscriptionkey", "sessionkey", "apikeys", "cipher", "secretaccesskey":
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
		"webhook", "deploy", "bot", "user", "db", "database", "mysql", "postgres", "redis", "root", "aws", "azure", "github", "gitlab",
		"slack", "stripe", "twilio", "sendgrid", "mailgun", "twitter", "facebook", "google", "smtp", "mail", "email", "ldap", "ssh", "ftp",
		"x", "my", "server", "login", "refresh", "personal", "deployment", "registration", "device", "integration", "basic",
		"verification", "secure", "security", "write", "read", "publish", "upload", "npm", "docker", "vault", "proxy", "host", "remote", "ci", "dsa", "ec", "ecdsa", "wallet", "mac", "sa", "sso", "saml", "oidc":
		return wStrongFor, false
	case "sort", "partition", "cache", "range", "unique", "composite", "index", "column", "row",
		"node", "react", "translation", "i18n", "locale", "map", "dict", "lookup", "group", "object", "json", "id", "ids", "name", "names", "type", "types", "file", "files", "filename", "path", "paths", "url", "uri", "urls", "endpoint", "field", "fields",
		"size", "length", "len", "count", "num", "number", "min", "max", "limit", "idx", "pos", "position", "offset", "code", "codes",
		"expiry", "expires", "expire", "expiration", "expired", "ttl", "timeout", "age", "lifetime", "validity", "duration", "interval", "date", "time", "at", "issued",
		"policy", "policies", "strength", "rule", "rules", "regex", "pattern", "format", "class", "mode", "method", "scheme", "protocol", "version",
		"algorithm", "alg", "algo", "enabled", "enable", "disabled", "disable", "required", "require", "optional", "allowed", "valid", "is", "present", "exists", "missing",
		"confirmation", "confirm", "reset", "change", "changed", "update", "updated", "forgot", "forgotten", "recovery", "recover", "provider", "providers", "manager", "handler", "helper", "factory", "builder", "store", "repository", "source", "generator", "filter",
		"controller", "view", "model", "component", "module", "plugin", "interface", "impl", "exception", "event", "events", "action", "state", "status",
		"kind", "category", "scope", "scopes", "issuer", "audience", "subject", "header", "headers", "prefix", "suffix", "separator", "delimiter",
		"down", "up", "press", "pressed", "board", "binding", "bindings", "stroke", "frame", "frames", "usage", "pair", "pairs", "ring", "chain", "vaulturl", "arn", "ref", "var", "variable", "env", "param", "params", "parameter", "parameters", "arg", "args", "attr", "attribute", "property", "prop", "props", "option", "options", "setting", "settings", "input", "output",
		"role", "realm", "domain", "callback", "redirect", "page", "form", "button", "link", "dialog", "screen", "template", "script", "dir", "directory", "folder", "bucket", "region", "table", "schema", "query", "list", "array", "stream", "reader", "writer", "parser", "lexer", "scanner", "iterator", "cursor", "stack", "queue", "tree", "factor", "signer", "site", "etag", "csrf", "xsrf", "crc", "commit", "authenticity", "revision", "integrity", "vendor", "product", "item", "items", "alias", "aliases", "metric", "stats", "thumbprint", "last", "first", "next", "prev", "previous", "continuation", "pagination":
		return wAgainst, false
	case "get", "has", "have", "find", "check", "validate", "verify", "load", "fetch", "generate", "create", "make", "parse", "remove", "delete",
		"show", "hide", "toggle", "on", "handle", "compare", "match", "matches", "contains", "to", "from", "can", "should", "needs", "need", "no", "not", "without", "skip", "ignore", "invalidate", "revoke", "resolve", "decode", "encode", "build", "retrieve", "ask", "prompt", "request", "apply", "extract", "invalidates", "renew", "rotate", "register", "unset", "clear", "empty", "null", "describe", "it":
		return wVerb, false
	case "set", "with", "add", "use", "using", "put", "the", "by":
		return wSetter, false
	case "hash", "sha", "sha1", "sha256", "sha512", "md5", "hash256", "hashed", "digest", "checksum", "fingerprint", "encrypted", "hashes", "enc", "encoded", "bcrypt", "ciphertext", "masked", "crypted", "cert", "certificate":
		return wHash, false
	case "base", "value", "val", "string", "str", "text", "plain", "plaintext", "raw", "prod", "production", "dev", "development", "default", "new", "old",
		"bytes", "data", "hex", "b64", "base64", "current", "local", "staging", "live", "main", "v1", "v2", "secondary", "backup", "temp", "tmp", "stg", "qa", "uat", "content", "cleartext", "pem", "a", "b", "c":
		return wNeutral, false
	case "test", "tests", "testing", "fake", "wrong", "invalid", "mock", "dummy", "example", "expected", "bad", "incorrect", "bogus", "sample", "demo", "malformed", "stub", "testtoken":
		return wMock, false
	case "label", "message", "msg", "error", "err", "errors", "placeholder", "hint", "title", "description", "desc", "tip", "tooltip", "help", "caption", "info", "warning", "question", "reminder", "subtitle", "body", "heading", "fmt":
		return wText, false
	case "public", "pub", "foreign", "primary", "recv", "keyword", "keywords", "keyboard", "keycode", "keydown", "keyup", "keypress", "keyframes", "keyframe", "passport", "passed", "passing", "passive",
		"passenger", "passes", "passthrough", "passthru", "tokenize", "tokenizer", "tokenized", "tokenization", "tokentype", "author", "authors", "authority", "authored",
		"primarykey", "publickey", "foreignkey", "pubkey", "keyname", "keyid", "authorities", "secretary", "bypass", "compass", "monkey", "turkey", "hockey", "hotkey", "hotkeys", "keystroke", "keychain", "keyring", "keyspace", "keyspaces", "seeder", "seeding", "salted", "ticketing", "publickeytoken", "authtype", "authmode", "keytype", "credits", "sacred", "keymap", "keybinding", "keygen", "keyserver", "keyset", "keyspec", "keysize", "keypath", "keylen", "keyfile", "keystore", "keypair", "passwordless", "passwordfile", "passfile", "tokenid", "tokenurl", "tokenuri", "authurl", "authuri", "authorized", "authenticated", "authenticate", "authorize", "authorizer", "unauthorized", "accredited", "incredible", "incredibly", "credit", "cookiejar", "parolee", "parolees", "seeded", "ciphers", "ciphersuite", "ciphersuites", "passage", "passable", "surpass", "trespass", "signatures", "passphraseless", "otpauth":
		return wHeavy, false
	}
	return wUnknown, false
}

const strongKeyWord = wStrongFor + 100
