package object

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
)

// Sizes of the two hashes that git knows, in bytes.
const (
	SHA1Size   = 20
	SHA256Size = 32
)

// ID is an object's name: the hash of its header and content. SHA-1 names are
// padded with zeros. The zero ID stands for "none".
type ID [32]byte

// FromBytes makes an ID from the 20 or 32 raw bytes of an index or a tree.
// Longer input is cut, shorter is padded.
func FromBytes(raw []byte) (id ID) {
	copy(id[:], raw)
	return id
}

// ParseID reads an ID from 40 or 64 hexadecimal digits.
func ParseID[T ~string | ~[]byte](text T) (ID, error) {
	var id ID
	if len(text) != 2*SHA1Size && len(text) != 2*SHA256Size {
		return ID{}, fmt.Errorf("object id of %d characters, want 40 or 64", len(text))
	}
	if _, err := hex.Decode(id[:], []byte(text)); err != nil {
		return ID{}, fmt.Errorf("object id %.64q: %w", text, err)
	}
	return id, nil
}

// IsZero tells whether this is the ID of no object.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders IDs as git's indexes do: by their bytes.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// String is the ID in hexadecimal: 40 digits, or 64 for SHA-256.
func (id ID) String() string {
	if [12]byte(id[SHA1Size:]) == ([12]byte{}) {
		return hex.EncodeToString(id[:SHA1Size])
	}
	return hex.EncodeToString(id[:])
}

// Type is the kind of an object, with the numbers that packs use.
type Type uint8

// The four kinds of object; the zero Type is none.
const (
	Commit Type = 1
	Tree   Type = 2
	Blob   Type = 3
	Tag    Type = 4
)

// ParseType reads the word in a loose object's header.
func ParseType[T ~string | ~[]byte](word T) (Type, bool) {
	switch string(word) {
	case "commit":
		return Commit, true
	case "tree":
		return Tree, true
	case "blob":
		return Blob, true
	case "tag":
		return Tag, true
	}
	return 0, false
}

func (t Type) String() string {
	switch t {
	case Commit:
		return "commit"
	case Tree:
		return "tree"
	case Blob:
		return "blob"
	case Tag:
		return "tag"
	}
	return "type " + strconv.Itoa(int(t))
}

// Set is a set of types.
type Set uint8

// All holds the four types.
const All = Set(1<<Commit | 1<<Tree | 1<<Blob | 1<<Tag)

// SetOf makes a set.
func SetOf(types ...Type) (s Set) {
	for _, t := range types {
		s |= 1 << t
	}
	return s
}

// Has tells whether t is in the set.
func (s Set) Has(t Type) bool { return t <= Tag && s>>t&1 == 1 }

// Hash computes the ID of an object from its type and content: what git would
// call it in a repository whose hashes have hashSize bytes.
func Hash(t Type, content []byte, hashSize int) ID {
	var h hash.Hash
	if hashSize == SHA256Size {
		h = sha256.New()
	} else {
		h = sha1.New()
	}
	var header [32]byte
	h.Write(strconv.AppendInt(append(append(header[:0], t.String()...), ' '), int64(len(content)), 10))
	h.Write([]byte{0})
	h.Write(content)
	var id ID
	h.Sum(id[:0])
	return id
}
