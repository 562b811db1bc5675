package follow

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// resume opens the files of an earlier run. What was rotated since is read on
// where it went.
func (f *Follower) resume() error {
	for _, s := range f.o.States {
		r, err := os.Open(s.Path)
		if err == nil {
			info, err := r.Stat()
			if err == nil && (s.ID == "" || s.ID == identity(info)) && info.Size() >= s.Offset && s.Head.of(r) {
				if _, err := f.start(r, s); err != nil {
					return err
				}
				continue
			}
			r.Close()
		}
		sink, err := f.o.Open(s)
		if err != nil {
			return err
		}
		younger, err := f.rest(s, s.Offset, sink)
		if err != nil {
			return err
		}
		if err := sink.End(); err != nil {
			return err
		}
		// What was rotated in between has never been read.
		for _, path := range younger {
			whole := State{Path: s.Path}
			if r, err := os.Open(path); err == nil {
				if !compressed(path) {
					whole.Head.read(r)
				}
				r.Close()
			}
			if slices.ContainsFunc(f.o.States, func(o State) bool { return o.Path == path || o.Head.full() && o.Head == whole.Head }) {
				continue
			}
			if sink, err = f.o.Open(State{Path: s.Path}); err != nil {
				return err
			}
			if _, err := f.restOf(path, whole, 0, sink); err != nil {
				return err
			}
			if err := sink.End(); err != nil {
				return err
			}
		}
		// What has the name now came later.
		if r, err := os.Open(s.Path); err == nil {
			info, err := r.Stat()
			if err != nil {
				r.Close()
				continue
			}
			if _, err := f.start(r, State{Path: s.Path, ID: identity(info)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// siblings are the files that a file may have become, oldest first.
func (f *Follower) siblings(path string) []string {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		f.trouble(path, err)
	}
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	var found []fs.FileInfo
	for _, e := range entries {
		if e.Name() == base || !strings.HasPrefix(e.Name(), stem) || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil {
			found = append(found, info)
		}
	}
	slices.SortFunc(found, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	var names []string
	for _, info := range found {
		names = append(names, filepath.Join(dir, info.Name()))
	}
	return names
}

// rest reads what stood in a file from an offset on, out of the sibling that it
// became: by the same inode or the same head. It returns the siblings that are
// younger.
func (f *Follower) rest(s State, offset int64, sink Sink) (younger []string, err error) {
	all := f.siblings(s.Path)
	for i, path := range all {
		if done, err := f.restOf(path, s, offset, sink); done || err != nil {
			return all[i+1:], err
		}
	}
	f.trouble(s.Path, errors.New("was replaced, and what stood in it after the last look is nowhere beside it"))
	return nil, nil
}

// restOf reads the rest out of one sibling, if it is the one.
func (f *Follower) restOf(path string, s State, offset int64, sink Sink) (done bool, err error) {
	r, err := os.Open(path)
	if err != nil {
		f.trouble(path, err)
		return false, nil
	}
	defer r.Close()
	if !s.Head.full() && offset > 0 {
		// Too short to be told by its content.
		info, err := r.Stat()
		if err != nil || s.ID == "" || s.ID != identity(info) {
			return false, nil
		}
	}
	text, err := uncompressed(path, r)
	if err != nil {
		return false, nil // not what its name says
	}
	head := make([]byte, s.Head.Len)
	if n, _ := io.ReadFull(text, head); n < len(head) || !s.Head.of(bytes.NewReader(head)) {
		return false, nil
	}
	all := io.MultiReader(bytes.NewReader(head), text)
	if n, _ := io.CopyN(io.Discard, all, offset); n < offset {
		return false, nil // a shorter one that began alike
	}
	for {
		n, err := all.Read(f.buf)
		if n > 0 {
			if err := sink.Text(f.buf[:n]); err != nil {
				return true, err
			}
		}
		if err == io.EOF {
			return true, nil
		}
		if err != nil {
			f.trouble(path, err)
			return true, nil
		}
	}
}

// compressed tells whether a name says that the file is.
func compressed(name string) bool {
	switch filepath.Ext(name) {
	case ".gz", ".zst", ".bz2":
		return true
	}
	return false
}

func uncompressed(name string, r io.Reader) (io.Reader, error) {
	switch filepath.Ext(name) {
	case ".gz":
		return gzip.NewReader(r)
	case ".bz2":
		return bzip2.NewReader(r), nil
	case ".zst":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return r, nil
}
