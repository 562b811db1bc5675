package reporters

import (
	"net/url"
	"strings"
)

// markdown makes s plain text of GitHub Flavored Markdown on one line. All
// ASCII punctuation may be escaped (GFM 2.4); escaped is what could mean
// something: emphasis, links, HTML, tables, mentions, and the marks that make a
// list or a heading at a line's start.
func markdown(s string) string {
	s = visible(s)
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; c {
		case '&':
			b.WriteString("&amp;")
			continue
		case '<':
			b.WriteString("&lt;")
			continue
		case '@': // an escaped @ would still mention
			b.WriteString("&#64;")
			continue
		case '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '#', '+', '-', '!', '|', '~', '>', '$':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// code makes s a code span (GFM 6.3): its fence is longer than any run of
// backticks inside. A pipe is written as an entity, outside of the fence's
// reach, by the callers that write tables: see cell.
func code(s string) string {
	s = visible(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if s == "" || strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cell is a code span in a table, where a pipe ends the cell unless escaped.
func cell(s string) string { return strings.ReplaceAll(code(s), "|", `\|`) }

// link writes an https URL as an autolink and drops anything else.
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return "<" + strings.NewReplacer("<", "%3C", ">", "%3E", " ", "%20").Replace(u.String()) + ">"
}

// html makes s text inside an HTML element of a Markdown page.
func html(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "&#64;").Replace(visible(s))
}
