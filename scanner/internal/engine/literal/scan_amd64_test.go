//go:build !purego

package literal

import (
	"testing"
	"time"
)

// The assembly is tested wherever it can run, also where it does not pay.
func init() { gather.once.Do(func() { gather.pays = hasAVX2 }) }

// TestGatherPays runs the timing. Its outcome is the machine's affair.
func TestGatherPays(t *testing.T) {
	if !hasAVX2 {
		t.Skip("no AVX2")
	}
	start := time.Now()
	pays := gatherPays(emptyFilter())
	t.Logf("gather pays: %v, found in %v", pays, time.Since(start))
}

// scans names the filters that this machine has.
func scans() []string {
	if hasAVX2 {
		return []string{"avx2", "portable"}
	}
	return []string{"portable"}
}

// useScan makes s use the filter named.
func useScan(s *Searcher, name string) {
	if s.filter != nil {
		s.filter.gather = name == "avx2"
	}
}

// eachScan runs f with every filter that this machine has.
func eachScan(t *testing.T, s *Searcher, f func(t *testing.T)) {
	t.Helper()
	for _, name := range scans() {
		useScan(s, name)
		f(t)
	}
}
