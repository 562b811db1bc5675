package scanner

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/internal/source/dir"
)

// A key of low confidence that lies across the border of two windows is not
// shown by the excerpt of a token behind it.
func TestExcerptAcrossWindows(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	x, err := set.Lookup("github-personal-access-token-classic").Expand("{{secret}}", 1)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	raw := make([]byte, 9000)
	for i := range raw {
		raw[i] = byte(random.Uint32())
	}
	body := base64.StdEncoding.EncodeToString(raw)
	var key strings.Builder
	key.WriteString(`{"key": "` + "-----" + `BEGIN ENCRYPTED PRIVATE KEY-----`)
	for i := 0; i < len(body); i += 60 {
		key.WriteString(`\n` + body[i:min(i+60, len(body))])
	}
	tail := body[len(body)-60:]
	key.WriteString(`", "token": "` + x.Text + `"}` + "\n")
	s, err := New(set, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// The border of the first window, and of what the second shows again.
	for _, border := range []int{dir.Fresh, dir.Fresh + carry/2, dir.Fresh + carry} {
		for _, before := range []int{key.Len(), key.Len() - 150, key.Len() / 2, 200, 60} {
			file := filepath.Join(t.TempDir(), "a.json")
			text := append(bytes.Repeat([]byte("plain text line\n"), (border-before)/16+1), key.String()...)
			text = append(text, bytes.Repeat([]byte("plain text line\n"), 200<<10/16)...)
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := s.Paths(t.Context(), []string{file})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Findings) != 1 || len(report.Findings[0].Occurrences) != 1 {
				t.Fatalf("border %d, %d before it: findings %v", border, before, report.Findings)
			}
			out := report.Findings[0].Occurrences[0].Excerpt
			for i := 0; i+8 <= len(tail); i++ {
				if strings.Contains(out, tail[i:i+8]) {
					t.Fatalf("border %d, %d before it: the excerpt shows %q: %s", border, before, tail[i:i+8], out)
				}
			}
		}
	}
}
