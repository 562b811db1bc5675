//go:build !amd64 || purego

package literal

import "testing"

func scans() []string { return []string{"portable"} }

func useScan(string) (restore func()) { return func() {} }

func eachScan(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	f(t)
}
