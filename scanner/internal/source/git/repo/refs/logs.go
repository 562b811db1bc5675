package refs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// maxLogLine bounds a line of a reflog; what is longer is cut.
const maxLogLine = 1 << 20

func (f *files) logs(gitDir string, fn func(LogEntry) error) (errs []error, stop error) {
	top := filepath.Join(gitDir, "logs")
	seen := map[string]bool{}
	var dir func(path, name string, depth int) error
	dir = func(path, name string, depth int) error {
		real, err := filepath.EvalSymlinks(path)
		if err != nil || seen[real] || depth > 512 {
			if err != nil && !bounded.Missing(err) {
				errs = append(errs, err)
			}
			return nil
		}
		seen[real] = true
		entries, err := os.ReadDir(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("listing reflogs: %w", err))
		}
		for _, e := range entries {
			sub := filepath.Join(path, e.Name())
			full := strings.TrimPrefix(name+"/"+e.Name(), "/")
			if e.IsDir() || e.Type()&fs.ModeSymlink != 0 && isDirectory(sub) {
				if err := dir(sub, full, depth+1); err != nil {
					return err
				}
				continue
			}
			if strings.HasSuffix(full, ".lock") {
				continue
			}
			faults, err := readLog(sub, full, f.hashSize, fn)
			errs = append(errs, faults...)
			if err != nil {
				return err
			}
		}
		return nil
	}
	return errs, dir(top, "", 0)
}

// readLog reads one reflog file line by line: it may be larger than memory.
func readLog(file, name string, hashSize int, fn func(LogEntry) error) (errs []error, stop error) {
	st, err := os.Stat(file)
	if err != nil || !st.Mode().IsRegular() {
		if err == nil {
			err = fmt.Errorf("%s: %w", file, bounded.ErrNotRegular)
		}
		return []error{err}, nil
	}
	h, err := os.Open(file)
	if err != nil {
		return []error{err}, nil
	}
	defer h.Close()
	in := bufio.NewReaderSize(h, 1<<16)
	for n := 1; ; n++ {
		line, err := readLine(in)
		if len(line) > 0 {
			e, ok := parseLogLine(line, hashSize)
			if !ok {
				if len(errs) < MaxErrors {
					errs = append(errs, &Error{File: file, Line: n, Reason: "is no line of a reflog; remove it"})
				}
			} else {
				e.Name = name
				if err := fn(e); err != nil {
					return errs, err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return errs, nil
		}
		if err != nil {
			return append(errs, fmt.Errorf("reading %s: %w", file, err)), nil
		}
	}
}

// readLine reads up to a newline and keeps the first maxLogLine bytes.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line) < maxLogLine {
			line = append(line, part[:min(len(part), maxLogLine-len(line))]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), err
		}
	}
}

// parseLogLine reads "old new Name <mail> seconds zone\tmessage".
func parseLogLine(line []byte, hashSize int) (e LogEntry, ok bool) {
	n := 2 * hashSize
	if len(line) < 2*n+2 || line[n] != ' ' || line[2*n+1] != ' ' {
		return e, false
	}
	var err1, err2 error
	e.Old, err1 = parseID(line[:n], hashSize)
	e.New, err2 = parseID(line[n+1:2*n+1], hashSize)
	if err1 != nil || err2 != nil {
		return e, false
	}
	who, message, _ := bytes.Cut(line[2*n+2:], []byte("\t"))
	p := object.ParsePerson(who)
	if i := bytes.LastIndexByte(who, '>'); i >= 0 {
		who = who[:i+1]
	}
	e.Who, e.Seconds, e.Zone, e.Message = string(who), p.Seconds, p.Zone, string(message)
	return e, true
}
