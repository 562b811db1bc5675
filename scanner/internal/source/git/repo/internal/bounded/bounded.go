package bounded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// TooLarge is the error for a file over the bound; what was read up to the
// bound comes with it.
type TooLarge struct {
	Path  string
	Limit int64
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("%s: larger than %d bytes; the rest of it was not read", e.Path, e.Limit)
}

// ErrNotRegular is wrapped by the error for a directory, FIFO, device or socket.
var ErrNotRegular = errors.New("not a regular file")

// ReadFile reads at most limit bytes of a regular file, following links. For a
// longer one it returns the first limit bytes and a *TooLarge.
func ReadFile(path string, limit int64) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return read(path, st, limit)
}

// ReadFileNoFollow is ReadFile for a file that must not be a link itself.
func ReadFileNoFollow(path string, limit int64) ([]byte, error) {
	st, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	return read(path, st, limit)
}

func read(path string, st fs.FileInfo, limit int64) ([]byte, error) {
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w (%s)", path, ErrNotRegular, st.Mode().Type())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := bytes.NewBuffer(make([]byte, 0, min(st.Size(), limit)+bytes.MinRead))
	n, err := io.Copy(buf, io.LimitReader(f, limit+1))
	if err != nil {
		return buf.Bytes(), fmt.Errorf("reading %s: %w", path, err)
	}
	if n > limit {
		return buf.Bytes()[:limit], &TooLarge{path, limit}
	}
	return buf.Bytes(), nil
}

// Missing tells whether err says that the file or a parent is not there. A
// parent that is a file counts: refs/heads/a/b below a file refs/heads/a.
func Missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || notDir(err)
}
