package randomness

import (
	"math/rand/v2"
	"testing"
)

func TestScoreTellsDrawnFromWritten(t *testing.T) {
	for _, s := range []string{"password", "secret", "dbPassword", "getElementById", "application/json", "ForeignKeyField",
		"login-password", "0.1.2-alpha", "foobar123"} {
		if v := Score([]byte(s)); v >= 0 {
			t.Errorf("%s: %.1f, want written", s, v)
		}
	}
	for _, s := range []string{"slnyan", "uguxrnh838", "vqkfybugtq", "a5cd0e9658c3b42f", "KdDxAj8ftdimzDrSJVZ06SAFIjDv8UENn"} {
		if v := Score([]byte(s)); v <= 0 {
			t.Errorf("%s: %.1f, want drawn", s, v)
		}
	}
}

func TestPlaceholder(t *testing.T) {
	for _, s := range []string{"xxxxxxxxxxxx", "1234567890", "abcdefghijklmnop", "<your-api-key>", "example-token", "changeme", "${TOKEN}",
		"{{ token }}", "abababababab", "AKIAIOSFODNN7EXAMPLE", "********", "your_api_key", "qwertyuiop", "00000000000000000000", "%TOKEN%", ""} {
		if _, ok := Placeholder([]byte(s)); !ok {
			t.Errorf("%q: want a placeholder", s)
		}
	}
}

func TestPlaceholderSparesRandomDraws(t *testing.T) {
	const chars = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	r := rand.New(rand.NewPCG(1, 2))
	for _, k := range []int{16, 36, 62} {
		bad := 0
		for range 50000 {
			var b [20]byte
			for i := range b {
				b[i] = chars[r.IntN(k)]
			}
			if _, ok := Placeholder(b[:]); ok {
				bad++
			}
		}
		if bad > 5 {
			t.Errorf("alphabet of %d: %d of 50000 draws rejected", k, bad)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add([]byte("password123"))
	f.Add([]byte{0, 0xff, '=', 'A'})
	f.Fuzz(func(t *testing.T, s []byte) {
		p := Measure(s)
		if p.Letters+p.Digits+p.Separators+p.Others > len(s) || p.Uppers > p.Letters || p.Alphabet > Text {
			t.Fatalf("%+v", p)
		}
		if e := Entropy(s); e < 0 || e > 8.0001 {
			t.Fatalf("entropy %v", e)
		}
		if letters, words := Known(s); letters > p.Letters || words > letters {
			t.Fatalf("%d letters in %d words of %d letters", letters, words, p.Letters)
		}
		Placeholder(s)
	})
}

func BenchmarkMeasure(b *testing.B) {
	s := []byte("KdDxAj8ftdimzDrSJVZ06SAFIjDv8UENnpMk")
	for b.Loop() {
		Measure(s)
	}
}

func BenchmarkKnown(b *testing.B) {
	s := []byte("adminPasswordOfSomeServiceAccount")
	for b.Loop() {
		Known(s)
	}
}

func BenchmarkPlaceholder(b *testing.B) {
	s := []byte("KdDxAj8ftdimzDrSJVZ06SAFIjDv8UENnpMk")
	for b.Loop() {
		Placeholder(s)
	}
}

// A word that begins with a sign is not the same word behind a digit.
func TestPlaceholderFirstSign(t *testing.T) {
	if r, ok := Placeholder([]byte("54her" + "EgKC71tW7rw" + "jLSI")); ok {
		t.Error(r)
	}
	if _, ok := Placeholder([]byte("key_here")); !ok {
		t.Error("a placeholder is taken for a value")
	}
}
