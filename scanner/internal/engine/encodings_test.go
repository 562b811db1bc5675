package engine

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// encoder is one way to write a text so that it is not seen as it is.
type encoder struct {
	name   string // as in DecodedFrom
	encode func(string) string
	// inner: its result is plain text, and can be encoded in turn.
	inner bool
}

func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func packed(w io.WriteCloser, b *bytes.Buffer, s string) string {
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func lines(s string, n int, end string) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + end)
		s = s[n:]
	}
	return b.String() + s
}

// filler makes a text long enough to be wrapped.
func filler(s string) string {
	return "some words that stand before it, and more; " + s + " and some that stand behind it"
}

func wideText(s string, size int, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if size == 4 {
			b = order.AppendUint32(b, uint32(u))
		} else {
			b = order.AppendUint16(b, u)
		}
	}
	return string(b)
}

// encoders that keep to printable ASCII, and so may stand in any text.
func encoders() []encoder {
	std := base64.StdEncoding.EncodeToString
	return []encoder{
		{"base64", func(s string) string { return std([]byte(s)) }, true},
		{"base64", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }, true},
		{"base64", func(s string) string { return lines(std([]byte(filler(s))), 76, "\n") }, false},
		{"base64", func(s string) string { return lines(std([]byte(filler(s))), 61, "\r\n    ") }, false},
		{"base64", func(s string) string { return lines(std([]byte(filler(s))), 64, `\n`) }, true},
		{"hex", func(s string) string { return hex.EncodeToString([]byte(s)) }, true},
		{"hex", func(s string) string { return "0x" + strings.ToUpper(hex.EncodeToString([]byte(s))) }, true},
		{"percent", func(s string) string { return each(s, "%%%02X") }, true},
		{"percent", func(s string) string { return each(s, "%%%02x") }, true},
		{"unicode-escape", func(s string) string { return each(s, `\u%04x`) }, true},
		{"unicode-escape", func(s string) string { return each(s, `\\u%04X`) }, true},
		{"hex-escape", func(s string) string { return each(s, `\x%02x`) }, true},
		{"html-entity", func(s string) string { return each(s, `&#%d;`) }, true},
		{"html-entity", func(s string) string { return each(s, `&#x%x;`) }, true},
		{"quoted-printable", func(s string) string { return s[:len(s)/2] + "=\n" + s[len(s)/2:] }, false},
		{"quoted-printable", func(s string) string { return s[:len(s)/2] + "=\r\n" + s[len(s)/2:] }, false},
		{"joined-strings", func(s string) string { return s[:len(s)/2] + "\" +\n      \"" + s[len(s)/2:] }, false},
		{"joined-strings", func(s string) string { return s[:len(s)/2] + "\"\n      \"" + s[len(s)/2:] }, false},
		{"joined-strings", func(s string) string { return s[:len(s)/2] + "\" .\r\n \"" + s[len(s)/2:] }, false},
		{"joined-strings", func(s string) string { return s[:len(s)/9] + `"+"` + s[len(s)/9:] }, false},
		{"joined-strings", func(s string) string { return s[:len(s)/2] + "\\\n  " + s[len(s)/2:] }, false},
		{"base64 gzip", func(s string) string {
			var b bytes.Buffer
			return packed(gzip.NewWriter(&b), &b, filler(s))
		}, true},
		{"base64 zlib", func(s string) string {
			var b bytes.Buffer
			return packed(zlib.NewWriter(&b), &b, filler(s))
		}, true},
	}
}

// wideEncoders make texts that are of another encoding as a whole.
func wideEncoders() []encoder {
	return []encoder{
		{"utf-16le", func(s string) string { return wideText(s, 2, binary.LittleEndian) }, true},
		{"utf-16be", func(s string) string { return wideText(s, 2, binary.BigEndian) }, true},
		{"utf-32le", func(s string) string { return wideText(s, 4, binary.LittleEndian) }, true},
		{"utf-32be", func(s string) string { return wideText(s, 4, binary.BigEndian) }, true},
	}
}
