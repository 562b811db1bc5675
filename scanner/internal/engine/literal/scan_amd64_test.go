//go:build !purego

package literal

import "testing"

var machineHasAVX2 = hasAVX2

// scans names the filters that this machine has.
func scans() []string {
	if machineHasAVX2 {
		return []string{"avx2", "portable"}
	}
	return []string{"portable"}
}

// useScan makes Append use the filter named, and returns a function that goes back.
func useScan(name string) (restore func()) {
	hasAVX2 = name == "avx2"
	return func() { hasAVX2 = machineHasAVX2 }
}

// eachScan runs f with every filter that this machine has.
func eachScan(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	for _, name := range scans() {
		restore := useScan(name)
		f(t)
		restore()
	}
}
