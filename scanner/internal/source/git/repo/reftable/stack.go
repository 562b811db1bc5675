package reftable

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// MaxTable is the number of bytes read of one table.
const MaxTable = 1 << 30

// maxTables bounds the tables of one stack; git keeps it at a few dozen.
const maxTables = 10_000

// Stack is the tables of one directory, oldest first.
type Stack struct {
	tables []*Table
}

// Open reads dir/tables.list and the tables it names. A git that compacts the
// stack meanwhile replaces tables: the list is then read again. The error
// holds what could not be read; the stack the rest.
func Open(dir string) (*Stack, error) {
	var s *Stack
	var err error
	for range 3 {
		var gone bool
		if s, gone, err = open(dir); !gone {
			break
		}
	}
	return s, err
}

func open(dir string) (s *Stack, gone bool, err error) {
	s = &Stack{}
	list := filepath.Join(dir, "tables.list")
	text, err := bounded.ReadFile(list, 1<<20)
	if err != nil {
		return s, false, fmt.Errorf("reading the list of reference tables: %w", err)
	}
	var errs []error
	line, n := 0, 0
	for name := range strings.Lines(string(text)) {
		line++
		name = strings.TrimRight(name, "\r\n")
		if name == "" {
			continue
		}
		if n++; n > maxTables {
			errs = append(errs, fmt.Errorf("%s:%d: more than %d tables; run \"git refs optimize\"", list, line, maxTables))
			break
		}
		if !filepath.IsLocal(name) || filepath.Base(name) != name {
			errs = append(errs, fmt.Errorf("%s:%d: %q is not the name of a table; remove the line", list, line, name))
			continue
		}
		file := filepath.Join(dir, name)
		data, err := bounded.ReadFile(file, MaxTable)
		if err != nil {
			gone = gone || bounded.Missing(err)
			errs = append(errs, fmt.Errorf("%s:%d: %w; restore the table", list, line, err))
			continue
		}
		t, err := New(file, data)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.tables = append(s.tables, t)
	}
	return s, gone, errors.Join(errs...)
}

// Refs gives every reference that stands, by name.
func (s *Stack) Refs() ([]Ref, error) {
	newest := map[string]Ref{}
	var errs []error
	for _, t := range s.tables {
		if err := t.Refs(func(r Ref) error { newest[r.Name] = r; return nil }); err != nil {
			errs = append(errs, err)
		}
	}
	refs := make([]Ref, 0, len(newest))
	for _, r := range newest {
		if !r.Deleted {
			refs = append(refs, r)
		}
	}
	slices.SortFunc(refs, func(a, b Ref) int { return cmp.Compare(a.Name, b.Name) })
	return refs, errors.Join(errs...)
}

// Logs gives every log record that stands, by name, the newest first.
func (s *Stack) Logs() ([]Log, error) {
	type key struct {
		name  string
		index uint64
	}
	newest := map[key]Log{}
	var errs []error
	for _, t := range s.tables {
		if err := t.Logs(func(l Log) error { newest[key{l.Name, l.UpdateIndex}] = l; return nil }); err != nil {
			errs = append(errs, err)
		}
	}
	logs := make([]Log, 0, len(newest))
	for _, l := range newest {
		if !l.Deleted {
			logs = append(logs, l)
		}
	}
	slices.SortFunc(logs, func(a, b Log) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), -cmp.Compare(a.UpdateIndex, b.UpdateIndex))
	})
	return logs, errors.Join(errs...)
}
