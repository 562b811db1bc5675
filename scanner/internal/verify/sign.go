package verify

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/leaksonde/leaksonde/rules"
)

const awsV4 = "aws-v4"

// signAWS signs with AWS Signature Version 4.
func signAWS(ctx context.Context, req *http.Request, body []byte, s *rules.Sign, v *values, now time.Time) error {
	sum := sha256.Sum256(body)
	credentials := aws.Credentials{
		AccessKeyID: v.fill(s.KeyID, plain), SecretAccessKey: v.fill(s.Key, plain), SessionToken: v.fill(s.Session, plain),
	}
	err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), s.Service, s.Region, now)
	if err != nil {
		return fmt.Errorf("the request could not be signed")
	}
	return nil
}

// hmacOf is the signature of a call's message.
func hmacOf(s *rules.Sign, v *values) (string, error) {
	sums := map[string]func() hash.Hash{"hmac-sha1": sha1.New, "hmac-sha256": sha256.New, "hmac-sha512": sha512.New}
	sum, ok := sums[s.Kind]
	if !ok {
		return "", fmt.Errorf("the check names no known signature")
	}
	key := []byte(v.fill(s.Key, plain))
	if s.KeyEncoding == "base64" {
		var err error
		if key, err = base64.StdEncoding.DecodeString(string(key)); err != nil {
			return "", fmt.Errorf("its key is no base64")
		}
	}
	mac := hmac.New(sum, key)
	mac.Write([]byte(v.fill(s.Message, plain)))
	if s.Encoding == "base64" {
		return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
	}
	return hex.EncodeToString(mac.Sum(nil)), nil
}
