package mailmap

import "testing"

func TestResolve(t *testing.T) {
	m := Parse("# comment\nProper <a@x>\n<b@new> <b@old>\nC D <c@new> <c@old>\nE F <e@new> Old E <e@old>\nG <g@new> <e@old>\nnoise\n<\n")
	for _, tc := range [][4]string{
		{"any", "A@X", "Proper", "A@X"}, {"B", "b@old", "B", "b@new"}, {"c", "c@old", "C D", "c@new"},
		{"old e", "e@old", "E F", "e@new"}, {"other", "e@old", "G", "g@new"}, {"n", "n@n", "n", "n@n"},
	} {
		if n, a := m.Resolve(tc[0], tc[1]); n != tc[2] || a != tc[3] {
			t.Errorf("%s <%s>: got %s <%s>", tc[0], tc[1], n, a)
		}
	}
	var none *Map
	if n, a := none.Resolve("a", "b"); n != "a" || a != "b" {
		t.Error("a nil map maps")
	}
}
