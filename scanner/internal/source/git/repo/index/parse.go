package index

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// maxPath bounds a path. Version 4 shares prefixes, so that a small file could
// spell out paths of gigabytes.
const maxPath = 1 << 16

// maxPaths bounds all paths of one index together.
const maxPaths = 1 << 30

type parser struct {
	name     string
	text     []byte // without the checksum
	hashSize int
	index    *Index
	link     *link
}

func (p *parser) fail(off int, reason string) error { return &Error{p.name, off, reason} }

func parse(name string, text []byte, hashSize int) (*parser, error) {
	p := &parser{name: name, hashSize: hashSize, index: &Index{}}
	if len(text) < 12+hashSize || string(text[:4]) != "DIRC" {
		return p, p.fail(0, "is no index, or is cut off")
	}
	p.index.Version = int(binary.BigEndian.Uint32(text[4:]))
	if p.index.Version < 2 || p.index.Version > 4 {
		return p, p.fail(4, fmt.Sprintf("version %d is not known", p.index.Version))
	}
	p.text = text[:len(text)-hashSize]
	sum := text[len(p.text):]
	// Of an index of 80,000 entries the checksum takes as long as the rest, so
	// it is worked out beside it. All zero: index.skipHash.
	wrong := make(chan error, 1)
	go func() {
		var err error
		if !bytes.Equal(sum, make([]byte, hashSize)) && !bytes.Equal(sum, checksum(p.text, hashSize)) {
			err = p.fail(len(p.text), "the checksum is wrong")
		}
		wrong <- err
	}()
	pos, err := p.entries(int(binary.BigEndian.Uint32(text[8:])))
	if err == nil {
		err = p.extensions(pos)
	}
	return p, errors.Join(<-wrong, err)
}

func checksum(text []byte, hashSize int) []byte {
	if hashSize == object.SHA256Size {
		s := sha256.Sum256(text)
		return s[:]
	}
	s := sha1.Sum(text)
	return s[:]
}

// entries reads n entries and gives the offset after them. Paths are gathered
// in one buffer and become strings together.
func (p *parser) entries(n int) (int, error) {
	const fixed = 40 // the bytes before the id
	least := fixed + p.hashSize + 3
	n2 := min(n, len(p.text)/least)
	entries := make([]Entry, 0, n2)
	ends := make([]int, 0, n2)
	paths := make([]byte, 0, min(len(p.text), 1<<16+n2*40))
	last := 0 // where the path before begins
	pos := 12
	var err error
	for i := range n {
		start := pos
		if len(p.text)-pos < least {
			err = p.fail(start, fmt.Sprintf("cut off in entry %d of %d", i+1, n))
			break
		}
		e := Entry{
			Mode: binary.BigEndian.Uint32(p.text[pos+24:]),
			ID:   object.FromBytes(p.text[pos+fixed : pos+fixed+p.hashSize]),
		}
		pos += fixed + p.hashSize
		flags := binary.BigEndian.Uint16(p.text[pos:])
		pos += 2
		e.AssumeValid = flags&0x8000 != 0
		e.Stage = uint8(flags >> 12 & 3)
		if flags&0x4000 != 0 {
			if p.index.Version < 3 || len(p.text)-pos < 3 {
				err = p.fail(start, "an entry has flags that its version does not know")
				break
			}
			more := binary.BigEndian.Uint16(p.text[pos:])
			pos += 2
			e.SkipWorktree, e.IntentToAdd = more&0x4000 != 0, more&0x2000 != 0
		}
		keep := 0
		if p.index.Version == 4 {
			strip, w := varint(p.text[pos:])
			if w == 0 || strip > uint64(len(paths)-last) {
				err = p.fail(pos, "an entry takes more off the path before than that has")
				break
			}
			pos += w
			keep = len(paths) - last - int(strip)
		}
		nul := bytes.IndexByte(p.text[pos:], 0)
		if nul < 0 || keep+nul > maxPath || len(paths)+keep+nul > maxPaths {
			err = p.fail(pos, "an entry's path has no end, or is longer than any path can be")
			break
		}
		from := last
		last = len(paths)
		paths = append(paths, paths[from:from+keep]...)
		paths = append(paths, p.text[pos:pos+nul]...)
		pos += nul + 1
		if p.index.Version != 4 {
			// One to eight NULs, so that an entry's length is a multiple of 8.
			pos = start + (pos-1-start+8)&^7
			if pos > len(p.text) {
				err = p.fail(start, fmt.Sprintf("cut off in entry %d of %d", i+1, n))
				break
			}
		}
		entries = append(entries, e)
		ends = append(ends, len(paths))
	}
	all := string(paths)
	at := 0
	for i := range entries {
		entries[i].Path = all[at:ends[i]]
		at = ends[i]
	}
	p.index.Entries = entries
	return pos, err
}

// varint reads the number coding of packs and version 4; width 0 is a fault.
func varint(b []byte) (v uint64, width int) {
	for i := 0; i < len(b) && i < 9; i++ {
		v |= uint64(b[i] & 0x7f)
		if b[i] < 0x80 {
			return v, i + 1
		}
		v = (v + 1) << 7
	}
	return 0, 0
}

func (p *parser) extensions(pos int) error {
	for len(p.text)-pos >= 8 {
		name := string(p.text[pos : pos+4])
		size := int(binary.BigEndian.Uint32(p.text[pos+4:]))
		if size > len(p.text)-pos-8 {
			return p.fail(pos, fmt.Sprintf("extension %q is cut off", name))
		}
		body := p.text[pos+8 : pos+8+size]
		switch name {
		case "TREE":
			p.index.Trees = cachedTrees(body, p.hashSize)
		case "sdir":
			p.index.Sparse = true
		case "link":
			var err error
			if p.link, err = parseLink(body, p.hashSize); err != nil {
				return p.fail(pos, err.Error())
			}
		default:
			// A capital says that a reader may pass it over.
			if name[0] < 'A' || name[0] > 'Z' {
				return p.fail(pos, fmt.Sprintf("extension %q is needed to read it and not known", name))
			}
		}
		pos += 8 + size
	}
	return nil
}

// cachedTrees reads the TREE extension, which saves time and no more: what is
// malformed is left out. It lists directories depth first: name, NUL, number
// of entries (-1: not valid), blank, number of subdirectories, newline, id.
func cachedTrees(b []byte, hashSize int) map[string]CachedTree {
	trees := map[string]CachedTree{}
	type level struct {
		path string
		left int
	}
	var stack []level
	total := 0
	for len(b) > 0 {
		nul := bytes.IndexByte(b, 0)
		if nul < 0 {
			break
		}
		name := string(b[:nul])
		b = b[nul+1:]
		nl := bytes.IndexByte(b, '\n')
		if nl < 0 {
			break
		}
		first, second, _ := strings.Cut(string(b[:nl]), " ")
		entries, err := strconv.Atoi(first)
		subs, err2 := strconv.Atoi(second)
		if err != nil || err2 != nil || subs < 0 {
			break
		}
		b = b[nl+1:]
		path := name
		for len(stack) > 0 && stack[len(stack)-1].left == 0 {
			stack = stack[:len(stack)-1]
		}
		if len(stack) > 0 {
			top := &stack[len(stack)-1]
			top.left--
			if top.path != "" {
				path = top.path + "/" + name
			}
		}
		if total += len(path); len(path) > maxPath || total > maxPaths {
			break
		}
		if entries >= 0 {
			if len(b) < hashSize {
				break
			}
			trees[path] = CachedTree{object.FromBytes(b[:hashSize]), entries}
			b = b[hashSize:]
		}
		stack = append(stack, level{path, subs})
	}
	return trees
}
