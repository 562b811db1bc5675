package scanner_test

import (
	"context"
	"os"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner"
)

// BenchmarkHistory scans the history of the repository named by
// LEAKSONDE_REPO, lifetimes and all.
func BenchmarkHistory(b *testing.B) {
	dir := os.Getenv("LEAKSONDE_REPO")
	if dir == "" {
		b.Skip("LEAKSONDE_REPO is not set")
	}
	set, err := rules.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := scanner.New(set, scanner.Options{Scope: scanner.ScopeHistory})
		if err != nil {
			b.Fatal(err)
		}
		r, err := s.Paths(context.Background(), []string{dir})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(r.Findings)), "findings")
		b.ReportMetric(float64(r.Coverage.Bytes)/(1<<30), "GiB")
	}
}
