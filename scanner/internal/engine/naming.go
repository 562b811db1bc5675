package engine

import "bytes"

// named is the name that a value at i follows, as in `name = "value"`,
// name:value and name/value: what stands before quotes, blanks and operators,
// in at most beforeWord bytes on the line. text[i-1] is the byte before the value.
func named(text []byte, i int) []byte {
	lo := max(0, i-beforeWord)
	end := i
	for end > lo && isJoint(text[end-1]) {
		end--
	}
	start := end
	for start > lo && (isLetter(text[start-1]) || isDigit(text[start-1]) || text[start-1] == '_' || text[start-1] == '-') {
		start--
	}
	return text[start:end]
}

// isJoint tells the bytes that stand between a name and its value.
func isJoint(c byte) bool {
	switch c {
	case ' ', '\t', '"', '\'', '`', ':', '=', '>', '-', '/', '(', '[', '\\', '#':
		return true
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// lastWord is the last word of a name: Id of projectId, ID of PROJECT_ID.
func lastWord(name []byte) []byte {
	i := len(name)
	for i > 0 && (isLetter(name[i-1]) || isDigit(name[i-1])) {
		i--
		if isUpper(name[i]) && i > 0 && !isUpper(name[i-1]) {
			break
		}
	}
	return name[i:]
}

// identifies tells whether the text says that the value text[i:end] is a digest
// or an identifier: sha256:..., "integrity": ..., projectId=..., and the commit
// that an action is pinned to. A name that speaks of a credential too
// (access_key_id) does not say so.
func identifies(text []byte, i, end int) bool {
	if i > 1 && text[i-1] == '@' && wordBytes.has(text[i-2]) && end-i == 40 && isHexRun(text[i:end]) {
		return true
	}
	name := named(text, i)
	word := lastWord(name)
	var buf [16]byte
	if len(word) == 0 || len(word) > len(buf) {
		return false
	}
	low := buf[:len(word)]
	for k, c := range word {
		low[k] = lower(c)
	}
	switch string(low) {
	case "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "md5", "blake2b", "blake3", "digest", "checksum", "shasum", "integrity", "etag", "commit", "revision", "hash",
		"sha1sum", "sha256sum", "sha512sum", "md5sum":
		return true
	case "id", "ids", "uuid", "guid", "uid":
		for _, w := range [...]string{"key", "secret", "token", "pass", "auth", "cred"} {
			for k := range name {
				if hasLiteral(name, k, w, true) {
					return false
				}
			}
		}
		return true
	}
	return false
}

func isHexRun(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) && (lower(c) < 'a' || lower(c) > 'f') {
			return false
		}
	}
	return true
}

// ownsID tells whether a kind of rule is itself an identifier, for which a
// name such as projectId speaks.
func ownsID(kind string) bool {
	for k := range bytes.SplitSeq([]byte(kind), []byte("-")) {
		switch string(k) {
		case "id", "sid", "uuid", "guid", "hash", "digest", "identifier":
			return true
		}
	}
	return false
}

// everyday are context words that are words of English or of programming
// before they are names of services: alone they say nothing.
var everyday = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range []string{
		"abab", "accounts", "atlas", "authorization", "beamer", "branch", "brave", "canny", "captcha", "chatbot", "checkout", "clay", "clerk", "clockwork", "coda", "column",
		"commodities", "confluence", "consumer", "copper", "cos", "courier", "cypress", "daily", "dandelion", "deployer", "deputy", "devops", "ditto", "docker", "droid", "drone",
		"elastic", "enigma", "envoy", "evm", "factory", "float", "foundry", "front", "fulcrum", "functions", "ghost", "gpt", "groove", "guardian", "guru", "harvest", "hive",
		"hmac", "hop", "humanity", "hume", "line", "linear", "loops", "magnetic", "mite", "modal", "moderation", "monday", "otp", "palm", "paradigm", "parsers", "particle",
		"pat", "phrase", "pivotal", "postbacks", "privacy", "private", "railway", "rainforest", "recharge", "refiner", "relic", "resend", "revamp", "sanity", "sauce", "scale",
		"secret", "segment", "semaphore", "signer", "smartsheet", "spark", "stability", "stack", "streak", "sunshine", "surge", "swell", "twist", "unify", "unleash",
		"unstructured", "unseal", "vast", "vault", "voyage", "wallet",
	} {
		m[w] = true
	}
	return m
}()

func isEveryday(word []byte) bool {
	var buf [16]byte
	if len(word) > len(buf) {
		return false
	}
	for i, c := range word {
		buf[i] = lower(c)
	}
	return everyday[string(buf[:len(word)])]
}
