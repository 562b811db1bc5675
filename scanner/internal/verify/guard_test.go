package verify

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "1.1.1.1": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false,
		"100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "192.0.2.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "64:ff9b::7f00:1": false, "64:ff9b::808:808": true,
		"2002:7f00:1::": false, "2001:db8::1": false, "::127.0.0.1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// TestGuard: a host of a rule that resolves to an address that is not public
// is not connected to, whatever its name; it takes the user's own mapping.
func TestGuard(t *testing.T) {
	server := play(t, answer(200, `{"id":1}`))
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, host := range []string{"localhost", "127.0.0.1"} {
		rule := &rules.Rule{ID: "acme", Provider: "acme", Verify: &rules.Check{
			Call: rules.Call{Get: "https://" + host + port + "/me", Auth: "bearer"}, Active: []rules.Answer{{JSON: "id"}},
		}}
		s := Subject{Rule: rule, Secret: "acme_0123456789"}
		if got := one(t, verifier(t, quick()), s); got.State != finding.Unknown || got.Reason != errPrivate.Error() {
			t.Errorf("%s: %v", host, got)
		}
	}
	if server.calls.Load() > 0 {
		t.Error("a private address was called")
	}
	// The decision is on the address that is connected to, after resolution.
	_, err := guarded(time.Second).DialContext(context.Background(), "tcp", "localhost"+port)
	if !errors.Is(err, errPrivate) {
		t.Error(err)
	}
}

// TestHosts: a part that a scanned file made up does not send the secret away.
func TestHosts(t *testing.T) {
	v := verifier(t, quick())
	for _, host := range []string{"evil.example", "x.cloud.databricks.com.evil.example", "cloud.databricks.com", "a@evil.example/.cloud.databricks.com", "evil.example#.cloud.databricks.com", "evil.example:443/x.cloud.databricks.com", ".cloud.databricks.com", "x.cloud.databricks.com:8443"} {
		s := drawn(t, "databricks-personal-access-token", 1)
		s.Parts["host"] = host
		j, r := v.prepare(&s)
		if j != nil || r.State != finding.Unverifiable {
			t.Errorf("%s would be called (%v)", host, r)
		}
	}
	s := drawn(t, "databricks-personal-access-token", 1)
	s.Parts["host"] = "adb-1.cloud.databricks.com"
	if j, r := v.prepare(&s); j == nil || j.host() != "adb-1.cloud.databricks.com" {
		t.Error(r)
	}
	delete(s.Parts, "host")
	if j, r := v.prepare(&s); j != nil || !strings.Contains(r.Reason, "host") {
		t.Error(r)
	}
	// Values are escaped: a secret cannot make another path or query.
	s = drawn(t, "serpapi-api-key", 1)
	s.Secret = "a&b=c/../d e#f"
	j, r := v.prepare(&s)
	if j == nil {
		t.Fatal(r)
	}
	if u, _ := j.target(&j.check.Call); u.String() != "https://serpapi.com/account.json?api_key=a%26b%3Dc%2F..%2Fd%20e%23f" {
		t.Error(u)
	}
}

// TestProxy: the environment's proxy is used, and its refusal says nothing of
// the secret.
func TestProxy(t *testing.T) {
	var asked string
	proxy := play(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			asked = r.Host
		}
		answer(407, "<html>proxy login</html>")(w, r)
	})
	o := quick()
	o.Getenv = func(name string) string {
		if name == "HTTPS_PROXY" {
			return proxy.URL
		}
		return ""
	}
	got := one(t, verifier(t, o), drawn(t, "groq-api-key", 1))
	if got.State != finding.Unknown || asked != "api.groq.com:443" {
		t.Errorf("%v, asked for %q", got, asked)
	}
}

// TestUndeclared: whatever the catalogue's checks are told, they call no host
// that is not theirs.
func TestUndeclared(t *testing.T) {
	v := verifier(t, quick())
	for _, id := range catalogue().Verifiable() {
		s := drawn(t, id, 1)
		j, _ := v.prepare(&s)
		if j == nil {
			continue
		}
		for _, call := range j.check.Calls() {
			u, err := j.target(call)
			if err != nil || u.Scheme != "https" || !j.check.AllowsHost(u.Host) {
				t.Errorf("%s: %v %v", id, u, err)
			}
			if ip := net.ParseIP(u.Hostname()); ip != nil {
				t.Errorf("%s calls an address: %v", id, ip)
			}
		}
	}
}

func TestCanary(t *testing.T) {
	s := drawn(t, "aws-access-key-id", 1)
	s.Parts = map[string]string{"secret-access-key": strings.Repeat("a1", 20)}
	if account := AWSAccount("AKIA" + "QYLPMN5H" + "FIQR7XYA"); len(account) != 12 {
		t.Errorf("account %q", account)
	}
	s.Secret = canaryID(t, "052310077262")
	server := play(t, answer(200, `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"1"}}}`))
	got := one(t, verifier(t, quick(), "aws", server.URL), s)
	if got.State != finding.Unknown || got.Facts["canary"] == "" || server.calls.Load() > 0 {
		t.Error(got, server.calls.Load())
	}
	o := quick()
	o.Canaries = true
	if got := one(t, verifier(t, o, "aws", server.URL), s); got.State != finding.Active {
		t.Error(got)
	}
}
