package verify

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// TestNoFalseAnswer plays, for every check of the catalogue, answers that are
// not the provider's: none may be taken for active or inactive.
func TestNoFalseAnswer(t *testing.T) {
	page := "<!DOCTYPE html><html><body>Log in to the network. error invalid unauthorized</body></html>"
	answers := map[string]http.HandlerFunc{
		"page 200": answer(200, page), "page 401": answer(401, page), "page 403": answer(403, page), "page 404": answer(404, page),
		"portal": answer(511, page), "proxy": answer(407, page), "empty 200": answer(200, ""), "empty 401": answer(401, ""),
		"empty object": answer(200, "{}"), "malformed": answer(200, `{"id":"x","data":[`), "malformed 401": answer(401, `{"error":{"code":"invalid`),
		"limited": answer(429, `{"error":"too many requests"}`), "limited page": answer(429, page), "trouble": answer(500, `{"error":"internal"}`), "bad gateway": answer(502, page),
		"away": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/login", http.StatusFound)
		},
		"huge 401": answer(401, `{"error":"`+strings.Repeat("x", maxBody)+`"}`),
	}
	names := sortedNames(answers)
	if testing.Short() {
		names = []string{"page 401", "portal", "empty 401", "malformed 401", "limited", "empty object"}
	}
	var subjects []Subject
	seen := map[any]bool{}
	for _, id := range catalogue().Verifiable() {
		if s := drawn(t, id, 3); !seen[s.Rule.Verify] {
			seen[s.Rule.Verify] = true
			subjects = append(subjects, s)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := play(t, answers[name])
			o := quick()
			o.Tries, o.Concurrency, o.Timeout = 1, 8, 5*time.Second
			var endpoints []string
			for _, s := range subjects {
				endpoints = append(endpoints, s.Rule.ID, server.URL)
			}
			v := verifier(t, o, endpoints...)
			for i := range subjects { // one at a time: failures in a row would end the talk
				s := subjects[i]
				v.client.hosts.of(strings.TrimPrefix(server.URL, "http://")).note(nil)
				r := one(t, v, s)
				if r.State == finding.Active || r.State == finding.Inactive {
					t.Errorf("%s: %s (%s)", s.Rule.ID, r.State, r.Reason)
				}
				if r.State == finding.Unverifiable {
					t.Errorf("%s: %s", s.Rule.ID, r.Reason)
				}
				if r.Reason == "" {
					t.Errorf("%s: no reason", s.Rule.ID)
				}
			}
			if server.calls.Load() < int64(len(subjects)) {
				t.Errorf("%d calls for %d checks", server.calls.Load(), len(subjects))
			}
		})
	}
}

func sortedNames[V any](m map[string]V) []string {
	names := sortedKeys(m)
	slices.Sort(names)
	return names
}

// TestTransport: servers that are slow, hang up, or send elsewhere.
func TestTransport(t *testing.T) {
	s := drawn(t, "groq-api-key", 1)
	other := play(t, answer(200, `{"data":[{"id":"m"}]}`))
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	tests := []struct {
		name   string
		h      http.HandlerFunc
		want   finding.VerificationState
		reason string
	}{
		{"hanging", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}, finding.Unknown, errTimeout.Error()},
		{"slow body", func(w http.ResponseWriter, r *http.Request) {
			for range 20 {
				fmt.Fprint(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}, finding.Unknown, errTimeout.Error()},
		{"cut", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"data":[{"id":"m"}]}`)
		}, finding.Unknown, errCut.Error()},
		{"hung up", func(w http.ResponseWriter, r *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Close()
		}, finding.Unknown, errCut.Error()},
		{"redirect away", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}, finding.Unknown, "redirected"},
		{"redirect within", func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/moved") {
				http.Redirect(w, r, "/moved", http.StatusTemporaryRedirect)
				return
			}
			if r.Header.Get("Referer") != "" {
				t.Error("the URL was repeated")
			}
			answer(200, `{"data":[{"id":"m"}]}`)(w, r)
		}, finding.Active, ""},
		{"redirect for ever", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, finding.Unknown, "redirected"},
		{"huge", answer(200, `{"data":[{"id":"m"}],"x":"`+strings.Repeat("x", 2*maxBody)+`"}`), finding.Unknown, "larger"},
		{"error that repeats the key", answer(418, `{"error":"`+s.Secret+`"}`), finding.Unknown, "unexpected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := play(t, test.h)
			o := quick()
			o.Tries = 2
			got := one(t, verifier(t, o, "groq", server.URL), s)
			if got.State != test.want || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.State, got.Reason, test.want, test.reason)
			}
		})
	}
	if other.calls.Load() > 0 {
		t.Error("a redirect to another host was followed")
	}
	t.Run("refused", func(t *testing.T) {
		got := one(t, verifier(t, quick(), "groq", "http://127.0.0.1:1"), s)
		if got.State != finding.Unknown || got.Reason != errRefused.Error() {
			t.Error(got)
		}
	})
	t.Run("untrusted certificate", func(t *testing.T) {
		server := httptest.NewUnstartedServer(answer(200, `{"data":[{"id":"m"}]}`))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		if got := one(t, verifier(t, quick(), "groq", server.URL), s); got.Reason != errTLS.Error() {
			t.Error(got)
		}
		o := quick()
		o.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		if got := one(t, verifier(t, o, "groq", server.URL), s); got.State != finding.Active {
			t.Error(got)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		v := verifier(t, quick(), "groq", other.URL)
		if _, err := v.Check(ctx, []Subject{s}); err == nil {
			t.Error("no error")
		}
	})
}

// TestEcho: a provider that repeats what it was sent, in every way, does not
// get it into a result.
func TestEcho(t *testing.T) {
	s := drawn(t, "hugging-face-user-access-token", 1)
	for name, echo := range map[string]string{
		"whole": s.Secret, "within": "key " + s.Secret + " accepted", "part": s.Secret[5:25], "upper": strings.ToUpper(s.Secret),
		"base64": b64("user:" + s.Secret), "hex": fmt.Sprintf("%x", s.Secret), "long": strings.Repeat("x", 150) + s.Secret,
	} {
		server := play(t, answer(200, fmt.Sprintf(`{"name":%q,"type":"user","orgs":[{"name":%q}]}`, echo, echo)))
		got := one(t, verifier(t, quick(), "hugging-face", server.URL), s)
		if got.State != finding.Active || got.Facts["account"] != "[redacted]" || got.Facts["type"] != "user" {
			t.Errorf("%s: %v", name, got)
		}
	}
	server := play(t, answer(200, `{"name":"a\u001b[2Jb\u202ec\nd","type":"`+strings.Repeat("y", 500)+`"}`))
	got := one(t, verifier(t, quick(), "hugging-face", server.URL), s)
	if got.Facts["account"] != "a [2Jb c d" || len(got.Facts["type"]) > maxFact+4 {
		t.Errorf("%q", got.Facts)
	}
}
