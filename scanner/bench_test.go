package scanner

import (
	"context"
	"os"
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// BenchmarkTree scans the directory named by LEAKSONDE_BENCH_TREE, at the
// confidence named by LEAKSONDE_BENCH_CONFIDENCE (default medium).
func BenchmarkTree(b *testing.B) {
	tree := os.Getenv("LEAKSONDE_BENCH_TREE")
	if tree == "" {
		b.Skip("LEAKSONDE_BENCH_TREE is not set")
	}
	set, err := rules.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	var o Options
	if c := os.Getenv("LEAKSONDE_BENCH_CONFIDENCE"); c != "" {
		if o.MinConfidence, err = finding.ParseConfidence(c); err != nil {
			b.Fatal(err)
		}
	}
	s, err := New(set, o)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		report, err := s.Paths(context.Background(), []string{tree})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(report.Coverage.Bytes)
		b.ReportMetric(float64(len(report.Findings)), "findings")
	}
}
