package refs

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// extraFiles hold the ids of a rebase, am or sequence that is under way: the
// commits it began with hang on nothing else.
var extraFiles = []string{
	"rebase-merge/head", "rebase-merge/orig-head", "rebase-merge/onto", "rebase-merge/stopped-sha", "rebase-merge/autostash",
	"rebase-apply/head", "rebase-apply/orig-head", "rebase-apply/onto", "rebase-apply/original-commit", "rebase-apply/autostash",
	"rebase-apply/abort-safety", "sequencer/head", "sequencer/abort-safety",
}

// listPseudo reads the bare names beside HEAD; one that holds something else
// is no reference and no fault.
func listPseudo(gitDir string, hashSize int) (list []Ref, errs []error) {
	entries, err := os.ReadDir(gitDir)
	if err != nil {
		return nil, []error{err}
	}
	for _, e := range entries {
		if name := e.Name(); name != "HEAD" && bare(name) && !e.IsDir() {
			refs, err := readPseudo(gitDir, name, hashSize)
			if err != nil {
				errs = append(errs, err)
			}
			list = append(list, refs...)
		}
	}
	for _, name := range extraFiles {
		if refs, err := readPseudo(gitDir, name, hashSize); err == nil {
			list = append(list, refs...)
		}
	}
	return list, errs
}

// readPseudo reads the ids at the beginning of each line.
func readPseudo(gitDir, name string, hashSize int) (list []Ref, err error) {
	text, err := bounded.ReadFile(filepath.Join(gitDir, filepath.FromSlash(name)), 64<<20)
	if bounded.Missing(err) {
		return nil, nil
	}
	if rest, ok := bytes.CutPrefix(text, []byte("ref:")); ok {
		if target := strings.TrimSpace(string(rest)); safe(target) {
			return []Ref{{Name: name, Target: target, Pseudo: true}}, err
		}
		return nil, err
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		if i := bytes.IndexAny(line, " \t"); i >= 0 {
			line = line[:i]
		}
		if id, err := parseID(line, hashSize); err == nil && !id.IsZero() {
			list = append(list, Ref{Name: name, ID: id, Pseudo: true})
		}
	}
	return list, err
}

type worktree struct{ id, dir string }

// worktrees lists the git directories of the linked work trees.
func worktrees(commonDir string) []worktree {
	entries, _ := os.ReadDir(filepath.Join(commonDir, "worktrees"))
	var all []worktree
	for _, e := range entries {
		dir := filepath.Join(commonDir, "worktrees", e.Name())
		if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err == nil && isDirectory(dir) {
			all = append(all, worktree{e.Name(), dir})
		}
	}
	return all
}
