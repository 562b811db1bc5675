package scanner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// WorkTree says which work tree of a repository holds a path, and where in it:
// below is the path from root, with slashes. ok is false if none does.
func WorkTree(path string) (root, below string, ok bool) {
	loc, err := repo.Discover(path, repo.Options{})
	if err != nil || loc.Kind != repo.WorkTree {
		return "", "", false // a broken repository is told when it is opened
	}
	return loc.Root, loc.Prefix, true
}

// readIgnoreFile reads the ignore files that are to be heard: the root's own,
// and the one of the repository that the root lies in.
func (r *rootScan) readIgnoreFile(isDir bool) error {
	if r.s.opt.Untrusted {
		return nil
	}
	if isDir {
		if err := r.addIgnoreFile(r.root, ""); err != nil {
			return err
		}
	}
	top, below, ok := WorkTree(r.root)
	if !ok || below == "" {
		return nil
	}
	if isDir {
		below += "/"
	} else {
		below = below[:strings.LastIndexByte(below, '/')+1]
	}
	return r.addIgnoreFile(top, below)
}

// addIgnoreFile reads the ignore file of a directory; below is where the
// scanned paths lie, seen from there.
func (r *rootScan) addIgnoreFile(in, below string) error {
	path := filepath.Join(in, triage.IgnoreFileName)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return &UsageError{fmt.Sprintf("%s: not a regular file", path)}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return &UsageError{fmt.Sprintf("cannot read the ignore file: %v (use --untrusted to scan without it)", err)}
	}
	return r.parseIgnoreFile(path, below, text)
}

func (r *rootScan) parseIgnoreFile(path, below string, text []byte) error {
	f, err := triage.ParseIgnoreFile(path, string(text), func(id string) bool { return r.s.set.Lookup(id) != nil })
	if err != nil {
		return &UsageError{err.Error()}
	}
	r.ignored = f.Below(below, r.ignored)
	return nil
}

// ignoredPath tells whether a path, seen from the repository's root, is taken
// out.
func (g *repository) ignoredPath(path string, isDir bool) bool {
	rest, ok := strings.CutPrefix(path, g.prefix)
	return ok && rest != "" && g.ignored.Path(rest, isDir)
}
