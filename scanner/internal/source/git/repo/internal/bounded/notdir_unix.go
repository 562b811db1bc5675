//go:build !windows && !plan9

package bounded

import (
	"errors"
	"syscall"
)

func notDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }
