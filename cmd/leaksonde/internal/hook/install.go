package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Result says what was done, in words for the user.
type Result struct {
	// Done is what happened to which file, Notes what else to know.
	Done  string
	Notes []string
}

// Install puts the hook in place. program is the path of leaksonde. To install
// again brings an older block up to date.
func (p Place) Install(ctx context.Context, name Name, program string) (Result, error) {
	switch {
	case p.Manager == Lefthook:
		return p.installLefthook(name)
	case p.Global:
		return p.installGlobal(ctx, name, program)
	}
	if p.Shared || p.Manager == Husky {
		program = ""
	}
	r, err := p.installScript(name, program, nothing)
	if err == nil && program == "" {
		r.Notes = append(r.Notes, "the script is part of the work tree: commit it, and let everyone have leaksonde on PATH")
	}
	return r, err
}

// installScript writes the script of one hook.
func (p Place) installScript(name Name, program string, then next) (r Result, err error) {
	file := filepath.Join(p.Dir, string(name))
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return r, fmt.Errorf("no place for hooks: %w", err)
	}
	text, info, err := readHook(file)
	switch {
	case err != nil:
		return r, err
	case info == nil:
		r.Done = "installed " + file
		return r, writeHook(file, []byte(shebang+scanBlock(name, program, then)), 0o755)
	}
	if _, _, ok := findBlock(text, string(name)); ok {
		if exists(file + movedSuffix) {
			then = moved
		}
		out, _ := insertBlock(text, string(name), scanBlock(name, program, then))
		r.Done = "brought up to date " + file
		if bytes.Equal(out, text) && executable(info) {
			r.Done = "is installed already: " + file
			return r, nil
		}
		return r, writeHook(file, out, info.Mode().Perm()|0o111) // git runs no other
	}
	if p.Manager == Husky && info.Mode().IsRegular() && !bytes.HasPrefix(text, []byte("#!")) {
		// husky hands the file to sh itself: no first line, no mode needed.
		r.Done = "added to the hook that was there: " + file
		return r, writeHook(file, append([]byte(scanBlock(name, program, nothing)), text...), info.Mode().Perm())
	}
	if info.Mode().IsRegular() && executable(info) {
		// Global hooks behind an existing script run nothing further: that
		// script decides, as it did before.
		if out, ok := insertBlock(text, string(name), scanBlock(name, program, nothing)); ok {
			r.Done = "added to the hook that was there: " + file
			return r, writeHook(file, out, info.Mode().Perm())
		}
	}
	if exists(file + movedSuffix) {
		return r, fmt.Errorf("%s: the hook would have to be moved aside, but %s exists: remove one of the two", file, filepath.Base(file)+movedSuffix)
	}
	if err := os.Rename(file, file+movedSuffix); err != nil {
		return r, fmt.Errorf("cannot move the existing hook aside: %w", err)
	}
	r.Done = fmt.Sprintf("installed %s; the hook that was there runs after it, from %s", file, filepath.Base(file)+movedSuffix)
	if !executable(info) && info.Mode().IsRegular() {
		r.Done = fmt.Sprintf("installed %s; the hook that was there is not executable, so git did not run it and neither will leaksonde: %s", file, filepath.Base(file)+movedSuffix)
	}
	if err := writeHook(file, []byte(shebang+scanBlock(name, program, moved)), 0o755); err != nil {
		return r, errors.Join(err, os.Rename(file+movedSuffix, file))
	}
	return r, nil
}

// Uninstall takes the hook out and restores what was there before.
func (p Place) Uninstall(ctx context.Context, name Name) (Result, error) {
	switch {
	case p.Manager == Lefthook:
		return p.uninstallLefthook(name)
	case p.Global:
		return p.uninstallGlobal(ctx, name)
	}
	return p.uninstallScript(name)
}

func (p Place) uninstallScript(name Name) (r Result, err error) {
	file := filepath.Join(p.Dir, string(name))
	text, info, err := readHook(file)
	if err != nil {
		return r, err
	}
	out, empty, ok := removeBlock(text, string(name))
	switch {
	case info == nil || !ok:
		r.Done = "was not installed: " + file
		return r, nil
	case !empty:
		r.Done = "taken out of " + file
		return r, writeHook(file, out, info.Mode().Perm())
	case exists(file + movedSuffix):
		r.Done = "restored the hook that was there before: " + file
		return r, os.Rename(file+movedSuffix, file)
	}
	r.Done = "removed " + file
	return r, os.Remove(file)
}

// Status says whether the hook is in place.
type Status struct {
	Installed bool
	Detail    string
}

// Status looks at the hook.
func (p Place) Status(name Name) (Status, error) {
	if p.Manager == Lefthook {
		return p.statusLefthook(name)
	}
	file := filepath.Join(p.Dir, string(name))
	text, info, err := readHook(file)
	if err != nil {
		return Status{}, err
	}
	_, _, ok := findBlock(text, string(name))
	switch {
	case info == nil:
		return Status{false, "not installed"}, nil
	case !ok:
		return Status{false, "not installed; another hook is there: " + file}, nil
	case !executable(info) && p.Manager != Husky:
		return Status{false, file + " is not executable, so git does not run it (install again)"}, nil
	case p.Global && p.ours && !p.pointed():
		return Status{false, file + " is there, but core.hooksPath does not lead to it (install again)"}, nil
	case exists(file + movedSuffix):
		return Status{true, file + ", then " + filepath.Base(file) + movedSuffix}, nil
	}
	return Status{true, file}, nil
}

// readHook reads a script; info is nil if there is none. Of a link only the
// link itself is looked at, and it has no text.
func readHook(file string) ([]byte, fs.FileInfo, error) {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("cannot look at the hook: %w", err)
	case info.IsDir():
		return nil, nil, fmt.Errorf("%s is a directory, where git wants a hook", file)
	case !info.Mode().IsRegular():
		return nil, info, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the hook: %w", err)
	}
	return text, info, nil
}

// writeHook replaces a script in one step: a commit made meanwhile runs the
// old or the new one.
func writeHook(file string, text []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".leaksonde-*")
	if err != nil {
		return fmt.Errorf("cannot write the hook: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Close(), os.Chmod(f.Name(), mode))
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("cannot write the hook: %w", err)
	}
	return nil
}

// executable tells whether git would run the file; on Windows there is no such
// bit and git looks at the first line.
func executable(info fs.FileInfo) bool {
	return runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
