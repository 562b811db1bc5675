package verify

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

func openaiError(kind, code, message string) string {
	quoted := "null"
	if code != "" {
		quoted = fmt.Sprintf("%q", code)
	}
	return fmt.Sprintf(`{"error":{"message":%q,"type":%q,"param":null,"code":%s}}`, message, kind, quoted)
}

// TestOpenAIStates plays OpenAI's answers to the call that decides.
func TestOpenAIStates(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   finding.VerificationState
		reason string
	}{
		{"models", 200, `{"object":"list","data":[{"id":"gpt-4o","object":"model","owned_by":"system"}]}`, finding.Active, ""},
		{"invalid", 401, openaiError("invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-proj-****abcd."), finding.Inactive, "does not know"},
		{"deactivated", 401, openaiError("invalid_request_error", "account_deactivated", "The OpenAI account associated with this API key has been deactivated."), finding.Inactive, "deactivated"},
		{"restricted, new", 403, openaiError("invalid_request_error", "", "You have insufficient permissions for this operation. Missing scopes: api.model.read."), finding.Active, "restricted"},
		{"restricted, old", 401, openaiError("invalid_request_error", "", "You have insufficient permissions for this operation. Missing scopes: api.model.read."), finding.Active, "restricted"},
		{"region", 403, openaiError("request_forbidden", "unsupported_country_region_territory", "Country, region, or territory not supported"), finding.Active, "region"},
		{"other organisation", 401, openaiError("invalid_request_error", "mismatched_organization", "OpenAI-Organization header should match organization for API key"), finding.Active, "another"},
		{"address", 401, openaiError("invalid_request_error", "ip_not_authorized", "Your IP is not authorized"), finding.Active, "IP"},
		{"no organisation", 401, openaiError("invalid_request_error", "", "You must be a member of an organization to use the API."), finding.Unknown, "no organisation"},
		{"quota", 429, openaiError("insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan."), finding.Active, "quota"},
		{"limited, organisation named", 429, openaiError("requests", "rate_limit_exceeded", "Rate limit reached for gpt-4o in organization org-abc on requests per min"), finding.Active, "rate limited"},
		{"limited, bare", 429, openaiError("requests", "rate_limit_exceeded", "Too many requests"), finding.Unknown, "rate limited"},
		{"limited, no body", 429, "", finding.Unknown, "rate limited"},
		{"their trouble", 500, openaiError("server_error", "", "The server had an error"), finding.Unknown, "trouble"},
		{"overloaded", 503, openaiError("server_error", "", "overloaded"), finding.Unknown, "trouble"},
		{"401 of something else", 401, `{"message":"unauthorised by gateway"}`, finding.Unknown, "unexpected"},
		{"403 of a firewall", 403, "<html>blocked</html>", finding.Unknown, "web page"},
		{"portal", 200, "<html>please log in</html>", finding.Unknown, "web page"},
		{"portal 511", 511, "<html>please log in</html>", finding.Unknown, "portal"},
		{"changed API", 200, `{"models":[]}`, finding.Unknown, "unexpected"},
		{"gone", 404, openaiError("invalid_request_error", "", "Invalid URL"), finding.Unknown, "unexpected"},
		{"malformed", 200, `{"data":[{"id":`, finding.Unknown, "unexpected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := play(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/models" {
					answer(404, "{}")(w, r)
					return
				}
				answer(test.status, test.body)(w, r)
			})
			got := one(t, verifier(t, quick(), "openai", server.URL), drawn(t, "openai-project-api-key", 1))
			if got.State != test.want || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%s (%s), want %s (…%s…)", got.State, got.Reason, test.want, test.reason)
			}
		})
	}
}

// TestOpenAIAccess: what a live key may do, and whose it is.
func TestOpenAIAccess(t *testing.T) {
	missing := openaiError("invalid_request_error", "", "You have insufficient permissions for this operation. Missing scopes: x")
	tests := []struct {
		name                string
		models, files, chat bool
		access, mayNot      string
	}{
		{"full", true, true, true, "full", ""},
		{"read-only", true, true, false, "read-only", "run models at the account's cost"},
		{"restricted", true, false, true, "restricted", "read uploaded files"},
		{"models alone refused", false, true, true, "restricted", "list models"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := drawn(t, "openai-service-account-key", 1)
			server := play(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer "+s.Secret {
					t.Error("the key is not in the header")
				}
				allowed, status, body := true, 200, `{"object":"list","data":[{"id":"gpt-4o"}]}`
				switch r.URL.Path {
				case "/v1/models":
					allowed = test.models
				case "/v1/files":
					allowed = test.files
				case "/v1/chat/completions":
					allowed, status, body = test.chat, 400, openaiError("invalid_request_error", "", "you must provide a model parameter")
					w.Header().Set("openai-organization", "acme-inc")
				case "/v1/me":
					body = `{"object":"user","id":"user-1","email":"a@acme.example","orgs":{"data":[{"id":"org-1","title":"Acme","role":"owner"}]}}`
				}
				if !allowed {
					status, body = 403, missing
				}
				answer(status, body)(w, r)
			})
			got := one(t, verifier(t, quick(), "openai", server.URL), s)
			if got.State != finding.Active {
				t.Fatal(got)
			}
			if got.Facts["access"] != test.access || got.Facts["may-not"] != test.mayNot || got.Facts["impact"] == "" {
				t.Errorf("facts %v", got.Facts)
			}
			if got.Facts["email"] != "a@acme.example" || got.Facts["organisation-name"] != "Acme" {
				t.Errorf("facts %v", got.Facts)
			}
			if test.chat && got.Facts["organisation"] != "acme-inc" {
				t.Errorf("organisation %q", got.Facts["organisation"])
			}
		})
	}
}

// TestOpenAIAdmin: an admin key is asked what it administers.
func TestOpenAIAdmin(t *testing.T) {
	server := play(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/organization/") {
			t.Errorf("an admin key was sent to %s", r.URL.Path)
		}
		answer(200, `{"object":"list","data":[{"id":"proj_1","name":"Prod"}]}`)(w, r)
	})
	got := one(t, verifier(t, quick(), "openai", server.URL), drawn(t, "openai-admin-api-key", 1))
	if got.State != finding.Active || got.Facts["project"] != "Prod" || got.Facts["access"] != "full" {
		t.Error(got)
	}
}
