//go:build !unix

package follow

import "io/fs"

// identity is what a file keeps when it is renamed; unknown here.
func identity(fs.FileInfo) string { return "" }
