//go:build unix

package follow

import (
	"fmt"
	"io/fs"
	"syscall"
)

// identity is what a file keeps when it is renamed.
func identity(info fs.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d:%d", s.Dev, s.Ino)
	}
	return ""
}
