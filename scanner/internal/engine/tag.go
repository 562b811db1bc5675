package engine

// tagLen is the length of the hash in a tag in bytes.
const tagLen = 8

// isTag tells whether what was matched is the hash in a tag that took a
// secret's place, [openai-project-api-key:3f2a91c0]: a name, a colon and eight
// random digits, if one did not know. It looks at evidence alone.
func isTag(text []byte, m *Match) bool {
	s := m.Secret
	if s.Len() != tagLen || s.Start < 1 || s.End >= len(text) || text[s.End] != ']' || text[s.Start-1] != ':' {
		return false
	}
	for _, c := range text[s.Start:s.End] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	i := s.Start - 1
	for i > max(0, m.Evidence.Start) && (isLower(text[i-1]) || text[i-1] >= '0' && text[i-1] <= '9' || text[i-1] == '-') {
		i--
	}
	return i < s.Start-1 && i > 0 && text[i-1] == '['
}
