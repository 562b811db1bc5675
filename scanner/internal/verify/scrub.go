package verify

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// piece is the length of a stretch of a secret that no fact may repeat.
const piece = 10

// clean takes every trace of the credential out of a result: a provider may
// echo what it was sent, whole, in part or encoded. A fact that does is not
// told at all. Parts that are public by nature (ids, hosts) may be repeated;
// they cannot be told from the others here, so only long ones are looked for.
func (j *job) clean(r finding.Verification) finding.Verification {
	traces := j.traces()
	for name, v := range r.Facts {
		if repeats(v, traces) {
			r.Facts[name] = "[redacted]"
		}
	}
	if len(r.Facts) == 0 {
		r.Facts = nil
	}
	return r
}

// traces are stretches of which none may come out.
func (j *job) traces() map[string]bool {
	v := &j.values
	all := map[string]bool{}
	add := func(s string) {
		if len(s) < 6 {
			return
		}
		if len(s) <= piece {
			all[s] = true
			return
		}
		for i := 0; i+piece <= len(s); i++ {
			all[s[i:i+piece]] = true
		}
	}
	for _, s := range []string{v.secret, v.token} {
		if s == "" {
			continue
		}
		add(s)
		add(hex.EncodeToString([]byte(s)))
		add(url.QueryEscape(s))
		for shift := range 3 { // as it stands within a longer encoded text
			e := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + s))
			from, to := 4*((shift+2)/3), len(strings.TrimRight(e, "="))-1
			if from < to {
				add(e[from:to])
				add(strings.NewReplacer("+", "-", "/", "_").Replace(e[from:to]))
			}
		}
	}
	for name, s := range v.parts {
		if name != "host" && name != "site" && name != "endpoint" && !strings.HasSuffix(name, "-id") && name != "id" {
			add(s)
		}
	}
	return all
}

func repeats(text string, traces map[string]bool) bool {
	for t := range traces {
		if strings.Contains(text, t) || len(t) >= piece && strings.Contains(strings.ToLower(text), strings.ToLower(t)) {
			return true
		}
	}
	return false
}
