package object

import (
	"bytes"
	"errors"
	"fmt"
	"math"
)

// CommitText is a commit taken apart. All slices point into the text given.
type CommitText struct {
	Tree      ID
	Author    []byte // "Name <mail> seconds zone"; see ParsePerson
	Committer []byte
	Encoding  []byte // of the message; empty means UTF-8
	Message   []byte
	// Header is the whole text before the message, with the parents,
	// signatures and merged tags: text to scan.
	Header []byte

	parents  []byte // the parent lines
	hashSize int
}

var errHeader = errors.New("malformed header")

// ParseCommit reads a commit. On an error the fields read so far are set.
func ParseCommit(text []byte, hashSize int) (c CommitText, err error) {
	c.hashSize = hashSize
	c.Header, c.Message = splitHeader(text)
	rest := c.Header
	line, rest := cutLine(rest)
	if c.Tree, err = headerID(line, "tree ", hashSize); err != nil {
		return c, fmt.Errorf("commit: tree: %w", err)
	}
	c.parents = rest[:0]
	for bytes.HasPrefix(rest, parentKey) {
		var next []byte
		line, next = cutLine(rest)
		if len(line) != len(parentKey)+2*hashSize {
			return c, fmt.Errorf("commit: parent: %w", errHeader)
		}
		if _, err := headerID(line, "parent ", hashSize); err != nil {
			return c, fmt.Errorf("commit: parent: %w", err)
		}
		c.parents = c.parents[:len(c.parents)+len(rest)-len(next)]
		rest = next
	}
	for len(rest) > 0 {
		line, rest = cutLine(rest)
		switch {
		case c.Author == nil && bytes.HasPrefix(line, authorKey):
			c.Author = line[len(authorKey):]
		case c.Committer == nil && bytes.HasPrefix(line, committerKey):
			c.Committer = line[len(committerKey):]
		case c.Encoding == nil && bytes.HasPrefix(line, encodingKey):
			c.Encoding = line[len(encodingKey):]
		}
	}
	if c.Author == nil || c.Committer == nil {
		return c, fmt.Errorf("commit: author or committer: %w", errHeader)
	}
	return c, nil
}

// NumParents is the number of parents.
func (c *CommitText) NumParents() int {
	n := len(parentKey) + 2*c.hashSize + 1
	return (len(c.parents) + 1) / n // the last line may lack its newline
}

// Parent is the i-th parent, counted from 0.
func (c *CommitText) Parent(i int) ID {
	n := len(parentKey) + 2*c.hashSize + 1
	id, _ := ParseID(c.parents[i*n+len(parentKey) : i*n+n-1])
	return id
}

// TagText is an annotated tag taken apart. All slices point into the text.
type TagText struct {
	Target  ID
	Type    Type
	Name    []byte
	Tagger  []byte // may be empty: old tags have none
	Message []byte // with a signature, if there is one
	Header  []byte
}

// ParseTag reads an annotated tag.
func ParseTag(text []byte, hashSize int) (t TagText, err error) {
	t.Header, t.Message = splitHeader(text)
	line, rest := cutLine(t.Header)
	if t.Target, err = headerID(line, "object ", hashSize); err != nil {
		return t, fmt.Errorf("tag: object: %w", err)
	}
	line, rest = cutLine(rest)
	word, ok := bytes.CutPrefix(line, typeKey)
	if ok {
		t.Type, ok = ParseType(word)
	}
	if !ok {
		return t, fmt.Errorf("tag: type: %w", errHeader)
	}
	for len(rest) > 0 {
		line, rest = cutLine(rest)
		switch {
		case t.Name == nil && bytes.HasPrefix(line, tagKey):
			t.Name = line[len(tagKey):]
		case t.Tagger == nil && bytes.HasPrefix(line, taggerKey):
			t.Tagger = line[len(taggerKey):]
		}
	}
	return t, nil
}

var (
	parentKey    = []byte("parent ")
	authorKey    = []byte("author ")
	committerKey = []byte("committer ")
	encodingKey  = []byte("encoding ")
	typeKey      = []byte("type ")
	tagKey       = []byte("tag ")
	taggerKey    = []byte("tagger ")
	headerEnd    = []byte("\n\n")
)

// splitHeader cuts at the first empty line. The header keeps its last newline.
func splitHeader(text []byte) (header, message []byte) {
	if i := bytes.Index(text, headerEnd); i >= 0 {
		return text[: i+1 : i+1], text[i+2:]
	}
	return text[:len(text):len(text)], nil
}

func cutLine(text []byte) (line, rest []byte) {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return text[:i], text[i+1:]
	}
	return text, text[len(text):]
}

func headerID(line []byte, key string, hashSize int) (ID, error) {
	if len(line) < len(key) || string(line[:len(key)]) != key {
		return ID{}, errHeader
	}
	if len(line) != len(key)+2*hashSize {
		return ID{}, errHeader
	}
	return ParseID(line[len(key):])
}

// Person is who wrote a commit or a tag, and when.
type Person struct {
	Name, Mail []byte // slices of the line; as written, not mapped
	Seconds    int64  // since 1970, UTC
	Zone       int    // minutes east of UTC
}

// ParsePerson reads "Name <mail> seconds zone" as leniently as git does: what
// is missing or malformed stays empty or zero.
func ParsePerson(line []byte) (p Person) {
	open := bytes.IndexByte(line, '<')
	if open < 0 {
		p.Name = bytes.TrimSpace(line)
		return p
	}
	p.Name = bytes.TrimSpace(line[:open])
	rest := line[open+1:]
	end := bytes.IndexByte(rest, '>')
	if end < 0 {
		p.Mail = bytes.TrimSpace(rest)
		return p
	}
	p.Mail = bytes.TrimSpace(rest[:end])
	// Git takes the date after the last '>': names may hold one.
	last := bytes.LastIndexByte(rest, '>')
	rest = bytes.TrimSpace(rest[last+1:])
	date, zone, _ := bytes.Cut(rest, []byte(" "))
	seconds, ok := decimal(date)
	if !ok {
		return p
	}
	p.Seconds = seconds
	zone = bytes.TrimSpace(zone)
	if len(zone) < 2 || zone[0] != '+' && zone[0] != '-' {
		return p
	}
	z, ok := decimal(zone[1:])
	if !ok || z > 9999 {
		return p
	}
	p.Zone = int(z/100*60 + z%100)
	if zone[0] == '-' {
		p.Zone = -p.Zone
	}
	return p
}

// decimal reads an optionally negative number without allocating.
func decimal(text []byte) (n int64, ok bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	for _, c := range text {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, len(text) > 0
}
