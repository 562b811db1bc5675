//go:build !unix

package dir

import "os"

// open opens a regular file. Where there is no O_NOFOLLOW, the check of the
// directory entry's type is what keeps links out.
func open(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return regular(f)
}
