package rules

import (
	_ "embed"
	"fmt"
	"io/fs"
)

//go:generate go run generate_catalogue.go

// catalogue is the compact form of catalogue/*.toml; see compact.go.
//
//go:embed catalogue.bin
var catalogue string

// builtinSource is the Source of the built-in set.
const builtinSource = "built-in"

// Builtin returns the built-in rules. The caller owns the result.
func Builtin() (*Set, error) {
	set, err := BuiltinLean()
	if err != nil {
		return nil, err
	}
	for i, r := range set.Rules {
		set.Rules[i] = r.Full()
	}
	return set, nil
}

// BuiltinLean returns the built-in rules without what is for people, which
// Rule.Full adds: in a third of the time, for a program that starts often. To
// scan with them makes no difference.
func BuiltinLean() (*Set, error) {
	set, err := decode(catalogue)
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	return set, nil
}

// ReadCatalogue reads and validates the TOML files of a directory of rules:
// what Builtin is generated from.
func ReadCatalogue(dir fs.FS) (*Set, error) {
	files, err := fs.Glob(dir, "catalogue/*.toml")
	if err != nil {
		return nil, err
	}
	set := &Set{Source: builtinSource}
	for _, f := range files {
		src, err := fs.ReadFile(dir, f)
		if err != nil {
			return nil, fmt.Errorf("reading the catalogue: %w", err)
		}
		c, err := Parse(f, src)
		if err != nil {
			return nil, err
		}
		set.Rules = append(set.Rules, c.Rules...)
		set.Allowlists = append(set.Allowlists, c.Allowlists...)
	}
	if len(set.Rules) == 0 {
		return nil, fmt.Errorf("no rules in catalogue/*.toml")
	}
	return set, set.Validate()
}

// CompactCatalogue is the compact form of the rules of a directory.
func CompactCatalogue(dir fs.FS) ([]byte, error) {
	set, err := ReadCatalogue(dir)
	if err != nil {
		return nil, err
	}
	return encode(set), nil
}
