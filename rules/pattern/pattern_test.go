package pattern

import "testing"

func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		expr string
		want []Literal
	}{
		{`acme_[0-9a-f]{40}`, []Literal{{Text: "acme_", Min: 0, Max: 0}}},
		{`[0-9a-f]{32}-us[a-z]{1,2}`, []Literal{{Text: "-us", Min: 32, Max: 32}}},
		{`(?i)AcMe[0-9]+`, []Literal{{Text: "acme", Fold: true}}},
		{`(?:gh[pousr])_[A-Za-z0-9]{36}`, []Literal{{Text: "gho_"}, {Text: "ghp_"}, {Text: "ghr_"}, {Text: "ghs_"}, {Text: "ghu_"}}},
		{`[0-9]{8,10}:AA[A-Za-z0-9_-]{33}`, []Literal{{Text: ":AA", Min: 8, Max: 10}}},
		{`[a-z]+`, nil},
		{`(?:alphabet|b+)`, nil},
	} {
		re, err := Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		got := Literals(re)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.expr, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.expr, got[i], c.want[i])
			}
		}
	}
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		expr     string
		min, max int
	}{
		{`ab[0-9]{3,5}`, 5, 7}, {`a|bcd`, 1, 3}, {`(?:ab){2}c?`, 4, 5}, {`a+`, 1, Unbounded}, {`a.`, 2, 5},
	} {
		re, err := Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		if lo, hi := Bounds(re); lo != c.min || hi != c.max {
			t.Errorf("%s: %d to %d, want %d to %d", c.expr, lo, hi, c.min, c.max)
		}
	}
}

func TestCrossesLines(t *testing.T) {
	for expr, want := range map[string]bool{`a[^b\n]c`: false, `a\sb`: true, `a[^b]`: true, `(?s)a.`: true, `a.`: false, `a\n`: true} {
		re, err := Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		if CrossesLines(re) != want {
			t.Errorf("%s: %v", expr, !want)
		}
	}
}
