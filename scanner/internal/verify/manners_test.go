package verify

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// canaryID is an access key id of an AWS account.
func canaryID(t *testing.T, account string) string {
	n, err := strconv.ParseUint(account, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	b := binary.BigEndian.AppendUint64(nil, 1<<47|n<<7)
	return "AKIA" + base32.StdEncoding.EncodeToString(append(b[2:], 1, 2, 3, 4))
}

// TestThousand: a thousand keys of one provider keep its rate and concurrency,
// and every one has its own answer, in any order.
func TestThousand(t *testing.T) {
	server := play(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/models" {
			answer(404, "{}")(w, r)
			return
		}
		if key := r.Header.Get("Authorization"); key[len(key)-1]%2 == 0 {
			answer(200, `{"data":[{"id":"m"}]}`)(w, r)
			return
		}
		answer(401, `{"message":"Unauthorized"}`)(w, r)
	})
	const n = 1000
	var subjects []Subject
	for i := range n {
		s := drawn(t, "mistral-api-key", i)
		subjects = append(subjects, s)
	}
	o := quick()
	o.Rate, o.Timeout = 500, 5*time.Second
	v := verifier(t, o, "mistral", server.URL)
	begin := time.Now()
	results := check(t, v, subjects...)
	took := time.Since(begin)
	distinct := map[string]bool{}
	for i, r := range results {
		distinct[subjects[i].Secret] = true
		want := finding.Inactive
		if s := subjects[i].Secret; s[len(s)-1]%2 == 0 {
			want = finding.Active
		}
		if r.State != want {
			t.Fatalf("%d: %v, want %s", i, r, want)
		}
	}
	calls := server.calls.Load()
	if int(calls) != len(distinct) {
		t.Errorf("%d calls for %d keys", calls, len(distinct))
	}
	if rate := float64(calls) / took.Seconds(); rate > 505 {
		t.Errorf("%.0f requests a second, the limit is 500", rate)
	}
	if most := server.least.Load(); most > 2 {
		t.Errorf("%d requests at once", most)
	}
	// Another order, the same answers; and nothing is asked twice in a run.
	order := rand.Perm(n)
	var shuffled []Subject
	for _, i := range order {
		shuffled = append(shuffled, subjects[i])
	}
	for k, r := range check(t, v, shuffled...) {
		if !reflect.DeepEqual(r, results[order[k]]) {
			t.Fatal("the order changes the answer")
		}
	}
	if server.calls.Load() != calls {
		t.Error("a key was checked twice")
	}
}

// TestSingleFlight: the same secret many times is asked once.
func TestSingleFlight(t *testing.T) {
	server := play(t, answer(401, `{"message":"Unauthorized"}`))
	s := drawn(t, "mistral-api-key", 1)
	check(t, verifier(t, quick(), "mistral", server.URL), s, s, s, s, s, s, s, s)
	if n := server.calls.Load(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestRetryAfter(t *testing.T) {
	s := drawn(t, "mistral-api-key", 1)
	t.Run("short", func(t *testing.T) {
		var first atomic.Bool
		var at time.Time
		server := play(t, func(w http.ResponseWriter, r *http.Request) {
			if first.CompareAndSwap(false, true) {
				at = time.Now()
				answer(429, "", "Retry-After", "0.2")(w, r)
				return
			}
			if time.Since(at) < 200*time.Millisecond {
				t.Error("asked again too early")
			}
			answer(401, `{"message":"Unauthorized"}`)(w, r)
		})
		o := quick()
		o.MaxWait = time.Second
		if got := one(t, verifier(t, o, "mistral", server.URL), s); got.State != finding.Inactive {
			t.Error(got)
		}
	})
	t.Run("long", func(t *testing.T) {
		server := play(t, answer(429, `{"message":"slow down"}`, "Retry-After", "3600"))
		var subjects []Subject
		for i := range 50 {
			subjects = append(subjects, drawn(t, "mistral-api-key", i))
		}
		for _, got := range check(t, verifier(t, quick(), "mistral", server.URL), subjects...) {
			if got.State != finding.Unknown || !strings.Contains(got.Reason, "rate limited") {
				t.Error(got)
			}
		}
		if n := server.calls.Load(); n > 3 {
			t.Errorf("%d calls to a host that wants none", n)
		}
	})
	t.Run("without", func(t *testing.T) {
		server := play(t, answer(429, ""))
		got := one(t, verifier(t, quick(), "mistral", server.URL), s)
		if got.State != finding.Unknown || server.calls.Load() != 3 {
			t.Error(got, server.calls.Load())
		}
	})
}

// TestBudget: what does not get its turn in time is unknown, and says so.
func TestBudget(t *testing.T) {
	server := play(t, answer(401, `{"message":"Unauthorized"}`))
	o := quick()
	o.Rate, o.Budget = 20, 300*time.Millisecond
	var subjects []Subject
	for i := range 40 {
		subjects = append(subjects, drawn(t, "mistral-api-key", i))
	}
	begin := time.Now()
	last := check(t, verifier(t, o, "mistral", server.URL), subjects...)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	late := 0
	for _, r := range last {
		if r.Reason == errBudget.Error() {
			late++
		}
	}
	if late < 25 || late == 40 {
		t.Errorf("%d of 40 without their turn", late)
	}
}

func TestCache(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cache.json")
	status := 200
	server := play(t, func(w http.ResponseWriter, r *http.Request) {
		answer(status, `{"username":"acme","type":"user"}`)(w, r)
	})
	s := drawn(t, "replicate-api-token", 1)
	now := time.Now()
	run := func() finding.Verification {
		t.Helper()
		o := quick()
		var err error
		if o.Cache, err = OpenCache(file, time.Hour, func() time.Time { return now }); err != nil {
			t.Fatal(err)
		}
		r := one(t, verifier(t, o, "replicate", server.URL), s)
		if err := o.Cache.Save(file); err != nil {
			t.Fatal(err)
		}
		return r
	}
	status = 418
	if r := run(); r.State != finding.Unknown {
		t.Fatal(r)
	}
	status = 200
	if r := run(); r.State != finding.Active || r.Facts["checked"] != "" {
		t.Fatal("an unknown answer was kept:", r)
	}
	now = now.Add(30 * time.Minute)
	if r := run(); r.Facts["checked"] == "" || r.Facts["account"] != "acme" || server.calls.Load() != 2 {
		t.Error(r, server.calls.Load())
	}
	now = now.Add(31 * time.Minute)
	if r := run(); r.Facts["checked"] != "" || server.calls.Load() != 3 {
		t.Error("an old answer was believed:", r)
	}
	b, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(b), s.Secret[4:]) {
		t.Error("the cache holds the secret", err)
	}
	if info, _ := os.Stat(file); info.Mode().Perm()&0o077 != 0 {
		t.Error(info.Mode())
	}
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCache(file, time.Hour, nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Error(err)
	}
}

func TestAWS(t *testing.T) {
	s := drawn(t, "aws-access-key-id", 1)
	s.Secret = "AKIA" + s.Secret[4:]
	s.Parts = map[string]string{"secret-access-key": strings.Repeat("a1", 20)}
	status, body := 200, `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/x","UserId":"AIDA"}}}`
	server := play(t, func(w http.ResponseWriter, r *http.Request) {
		a := r.Header.Get("Authorization")
		if !strings.HasPrefix(a, "AWS4-HMAC-SHA256 Credential="+s.Secret+"/") || !strings.Contains(a, "/us-east-1/sts/aws4_request") {
			t.Errorf("signature %q", a)
		}
		if r.FormValue("Action") != "GetCallerIdentity" {
			t.Error("another action")
		}
		answer(status, body)(w, r)
	})
	if got := one(t, verifier(t, quick(), "aws", server.URL), s); got.State != finding.Active || got.Facts["account"] != "123456789012" {
		t.Error(got)
	}
	for code, want := range map[string]finding.VerificationState{"InvalidClientTokenId": finding.Inactive, "SignatureDoesNotMatch": finding.Unknown, "ExpiredToken": finding.Inactive, "AccessDenied": finding.Unknown} {
		status, body = 403, fmt.Sprintf(`{"Error":{"Code":%q,"Message":"x","Type":"Sender"},"RequestId":"y"}`, code)
		if got := one(t, verifier(t, quick(), "aws", server.URL), s); got.State != want {
			t.Error(code, got)
		}
	}
	s.Secret = "ASIA" + s.Secret[4:]
	calls := server.calls.Load()
	if got := one(t, verifier(t, quick(), "aws", server.URL), s); got.State != finding.Unverifiable || server.calls.Load() != calls {
		t.Error("a session key was checked without its token:", got)
	}
}

func TestOAuth(t *testing.T) {
	s := drawn(t, "paypal-oauth-client-id-secret", 1)
	tests := []struct {
		status int
		body   string
		want   finding.VerificationState
	}{
		{200, `{"access_token":"A21AAF-0123456789abcdef","token_type":"Bearer"}`, finding.Active},
		{401, `{"error":"invalid_client"}`, finding.Inactive},
		{400, `{"error":"unauthorized_client"}`, finding.Active},
		{401, `{"error":"something_new"}`, finding.Unknown},
		{200, `{"ok":true}`, finding.Unknown},
		{429, ``, finding.Unknown},
	}
	for _, test := range tests {
		server := play(t, func(w http.ResponseWriter, r *http.Request) {
			if id, secret, _ := r.BasicAuth(); id != s.Parts["client-id"] || secret != s.Secret || r.FormValue("grant_type") != "client_credentials" {
				t.Error("the request for a token is wrong")
			}
			answer(test.status, test.body)(w, r)
		})
		if got := one(t, verifier(t, quick(), "paypal", server.URL), s); got.State != test.want {
			t.Errorf("%d %s: %v", test.status, test.body, got)
		}
	}
}

func TestHMAC(t *testing.T) {
	s := drawn(t, "bitmex-api-key", 1)
	server := play(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header.Get("api-signature")) != 64 || r.Header.Get("api-expires") == "" {
			t.Error(r.Header)
		}
		answer(200, `{"id":7,"username":"x"}`)(w, r)
	})
	if got := one(t, verifier(t, quick(), "bitmex", server.URL), s); got.State != finding.Active {
		t.Error(got)
	}
}

// TestElsewhere: a refusal by the default host proves nothing for tokens of
// instances; one by the instance that the user names does.
func TestElsewhere(t *testing.T) {
	s := drawn(t, "gitlab-personal-access-token", 1)
	v := verifier(t, quick())
	j, _ := v.prepare(&s)
	refused := finding.Verification{State: finding.Inactive, Reason: "x"}
	if got := j.placed(refused); got.State != finding.Unknown || !strings.Contains(got.Reason, "--verify-endpoint") {
		t.Error(got)
	}
	server := play(t, answer(401, `{"message":"401 Unauthorized"}`))
	if got := one(t, verifier(t, quick(), "gitlab", server.URL), s); got.State != finding.Inactive {
		t.Error(got)
	}
	vault := drawn(t, "hashicorp-vault-service-token", 1)
	if got := one(t, verifier(t, quick()), vault); got.State != finding.Unverifiable || !strings.Contains(got.Reason, "--verify-endpoint") {
		t.Error(got)
	}
}

func TestPlan(t *testing.T) {
	var subjects []Subject
	for i := range 3 {
		subjects = append(subjects, drawn(t, "openai-project-api-key", i), drawn(t, "mistral-api-key", i))
	}
	subjects = append(subjects, drawn(t, "openai-project-api-key", 0), drawn(t, "private-key-pem-private-key", 1))
	p := verifier(t, quick(), "mistral", "http://127.0.0.1:1/gateway").Plan(subjects)
	var hosts []string
	for _, c := range p.Calls {
		if !c.Further {
			hosts = append(hosts, fmt.Sprint(c.Host, c.Method, c.Path, c.Secrets))
		}
		if c.Method != "GET" && c.Why == "" {
			t.Errorf("%v says not why it is harmless", c)
		}
	}
	if want := []string{"api.openai.comGET/v1/models3", "http://127.0.0.1:1GET/gateway/v1/models3"}; !reflect.DeepEqual(hosts, want) {
		t.Errorf("%q, want %q", hosts, want)
	}
	if len(p.Skipped) != 1 || p.Skipped[0].Count != 1 {
		t.Error(p.Skipped)
	}
	for _, s := range subjects {
		if strings.Contains(fmt.Sprint(p), s.Secret) {
			t.Error("the plan holds a secret")
		}
	}
}
