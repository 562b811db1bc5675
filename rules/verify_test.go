package rules

import (
	"strings"
	"testing"
)

// TestChecks loads the built-in checks as a run does and lints them against
// the rules that they name.
func TestChecks(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if err := LintChecks(set); err != nil {
		t.Fatal(err)
	}
	hash := set.Hash()
	if err := set.LoadChecks(); err != nil {
		t.Fatal(err)
	}
	if n := len(set.Verifiable()); n < 150 {
		t.Errorf("%d kinds have a check", n)
	}
	if set.Hash() != hash {
		t.Error("a check changes the hash of what is found")
	}
}

// TestChecksLean: rules as scan loads them have their checks, too.
func TestChecksLean(t *testing.T) {
	set, err := BuiltinLean()
	if err != nil {
		t.Fatal(err)
	}
	if err := set.LoadChecks(); err != nil {
		t.Fatal(err)
	}
	if n := len(set.Verifiable()); n < 150 {
		t.Errorf("%d kinds have a check", n)
	}
}

// TestChecksNotReplaced: what a user's rule finds is not sent to where the
// built-in rule of that id would send it.
func TestChecksNotReplaced(t *testing.T) {
	base, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	// The name is that of a scanned tree's file, in a directory so called.
	c, err := Parse("catalogue/leaksonde.toml", []byte("[[rules]]\nid = \"openai-project-api-key\"\ntoken = 'acme_[a-z]{20}'\n"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.Apply(base)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.LoadChecks(); err != nil {
		t.Fatal(err)
	}
	if set.Lookup("openai-project-api-key").Verify != nil {
		t.Error("a replaced rule kept the built-in check")
	}
	if set.Lookup("openai-admin-api-key").Verify == nil {
		t.Error("a built-in rule lost its check")
	}
}

// TestCheckLint plants one fault at a time.
func TestCheckLint(t *testing.T) {
	const good = `get = "https://api.acme.example/me"
auth = "bearer"
active = [{ json = "id" }]
inactive = [{ json = "error" }]
`
	tests := []struct{ name, old, new, want string }{
		{"good", "", "", ""},
		{"plain http", "https:", "http:", "no https URL"},
		{"unknown key", "auth =", "oauth_style =", "unknown key"},
		{"no call", `get = "https://api.acme.example/me"`, "", "makes no call"},
		{"post", "get =", "post =", "a POST may change something"},
		{"secret in URL", "/me", "/{{secret}}", "stands in the URL"},
		{"foreign host", "api.acme.example", "{{part:host}}", "comes from outside"},
		{"no such part", `auth = "bearer"`, `headers = { X = "{{part:host}} {{secret}}" }`, `no part "host"`},
		{"broken placeholder", `auth = "bearer"`, `headers = { X = "{{secret} }" }`, "broken placeholder"},
		{"secret not sent", `auth = "bearer"`, `headers = { X = "y" }`, "never sends the secret"},
		{"active by status", `{ json = "id" }`, `{ status = [200] }`, "by its status alone"},
		{"inactive by 429", `{ json = "error" }`, `{ status = [429], json = "error", is = ["x"] }`, "never mean inactive"},
		{"inactive by 407", `{ json = "error" }`, `{ status = [407], json = "error", is = ["x"] }`, "never mean inactive"},
		{"inactive by 503", `{ json = "error" }`, `{ status = [503], json = "error", is = ["x"] }`, "never mean inactive"},
		{"inactive by 404 alone", `{ json = "error" }`, `{ status = [404], json = "error" }`, "alone does not mean inactive"},
		{"any text", `{ json = "error" }`, `{ text = true }`, "any text would fit"},
		{"rule named inside", "auth =", "rule = \"x\"\nauth =", "catalogue's own files"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := "[[rules]]\nid = \"acme-key\"\ntoken = 'acme_[a-z]{20}'\n[rules.verify]\n" + strings.Replace(good, test.old, test.new, 1)
			c, err := Parse("x.toml", []byte(src))
			if err == nil {
				err = (&Set{Rules: c.Rules}).Validate()
			}
			switch {
			case test.want == "" && err != nil:
				t.Fatal(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
