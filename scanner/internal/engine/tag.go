package engine

// tagLen is the length of the hash in a tag in bytes.
const tagLen = 8

// isTag tells whether what was matched is, or lies in, a tag that took a
// secret's place, [openai-project-api-key:3f2a91c0]: a name, a colon and eight
// random digits, if one did not know. It looks at evidence alone.
func isTag(text []byte, m *Match) bool {
	lo, hi := max(0, m.Evidence.Start), min(len(text), m.Evidence.End)
	i, j := m.Secret.Start, m.Secret.End
	if i < lo || j > hi || j-i < tagLen || j-i > 128 {
		return false
	}
	if text[j-1] != ']' {
		if j >= hi || text[j] != ']' {
			return false
		}
		j++
	}
	for text[i] != '[' {
		if i--; i < lo || j-i > 128 {
			return false
		}
	}
	colon := j - 2 - tagLen
	if colon <= i+1 || text[colon] != ':' {
		return false
	}
	for _, c := range text[colon+1 : j-1] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	for _, c := range text[i+1 : colon] {
		if !isLower(c) && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
