package hook

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// names are the hooks of githooks(5). With core.hooksPath set, git runs none of
// those that lie in a repository; the global place forwards to all of them, so
// that git-lfs, a commit-msg hook or the pre-receive hook of a local bare
// repository go on working.
func names() []Name {
	return []Name{
		PreCommit, PrePush,
		"applypatch-msg", "pre-applypatch", "post-applypatch", "pre-merge-commit",
		"prepare-commit-msg", "commit-msg", "post-commit", "pre-rebase", "post-checkout",
		"post-merge", "pre-receive", "update", "proc-receive", "post-receive", "post-update",
		"reference-transaction", "push-to-checkout", "pre-auto-gc", "post-rewrite",
		"sendemail-validate", "post-index-change",
	}
}

func (p Place) installGlobal(ctx context.Context, name Name, program string) (Result, error) {
	if !p.ours {
		r, err := p.installScript(name, program, nothing)
		r.Notes = append(r.Notes, "core.hooksPath was set before: hooks in the repositories themselves do not run, as before")
		return r, err
	}
	file := filepath.Join(p.Dir, string(name))
	if text, info, err := readHook(file); err == nil && info != nil {
		if _, empty, ok := removeBlock(text, forward(name)); ok && empty {
			if err := os.Remove(file); err != nil {
				return Result{}, err
			}
		}
	}
	r, err := p.installScript(name, program, own)
	if err != nil {
		return r, err
	}
	for _, n := range names() {
		if file := filepath.Join(p.Dir, string(n)); !exists(file) {
			if err := writeHook(file, []byte(shebang+forwardBlock(n)), 0o755); err != nil {
				return r, err
			}
		}
	}
	if !p.pointed() {
		if _, err := git(ctx, "", "config", "--global", "core.hooksPath", p.Dir); err != nil {
			return r, err
		}
		r.Notes = append(r.Notes, "core.hooksPath of your git configuration now leads there")
	}
	r.Notes = append(r.Notes, "hooks that a repository has in its .git/hooks run after it; repositories that set core.hooksPath themselves (husky) need leaksonde hook install of their own")
	return r, nil
}

func (p Place) uninstallGlobal(ctx context.Context, name Name) (Result, error) {
	r, err := p.uninstallScript(name)
	if err != nil || !p.ours {
		return r, err
	}
	for _, n := range []Name{PreCommit, PrePush} {
		if s, err := p.Status(n); err == nil && s.Installed {
			// The other hook stays, and with it the place: this one forwards.
			return r, writeHook(filepath.Join(p.Dir, string(name)), []byte(shebang+forwardBlock(name)), 0o755)
		}
	}
	for _, n := range names() {
		file := filepath.Join(p.Dir, string(n))
		if text, info, err := readHook(file); err == nil && info != nil {
			if _, empty, ok := removeBlock(text, forward(n)); ok && empty {
				os.Remove(file)
			}
		}
	}
	if p.pointed() {
		if _, err := git(ctx, "", "config", "--global", "--unset", "core.hooksPath"); err != nil {
			return r, err
		}
		r.Notes = append(r.Notes, "core.hooksPath of your git configuration is unset again")
	}
	if err := os.Remove(p.Dir); err != nil && !os.IsNotExist(err) {
		r.Notes = append(r.Notes, fmt.Sprintf("%s holds other files and was left", p.Dir))
	}
	return r, nil
}

// pointed tells whether core.hooksPath leads to this place.
func (p Place) pointed() bool {
	value, err := git(context.Background(), "", "config", "--global", "--type=path", "--get", "core.hooksPath")
	return err == nil && filepath.Clean(value) == p.Dir
}
