//go:build ignore

// Rarity_generate counts how often the filter's samples see what, in the files below the
// directories given, and writes rarity.bin (see rarity.go for its form):
//
//	go run rarity_generate.go DIR...
//
// Each directory counts the same whatever its size; at most 8 MB of each are read, spread over its
// files. Give it a mix of languages, documentation, configuration and logs.
package main

import (
	"bytes"
	"io/fs"
	"log"
	"math"
	"os"
	"path/filepath"
)

const (
	perTree = 8 << 20
	// perFile keeps one large generated file from standing for a whole tree.
	perFile = 64 << 10
	classes = 32
)

// class must be the one in rarity.go.
func class(b byte) int {
	switch c := b | 0x20; {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case '0' <= b && b <= '9':
		return 26
	case b == '_':
		return 27
	case b == '-':
		return 28
	case b == ' ' || b == '\t' || b == '\n' || b == '\r':
		return 29
	case b < 0x80:
		return 30
	}
	return 31
}

var (
	middle [classes][classes][16]float64 // b1, b2, b3&15
	before [classes][classes][16]float64 // b1, b2 -> b0&15
	after  [classes][16][16]float64      // b2, b3&15 -> b4&15
)

func count(text []byte, weight float64) {
	for i := range len(text) - 4 {
		b := text[i : i+5]
		b1, b2, b3 := class(b[1]), class(b[2]), b[3]&15
		middle[b1][b2][b3] += weight
		before[b1][b2][b[0]&15] += weight
		after[b2][b3][b[4]&15] += weight
	}
}

func main() {
	log.SetFlags(0)
	for _, root := range os.Args[1:] {
		var texts [][]byte
		total := 0
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil || bytes.IndexByte(text, 0) >= 0 {
				return err
			}
			text = text[:min(len(text), perFile)]
			texts = append(texts, text)
			total += len(text)
			return nil
		})
		if err != nil {
			log.Fatal(err)
		}
		every := max(1, total/perTree)
		used := 0
		for i := 0; i < len(texts); i += every {
			used += len(texts[i])
		}
		for i := 0; i < len(texts); i += every {
			count(texts[i], 1/float64(used))
		}
		log.Printf("%s: %d of %d bytes", root, used, total)
	}

	var out []byte
	// A pseudo-count of one in a million keeps what was never seen finite.
	put := func(counts []float64, total float64) {
		for _, c := range counts {
			bits := -math.Log2((c + 1e-6) / (total + 1e-6*float64(len(counts))))
			out = append(out, byte(math.Round(min(255, max(0, bits*8)))))
		}
	}
	total := 0.0
	for i := range middle {
		for j := range middle[i] {
			for _, c := range middle[i][j] {
				total += c
			}
		}
	}
	for i := range middle {
		for j := range middle[i] {
			put(middle[i][j][:], total)
		}
	}
	sum := func(counts []float64) (s float64) {
		for _, c := range counts {
			s += c
		}
		return s
	}
	for i := range before {
		for j := range before[i] {
			put(before[i][j][:], sum(before[i][j][:]))
		}
	}
	for i := range after {
		for j := range after[i] {
			put(after[i][j][:], sum(after[i][j][:]))
		}
	}
	if err := os.WriteFile("rarity.bin", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
