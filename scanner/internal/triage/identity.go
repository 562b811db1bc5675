// Package triage decides what becomes of matches: which value they are
// (identity), and whether the user has allowed them (ignore files, inline
// allows, allow lists).
package triage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// defaultKey keys fingerprints unless the project sets a key of its own. It is
// no secret: whoever has a fingerprint can test guesses of a weak password.
const defaultKey = "leaksonde/fingerprint/v1"

// Fingerprint identifies a value: it depends on the normalised value alone.
// A nil key stands for the constant one.
func Fingerprint(value string, key []byte) string {
	return "v1:" + hex.EncodeToString(Digest(value, key))
}

// Digest is the 16 bytes that a fingerprint shows.
func Digest(value string, key []byte) []byte {
	if key == nil {
		key = []byte(defaultKey)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(Normalise(value)))
	return mac.Sum(nil)[:16]
}

// Normalise brings the spellings of one value together. A key block is the
// same whether its lines are broken, escaped or quoted.
func Normalise(value string) string {
	if !strings.HasPrefix(value, "-----BEGIN") {
		return value
	}
	value = strings.NewReplacer(`\r`, "", `\n`, "", `\t`, "").Replace(value)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+', r == '/', r == '=', r == '-':
			return r
		}
		return -1
	}, value)
}
