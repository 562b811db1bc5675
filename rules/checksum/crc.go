package checksum

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strings"
)

// tail is a scheme in which the last n characters follow from what stands
// before them: sum gives them from the whole token's head.
func tail(name, source string, empirical bool, n int, sum func(head string) string) *Scheme {
	return &Scheme{
		Name: name, Source: source, Empirical: empirical,
		Check: func(token []byte) Result {
			if len(token) <= n {
				return Unknown
			}
			cut := len(token) - n
			return result(sum(string(token[:cut])) == string(token[cut:]))
		},
		Fix: func(token string) string {
			if len(token) <= n {
				return token
			}
			head := token[:len(token)-n]
			return head + sum(head)
		},
	}
}

// afterLast is the part of head behind the last of the separators.
func afterLast(head, separators string) string {
	return head[strings.LastIndexAny(head, separators)+1:]
}

func crc(s string) uint32 { return crc32.ChecksumIEEE([]byte(s)) }

const seen = "recomputed over published example tokens"

// crcSchemes are those whose tail is a CRC-32 (IEEE) in some spelling.
var crcSchemes = []*Scheme{
	tail("github", "GitHub engineering blog 2021-04-05, Behind GitHub's new authentication token formats", false, 6,
		func(head string) string { return inBase(uint64(crc(afterLast(head, "_"))), base62Upper, 6) }),
	tail("npm", "GitHub changelog 2021-09-23: npm tokens use the scheme of GitHub", false, 6,
		func(head string) string { return inBase(uint64(crc(afterLast(head, "_"))), base62Upper, 6) }),
	tail("gitlab-routable", "GitLab documentation, cells design: routable tokens", false, 7,
		func(head string) string { return inBase(uint64(crc(head)), base36, 7) }),
	tail("atlassian", seen+"; used by several scanners", false, 8,
		func(head string) string { return strings.ToUpper(hexCRC(head)) }),
	tail("grafana", "Grafana source, satokengen: checksum of the prefix and secret", false, 8,
		func(head string) string {
			var le [4]byte
			binary.LittleEndian.PutUint32(le[:], crc(strings.TrimSuffix(head, "_")))
			return hex.EncodeToString(le[:])
		}),
	tail("cloudflare", "Cloudflare documentation, token formats of 2026", false, 8,
		func(head string) string { return hexCRC(afterLast(head, "_")) }),
	tail("vercel", seen, false, 6,
		func(head string) string { return inBase(uint64(crc(afterLast(head, "_"))), base62Upper, 6) }),
	tail("apify", seen, true, 6,
		func(head string) string { return inBase(uint64(crc(head)), base62Lower, 6) }),
	tail("salad", seen, true, 6,
		func(head string) string { return inBase(uint64(crc(afterLast(head, "_"))), base62Upper, 6) }),
	tail("deno", seen, true, 6,
		func(head string) string { return inBase(uint64(crc(head)), base62Upper, 6) }),
	tail("canva", seen, true, 8, hexCRC),
	tail("zuplo", seen, true, 8,
		func(head string) string { return hexCRC(afterLast(strings.TrimSuffix(head, "_"), "_")) }),
	tail("confluent", "stated by several scanners; "+seen, false, 6,
		func(head string) string {
			var le [4]byte
			body := head
			if len(body) >= 54 {
				body = body[len(body)-54:]
			}
			binary.LittleEndian.PutUint32(le[:], crc(body))
			return base64.StdEncoding.EncodeToString(le[:])[:6]
		}),
}

func hexCRC(s string) string {
	var be [4]byte
	binary.BigEndian.PutUint32(be[:], crc(s))
	return hex.EncodeToString(be[:])
}

// encodedSchemes carry their checksum inside an encoding.
var encodedSchemes = []*Scheme{
	{
		Name: "bech32", Source: "BIP-173; age specification",
		Check: func(t []byte) Result { return result(bech32OK(bytes.ToLower(t))) },
		Fix: func(t string) string {
			return strings.ToUpper(bech32Fix(strings.ToLower(t)))
		},
	},
	{
		Name: "base58check", Source: "Bitcoin wiki, Base58Check encoding",
		Check: func(t []byte) Result { return result(base58CheckOK(string(t))) },
		Fix:   base58CheckFix,
	},
	{
		Name: "nkey", Source: "NATS nkeys specification: CRC-16/XMODEM, little endian, base32",
		Check: nkeyCheck,
		Fix:   nkeyFix,
	},
}
