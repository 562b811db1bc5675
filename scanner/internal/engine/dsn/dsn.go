// Package dsn judges passwords by the place where they are used. A
// password that someone made up is hard to tell from the one in a manual; in a
// URL or a connection string the user and the host beside it tell.
package dsn

import "bytes"

// Sample tells whether a password that is not drawn looks like one for a
// manual or a machine of one's own rather than one in use: a stock word, an
// instruction to the reader, the user's name, or any at a host that is no place
// in a network. It allocates nothing and asks nothing but its arguments.
func Sample(user, password, host []byte) bool {
	return len(password) < 4 || len(user) > 0 && bytes.EqualFold(user, password) || stock(password) || sampleHost(host)
}

// maxStock bounds the passwords that can be stock.
const maxStock = 64

// words are what stock passwords are put together from: "mysecretpassword".
var words = []string{
	"password", "passwords", "passwd", "passphrase", "passw", "pass", "pwd", "pw", "secret", "token", "key", "apikey", "api", "auth", "credentials", "cred",
	"test", "testing", "tester", "root", "admin", "administrator", "postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "rabbitmq", "rabbit",
	"oracle", "sql", "sa", "guest", "user", "username", "usr", "login", "name", "demo", "default", "dev", "develop", "development", "local", "docker",
	"my", "the", "your", "some", "any", "a", "very", "super", "top", "strong", "secure", "long", "safe", "db", "database", "app", "application", "service",
	"server", "example", "sample", "dummy", "fake", "foo", "bar", "baz", "qux", "letmein", "welcome", "hello", "world", "abc", "abcd", "qwerty", "asdf", "xyz",
	"p4ssw0rd", "passw0rd", "pa55word", "pa55w0rd", "p@ssword", "p@ssw0rd", "p@55w0rd", "s3cr3t", "s3cret", "hunter2", "changeme", "changeit", "changethis",
	"none", "null", "empty", "value", "string", "real", "prod", "production", "staging", "ci", "travis", "github", "git", "oauth2", "oauth", "basic", "x", "here",
}

// instructions stand in what is to be replaced.
var instructions = []string{"example", "changeme", "change_", "change-", "changethis", "changeit", "placeholder", "redacted", "censored", "replace", "insert", "enter",
	"your", "xxx", "dummy", "sample", "fake", "foobar", "undefined", "_here", "todo", "fixme", "lorem", "not_real", "notreal", "notasecret", "not_a_"}

// stock tells passwords that manuals use: words of credentials and defaults,
// one or several, with digits and signs at the end.
func stock(password []byte) bool {
	if len(password) > maxStock {
		return false
	}
	var buf [maxStock]byte
	low := buf[:len(password)]
	for i, c := range password {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		low[i] = c
	}
	if constant(password) {
		return true
	}
	for _, w := range instructions {
		if bytes.Contains(low, []byte(w)) {
			return true
		}
	}
	return composed(low)
}

// composed tells whether low can be cut into words, what separates them, and
// digits and signs at the end.
func composed(low []byte) bool {
	var reached [maxStock + 1]bool
	reached[0] = true
	end := len(low)
	for end > 0 && len(low)-end < 5 && !letter(low[end-1]) {
		end--
	}
	for i := range low {
		if !reached[i] {
			continue
		}
		if i >= end {
			return true
		}
		switch low[i] {
		case '_', '-', '.', ' ', '+':
			reached[i+1] = true
		}
		for _, w := range words {
			if bytes.HasPrefix(low[i:], []byte(w)) {
				reached[i+len(w)] = true
			}
		}
	}
	return reached[len(low)]
}

// constant tells names of variables: DB_PASS.
func constant(s []byte) bool {
	underscores := 0
	for _, c := range s {
		switch {
		case c == '_':
			underscores++
		case c < 'A' || c > 'Z':
			return false
		}
	}
	return underscores > 0
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' }

// hostWords say in any part of a host's name that there is none.
var hostWords = []string{"example", "your", "domain", "hostname", "sample", "placeholder", "foobar", "somehost", "some-", "path.to", "myhost", "myserver", "mysite"}

// topLevels are never delegated, or mean the machine or the room.
var topLevels = []string{".local", ".localhost", ".localdomain", ".test", ".example", ".invalid", ".tld"}

// sampleHosts are names that people write for any host.
var sampleHosts = []string{"127.0.0.1", "0.0.0.0", "1.2.3.4", "host.docker.internal", "foo.com", "bar.com", "foo.bar", "test.com", "host.com", "server.com",
	"site.com", "company.com", "acme.com", "some.host", "db.host", "a.b.c"}

// sampleHost tells hosts that nobody else can reach: the machine itself, names
// without a dot, which only the network of one composition knows, and those
// that are reserved for manuals. A port or path may follow the name.
func sampleHost(host []byte) bool {
	if len(host) > 0 && host[0] == '[' {
		return bytes.HasPrefix(host, []byte("[::1]"))
	}
	if end := bytes.IndexAny(host, ":/?#,;"); end >= 0 {
		host = host[:end]
	}
	if len(host) > 253 {
		return false
	}
	var buf [253]byte
	low := buf[:len(host)]
	for i, c := range host {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		low[i] = c
	}
	if bytes.IndexByte(low, '.') < 0 || bytes.HasPrefix(low, []byte("127.")) {
		return true
	}
	for _, w := range hostWords {
		if bytes.Contains(low, []byte(w)) {
			return true
		}
	}
	for _, t := range topLevels {
		if bytes.HasSuffix(low, []byte(t)) {
			return true
		}
	}
	for _, h := range sampleHosts {
		if string(low) == h {
			return true
		}
	}
	return false
}
