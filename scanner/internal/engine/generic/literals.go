package generic

import "github.com/leaksonde/leaksonde/scanner/internal/engine/literal"

// role says what an occurrence of a literal may begin.
type role uint8

const (
	byName  role = iota // part of a name that may be given a value
	byURL               // "://" of a URL with user and password
	byWord              // Bearer, Basic: the scheme of an authorisation
	bySQL               // IDENTIFIED BY
	byCurl              // curl -u user:password
	byShort             // commands whose -p or -a takes a password
	byDER               // private key in base64
	byJWK               // member of a JSON Web Key
)

type trigger struct {
	bytes string
	fold  bool
	role  role
}

// triggers are the literals whose occurrences Match is called for. A name need
// not be one of them: it must contain one.
var triggers = []trigger{
	{"pass", true, byName}, {"pwd", true, byName}, {"secret", true, byName}, {"token", true, byName},
	{"key", true, byName}, {"auth", true, byName}, {"cred", true, byName},
	{"psw", true, byName}, {"pw", true, byName}, {"salt", true, byName},
	{"nonce", true, byName}, {"signature", true, byName}, {"sid=", true, byName}, {"_sid", true, byName},
	{"cookie", true, byName}, {"sessionid", true, byName}, {"session_id", true, byName}, {"ticket", true, byName},
	{"mnemonic", true, byName}, {"seed", true, byName}, {"cipher", true, byName}, {"hmac", true, byName},
	{"otp", true, byName}, {"sas=", true, byName}, {"sig=", true, byName}, {"_pat=", true, byName}, {"_pat:", true, byName}, {`_pat"`, true, byName}, {"pin=", true, byName},
	{"community", true, byName}, {"securestring", true, byName}, {"directoryentry", true, byName},

	{"senha", true, byName}, {"contrase", true, byName}, {"clave", true, byName}, {"kennwort", true, byName},
	{"motdepasse", true, byName}, {"mdp", true, byName}, {"wachtwoord", true, byName}, {"haslo", true, byName},
	{"heslo", true, byName}, {"parol", true, byName}, {"sifre", true, byName}, {"geheim", true, byName},
	{"segredo", true, byName}, {"chave", true, byName}, {"mima", true, byName}, {"losenord", true, byName},
	{"salasana", true, byName}, {"jelszo", true, byName}, {"segreto", true, byName}, {"chiave", true, byName},
	{"пароль", false, byName}, {"Пароль", false, byName}, {"密码", false, byName}, {"密碼", false, byName},
	{"口令", false, byName}, {"パスワード", false, byName}, {"비밀번호", false, byName}, {"hasło", false, byName},
	{"Hasło", false, byName}, {"密钥", false, byName}, {"şifre", false, byName}, {"lösenord", false, byName},
	{"令牌", false, byName},

	{"://", false, byURL},
	{"bearer", true, byWord}, {"basic ", true, byWord},
	{"identified by", true, bySQL}, {"identified with", true, bySQL},
	{"curl", true, byCurl},
	{"mysql", true, byShort}, {"sshpass", true, byShort}, {"docker login", true, byShort}, {"redis-cli", true, byShort},
	{"mariadb", true, byShort}, {"7z a", true, byShort}, {"ldapsearch", true, byShort}, {"smbclient", true, byShort}, {"psexec", true, byShort},
	{"BADANBgkqhkiG9w0BAQEFAASC", false, byDER},
	{`"k"`, false, byJWK}, {`"d"`, false, byJWK}, {`"qi"`, false, byJWK},
}

// Literals are the literals whose occurrences Match judges, by the index that
// Match is called with.
func Literals() []literal.Pattern {
	p := make([]literal.Pattern, len(triggers))
	for i, t := range triggers {
		p[i] = literal.Pattern{Bytes: t.bytes, Fold: t.fold}
	}
	return p
}
