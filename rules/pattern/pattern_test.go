package pattern

import (
	"regexp"
	"slices"
	"testing"
)

func TestFactors(t *testing.T) {
	for _, c := range []struct {
		expr string
		want []string // the texts of each set, rarest first
	}{
		{`host=[a-z]+;.{0,9}\b(?:password|pwd)=`, []string{"assword|wd", "host=", "password=|pwd="}},
		{`(?i)kind:[ \t]{0,4}Secret\n[xyz]{1,9}data:`, []string{"secret\n", "kind:", "data:"}},
		{`(?:alpha|[a-z]+)beta`, []string{"beta"}},
		{`(?:alpha){0,3}beta(?:gamma)+`, []string{"beta", "gamma"}},
		{`[a-z]+`, nil},
	} {
		re, err := Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, set := range Factors(re) {
			s := ""
			for i, l := range set {
				if i > 0 {
					s += "|"
				}
				s += l.Text
			}
			got = append(got, s)
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(c.want))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.expr, got, want)
		}
	}
}

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
