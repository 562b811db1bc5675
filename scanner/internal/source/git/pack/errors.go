package pack

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// What can be wrong with an object. Every error of this package wraps one of
// them or an error of the operating system.
var (
	ErrNotFound  = errors.New("object is not in the repository")
	ErrCorrupt   = errors.New("corrupt")
	ErrTruncated = errors.New("truncated")
	ErrTooLarge  = errors.New("larger than the limit")
	ErrLoop      = errors.New("delta chain loops")
	ErrBase      = errors.New("delta base cannot be read")
	ErrFormat    = errors.New("unknown format")
	ErrChanged   = errors.New("file changed while it was read")
)

// Error says what is wrong, where, and what to do about it.
type Error struct {
	File   string    // the pack, index or loose object
	Offset int64     // of the entry in a pack; -1 where there is none
	ID     object.ID // zero where it is not known
	Type   object.Type
	Err    error
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(filepath.Base(e.File))
		b.WriteString(": ")
	}
	if !e.ID.IsZero() {
		fmt.Fprintf(&b, "object %v", e.ID)
		if e.Offset >= 0 && e.File != "" {
			fmt.Fprintf(&b, " at offset %d", e.Offset)
		}
		b.WriteString(": ")
	} else if e.Offset >= 0 && e.File != "" {
		fmt.Fprintf(&b, "offset %d: ", e.Offset)
	}
	b.WriteString(e.Err.Error())
	if r := e.Remedy(); r != "" {
		b.WriteString(" (")
		b.WriteString(r)
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Remedy says what the user can do; empty if nothing is known to help.
func (e *Error) Remedy() string {
	switch {
	case errors.Is(e.Err, ErrTooLarge):
		return "raise the object size limit"
	case errors.Is(e.Err, ErrFormat):
		return "written by a git newer than this program, or not by git"
	case errors.Is(e.Err, ErrChanged):
		return "scan again while nothing repacks the repository"
	case errors.Is(e.Err, ErrNotFound):
		return "fetch it: git fetch --refetch, or --unshallow"
	case errors.Is(e.Err, ErrCorrupt), errors.Is(e.Err, ErrTruncated),
		errors.Is(e.Err, ErrLoop), errors.Is(e.Err, ErrBase):
		if strings.HasSuffix(e.File, ".idx") {
			return "rebuild it: git index-pack FILE.pack"
		}
		if strings.HasSuffix(e.File, "multi-pack-index") {
			return "rebuild it: git multi-pack-index write"
		}
		return "see git fsck; fetch the objects again or restore the file"
	}
	return ""
}

// cause is what an Error wraps, for use inside another one: place and remedy
// are then said once.
func cause(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func fileError(name string, err error) *Error {
	return &Error{File: name, Offset: -1, Err: err}
}
