package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/leaksonde/leaksonde/rules"
)

// values are what placeholders stand for.
type values struct {
	secret           string
	parts, vars      map[string]string
	token, signature string
	now              time.Time
}

// fill replaces the placeholders of a template.
func (v *values) fill(template string, escape func(string) string) string {
	if !strings.Contains(template, "{{") {
		return template
	}
	return rules.CheckPlaceholder.ReplaceAllStringFunc(template, func(p string) string {
		m := rules.CheckPlaceholder.FindStringSubmatch(p)
		return escape(v.value(m[1], m[2]))
	})
}

func (v *values) value(word, name string) string {
	switch word {
	case "secret":
		return v.secret
	case "part":
		return v.parts[name]
	case "var":
		return v.vars[name]
	case "token":
		return v.token
	case "signature":
		return v.signature
	case "now":
		return strconv.FormatInt(v.now.Unix(), 10)
	case "now-ms":
		return strconv.FormatInt(v.now.UnixMilli(), 10)
	case "expires":
		return strconv.FormatInt(v.now.Add(time.Minute).Unix(), 10)
	case "nonce":
		return strconv.FormatInt(v.now.UnixNano(), 10)
	}
	return ""
}

func plain(s string) string { return s }

// escapeURL escapes for path and query alike.
func escapeURL(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func escapeJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

// headerValue is what may stand in a header: one line.
func headerValue(s string) (string, error) {
	if strings.ContainsAny(s, "\r\n\x00") {
		return "", fmt.Errorf("the value has several lines")
	}
	return s, nil
}

// build makes the request of a call.
func (j *job) build(ctx context.Context, call *rules.Call, agent string, now time.Time) (*http.Request, error) {
	v := j.values
	v.now = now
	if s := call.Sign; s != nil && s.Kind != awsV4 {
		var err error
		if v.signature, err = hmacOf(s, &v); err != nil {
			return nil, err
		}
	}
	signed := *j
	signed.values = v
	target, err := signed.target(call)
	if err != nil {
		return nil, err
	}
	method, _ := call.Method()
	var body []byte
	kind := ""
	switch {
	case len(call.Form) > 0:
		form := url.Values{}
		for name, t := range call.Form {
			form.Set(name, v.fill(t, plain))
		}
		body, kind = []byte(form.Encode()), "application/x-www-form-urlencoded"
	case call.Body != "":
		body, kind = []byte(v.fill(call.Body, escapeJSON)), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the value does not fit into a request")
	}
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, t := range call.Headers {
		value, err := headerValue(v.fill(t, plain))
		if err != nil {
			return nil, err
		}
		req.Header.Set(name, value)
	}
	switch call.Auth {
	case "bearer":
		credential := v.secret
		if j.check.OAuth != nil {
			credential = v.token
		}
		value, err := headerValue("Bearer " + credential)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", value)
	case "basic":
		req.SetBasicAuth(v.fill(call.User, plain), v.fill(call.Password, plain))
	}
	if s := call.Sign; s != nil && s.Kind == awsV4 {
		if err := signAWS(ctx, req, body, s, &v, now); err != nil {
			return nil, err
		}
	}
	return req, nil
}
