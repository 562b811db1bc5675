package checksum

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
)

// TestDecodedSchemes holds each scheme against a token that Fix made and one
// that Break spoilt.
func TestDecodedSchemes(t *testing.T) {
	drawn := map[string]string{
		"ngc-legacy":    strings.Repeat("aB3d", 21),
		"jfrog-api-key": "AKCp" + strings.Repeat("8xKmT3w", 10)[:69],
		"bitbucket-dc":  "BBDC-" + strings.Repeat("NzQx", 11),
		"pypi-macaroon": "pypi-AgEIcHlwaS5vcmcC" + strings.Repeat("xY3_", 40),
		"qdrant-jwt":    "eyJhbGciOiJIUzI1NiJ9.eyJhY2Nlc3MiOiJtIn0." + strings.Repeat("a", 43),
		"jwk-base64":    "eyJrdHkiOiJFQyJ9",
		"jose":          "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln",
		"jwt-base64":    "ZXlK" + strings.Repeat("aGJH", 20),
		"base64-pem":    "LS0tLS1CRUdJTi" + strings.Repeat("aGJH", 20),
	}
	for name, token := range drawn {
		s, ok := Lookup(name)
		if !ok {
			t.Fatalf("no scheme %s", name)
		}
		fixed := s.Fix(token)
		if got := s.Check([]byte(fixed)); got != Right {
			t.Errorf("%s: Check(Fix(%q)) = %v, want Right", name, fixed, got)
		}
		if s.Break == nil {
			continue
		}
		if got := s.Check([]byte(s.Break(fixed))); got != Wrong {
			t.Errorf("%s: Check(Break(%q)) = %v, want Wrong", name, fixed, got)
		}
	}
}

func TestSecp256k1Range(t *testing.T) {
	s, _ := Lookup("secp256k1-scalar")
	for _, v := range []string{strings.Repeat("f", 64), strings.Repeat("0", 64), "0x12"} {
		if s.Check([]byte(v)) != Wrong {
			t.Errorf("%s is no private key", v)
		}
	}
	if s.Check([]byte("0x"+strings.Repeat("1f", 32))) != Unknown {
		t.Error("a number below n may be a private key")
	}
}

func TestDERPrivateKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := Lookup("pkcs8-der")
	private, _ := x509.MarshalPKCS8PrivateKey(key)
	sec1, _ := x509.MarshalECPrivateKey(key)
	public, _ := x509.MarshalPKIXPublicKey(&key.PublicKey)
	for _, c := range []struct {
		name string
		der  []byte
		want Result
	}{{"pkcs8", private, Right}, {"sec1", sec1, Right}, {"public", public, Wrong}, {"cut", private[:60], Wrong}} {
		if got := s.Check([]byte(base64.StdEncoding.EncodeToString(c.der))); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
