package pack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// file is a file held open for reading at any place: mapped where the system
// can, read with ReadAt elsewhere. Held open or mapped, its content survives a
// repack that unlinks it.
type file struct {
	name   string
	size   int64
	f      *os.File // nil when mapped
	mapped []byte
}

func openFile(name string, mapped bool) (*file, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if !info.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	d := &file{name: name, size: info.Size(), f: f}
	if mapped && d.size > 0 && int64(int(d.size)) == d.size {
		if m, err := mapFile(f, int(d.size)); err == nil {
			d.mapped = m
			d.f = nil
			f.Close()
		}
	}
	return d, nil
}

// at gives n bytes from off, fewer at the end of the file. They are valid
// until buf is used again; buf stays untouched where the file is mapped.
func (d *file) at(off int64, n int, buf *[]byte) ([]byte, error) {
	if off < 0 || off > d.size {
		return nil, ErrTruncated
	}
	n = int(min(int64(n), d.size-off))
	if d.mapped != nil {
		return d.mapped[off : off+int64(n)], nil
	}
	if cap(*buf) < n {
		*buf = make([]byte, n+n/4+64)
	}
	b := (*buf)[:n]
	got, err := d.f.ReadAt(b, off)
	if got == n {
		return b, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrChanged, ErrTruncated)
	}
	return nil, err
}

// all gives the whole file: mapped, or read into memory.
func (d *file) all() ([]byte, error) {
	if int64(int(d.size)) != d.size {
		return nil, ErrTooLarge
	}
	var buf []byte
	return d.at(0, int(d.size), &buf)
}

func (d *file) close() error {
	if d.mapped != nil {
		err := unmapFile(d.mapped)
		d.mapped = nil
		return err
	}
	if d.f != nil {
		return d.f.Close()
	}
	return nil
}

// guard makes a fault in a mapped file an error: if another process cuts a
// file short while it is mapped, touching the lost pages would otherwise end
// the program. Use: defer guard(&err)().
func guard(err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		if r := recover(); r != nil {
			*err = faultError(r)
		}
	}
}

// faultError turns a recovered memory fault into an error and lets any other
// panic go on.
func faultError(r any) error {
	// Only faults at an address have Addr; nil dereferences and index errors
	// are bugs of ours and must show.
	if fault, ok := r.(interface {
		error
		Addr() uintptr
	}); ok {
		return fmt.Errorf("%w: %w", ErrChanged, fault)
	}
	panic(r)
}
