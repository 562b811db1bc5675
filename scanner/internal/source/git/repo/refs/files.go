package refs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// Bounds on what is read: of one loose reference, of packed-refs, and the
// number of loose ones.
const (
	maxLoose  = 1 << 16
	maxPacked = 1 << 29
	maxRefs   = 5_000_000
)

// files keeps references as loose files over packed-refs.
type files struct {
	commonDir string
	hashSize  int

	once   sync.Once
	packed []byte
	err    error
}

func (f *files) packedText() ([]byte, error) {
	f.once.Do(func() {
		f.packed, f.err = bounded.ReadFile(filepath.Join(f.commonDir, "packed-refs"), maxPacked)
		if bounded.Missing(f.err) {
			f.err = nil
		}
	})
	return f.packed, f.err
}

func (f *files) raw(gitDir, name string) (Ref, error) {
	r, err := f.loose(filepath.Join(gitDir, filepath.FromSlash(name)), name)
	if err == nil || !errors.Is(err, ErrNotFound) || !strings.HasPrefix(name, "refs/") {
		return r, err
	}
	text, err := f.packedText()
	if err != nil {
		return Ref{Name: name}, err
	}
	// One name is looked for in the text as it is: a commit hook has no time
	// to make a hundred thousand Refs.
	want := []byte(" " + name)
	for rest := text; ; {
		i := bytes.Index(rest, want)
		if i < 0 {
			return Ref{Name: name}, fmt.Errorf("%s: %w", name, ErrNotFound)
		}
		end := i + len(want)
		if i >= 2*f.hashSize && (i == 2*f.hashSize || rest[i-2*f.hashSize-1] == '\n') && (end == len(rest) || rest[end] == '\n') {
			id, err := f.id(rest[i-2*f.hashSize : i])
			if err != nil {
				return Ref{Name: name}, &Error{File: filepath.Join(f.commonDir, "packed-refs"), Reason: name + ": " + err.Error()}
			}
			r := Ref{Name: name, ID: id}
			if end+1 < len(rest) && rest[end+1] == '^' {
				line, _, _ := bytes.Cut(rest[end+2:], []byte("\n"))
				r.Peeled, _ = f.id(bytes.TrimSpace(line))
			}
			return r, nil
		}
		rest = rest[end:]
	}
}

// loose reads one loose reference.
func (f *files) loose(file, name string) (Ref, error) {
	r := Ref{Name: name}
	// HEAD may be a symbolic link, as the oldest repositories have it.
	if target, err := os.Readlink(file); err == nil {
		target = filepath.ToSlash(target)
		if strings.HasPrefix(target, "refs/") && safe(target) {
			r.Target = target
			return r, nil
		}
	}
	text, err := bounded.ReadFile(file, maxLoose)
	if bounded.Missing(err) || err != nil && isDirectory(file) {
		return r, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	if err != nil {
		return r, err
	}
	if rest, ok := bytes.CutPrefix(text, []byte("ref:")); ok {
		r.Target = string(bytes.TrimSpace(rest))
		if !safe(r.Target) {
			return r, &Error{File: file, Reason: fmt.Sprintf("points to %.100q, which is no name of a reference", r.Target)}
		}
		return r, nil
	}
	line := text
	if i := bytes.IndexAny(text, " \t\r\n"); i >= 0 {
		line = text[:i]
	}
	if r.ID, err = f.id(line); err != nil {
		reason := "holds no object id; restore it from its reflog, or delete it"
		if len(bytes.Trim(text, "\x00\n")) == 0 {
			reason = "is empty, as after a power failure; restore it from its reflog, or delete it"
		}
		return r, &Error{File: file, Reason: reason}
	}
	return r, nil
}

func (f *files) id(text []byte) (object.ID, error) { return parseID(text, f.hashSize) }

func parseID(text []byte, hashSize int) (object.ID, error) {
	if len(text) != 2*hashSize {
		return object.ID{}, fmt.Errorf("%.80q is no object id of %d digits", text, 2*hashSize)
	}
	return object.ParseID(text)
}

func isDirectory(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.IsDir()
}

func (f *files) list(gitDir string, shared bool) (list []Ref, errs []error) {
	if r, err := f.loose(filepath.Join(gitDir, "HEAD"), "HEAD"); err == nil {
		list = append(list, r)
	} else {
		errs = append(errs, fmt.Errorf("%s: %w", gitDir, err))
	}
	w := &looseWalk{f: f, seen: map[string]bool{}}
	w.dir(filepath.Join(gitDir, "refs"), "refs", 0)
	list, errs = append(list, w.list...), append(errs, w.errs...)
	if !shared {
		return list, errs
	}
	have := make(map[string]bool, len(w.list))
	for _, r := range w.list {
		have[r.Name] = true
	}
	text, err := f.packedText()
	if err != nil {
		errs = append(errs, err)
	}
	packed, es := parsePacked(filepath.Join(f.commonDir, "packed-refs"), text, f.hashSize)
	errs = append(errs, es...)
	for _, r := range packed {
		if !have[r.Name] {
			list = append(list, r)
		}
	}
	return list, errs
}

// looseWalk collects the files below refs/. It follows links to directories
// (contrib/git-new-workdir makes them), each directory once.
type looseWalk struct {
	f    *files
	seen map[string]bool
	list []Ref
	errs []error
}

func (w *looseWalk) dir(dir, name string, depth int) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		if !bounded.Missing(err) {
			w.errs = append(w.errs, err)
		}
		return
	}
	if w.seen[real] || depth > 512 {
		return
	}
	w.seen[real] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.errs = append(w.errs, fmt.Errorf("listing references: %w", err))
	}
	for _, e := range entries {
		if len(w.list) >= maxRefs {
			w.errs = append(w.errs, &Error{File: dir, Reason: fmt.Sprintf("more than %d references; the rest was not read", maxRefs)})
			return
		}
		path, full := filepath.Join(dir, e.Name()), name+"/"+e.Name()
		if e.IsDir() || e.Type()&fs.ModeSymlink != 0 && isDirectory(path) {
			w.dir(path, full, depth+1)
			continue
		}
		if strings.HasSuffix(full, ".lock") {
			continue
		}
		r, err := w.f.loose(path, full)
		switch {
		case err == nil:
			w.list = append(w.list, r)
		case !errors.Is(err, ErrNotFound): // deleted meanwhile
			w.errs = append(w.errs, err)
		}
	}
}

// parsePacked reads the text of packed-refs.
func parsePacked(file string, text []byte, hashSize int) (list []Ref, errs []error) {
	n := 0
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		n++
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		fail := func(reason string) {
			if len(errs) <= MaxErrors {
				errs = append(errs, &Error{File: file, Line: n, Reason: reason + "; correct the line or remove it"})
			}
		}
		if line[0] == '^' {
			id, err := parseID(line[1:], hashSize)
			if err != nil || len(list) == 0 {
				fail("a peeled id is malformed or follows no tag")
				continue
			}
			list[len(list)-1].Peeled = id
			continue
		}
		if len(line) < 2*hashSize+2 || line[2*hashSize] != ' ' {
			fail("is not an object id and a name")
			continue
		}
		id, err := parseID(line[:2*hashSize], hashSize)
		if err != nil {
			fail(err.Error())
			continue
		}
		list = append(list, Ref{Name: string(line[2*hashSize+1:]), ID: id})
	}
	return list, errs
}
