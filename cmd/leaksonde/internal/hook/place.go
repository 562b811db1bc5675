package hook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Name is a hook of git's.
type Name string

// The hooks that leaksonde has something to say in.
const (
	PreCommit Name = "pre-commit"
	PrePush   Name = "pre-push"
)

// Manager is a tool that owns the hooks of a repository.
type Manager string

// Managers whose files are respected.
const (
	NoManager Manager = ""
	Husky     Manager = "husky"
	Lefthook  Manager = "lefthook"
)

// Place is where the hooks are.
type Place struct {
	// Dir holds the scripts, or with husky those that its own scripts run.
	Dir string
	// Root is the top of the work tree; "" for a bare repository or Global.
	Root    string
	Manager Manager
	// Shared tells that the scripts lie in the work tree, where others get
	// them by git: they must not name this machine's paths.
	Shared bool
	// Global tells that the scripts serve all repositories of the user. They
	// run the hooks that each repository has of its own, which git would
	// leave out.
	Global bool
	// ours tells that Dir is leaksonde's own directory, which core.hooksPath
	// leads to after an installation.
	ours bool
}

// ErrNoRepository says that there is no repository to put a hook into.
var ErrNoRepository = errors.New("not in a git repository (run it in one, or use --global for all of yours)")

// Locate finds the place of the hooks for the repository that dir lies in.
func Locate(ctx context.Context, dir string) (Place, error) {
	gitDir, err := git(ctx, dir, "rev-parse", "--absolute-git-dir")
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return Place{}, err
		}
		return Place{}, fmt.Errorf("%s: %w", dir, ErrNoRepository)
	}
	// A relative core.hooksPath counts from where hooks run: the top of the
	// work tree, or a bare repository.
	var p Place
	from := gitDir
	if p.Root, err = git(ctx, dir, "rev-parse", "--show-toplevel"); err == nil && p.Root != "" {
		from = p.Root
	}
	hooks, err := git(ctx, from, "rev-parse", "--git-path", "hooks")
	if err != nil {
		return p, err
	}
	p.Dir = absolute(from, hooks)
	scope, set, err := hooksPath(ctx, from)
	switch {
	case err != nil:
		return p, err
	case set && (scope == "global" || scope == "system"):
		return p, fmt.Errorf("core.hooksPath of the %s git configuration is %s: that place serves all repositories, and hooks of this one would not run (use --global)", scope, p.Dir)
	case set && !isDirectoryOrAbsent(p.Dir):
		return p, fmt.Errorf("hooks are switched off here: core.hooksPath is %s (git config --unset core.hooksPath)", hooks)
	}
	p.Shared = p.Root != "" && within(p.Root, p.Dir) && !within(gitDir, p.Dir) && !within(filepath.Join(p.Root, ".git"), p.Dir)
	switch {
	case filepath.Base(p.Dir) == ".husky":
		p.Manager = Husky
	case filepath.Base(p.Dir) == "_" && filepath.Base(filepath.Dir(p.Dir)) == ".husky":
		p.Manager, p.Dir = Husky, filepath.Dir(p.Dir)
	case p.lefthookConfig() != "":
		p.Manager = Lefthook
	}
	return p, nil
}

// LocateGlobal finds the place of the hooks that serve all repositories of the
// user.
func LocateGlobal(ctx context.Context) (Place, error) {
	p := Place{Global: true}
	config, err := os.UserConfigDir()
	if err != nil {
		return p, fmt.Errorf("no place for global hooks: %w", err)
	}
	own := filepath.Join(config, "leaksonde", "hooks")
	value, err := git(ctx, "", "config", "--global", "--type=path", "--get", "core.hooksPath")
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 1: // not set
		p.Dir, p.ours = own, true
	case err != nil:
		return p, err
	case !filepath.IsAbs(value):
		return p, fmt.Errorf("core.hooksPath of the global git configuration is %q, a different place in each repository: install the hook in each, without --global", value)
	default:
		p.Dir, p.ours = filepath.Clean(value), filepath.Clean(value) == own
	}
	if !isDirectoryOrAbsent(p.Dir) {
		return p, fmt.Errorf("hooks are switched off: core.hooksPath of the global git configuration is %s", p.Dir)
	}
	return p, nil
}

// hooksPath tells which configuration sets core.hooksPath, if any does.
func hooksPath(ctx context.Context, dir string) (scope string, set bool, err error) {
	out, err := git(ctx, dir, "config", "--show-scope", "--get", "core.hooksPath")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", false, nil
	}
	scope, _, _ = strings.Cut(out, "\t")
	return scope, err == nil, err
}

// git runs git and gives the first line that it prints.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("git is not on PATH, and hooks are run by git: %w", err)
	}
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

func absolute(base, path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	return filepath.Clean(path)
}

func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

func isDirectoryOrAbsent(path string) bool {
	info, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist) || err == nil && info.IsDir()
}
