package reporters

import (
	"strings"

	"github.com/fatih/color"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/rivo/uniseg"
)

// styles are the colours of one console. Each is switched on or off by itself:
// the colour library's global switch looks at the terminal, which is not ours.
type styles struct {
	bold, dim, place, secret, live, good, bad *color.Color
	critical, high, medium, low               *color.Color
}

func newStyles(on bool) styles {
	mk := func(a ...color.Attribute) *color.Color {
		c := color.New(a...)
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	return styles{
		bold: mk(color.Bold), dim: mk(color.Faint), place: mk(color.FgCyan),
		secret: mk(color.FgRed, color.Bold), live: mk(color.FgWhite, color.BgRed, color.Bold),
		good: mk(color.FgGreen, color.Bold), bad: mk(color.FgRed, color.Bold),
		critical: mk(color.FgRed, color.Bold), high: mk(color.FgRed),
		medium: mk(color.FgYellow), low: mk(color.FgBlue),
	}
}

func (s styles) severity(v finding.Severity) *color.Color {
	switch v {
	case finding.SeverityCritical:
		return s.critical
	case finding.SeverityHigh:
		return s.high
	case finding.SeverityMedium:
		return s.medium
	}
	return s.low
}

// columns is the number of terminal columns that s takes.
func columns(s string) int {
	if plain(s) {
		return len(s)
	}
	return uniseg.StringWidth(s)
}

// wrap breaks text at spaces into lines of at most width columns. A word that
// is longer (a URL, a path) is left whole, so that it can be clicked and copied.
func wrap(text string, width int) []string {
	var lines []string
	var line string
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

const ellipsis = "…"

// window cuts an excerpt down to width columns so that its middle, the secret,
// stays in sight. What is cut away is marked.
func window(pre, mid, post string, width int) (string, string, string) {
	if columns(pre)+columns(mid)+columns(post) <= width {
		return pre, mid, post
	}
	room := width - columns(mid)
	if room < 2 {
		return "", head(mid, width), ""
	}
	left := max(room/2, room-columns(post))
	pre = lastOf(pre, min(left, room))
	return pre, mid, head(post, room-columns(pre))
}

// head is the beginning of s in at most width columns.
func head(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	var b strings.Builder
	used := 1 // the mark
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if used += g.Width(); used > width {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + ellipsis
}

// lastOf is the end of s in at most width columns.
func lastOf(s string, width int) string {
	over := columns(s) - width
	if over <= 0 {
		return s
	}
	if width < 1 {
		return ""
	}
	over++ // the mark
	cut := 0
	for g := uniseg.NewGraphemes(s); over > 0 && g.Next(); {
		over -= g.Width()
		_, cut = g.Positions()
	}
	return ellipsis + s[cut:]
}
