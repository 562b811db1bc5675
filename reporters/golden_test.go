package reporters

import (
	"bytes"
	"testing"
)

func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		file, format string
		o            Options
	}{
		{"full.console", "console", Options{}},
		{"full.verbose.console", "console", Options{Verbose: true, Width: 100}},
		{"full.quiet.console", "console", Options{Quiet: true}},
		{"full.color.console", "console", Options{Color: true}},
		{"full.json", "json", Options{}},
		{"full.jsonl", "jsonl", Options{}},
		{"full.sarif", "sarif", Options{}},
		{"full.github", "github", Options{}},
		{"full.md", "markdown", Options{}},
		{"full.junit.xml", "junit", Options{}},
		{"full.csv", "csv", Options{}},
	} {
		t.Run(tt.file, func(t *testing.T) { golden(t, tt.file, render(t, tt.format, tt.o, fixture())) })
	}
	for _, format := range Formats() {
		t.Run("clean."+format, func(t *testing.T) {
			golden(t, "clean."+format, render(t, format, Options{}, clean()))
		})
	}
}

func TestSummaryGolden(t *testing.T) {
	var buf bytes.Buffer
	if err := Replay(Summary(&buf, Options{}), fixture()); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.console", buf.Bytes())
	buf.Reset()
	report := fixture()
	if err := WriteCoverage(&buf, report.Run, report.Coverage); err != nil {
		t.Fatal(err)
	}
	golden(t, "coverage.json", buf.Bytes())
}
