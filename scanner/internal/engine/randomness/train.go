//go:build ignore

// Train writes model.bin, the tables of package randomness, from the text
// files below the directories given. It counts what people write: words and
// identifiers. Long runs that mix letters and digits without order (hashes,
// test keys, encoded data) are left out, being what the model is to be held
// against.
//
//	go run train.go -o model.bin $(go env GOROOT)/src DIRECTORY...
//
// The shipped model was counted over the Go source tree and the trees of four
// public repositories (expressjs/express, jekyll/jekyll, pallets/flask,
// vitejs/vite). Same input, same output.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

const (
	symbols   = 27
	wordSlots = 8192
	maxWords  = 5500
	unit      = 1.0 / 16
)

func class(b byte) int {
	switch {
	case 'a' <= b && b <= 'z':
		return 1
	case 'A' <= b && b <= 'Z':
		return 2
	case '0' <= b && b <= '9':
		return 3
	case strings.IndexByte("_-. /:", b) >= 0:
		return 4
	}
	return 5
}

func tokenByte(b byte) bool {
	return class(b) <= 3 || b == '_' || b == '-' || b == '.' || b == '/' || b == '@' || b == '$' || b == '!'
}

// machine tells the runs that are to be left out.
func machine(s string) bool {
	changes, digits := 0, 0
	for i := range len(s) {
		if class(s[i]) == 3 {
			digits++
		}
		if i > 0 && (class(s[i]) == 3) != (class(s[i-1]) == 3) && class(s[i]) <= 3 && class(s[i-1]) <= 3 {
			changes++
		}
	}
	if len(s) > 40 && strings.IndexAny(s, "_-./") < 0 {
		return true
	}
	return changes >= 4 || len(s) >= 12 && digits*2 > len(s)
}

func main() {
	out := flag.String("o", "model.bin", "file to write")
	extra := flag.String("words", "", "file of further words, one a line")
	flag.Parse()
	tokens, words := map[string]int{}, map[string]int{}
	for _, dir := range flag.Args() {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if d != nil && d.Name() == "testdata" {
					return filepath.SkipDir
				}
				return nil
			}
			if i, err := d.Info(); err != nil || !i.Mode().IsRegular() || i.Size() > 1<<19 {
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil || bytes.IndexByte(b, 0) >= 0 {
				return nil
			}
			count(b, tokens, words)
			return nil
		})
	}
	if *extra != "" {
		b, err := os.ReadFile(*extra)
		if err != nil {
			log.Fatal(err)
		}
		for _, w := range strings.Fields(string(b)) {
			words[strings.ToLower(w)] += 100000
			tokens[strings.ToLower(w)] += 8
		}
	}
	var tri [symbols][symbols][symbols]float64
	var cls [6][6][6]float64
	var dig [11][10]float64
	for t, n := range tokens {
		if machine(t) {
			continue
		}
		w := math.Sqrt(float64(n))
		c1, c2, x, y, prev := 0, 0, 0, 0, 10
		for i := range len(t) {
			b := t[i]
			c := class(b)
			cls[c1][c2][c] += w
			switch c {
			case 1, 2:
				if c2 != 1 && c2 != 2 || c == 2 && c2 == 1 {
					x, y = 0, 0
				}
				z := int((b|0x20)-'a') + 1
				tri[x][y][z] += w
				x, y = y, z
				prev = 10
			case 3:
				dig[prev][b-'0'] += w
				prev = int(b - '0')
			default:
				prev = 10
			}
			c1, c2 = c2, c
		}
	}
	// trigrams backed by bigrams backed by unigrams (Witten and Bell's weights)
	var uni [symbols]float64
	var bi [symbols][symbols]float64
	for x := range symbols {
		for y := range symbols {
			for z := 1; z < symbols; z++ {
				uni[z] += tri[x][y][z]
				bi[y][z] += tri[x][y][z]
			}
		}
	}
	smooth := func(counts *[symbols]float64, back func(z int) float64) [symbols]float64 {
		total, kinds := 0.0, 0.0
		for z := 1; z < symbols; z++ {
			total += counts[z]
			if counts[z] > 0 {
				kinds++
			}
		}
		kinds = max(kinds, 1) * 4
		var p [symbols]float64
		for z := 1; z < symbols; z++ {
			p[z] = (counts[z] + kinds*back(z)) / (total + kinds)
		}
		return p
	}
	pu := smooth(&uni, func(int) float64 { return 1.0 / 26 })
	var costs []float64
	var cost [symbols][symbols][symbols]float64
	for y := range symbols {
		pb := smooth(&bi[y], func(z int) float64 { return pu[z] })
		for x := range symbols {
			pt := smooth(&tri[x][y], func(z int) float64 { return pb[z] })
			for z := 1; z < symbols; z++ {
				cost[x][y][z] = -math.Log(pt[z])
				costs = append(costs, cost[x][y][z])
			}
		}
	}
	book := codebook(costs)
	var b bytes.Buffer
	nibbles := make([]byte, (symbols*symbols*symbols+1)/2)
	for x := range symbols {
		for y := range symbols {
			for z := 1; z < symbols; z++ {
				best := 0
				for k := range book {
					if math.Abs(book[k]-cost[x][y][z]) < math.Abs(book[best]-cost[x][y][z]) {
						best = k
					}
				}
				i := (x*symbols+y)*symbols + z
				nibbles[i>>1] |= byte(best) << (uint(i&1) * 4)
			}
		}
	}
	b.Write(nibbles)
	for _, v := range book {
		b.WriteByte(quantise(v))
	}
	for x := range cls {
		for y := range cls[x] {
			total := 0.0
			for _, n := range cls[x][y] {
				total += n + 0.5
			}
			for z := range cls[x][y] {
				b.WriteByte(quantise(-math.Log((cls[x][y][z] + 0.5) / total)))
			}
		}
	}
	for x := range dig {
		total := 0.0
		for _, n := range dig[x] {
			total += n + 1
		}
		for _, n := range dig[x] {
			b.WriteByte(quantise(-math.Log((n + 1) / total)))
		}
	}
	b.Write(table(words))
	if err := os.WriteFile(*out, b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(tokens), "tokens", len(words), "words", b.Len(), "bytes", book)
}

func quantise(v float64) byte { return byte(min(255, math.Round(v/unit))) }

func count(b []byte, tokens, words map[string]int) {
	for i := 0; i < len(b); {
		if !tokenByte(b[i]) {
			i++
			continue
		}
		j := i
		for j < len(b) && tokenByte(b[j]) {
			j++
		}
		t := strings.Trim(string(b[i:j]), "-./_")
		i = j
		if len(t) < 3 || len(t) > 80 {
			continue
		}
		tokens[t]++
		for k := 0; k < len(t); {
			if class(t[k]) > 2 {
				k++
				continue
			}
			e := k + 1
			for e < len(t) && class(t[e]) <= 2 && !(class(t[e]) == 2 && (class(t[e-1]) == 1 || e+1 < len(t) && class(t[e+1]) == 1)) {
				e++
			}
			if e-k >= 3 && e-k <= 16 {
				words[strings.ToLower(t[k:e])]++
			}
			k = e
		}
	}
}

// codebook finds sixteen levels by k-means over the sorted costs.
func codebook(v []float64) []float64 {
	sort.Float64s(v)
	book := make([]float64, 16)
	for k := range book {
		book[k] = v[len(v)*(2*k+1)/32]
	}
	for range 50 {
		var sum, n [16]float64
		for _, c := range v {
			best := 0
			for k := range book {
				if math.Abs(book[k]-c) < math.Abs(book[best]-c) {
					best = k
				}
			}
			sum[best] += c
			n[best]++
		}
		for k := range book {
			if n[k] > 0 {
				book[k] = sum[k] / n[k]
			}
		}
	}
	return book
}

// table hashes the most frequent words into slots of sixteen bits.
func table(words map[string]int) []byte {
	var all []string
	for w, n := range words {
		if n >= 20 {
			all = append(all, w)
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if words[all[i]] != words[all[j]] {
			return words[all[i]] > words[all[j]]
		}
		return all[i] < all[j]
	})
	all = all[:min(len(all), maxWords)]
	slots := make([]byte, 2*wordSlots)
	for _, w := range all {
		h := uint32(2166136261)
		for i := range len(w) {
			h = (h ^ uint32(w[i]|0x20)) * 16777619
		}
		print := uint16(h>>16) | 1
		for i := h % wordSlots; ; i = (i + 1) % wordSlots {
			v := uint16(slots[2*i]) | uint16(slots[2*i+1])<<8
			if v == print {
				break
			}
			if v == 0 {
				slots[2*i], slots[2*i+1] = byte(print), byte(print>>8)
				break
			}
		}
	}
	return slots
}
