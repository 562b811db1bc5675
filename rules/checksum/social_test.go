package checksum

import (
	"strings"
	"testing"
)

func TestTwitterBearer(t *testing.T) {
	s, _ := Lookup("twitter-bearer")
	run := strings.Repeat("A", 21)
	good := run + "Gk3xQm9ZpTAAAAAAb7Yh2LsVwRc4NfKd8JtE1u%3D" + strings.Repeat("Hq6zWe0XgBn5Mv", 3)
	for token, want := range map[string]Result{
		good:                           Right,
		s.Break(good):                  Wrong,
		run + strings.Repeat("B%", 30): Wrong,
		run + strings.Repeat("Bc", 30): Unknown,
		run + "short":                  Unknown,
		strings.Repeat("Gk3xQm9Z", 20): Unknown,
	} {
		if got := s.Check([]byte(token)); got != want {
			t.Errorf("Check(%q) = %v, want %v", token, got, want)
		}
	}
}
