package pack

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack/inflate"
)

// looseName is the path of a loose object below an objects directory.
func looseName(dir string, id object.ID) string {
	h := id.String()
	return filepath.Join(dir, h[:2], h[2:])
}

// maxLooseHeader bounds "commit 9223372036854775807\0".
const maxLooseHeader = 32

// looseHeader inflates and reads the header: type, size and its own length.
func looseHeader(src []byte, s *scratch) (typ object.Type, size int64, head int, err error) {
	var buf [maxLooseHeader]byte
	n, err := s.z.Prefix(buf[:], src)
	if err != nil {
		return 0, 0, 0, inflateError(err)
	}
	nul := bytes.IndexByte(buf[:n], 0)
	word, digits, _ := bytes.Cut(buf[:max(nul, 0)], []byte{' '})
	typ, ok := object.ParseType(word)
	if !ok || len(digits) == 0 || len(digits) > 19 {
		return 0, 0, 0, fmt.Errorf("%w: no loose object header", ErrCorrupt)
	}
	for _, c := range digits {
		if c < '0' || c > '9' || size > (1<<63-10)/10 {
			return 0, 0, 0, fmt.Errorf("%w: size of loose object", ErrCorrupt)
		}
		size = size*10 + int64(c-'0')
	}
	return typ, size, nul + 1, nil
}

// readLoose reads a loose object from its file, the content into buf if it
// fits.
func readLoose(name string, id object.ID, buf []byte, limit int64, s *scratch) (object.Type, []byte, error) {
	return readLooseOf(object.All, name, id, buf, limit, s)
}

// readLooseOf reads a loose object if it is of the types; else its content is
// nil.
func readLooseOf(types object.Set, name string, id object.ID, buf []byte, limit int64, s *scratch) (object.Type, []byte, error) {
	fail := func(err error) (object.Type, []byte, error) {
		return 0, nil, &Error{File: name, Offset: -1, ID: id, Err: err}
	}
	src, err := readLooseFile(name, limit, s)
	if err != nil {
		return fail(err)
	}
	typ, size, head, err := looseHeader(src, s)
	if err != nil {
		return fail(err)
	}
	if !types.Has(typ) {
		return typ, nil, nil
	}
	if err := checkSize(size, int64(len(src)), limit); err != nil {
		return fail(err)
	}
	dst := grow(buf, int(size)+head)[:int(size)+head]
	if _, err := s.z.Zlib(dst, src); err != nil {
		return fail(inflateError(err))
	}
	copy(dst, dst[head:])
	return typ, dst[:size], nil
}

// readLooseFile reads the file into scratch. It is not mapped: most are
// smaller than a page.
func readLooseFile(name string, limit int64, s *scratch) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file", ErrCorrupt)
	}
	if info.Size() > limit+limit>>10+1024 {
		return nil, fmt.Errorf("%w: file of %d bytes", ErrTooLarge, info.Size())
	}
	n := int(info.Size())
	s.in = grow(s.in, n)[:n]
	for read := 0; read < n; {
		got, err := f.Read(s.in[read:])
		read += got
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTruncated, err)
		}
	}
	// Zeros behind the data let the inflater read in words.
	src := s.in[: n+inflate.Slack : n+inflate.Slack]
	clear(src[n:])
	return src[:n], nil
}

// looseHeaderAt reads type and size from the start of the file.
func looseHeaderAt(name string, id object.ID, s *scratch) (object.Type, int64, error) {
	fail := func(err error) (object.Type, int64, error) {
		return 0, 0, &Error{File: name, Offset: -1, ID: id, Err: err}
	}
	f, err := os.Open(name)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	var buf [1024]byte
	n, err := f.Read(buf[:])
	if err != nil {
		return fail(fmt.Errorf("%w: %w", ErrTruncated, err))
	}
	typ, size, _, err := looseHeader(buf[:n], s)
	if err != nil {
		return fail(err)
	}
	return typ, size, nil
}

// listLoose gives the ids of the loose objects in a directory, in order.
// Files whose names are no ids (tmp_obj_…) are not objects.
func listLoose(dir string, hashSize int) (ids []object.ID, err error) {
	for i := range 256 {
		prefix := hex.EncodeToString([]byte{byte(i)})
		entries, err := os.ReadDir(filepath.Join(dir, prefix))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return ids, err
		}
		for _, e := range entries {
			if len(e.Name()) != 2*hashSize-2 {
				continue
			}
			if id, err := object.ParseID(prefix + e.Name()); err == nil {
				ids = append(ids, id)
			}
		}
	}
	slices.SortFunc(ids, object.ID.Compare)
	return ids, nil
}
