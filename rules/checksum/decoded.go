package checksum

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
)

// decodedSchemes look at what single providers' tokens decode to. Like the
// other structure schemes they prove a form, not an issuer.
var decodedSchemes = []*Scheme{
	{
		Name: "ngc-legacy", Source: "NVIDIA NGC legacy keys: base64 of 26 characters, a colon and a uuid", Structure: true,
		Check: func(t []byte) Result {
			b, ok := decodeBase64(string(t))
			return result(ok && ngcForm.Match(b))
		},
		Fix: func(t string) string {
			b := []byte(alnumFill(t, 26) + ":" + uuidFrom(t))
			return base64.StdEncoding.EncodeToString(b)
		},
		Break: replaceHead("WXXX"),
	},
	{
		Name: "jfrog-api-key", Source: "JFrog Artifactory API keys: base58 of exactly 54 bytes, " + seen, Structure: true, Empirical: true,
		Check: func(t []byte) Result {
			b, ok := base58Decode(string(t))
			// A row of X is base58 too.
			return result(ok && len(b) == 54 && bytes.Count(t, t[len(t)-1:]) < len(t)/4)
		},
		Fix:   func(t string) string { return strings.NewReplacer("0", "9", "O", "P", "I", "J", "l", "m").Replace(t) },
		Break: func(t string) string { return t[:len(t)-1] + "0" },
	},
	{
		Name: "bitbucket-dc", Source: "Bitbucket Data Center documentation: BBDC- and base64 of <id>:<random bytes>", Structure: true,
		Check: func(t []byte) Result {
			b, ok := decodeBase64(strings.TrimPrefix(string(t), "BBDC-"))
			id, random, cut := bytes.Cut(b, []byte(":"))
			return result(ok && cut && len(id) >= 9 && allDigits(id) && len(random) >= 16)
		},
		Fix: func(t string) string {
			body := strings.TrimPrefix(t, "BBDC-")
			b := append([]byte("123456789012:"), []byte(body)...)
			return "BBDC-" + base64.StdEncoding.EncodeToString(b[:len(body)/4*3])
		},
		Break: func(t string) string { return "BBDC-" + "ABCD" + t[len("BBDC-ABCD"):] },
	},
	{
		Name: "pypi-macaroon", Source: "PyPI: base64url of a macaroon v2 whose location is pypi.org or test.pypi.org; libmacaroons", Structure: true, Empirical: true,
		Check: func(t []byte) Result { return result(pypiOK(string(t))) },
		Fix:   pypiFix,
		Break: func(t string) string {
			return t[:len("pypi-AgEIcHlwaS5vcmcC")] + "____" + t[len("pypi-AgEIcHlwaS5vcmcC____"):]
		},
	},
	{
		Name: "secp256k1-scalar", Source: "SEC 2: a private key is a number from 1 to n-1", Structure: true,
		Check: func(t []byte) Result {
			b, err := hex.DecodeString(strings.TrimPrefix(string(t), "0x"))
			if err == nil && len(b) == 32 && bytes.Compare(b, secp256k1N) < 0 && !allZero(b) {
				return Unknown // nearly every number is one
			}
			return Wrong
		},
		Fix: func(t string) string { return t },
	},
	{
		Name: "qdrant-jwt", Source: "Qdrant documentation: cloud keys are JWTs with an access claim", Structure: true,
		Check: func(t []byte) Result { return result(jwtOK(t) && bytes.Contains(t, []byte(".eyJhY2Nlc3Mi"))) },
		Fix: func(t string) string {
			parts := strings.Split(t, ".")
			enc := base64.RawURLEncoding
			return enc.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
				enc.EncodeToString([]byte(`{"access":"m","subject":"`+uuidFrom(t)+`"}`)) + "." + parts[len(parts)-1]
		},
		Break: func(t string) string { return "eyJX" + t[4:] },
	},
	{
		Name: "tink-keyset", Source: "Tink documentation: a keyset in JSON names type.googleapis.com/google.crypto.tink", Structure: true,
		Check: func(t []byte) Result {
			b, ok := decodeBase64(string(t))
			return result(ok && bytes.Contains(b, []byte("google.crypto.tink.")))
		},
	},
	{
		Name: "jwk-base64", Source: "RFC 7517 and 7518: a private key has the member d, a symmetric one k", Structure: true,
		Check: func(t []byte) Result {
			b, ok := decodeBase64(string(t))
			return result(ok && bytes.Contains(b, []byte(`"kty"`)) && privateMember.Match(b))
		},
		Fix: func(t string) string {
			return base64.StdEncoding.EncodeToString([]byte(`{"kty":"EC","crv":"P-256","d":"` + alnumFill(t, 43) + `","x":"` + alnumFill(t+"x", 43) + `"}`))
		},
		Break: func(t string) string {
			return base64.StdEncoding.EncodeToString([]byte(`{"kty":"EC","crv":"P-256","x":"` + alnumFill(t, 43) + `","y":"` + alnumFill(t+"y", 43) + `"}`))
		},
	},
	{
		// Like jwt, but a header without alg passes: such tokens are made too.
		Name: "jose", Source: "RFC 7519, RFC 7515: header and payload are JSON objects", Structure: true,
		Check: func(t []byte) Result { return result(joseOK(t)) },
		Fix:   jwtFix,
		Break: func(t string) string { return "eyJ_" + t[8:] },
	},
	{
		Name: "jwt-base64", Source: "RFC 7519, the whole token in base64 once more", Structure: true,
		Check: func(t []byte) Result {
			b, ok := decodeBase64(string(t[:len(t)/4*4]))
			return result(ok && joseOK(b))
		},
		Fix: func(t string) string {
			return base64.StdEncoding.EncodeToString([]byte(jwtFix("a." + alnumFill(t, 40) + "." + alnumFill(t, 43))))
		},
		Break: func(t string) string { return "ZXlK____" + t[8:] },
	},
	{
		Name: "base64-pem", Source: "RFC 7468, the whole block in base64 once more", Structure: true,
		Check: func(t []byte) Result {
			head := t[:min(len(t), 96)/4*4]
			b, ok := decodeBase64(string(head))
			return result(ok && bytes.Contains(b, []byte("PRIVATE KEY")) && bytes.HasPrefix(b, []byte("-----BEGIN ")))
		},
		Fix: func(t string) string {
			head := base64.StdEncoding.EncodeToString([]byte("-----BEGIN RSA PRIVATE KEY-----\nMII"))
			return head[:44] + t[min(len(t), 14):]
		},
	},
	{
		Name: "pkcs8-der", Source: "RFC 5208, RFC 5915, RFC 8017: DER of a private key", Structure: true,
		Check: func(t []byte) Result {
			b, ok := decodeBase64(stripSpace(string(t)))
			return result(ok && derPrivateKey(b))
		},
		// A key on P-256: 7 bytes of head, algorithm, SEC 1 key.
		Fix: func(t string) string {
			head, _ := hex.DecodeString("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420")
			b := append(head, alnumFill(t, 32)...)
			b = append(b, 0xa1, 0x44, 0x03, 0x42, 0x00, 0x04)
			return base64.StdEncoding.EncodeToString(append(b, alnumFill(t+"x", 64)...))
		},
	},
}

// joseOK wants a header and a payload that are JSON objects, or a header alone
// where the payload is encrypted (five parts).
func joseOK(t []byte) bool {
	parts := strings.Split(string(t), ".")
	if len(parts) < 2 {
		return false
	}
	object := func(s string) bool {
		b, ok := decodeBase64(s)
		return ok && len(b) > 2 && b[0] == '{' && json.Valid(b)
	}
	return object(parts[0]) && (len(parts) == 5 || object(parts[1]))
}

var (
	ngcForm       = regexp.MustCompile(`^[0-9A-Za-z]{26}:[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}$`)
	privateMember = regexp.MustCompile(`"(?:d|k)"\s*:\s*"[A-Za-z0-9_-]{16,}`)
	// secp256k1N is the order of the curve's group.
	secp256k1N, _ = hex.DecodeString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
)

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func stripSpace(s string) string {
	return strings.NewReplacer("\n", "", "\r", "", " ", "", "\t", "", `\n`, "").Replace(s)
}

func replaceHead(head string) func(string) string {
	return func(t string) string { return head + t[len(head):] }
}

// alnumFill is n letters and digits made from s.
func alnumFill(s string, n int) string {
	s = strings.Map(alnumOnly, s) + "9x3K"
	return strings.Repeat(s, n/len(s)+1)[:n]
}

func uuidFrom(s string) string {
	h := hex.EncodeToString([]byte(alnumFill(s, 16)))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// pypiOK reads the first two fields of the macaroon: version 2, location,
// identifier.
func pypiOK(t string) bool {
	b, ok := decodeBase64(strings.TrimPrefix(t, "pypi-"))
	if !ok || len(b) < 3 || b[0] != 2 || b[1] != 1 {
		return false
	}
	n := int(b[2])
	if len(b) < 3+n+2 {
		return false
	}
	location, rest := string(b[3:3+n]), b[3+n:]
	if location != "pypi.org" && location != "test.pypi.org" {
		return false
	}
	// The identifier (type 2) is a uuid in text or 16 bytes.
	return rest[0] == 2 && (rest[1] == 36 || rest[1] == 16) && len(rest) >= 2+int(rest[1])
}

// pypiFix keeps the length of a drawn token.
func pypiFix(t string) string {
	body := strings.TrimPrefix(t, "pypi-")
	b := append([]byte{2, 1, 8}, "pypi.org"...)
	b = append(b, 2, 36)
	b = append(b, uuidFrom(body)...)
	b = append(b, 0, 2, 25)
	b = append(b, `{"permissions":"user"}`...)
	b = append(b, 0, 0, 6, 32)
	for i := 0; len(b) < len(body)*3/4; i++ {
		b = append(b, body[i%len(body)]^byte(i*37))
	}
	return "pypi-" + base64.RawURLEncoding.EncodeToString(b[:len(body)*3/4])
}

// derPrivateKey tells whether b begins as PKCS#8, PKCS#1 or SEC 1 do: a
// sequence as long as what follows, a version of 0 or 1, and then an algorithm,
// a modulus or an octet string.
func derPrivateKey(b []byte) bool {
	n, head, ok := derLength(b)
	if !ok || b[0] != 0x30 || head+n > len(b) || head+n < len(b)-2 {
		return false
	}
	b = b[head:]
	if len(b) < 5 || b[0] != 2 || b[1] != 1 || b[2] > 1 {
		return false
	}
	return b[3] == 0x30 || b[3] == 2 || b[3] == 4
}

// derLength reads the length of the element at the start of b and the size of
// its header.
func derLength(b []byte) (n, head int, ok bool) {
	switch {
	case len(b) < 2:
		return 0, 0, false
	case b[1] < 0x80:
		return int(b[1]), 2, true
	case b[1] == 0x81 && len(b) > 2:
		return int(b[2]), 3, true
	case b[1] == 0x82 && len(b) > 3:
		return int(b[2])<<8 | int(b[3]), 4, true
	}
	return 0, 0, false
}
