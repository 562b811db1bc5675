package triage

import "bytes"

// InlineMarker is what a line says to allow the secrets on it, or on the line
// below.
const InlineMarker = "leaksonde:allow"

// InlineAllowed tells whether a match that ends at end is allowed in place: by
// the marker on its last line within 512 bytes after it, by the marker before
// it on its first line, or by one on the line before that.
func InlineAllowed(text []byte, start, end int) bool {
	after := text[end:min(len(text), end+512)]
	if nl := bytes.IndexByte(after, '\n'); nl >= 0 {
		after = after[:nl]
	}
	if bytes.Contains(after, []byte(InlineMarker)) {
		return true
	}
	const far = 1024 // two lines of ordinary length
	before := text[max(0, start-far):start]
	if nl := bytes.LastIndexByte(before, '\n'); nl >= 0 {
		before = before[:nl]
		if nl := bytes.LastIndexByte(before, '\n'); nl >= 0 {
			before = before[nl+1:]
		}
		return bytes.Contains(before, []byte(InlineMarker))
	}
	return false
}
