package ignore

import (
	"fmt"
	"path/filepath"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// FileName is the name of the files that hold the patterns of a directory.
const FileName = ".gitignore"

// MaxFile is the number of bytes read of one file of patterns.
const MaxFile = 4 << 20

// Options say where a matcher begins.
type Options struct {
	// Root is the top of the work tree.
	Root string
	// Exclude are further files of patterns for the whole tree, weakest
	// first: info/exclude. Missing ones are skipped.
	Exclude []string
	// FoldCase compares ASCII letters without case (core.ignorecase).
	FoldCase bool
}

// Dir is one directory of a walk. A Dir is never changed once made: walkers in
// several goroutines may share it.
type Dir struct {
	parent *Dir
	rel    string // slash-separated with a slash at the end; "" for the root
	root   string // operating system's path of the top
	fold   bool
	// levels holds the patterns that count here, strongest first.
	levels []*level
	lost   bool // this directory or one above it is ignored
}

// New gives the root of a walk, with the root's .gitignore and opt.Exclude
// read. A file that cannot be read is an error that comes with a usable Dir.
func New(opt Options) (*Dir, error) {
	d := &Dir{root: opt.Root, fold: opt.FoldCase}
	var firstErr error
	for _, f := range opt.Exclude {
		text, err := bounded.ReadFile(f, MaxFile)
		if err != nil && !bounded.Missing(err) && firstErr == nil {
			firstErr = fmt.Errorf("reading exclude patterns: %w", err)
		}
		d.push(text)
	}
	if err := d.load(); err != nil && firstErr == nil {
		firstErr = err
	}
	return d, firstErr
}

// Enter goes down into the child directory name. hasFile says whether that
// directory holds a regular file called .gitignore, which is then read; the
// walker has its listing anyway. An error comes with a usable Dir.
func (d *Dir) Enter(name string, hasFile bool) (*Dir, error) {
	c := d.child(name)
	if !hasFile || c.lost {
		return c, nil
	}
	return c, c.load()
}

// EnterText is Enter with the text of the .gitignore given: for trees that are
// not on disk.
func (d *Dir) EnterText(name string, text []byte) *Dir {
	c := d.child(name)
	if !c.lost {
		c.push(text)
	}
	return c
}

func (d *Dir) child(name string) *Dir {
	c := &Dir{parent: d, rel: d.rel + name + "/", root: d.root, fold: d.fold, levels: d.levels}
	c.lost = d.lost || d.Ignored(name, true)
	return c
}

// Ignored tells whether the entry name of this directory is ignored. Inside an
// ignored directory everything is.
func (d *Dir) Ignored(name string, isDir bool) bool {
	if d.lost {
		return true
	}
	if len(d.levels) == 0 {
		return false
	}
	path := name
	for _, l := range d.levels {
		if len(l.others)+len(l.paths) > 0 && len(path) == len(name) && d.rel != "" {
			path = d.rel + name
		}
		switch l.judge(path, name, isDir) {
		case ignored:
			return true
		case included:
			return false
		}
	}
	return false
}

// Lost tells whether this directory itself, or one above it, is ignored.
func (d *Dir) Lost() bool { return d.lost }

// Path is the directory's path below the root, slash-separated, "" for the root.
func (d *Dir) Path() string {
	if d.rel == "" {
		return ""
	}
	return d.rel[:len(d.rel)-1]
}

// load reads the directory's .gitignore. Git does not follow a link there, so
// that a hostile tree cannot point at a file elsewhere; nor do we.
func (d *Dir) load() error {
	path := filepath.Join(d.root, filepath.FromSlash(d.rel), FileName)
	text, err := bounded.ReadFileNoFollow(path, MaxFile)
	d.push(text)
	if err != nil && !bounded.Missing(err) {
		return fmt.Errorf("reading ignore patterns: %w", err)
	}
	return nil
}

func (d *Dir) push(text []byte) {
	if len(text) == 0 {
		return
	}
	if l := parseLevel(string(text), len(d.rel), d.fold); l != nil {
		d.levels = append([]*level{l}, d.levels...)
	}
}
