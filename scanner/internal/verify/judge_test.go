package verify

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// FuzzAnswer judges any answer by any check: no panic, inactive never from a
// status that cannot mean it, and facts are short single lines.
func FuzzAnswer(f *testing.F) {
	ids := catalogue().Verifiable()
	f.Add(uint16(0), 401, []byte(`{"error":{"code":"invalid_api_key"}}`), "x")
	f.Add(uint16(7), 200, []byte(`{"data":[{"id":"a"},{"id":null}],"name":"a\nb"}`), "a, b")
	f.Add(uint16(9), 429, []byte(`{"error":{"code":"insufficient_quota"}}`), "")
	f.Add(uint16(11), 200, []byte("\xef\xbb\xbf[{}]"), "\x1b[2J")
	f.Fuzz(func(t *testing.T, n uint16, status int, body []byte, header string) {
		c := catalogue().Lookup(ids[int(n)%len(ids)]).Verify
		h := http.Header{}
		for _, name := range []string{"X-OAuth-Scopes", "WWW-Authenticate", "openai-organization"} {
			h.Set(name, header)
		}
		r := newResponse(status, h, body)
		got := r.judge(c)
		switch got.State {
		case finding.Inactive:
			if status == 429 || status == 407 || status >= 500 || status >= 300 && status < 400 {
				t.Errorf("inactive from status %d", status)
			}
		case finding.Active, finding.Unknown:
		default:
			t.Errorf("state %q", got.State)
		}
		if got.State != finding.Active && got.Reason == "" {
			t.Error("no reason")
		}
		if r.isJSON && !json.Valid(r.body) {
			t.Error("taken for JSON")
		}
		for name, v := range r.facts(c.Facts) {
			if strings.ContainsFunc(v, func(c rune) bool { return unicode.IsControl(c) }) || len(v) > 4*(maxList+1)*(maxFact+4) {
				t.Errorf("fact %s = %q", name, v)
			}
		}
	})
}
