package hook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// lefthook writes the scripts in the hooks directory and keeps them as it
// likes, so the command goes into its configuration: lefthook-local.yml, which
// is each developer's own. An existing one is not edited, since that would
// lose its comments and order; the lines to add are printed instead.

// lefthookConfig is the path of lefthook's configuration, "" if there is none.
func (p Place) lefthookConfig() string {
	if p.Root == "" {
		return ""
	}
	return firstOf(p.Root, "lefthook")
}

func (p Place) lefthookLocal() string { return firstOf(p.Root, "lefthook-local") }

func firstOf(root, name string) string {
	for _, dir := range []string{"", ".config/"} {
		for _, dot := range []string{"", "."} {
			for _, ext := range []string{".yml", ".yaml", ".toml", ".json", ".jsonc"} {
				if file := filepath.Join(root, filepath.FromSlash(dir+dot+name+ext)); isFile(file) {
					return file
				}
			}
		}
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// lefthookLines are the lines of one hook in lefthook's YAML.
func lefthookLines(name Name) string {
	run := "leaksonde hook run " + string(name)
	extra := ""
	if name == PrePush {
		run, extra = run+" {1} {2}", "\n      use_stdin: true"
	}
	return string(name) + ":\n  commands:\n    leaksonde:\n      run: " + run + extra + "\n"
}

const lefthookHead = "# Written by leaksonde hook install, taken out by leaksonde hook uninstall.\n"

func (p Place) installLefthook(name Name) (r Result, err error) {
	file := p.lefthookLocal()
	if file == "" {
		file = filepath.Join(p.Root, "lefthook-local.yml")
	}
	text, err := os.ReadFile(file)
	lines := lefthookLines(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.Done, text = "installed in "+file, []byte(lefthookHead)
	case err != nil:
		return r, err
	case p.lefthookHas(name):
		r.Done = "is installed already: in lefthook's configuration"
		return r, nil
	case bytes.HasPrefix(text, []byte(lefthookHead)):
		r.Done = "added to " + file
	default:
		return r, fmt.Errorf("%s exists and is left as it is; add to it:\n\n%s", file, lines)
	}
	if err := writeHook(file, append(text, lines...), 0o644); err != nil {
		return r, err
	}
	if !p.lefthookActive(name) {
		r.Notes = append(r.Notes, "run lefthook install: lefthook's own "+string(name)+" hook is not there yet")
	}
	return r, nil
}

func (p Place) uninstallLefthook(name Name) (r Result, err error) {
	file := p.lefthookLocal()
	text, err := os.ReadFile(file)
	if file == "" || err != nil || !bytes.Contains(text, []byte(lefthookLines(name))) {
		if p.lefthookHas(name) {
			return r, fmt.Errorf("lefthook's configuration has a leaksonde command that leaksonde did not write: take it out by hand")
		}
		r.Done = "was not installed"
		return r, nil
	}
	text = bytes.Replace(text, []byte(lefthookLines(name)), nil, 1)
	r.Done = "taken out of " + file
	if string(text) == lefthookHead {
		return r, os.Remove(file)
	}
	return r, writeHook(file, text, 0o644)
}

func (p Place) statusLefthook(name Name) (Status, error) {
	switch {
	case !p.lefthookHas(name):
		return Status{false, "not installed in lefthook's configuration"}, nil
	case !p.lefthookActive(name):
		return Status{false, "in lefthook's configuration, but lefthook's own hook is not there (lefthook install)"}, nil
	}
	return Status{true, "run by lefthook"}, nil
}

// lefthookHas tells whether a configuration runs leaksonde's hook.
func (p Place) lefthookHas(name Name) bool {
	return slices.ContainsFunc([]string{p.lefthookConfig(), p.lefthookLocal()}, func(file string) bool {
		text, err := os.ReadFile(file)
		return file != "" && err == nil && strings.Contains(string(text), "leaksonde hook run "+string(name))
	})
}

// lefthookActive tells whether lefthook's own script is there.
func (p Place) lefthookActive(name Name) bool {
	text, err := os.ReadFile(filepath.Join(p.Dir, string(name)))
	return err == nil && bytes.Contains(text, []byte("lefthook"))
}
