//go:build ignore

// Command generate_catalogue writes the compact form of the built-in rules.
package main

import (
	"log"
	"os"

	"github.com/leaksonde/leaksonde/rules"
)

func main() {
	out, err := rules.CompactCatalogue(os.DirFS("."))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("catalogue.bin", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
