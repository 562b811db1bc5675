package dsn

import "testing"

func TestSample(t *testing.T) {
	for _, c := range []struct {
		user, password, host string
		want                 bool
	}{
		{"", "S3cr3tP4ss" + "99", "cache.corp.com:6379", false},
		{"app", "correcthorse" + "battery", "db.corp.com", false},
		{"root", "S3cr3tP4ss" + "99", "10.0.3.7", false},
		{"app", "correcthorse" + "battery", "localhost:5432", true},
		{"app", "correcthorse" + "battery", "127.0.0.1", true},
		{"app", "correcthorse" + "battery", "[::1]:5432", true},
		{"app", "correcthorse" + "battery", "db", true},
		{"app", "correcthorse" + "battery", "DB.Example.org", true},
		{"app", "correcthorse" + "battery", "printer.local", true},
		{"bobby", "Bobby", "db.corp.com", true},
		{"app", "password", "db.corp.com", true},
		{"app", "mySecretPassword123!", "db.corp.com", true},
		{"app", "p@ssw0rd", "db.corp.com", true},
		{"app", "changeme-now", "db.corp.com", true},
		{"app", "<your-password>", "db.corp.com", true},
		{"app", "123456", "db.corp.com", false}, // a sequence: a placeholder before
		{"app", "GITLAB_CI_PASS", "db.corp.com", true},
		{"app", "abc", "db.corp.com", true},
	} {
		if got := Sample([]byte(c.user), []byte(c.password), []byte(c.host)); got != c.want {
			t.Errorf("%s:%s@%s: %v", c.user, c.password, c.host, got)
		}
	}
}
