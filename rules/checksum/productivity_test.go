package checksum

import (
	"strings"
	"testing"
)

func TestDropbox(t *testing.T) {
	scheme, ok := Lookup("dropbox")
	if !ok {
		t.Fatal("no such scheme")
	}
	// Assembled here so that no token stands in the source.
	zeros := strings.Repeat("A", 10)
	body := "Q3vZ8mKpL2xR" + "tY7nBw5cJ9dFgH4sVu6eXa1iOkPzTqM"
	for _, c := range []struct {
		name, token string
		want        Result
	}{
		{"drawn", "Zr7xKq2Lm9P" + zeros + body, Right},
		{"zero bytes elsewhere", "Zr7xKq2Lm" + zeros + "P4" + body, Wrong},
		{"filled in", "Zr7xKq2Lm9P" + zeros + strings.Repeat("x", 43), Wrong},
		{"short", "Zr7xKq2Lm9P" + zeros + body[1:], Wrong},
	} {
		if got := scheme.Check([]byte(c.token)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
