package pattern

import (
	"regexp"
	"testing"
)

func TestTail(t *testing.T) {
	for _, c := range []struct {
		expr, match, miss string // from the literal on
		ok                bool
	}{
		{`(?i)\bdb=[a-z]+;.{0,9}\b(?:Password|Passwd)[ \t]{0,2}= ?(\w+)`, "PASSWORD = x", "password: x", true},
		{`[0-9]{1,9}//([a-z_]{3,9}):x-oauth-basic@`, ":x-oauth-basic@", "", true},
		{`[a-z]+`, "", "", false},
		{`(?:alphabet|b+)`, "", "", false},
	} {
		re, err := Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		tail, ok := Tail(re)
		if ok != c.ok {
			t.Errorf("%s: tail %q, %v", c.expr, tail, ok)
			continue
		}
		if !ok {
			continue
		}
		r := regexp.MustCompile(`\A(?:` + tail + ")")
		if !r.MatchString(c.match) || r.MatchString(c.miss) {
			t.Errorf("%s: tail %q", c.expr, tail)
		}
	}
}
