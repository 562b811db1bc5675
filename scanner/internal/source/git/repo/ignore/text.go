package ignore

// FromText is the root of a walk with the patterns given: for pattern files
// that are not called .gitignore.
func FromText(text []byte) *Dir {
	d := &Dir{}
	d.push(text)
	return d
}
