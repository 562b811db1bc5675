package verify

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// response is an answer, read.
type response struct {
	status int
	header http.Header
	body   []byte
	isJSON bool // an object or array
	huge   bool
}

func newResponse(status int, header http.Header, body []byte) *response {
	r := &response{status: status, header: header, body: body}
	if len(body) > maxBody {
		r.huge, r.body = true, nil
		return r
	}
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && gjson.ValidBytes(trimmed) {
		r.body, r.isJSON = trimmed, true
	}
	return r
}

// text is the string at a path of a JSON body, "" without.
func (r *response) text(path string) string {
	if !r.isJSON {
		return ""
	}
	return gjson.GetBytes(r.body, path).String()
}

// judge says what an answer means by the answers that the check declares.
func (r *response) judge(c *rules.Check) finding.Verification {
	if a := r.firstFit(c.Unknown, http.StatusOK); a != nil {
		return unknown(a.Reason)
	}
	if a := r.firstFit(c.Active, http.StatusOK); a != nil {
		return finding.Verification{State: finding.Active, Reason: a.Reason}
	}
	if a := r.firstFit(c.Inactive, http.StatusUnauthorized); a != nil {
		reason := a.Reason
		if reason == "" {
			reason = "the provider says that it is not valid"
		}
		return finding.Verification{State: finding.Inactive, Reason: reason}
	}
	return r.unexpected()
}

// fits tells whether any declared answer fits.
func (r *response) fits(c *rules.Check) bool {
	return r.firstFit(c.Unknown, http.StatusOK) != nil || r.firstFit(c.Active, http.StatusOK) != nil ||
		r.firstFit(c.Inactive, http.StatusUnauthorized) != nil
}

func (r *response) firstFit(all []rules.Answer, status int) *rules.Answer {
	for i := range all {
		if r.fit(&all[i], status) {
			return &all[i]
		}
	}
	return nil
}

// fit tells whether the response is this answer.
func (r *response) fit(a *rules.Answer, status int) bool {
	if r.huge {
		return false
	}
	if len(a.Status) > 0 && !slices.Contains(a.Status, r.status) || len(a.Status) == 0 && r.status != status {
		return false
	}
	if !a.Text && !r.isJSON {
		return false
	}
	if a.Header != "" && r.header.Get(a.Header) == "" {
		return false
	}
	if a.Lacks != "" && present(gjson.GetBytes(r.body, a.Lacks)) {
		return false
	}
	said := string(r.body)
	if a.Header != "" {
		said = r.header.Get(a.Header)
	}
	if a.JSON != "" {
		v := gjson.GetBytes(r.body, a.JSON)
		if !present(v) {
			return false
		}
		said = v.String()
	}
	if len(a.Is) > 0 && !slices.Contains(a.Is, said) {
		return false
	}
	if len(a.Has) > 0 {
		said = strings.ToLower(said)
		return slices.ContainsFunc(a.Has, func(t string) bool { return strings.Contains(said, strings.ToLower(t)) })
	}
	return true
}

func present(v gjson.Result) bool { return v.Exists() && v.Type != gjson.Null }

// unexpected is an answer that no declared one fits.
func (r *response) unexpected() finding.Verification {
	page := strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(r.body[:min(len(r.body), 64)])), []byte("<"))
	switch {
	case r.huge:
		return unknown(fmt.Sprintf("an unexpected answer: larger than %d MB", maxBody>>20))
	case r.status == http.StatusProxyAuthRequired:
		return unknown(errProxy.Error())
	case r.status == http.StatusNetworkAuthenticationRequired:
		return unknown("the network wants a login first (captive portal)")
	case r.status >= 300 && r.status < 400:
		return unknown(fmt.Sprintf("redirected to another place, not followed (status %d)", r.status))
	case r.status == http.StatusTooManyRequests:
		return unknown((&limitedError{}).Error())
	case page:
		return unknown(fmt.Sprintf("answered with a web page instead of the provider's API: a proxy, a login, or the API has changed (status %d)", r.status))
	case r.status == http.StatusOK && !r.isJSON:
		return unknown("an unexpected answer: no JSON (status 200)")
	}
	return unknown(fmt.Sprintf("an unexpected answer (status %d)", r.status))
}

// maxFact bounds a fact in characters, maxList the members of a list that are
// told.
const (
	maxFact = 200
	maxList = 10
)

// facts reads facts from an answer.
func (r *response) facts(sources map[string]string) map[string]string {
	out := map[string]string{}
	for name, source := range maps.All(sources) {
		if h, ok := strings.CutPrefix(source, "header:"); ok {
			set(out, name, factText(r.header.Get(h)))
			continue
		}
		path, count := strings.CutPrefix(source, "count:")
		v := gjson.GetBytes(r.body, path)
		switch {
		case !present(v):
		case count:
			if v.IsArray() {
				out[name] = fmt.Sprint(len(v.Array()))
			}
		case v.IsArray():
			set(out, name, factList(v.Array()))
		case v.IsObject():
		default:
			set(out, name, factText(v.String()))
		}
	}
	return out
}

func factList(all []gjson.Result) string {
	var list []string
	for _, v := range all {
		if t := factText(v.String()); t != "" && !v.IsObject() {
			list = append(list, t)
		}
	}
	if more := len(list) - maxList; more > 0 {
		list = append(list[:maxList], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}

// factText makes a provider's text harmless: one short line.
func factText(s string) string {
	s = strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if runes := []rune(s); len(runes) > maxFact {
		s = string(runes[:maxFact]) + "…"
	}
	return s
}
