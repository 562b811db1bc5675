package refs

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/reftable"
)

// tables keeps references in reftables: one stack for the common directory,
// one for each linked work tree.
type tables struct {
	commonDir string
	hashSize  int

	mu     sync.Mutex
	stacks map[string]*loaded
}

type loaded struct {
	stack *reftable.Stack
	refs  []reftable.Ref
	errs  []error
}

func (t *tables) load(gitDir string) *loaded {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.stacks[gitDir]; l != nil {
		return l
	}
	l := &loaded{}
	var err error
	if l.stack, err = reftable.Open(filepath.Join(gitDir, "reftable")); err != nil {
		l.errs = append(l.errs, err)
	}
	if l.refs, err = l.stack.Refs(); err != nil {
		l.errs = append(l.errs, err)
	}
	if t.stacks == nil {
		t.stacks = map[string]*loaded{}
	}
	t.stacks[gitDir] = l
	return l
}

func (t *tables) raw(gitDir, name string) (Ref, error) {
	l := t.load(gitDir)
	i, ok := slices.BinarySearchFunc(l.refs, name, func(r reftable.Ref, n string) int {
		switch {
		case r.Name < n:
			return -1
		case r.Name > n:
			return 1
		}
		return 0
	})
	if !ok {
		if len(l.errs) > 0 {
			return Ref{Name: name}, l.errs[0] // it may stand in what is damaged
		}
		return Ref{Name: name}, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	return convert(l.refs[i]), nil
}

func convert(r reftable.Ref) Ref {
	return Ref{Name: r.Name, ID: r.ID, Peeled: r.Peeled, Target: r.Target, Pseudo: bare(r.Name) && r.Name != "HEAD"}
}

func (t *tables) list(gitDir string, shared bool) (list []Ref, errs []error) {
	l := t.load(gitDir)
	for _, r := range l.refs {
		list = append(list, convert(r))
	}
	return list, slices.Clone(l.errs)
}

func (t *tables) logs(gitDir string, fn func(LogEntry) error) (errs []error, stop error) {
	l := t.load(gitDir)
	logs, err := l.stack.Logs()
	if err != nil {
		errs = append(errs, err)
	}
	for first := 0; first < len(logs); {
		last := first
		for last < len(logs) && logs[last].Name == logs[first].Name {
			last++
		}
		for i := last - 1; i >= first; i-- { // oldest first
			g := logs[i]
			e := LogEntry{Name: g.Name, Old: g.Old, New: g.New, Who: g.Who + " <" + g.Mail + ">",
				Seconds: g.Seconds, Zone: g.Zone, Message: g.Message}
			if err := fn(e); err != nil {
				return errs, err
			}
		}
		first = last
	}
	return errs, nil
}
