package randomness

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestX(t *testing.T) {
	for _, s := range []string{"password", "slnyan", "secret", "zqhnOmkgts(!)Chtiptcb", "hunter2", "a5cd0e9658c3b42f", "dbPassword", "KdDxAj8ftdimzDrSJVZ06SAFIjDv8UENnpMkDoPdwjeqMiYzL", "uguxrnh838", "jrrig961", "pafvpren", "foobar123", "getElementById", "vqkfybugtq", "Cdwbwi_84v", "2445401646466587", "20231115", "0.1.2-alpha", "application/json", "ForeignKeyField", "login-password", "qahjjj", "kafka.keytab"} {
		p := Measure([]byte(s))
		l, w := Known([]byte(s))
		r, _ := Placeholder([]byte(s))
		fmt.Printf("%-30s %-20s spell %6.2f mix %6.2f total %6.2f known %d/%d %d %s\n", s, p.Alphabet, p.Spelling, p.Mixing, p.Total, l, p.Letters, w, r)
	}
	bad := 0
	const al = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, k := range []int{10, 16, 36, 62} {
		bad = 0
		why := map[string]int{}
		for range 200000 {
			var b [20]byte
			for i := range b {
				b[i] = al[rand.IntN(k)]
			}
			if r, ok := Placeholder(b[:]); ok {
				bad++
				why[r]++
			}
		}
		fmt.Println(k, bad, why)
	}
}
