package checksum

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"math/big"
	"strings"
)

const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32Polymod is the checksum polynomial of BIP-173.
func bech32Polymod(values []byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	chk := uint32(1)
	for _, v := range values {
		top := chk >> 25
		chk = chk&0x1ffffff<<5 ^ uint32(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				chk ^= g
			}
		}
	}
	return chk
}

// bech32Values expands "hrp1data" into the values that the checksum covers.
func bech32Values(lower string) ([]byte, bool) {
	sep := strings.LastIndexByte(lower, '1')
	if sep < 1 || len(lower)-sep < 7 {
		return nil, false
	}
	var v []byte
	for i := range sep {
		v = append(v, lower[i]>>5)
	}
	v = append(v, 0)
	for i := range sep {
		v = append(v, lower[i]&31)
	}
	for i := sep + 1; i < len(lower); i++ {
		d := strings.IndexByte(bech32Alphabet, lower[i])
		if d < 0 {
			return nil, false
		}
		v = append(v, byte(d))
	}
	return v, true
}

func bech32OK(lower []byte) bool {
	v, ok := bech32Values(string(lower))
	return ok && bech32Polymod(v) == 1
}

func bech32Fix(lower string) string {
	v, ok := bech32Values(lower)
	if !ok {
		return lower
	}
	clear(v[len(v)-6:])
	sum := bech32Polymod(v) ^ 1
	out := []byte(lower)
	for i := range 6 {
		out[len(out)-6+i] = bech32Alphabet[sum>>(5*(5-i))&31]
	}
	return string(out)
}

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

func base58Decode(s string) ([]byte, bool) {
	n := new(big.Int)
	for i := range len(s) {
		d := strings.IndexByte(base58Alphabet, s[i])
		if d < 0 {
			return nil, false
		}
		n.Mul(n, big.NewInt(58)).Add(n, big.NewInt(int64(d)))
	}
	zeros := len(s) - len(strings.TrimLeft(s, "1"))
	return append(make([]byte, zeros), n.Bytes()...), true
}

func base58Encode(b []byte) string {
	n := new(big.Int).SetBytes(b)
	var out []byte
	mod := new(big.Int)
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), mod)
		out = append(out, base58Alphabet[mod.Int64()])
	}
	for i := 0; i < len(b) && b[i] == 0; i++ {
		out = append(out, '1')
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return string(out)
}

func doubleSHA(b []byte) [32]byte {
	first := sha256.Sum256(b)
	return sha256.Sum256(first[:])
}

func base58CheckOK(s string) bool {
	if len(s) > 128 {
		return false
	}
	b, ok := base58Decode(s)
	if !ok || len(b) < 5 {
		return false
	}
	sum := doubleSHA(b[:len(b)-4])
	return bytes.Equal(sum[:4], b[len(b)-4:])
}

func base58CheckFix(s string) string {
	b, ok := base58Decode(s)
	if !ok || len(b) < 5 {
		return s
	}
	sum := doubleSHA(b[:len(b)-4])
	return base58Encode(append(b[:len(b)-4:len(b)-4], sum[:4]...))
}

var nkeyEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// crc16 is CRC-16/XMODEM: polynomial 0x1021, initial value 0.
func crc16(b []byte) uint16 {
	var c uint16
	for _, x := range b {
		c ^= uint16(x) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x1021
			} else {
				c <<= 1
			}
		}
	}
	return c
}

func nkeyCheck(t []byte) Result {
	b, err := nkeyEncoding.DecodeString(string(t))
	if err != nil || len(b) < 3 {
		return Wrong
	}
	return result(crc16(b[:len(b)-2]) == binary.LittleEndian.Uint16(b[len(b)-2:]))
}

func nkeyFix(t string) string {
	b, err := nkeyEncoding.DecodeString(t)
	if err != nil || len(b) < 3 {
		return t
	}
	binary.LittleEndian.PutUint16(b[len(b)-2:], crc16(b[:len(b)-2]))
	return nkeyEncoding.EncodeToString(b)
}
