package rules

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed catalogue/*.toml
var catalogue embed.FS

// builtinSource is the Source of the built-in set.
const builtinSource = "built-in"

// Builtin loads the built-in catalogue. The caller owns the result.
func Builtin() (*Set, error) {
	files, err := fs.Glob(catalogue, "catalogue/*.toml")
	if err != nil {
		return nil, err
	}
	set := &Set{Source: builtinSource}
	for _, f := range files {
		src, err := fs.ReadFile(catalogue, f)
		if err != nil {
			return nil, fmt.Errorf("reading the built-in catalogue: %w", err)
		}
		c, err := Parse(f, src)
		if err != nil {
			return nil, err
		}
		set.Rules = append(set.Rules, c.Rules...)
		set.Allowlists = append(set.Allowlists, c.Allowlists...)
	}
	if err := set.Validate(); err != nil {
		return nil, err
	}
	return set, nil
}
