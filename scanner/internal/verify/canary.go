package verify

import (
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Accounts that are known to serve canary tokens: using a key of theirs tells
// whoever planted it. The numbers are public knowledge.
func canaryAccounts() map[string][]string {
	return map[string][]string{
		"Thinkst Canary": {
			"052310077262", "171436882533", "534261010715", "595918472158", "717712589309",
			"819147034852", "992382622183", "730335385048", "266735846894",
		},
		"an AWS canary service": {
			"044858866125", "251535659677", "344043088457", "351906852752", "390477818340", "426127672474",
			"427150556519", "439872796651", "445142720921", "465867158099", "637958123769", "693412236332",
			"732624840810", "735421457923", "959235150393", "982842642351",
		},
	}
}

var (
	awsKeyID   = regexp.MustCompile(`\b(?:AKIA|ASIA)([A-Z2-7]{16})\b`)
	canaryHost = regexp.MustCompile(`(?i)\b(?:canarytokens\.(?:com|org|net)|canary\.tools)\b`)
)

// canary names whose canary token a subject is, "" if none is recognised.
// Nothing is asked of anybody.
func canary(s *Subject) string {
	for _, v := range append([]string{s.Secret}, mapValues(s.Parts)...) {
		if canaryHost.MatchString(v) {
			return "Thinkst Canary"
		}
		if m := awsKeyID.FindStringSubmatch(v); m != nil {
			account := AWSAccount(m[0])
			for name, accounts := range canaryAccounts() {
				if slices.Contains(accounts, account) {
					return name
				}
			}
		}
	}
	return ""
}

// AWSAccount is the account id that an AWS access key id holds (the 40 bits
// after the first of its base32 part), "" if it is no such id.
func AWSAccount(keyID string) string {
	if len(keyID) != 20 {
		return ""
	}
	b, err := base32.StdEncoding.DecodeString(keyID[4:])
	if err != nil || len(b) < 6 {
		return ""
	}
	n := binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...))
	account := strconv.FormatUint(n&0x7fffffffff80>>7, 10)
	if len(account) > 12 {
		return ""
	}
	return strings.Repeat("0", 12-len(account)) + account
}
