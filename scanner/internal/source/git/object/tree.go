package object

import (
	"bytes"
	"errors"
)

// Modes of a tree's entries.
const (
	ModeTree       = 0o040000
	ModeRegular    = 0o100644
	ModeExecutable = 0o100755
	ModeSymlink    = 0o120000
	ModeGitlink    = 0o160000 // a submodule's commit
	modeKind       = 0o170000
)

// Entry is one line of a tree.
type Entry struct {
	Mode uint32
	Name []byte // a slice of the tree's text; any bytes but NUL
	ID   ID
}

// IsTree tells whether the entry is a directory.
func (e *Entry) IsTree() bool { return e.Mode&modeKind == ModeTree }

// IsGitlink tells whether the entry is a submodule: a commit elsewhere.
func (e *Entry) IsGitlink() bool { return e.Mode&modeKind == ModeGitlink }

// IsSymlink tells whether the entry is a symbolic link: its blob is a path.
func (e *Entry) IsSymlink() bool { return e.Mode&modeKind == ModeSymlink }

// TreeReader reads the entries of a tree:
//
//	r := object.ReadTree(text, hashSize)
//	var e object.Entry
//	for r.Next(&e) {
//		…
//	}
//	if err := r.Err(); err != nil { … }
//
// Entries before a fault are delivered.
type TreeReader struct {
	rest     []byte
	hashSize int
	err      error
}

var errTree = errors.New("malformed tree")

// ReadTree starts reading a tree's text.
func ReadTree(text []byte, hashSize int) TreeReader {
	return TreeReader{rest: text, hashSize: hashSize}
}

// Next reads one entry; false means the end or a fault.
func (r *TreeReader) Next(e *Entry) bool {
	text := r.rest
	if len(text) == 0 || r.err != nil {
		return false
	}
	var mode uint32
	i := 0
	for i < len(text) && i < 8 && text[i] != ' ' {
		d := text[i] - '0'
		if d > 7 {
			break
		}
		mode = mode<<3 | uint32(d)
		i++
	}
	if i == 0 || i >= len(text) || text[i] != ' ' {
		r.err = errTree
		return false
	}
	text = text[i+1:]
	nul := bytes.IndexByte(text, 0)
	if nul <= 0 || len(text)-nul-1 < r.hashSize {
		r.err = errTree
		return false
	}
	e.Mode = mode
	e.Name = text[:nul:nul]
	text = text[nul+1:]
	if r.hashSize == SHA1Size {
		e.ID = ID{}
		*(*[SHA1Size]byte)(e.ID[:]) = [SHA1Size]byte(text)
	} else {
		e.ID = FromBytes(text[:r.hashSize])
	}
	r.rest = text[r.hashSize:]
	return true
}

// Rest is the unread text: with the tree's length it tells where the reader
// stands.
func (r *TreeReader) Rest() []byte { return r.rest }

// Err tells what ended the reading early; nil at the end of the tree.
func (r *TreeReader) Err() error { return r.err }
