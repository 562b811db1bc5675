package rules

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is one thing wrong with a rule file, with its place and remedy.
type Problem struct {
	File string
	Line int // 1-based; 0 if unknown
	Rule string
	Text string
	// Hint says what to do, e.g. `did you mean "regex"?`.
	Hint string
}

func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Rule != "" {
		fmt.Fprintf(&b, "rule %q: ", p.Rule)
	}
	b.WriteString(p.Text)
	if p.Hint != "" {
		fmt.Fprintf(&b, " (%s)", p.Hint)
	}
	return b.String()
}

// Problems joins problems into one error, nil if there are none.
func joinProblems(ps []*Problem) error {
	var errs []error
	for _, p := range ps {
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}

// suggest names the known word nearest to a misspelt one, if one is near.
func suggest(word string, known []string) string {
	best, distance := "", 1+len(word)/3
	for _, k := range known {
		if d := editDistance(word, k); d <= distance {
			best, distance = k, d-1
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// editDistance counts insertions, deletions, substitutions.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
