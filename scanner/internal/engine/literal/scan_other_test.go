//go:build !amd64 || purego

package literal

import "testing"

func scans() []string { return []string{"portable"} }

func useScan(*Searcher, string) {}

func eachScan(t *testing.T, _ *Searcher, f func(t *testing.T)) {
	t.Helper()
	f(t)
}
