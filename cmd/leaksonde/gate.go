package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// gate decides the exit code.
type gate struct {
	none  bool
	least finding.Severity
	// active: live secrets decide. clear: a secret whose provider gave no
	// clear answer makes the run incomplete, since it may be live.
	active, clear bool
}

func parseGate(s string) (gate, error) {
	if s == "none" {
		return gate{none: true}, nil
	}
	if s == "active" {
		return gate{active: true}, nil
	}
	least, err := finding.ParseSeverity(s)
	if err != nil {
		return gate{}, fmt.Errorf("--fail-on: unknown level %q (want none, low, medium, high, critical or active)", s)
	}
	return gate{least: least}, nil
}

// verdict: findings come before incompleteness.
func (g gate) verdict(r result, allowIncomplete bool) error {
	switch {
	case g.active && r.active > 0:
		return &exitError{code: exitFindings}
	case !g.none && !g.active && r.worst >= g.least && r.worst > 0:
		return &exitError{code: exitFindings}
	case (r.coverage.Incomplete() || g.clear && r.unclear > 0) && !allowIncomplete:
		return &exitError{code: exitIncomplete}
	}
	return nil
}

// parseSize reads "10MB", "512k", "1GiB", "4096" as bytes; "" is 0. k, M and G
// count by 1,024.
func parseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	num := strings.TrimRight(strings.ToLower(strings.TrimSpace(s)), "ib")
	shift := 0
	for suffix, n := range map[string]int{"k": 10, "m": 20, "g": 30, "t": 40} {
		if rest, ok := strings.CutSuffix(num, suffix); ok {
			num, shift = rest, n
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(num), 10, 64)
	if err != nil || n <= 0 || n > 1<<62>>shift {
		return 0, fmt.Errorf("--max-file-size: %q is no size (want e.g. 500k, 10MB, 2GB)", s)
	}
	return n << shift, nil
}
