//go:build unix

package dir

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// open opens a regular file without following a link in its last element and
// without waiting for a FIFO's writer.
func open(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return regular(os.NewFile(uintptr(fd), path))
}
