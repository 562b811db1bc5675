package checksum

import (
	"slices"
	"strings"
)

// Result of a check.
type Result uint8

// Results. Unknown: the scheme has nothing to say of this form of the token.
const (
	Unknown Result = iota
	Right
	Wrong
)

// Scheme is one way of checking a token.
type Scheme struct {
	Name string
	// Source says where the scheme is described.
	Source string
	// Empirical schemes were inferred from samples.
	Empirical bool
	// Structure schemes look at decodable content, not at check digits: Right
	// raises confidence less than a true checksum does.
	Structure bool
	Check     func(token []byte) Result
	// Fix returns token with its check digits replaced by right ones; token is
	// one that the rule's pattern drew.
	Fix func(token string) string
	// Break returns a well-shaped token that Check calls Wrong. Nil stands for
	// changing the last check character.
	Break func(token string) string
}

// Lookup returns the scheme of that name.
func Lookup(name string) (*Scheme, bool) {
	s, ok := schemes[name]
	return s, ok
}

// Names lists the schemes.
func Names() []string {
	var names []string
	for n := range schemes {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

var schemes = register(slices.Concat(crcSchemes, encodedSchemes, structureSchemes, decodedSchemes, socialSchemes,
	productivitySchemes)...)

func register(all ...*Scheme) map[string]*Scheme {
	m := map[string]*Scheme{}
	for _, s := range all {
		m[s.Name] = s
	}
	return m
}

// digits of the usual bases.
const (
	base62Upper = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base62Lower = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base36      = "0123456789abcdefghijklmnopqrstuvwxyz"
)

// inBase writes v in the digits given, left-padded with the zero digit.
func inBase(v uint64, digits string, width int) string {
	out := []byte(strings.Repeat(digits[:1], width))
	for i := width - 1; i >= 0 && v > 0; i-- {
		out[i] = digits[v%uint64(len(digits))]
		v /= uint64(len(digits))
	}
	return string(out)
}

func result(ok bool) Result {
	if ok {
		return Right
	}
	return Wrong
}

// BreakTail changes the last character of s within its own kind.
func BreakTail(s string) string {
	if s == "" {
		return s
	}
	c := s[len(s)-1]
	switch {
	case c == '0':
		c = '1'
	case c == 'a':
		c = 'b'
	case c == 'A':
		c = 'B'
	case c >= '1' && c <= '9', c >= 'b' && c <= 'z', c >= 'B' && c <= 'Z':
		c--
	}
	return s[:len(s)-1] + string(c)
}
