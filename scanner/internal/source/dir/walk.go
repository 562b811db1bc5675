package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/ignore"
)

// Options of a walk.
type Options struct {
	// Root is the directory to walk.
	Root string
	// Ignore is the matcher of Root inside a git work tree, nil elsewhere or
	// when ignored files are to be scanned.
	Ignore *ignore.Dir
	// Tracked tells of a path (relative, slashes) whether git tracks it, or
	// something below it: such paths are not ignored. Nil: nothing is.
	Tracked func(path string) bool
	// Allowed tells whether the user's ignore file takes a path out.
	Allowed func(path string, isDir bool) bool
	// SkipGit leaves out directories and files called .git.
	SkipGit bool
	// Nested is called for directories below Root that hold a .git of their
	// own; if it returns true, the walk does not go on there.
	Nested func(path string) bool
	// MaxFileSize in bytes leaves out larger files; 0 is no limit.
	MaxFileSize int64
}

// Visitor is one worker's side of a walk. Its methods are called by one
// goroutine at a time, each worker having a Visitor of its own.
type Visitor interface {
	// File gets each regular file. path is relative to the root, with
	// slashes; abs is for opening.
	File(path, abs string) error
	// Gap gets everything that is in reach and not visited.
	Gap(g finding.Gap)
}

// node is a unit of work: a directory, or a batch of files of one.
type node struct {
	path   string // relative, slashes, "" for the root
	abs    string
	ignore *ignore.Dir
	files  []string // nil: the directory is to be read
}

// batch is how many files one unit of work holds.
const batch = 64

type walker struct {
	opt   Options
	mu    sync.Mutex
	wake  *sync.Cond
	stack []node
	busy  int
	err   error
}

// Walk visits the tree with one goroutine per visitor. It returns the first
// error of a visitor, or the context's.
func Walk(ctx context.Context, opt Options, visitors []Visitor) error {
	w := &walker{opt: opt, stack: []node{{abs: opt.Root, ignore: opt.Ignore}}}
	w.wake = sync.NewCond(&w.mu)
	stop := context.AfterFunc(ctx, func() { w.fail(ctx.Err()) })
	defer stop()
	var wg sync.WaitGroup
	for _, v := range visitors {
		wg.Go(func() { w.work(v) })
	}
	wg.Wait()
	return w.err
}

func (w *walker) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	w.wake.Broadcast()
}

// take returns the next unit of work; false when there is none left.
func (w *walker) take() (node, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.stack) == 0 && w.busy > 0 && w.err == nil {
		w.wake.Wait()
	}
	if len(w.stack) == 0 || w.err != nil {
		w.wake.Broadcast()
		return node{}, false
	}
	n := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	w.busy++
	return n, true
}

func (w *walker) done(more []node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	w.stack = append(w.stack, more...)
	if len(more) > 0 || w.busy == 0 {
		w.wake.Broadcast()
	}
}

func (w *walker) work(v Visitor) {
	for {
		n, ok := w.take()
		if !ok {
			return
		}
		var more []node
		if n.files == nil {
			more = w.list(n, v)
		} else {
			for _, f := range n.files {
				if err := v.File(join(n.path, f), n.abs+string(filepath.Separator)+f); err != nil {
					w.fail(err)
					break
				}
			}
		}
		w.done(more)
	}
}

// list reads a directory and returns the work it holds.
func (w *walker) list(n node, v Visitor) []node {
	entries, err := os.ReadDir(n.abs)
	if err != nil {
		v.Gap(finding.Gap{Path: orDot(n.path), Reason: finding.ReasonUnreadable, Detail: cause(err)})
	}
	hasIgnore, hasGit := special(entries)
	if hasGit && n.path != "" && w.opt.Nested != nil && w.opt.Nested(n.path) {
		return nil
	}
	n.ignore = w.matcher(n, hasIgnore, v)
	var work []node
	var files []string
	for _, e := range entries {
		name, path := e.Name(), join(n.path, e.Name())
		typ := e.Type()
		if name == ".git" && w.opt.SkipGit {
			continue
		}
		switch {
		case w.opt.Allowed != nil && w.opt.Allowed(path, e.IsDir()):
			v.Gap(finding.Gap{Path: path, Reason: finding.ReasonAllowed})
		case n.ignore != nil && n.ignore.Ignored(name, e.IsDir()) && (w.opt.Tracked == nil || !w.opt.Tracked(path)):
			v.Gap(finding.Gap{Path: path, Reason: finding.ReasonIgnored})
		case e.IsDir():
			work = append(work, node{path: path, abs: n.abs + string(filepath.Separator) + name, ignore: n.ignore})
		case typ&fs.ModeSymlink != 0:
			v.Gap(w.link(path, n.abs+string(filepath.Separator)+name))
		case !typ.IsRegular():
			v.Gap(finding.Gap{Path: path, Reason: finding.ReasonNotRegular, Detail: typeName(typ)})
		case w.opt.MaxFileSize > 0 && tooLarge(e, w.opt.MaxFileSize):
			info, _ := e.Info()
			v.Gap(finding.Gap{Path: path, Reason: finding.ReasonOption, Bytes: info.Size(),
				Detail: fmt.Sprintf("larger than --max-file-size (%d bytes)", w.opt.MaxFileSize)})
		default:
			files = append(files, name)
		}
	}
	for len(files) > 0 {
		k := min(batch, len(files))
		work = append(work, node{path: n.path, abs: n.abs, files: files[:k]})
		files = files[k:]
	}
	return work
}

// special tells whether a directory holds a file of ignore patterns, and
// whether it holds a .git.
func special(entries []fs.DirEntry) (hasIgnore, hasGit bool) {
	for _, e := range entries {
		switch e.Name() {
		case ignore.FileName:
			hasIgnore = e.Type().IsRegular()
		case ".git":
			hasGit = true
		}
	}
	return hasIgnore, hasGit
}

// matcher is the ignore matcher for the entries of a directory.
func (w *walker) matcher(n node, hasIgnore bool, v Visitor) *ignore.Dir {
	if n.ignore == nil || n.path == "" {
		return n.ignore
	}
	m, err := n.ignore.Enter(n.path[strings.LastIndexByte(n.path, '/')+1:], hasIgnore)
	if err != nil {
		v.Gap(finding.Gap{Path: join(n.path, ignore.FileName), Reason: finding.ReasonUnreadable, Detail: cause(err)})
	}
	return m
}

// link classifies a symbolic link; links are never followed.
func (w *walker) link(path, abs string) finding.Gap {
	g := finding.Gap{Path: path, Reason: finding.ReasonLink}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		g.Reason, g.Detail = finding.ReasonNotRegular, "broken link"
		return g
	}
	root, err := filepath.EvalSymlinks(w.opt.Root)
	if err != nil {
		root = w.opt.Root
	}
	root, _ = filepath.Abs(root)
	target, _ = filepath.Abs(target)
	if rel, err := filepath.Rel(root, target); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		g.Reason = finding.ReasonOutside
	}
	return g
}

func tooLarge(e fs.DirEntry, limit int64) bool {
	info, err := e.Info()
	return err == nil && info.Size() > limit
}

func typeName(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "FIFO"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "not a regular file"
}

// cause is the error's own text without the path, which the gap names.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func orDot(path string) string {
	if path == "" {
		return "."
	}
	return path
}
