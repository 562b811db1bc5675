package literal

import (
	"strings"
	"testing"
)

func TestRarityTable(t *testing.T) {
	if len(rarityTable) != raritySize {
		t.Fatalf("rarity.bin has %d bytes, want %d: generate it again", len(rarityTable), raritySize)
	}
	// What anyone would say, so that a table in the wrong order is noticed.
	for _, tt := range [][2]string{{"function", "qzxjvkwq"}, {"return", "xbqwzk"}, {"        ", "zqkxjwvq"}} {
		if common, rare := rarity(tt[0], 0), rarity(tt[1], 0); common >= rare {
			t.Errorf("%q is rated %d, %q %d", tt[0], common, tt[1], rare)
		}
	}
}

func TestSamplePoints(t *testing.T) {
	for _, pattern := range []string{"ab", "abc", "abcd", "assemblyai", "cloudflare", strings.Repeat("x", MaxPatternLen)} {
		p := samplePoints(pattern)
		for parity, dist := range p {
			if dist&1 != parity || dist < -1 || dist > maxDist || len(pattern) >= 4 && dist+3 >= len(pattern) {
				t.Errorf("%q: sample %d at distance %d", pattern, parity, dist)
			}
		}
	}
}
