package scanner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/source/dir"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/change"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// Scopes of a repository, besides "" for the default (history, index and work
// tree).
const (
	ScopeWorktree = "worktree" // files, tracked and untracked, not ignored
	ScopeStaged   = "staged"   // what a commit of the index would bring
	ScopeHead     = "head"     // the tree of HEAD
	ScopeHistory  = "history"  // every commit of every reference
	ScopeAll      = "all"      // history, unreachable objects, ignored files, .git
	ScopeUnpushed = "unpushed" // commits that no remote-tracking branch has
)

// Scopes that Options.Scope knows, besides "" for the default.
var Scopes = []string{ScopeWorktree, ScopeStaged, ScopeHead, ScopeHistory, ScopeAll, ScopeUnpushed}

// repository is one repository of a scan.
type repository struct {
	*rootScan
	repo  *repo.Repository
	store *pack.Store
	// prefix limits the scan to paths below it; "" or ending in a slash.
	prefix string
}

// wantsGit tells whether the options ask for something only a repository has.
func (o *Options) wantsGit() bool {
	return o.Range != "" || o.Scope != "" && o.Scope != ScopeWorktree && o.Scope != ScopeAll
}

// openRepository opens the repository that the root is, or lies in; nil if
// there is none. What cannot be opened is in the ledger: nil, and incomplete.
func (r *rootScan) openRepository() (*repository, repo.Location, error) {
	opt := repo.Options{}
	if r.s.opt.Scope == ScopeStaged || r.s.opt.Range != "" {
		opt = repo.FromEnvironment(r.s.opt.getenv())
	}
	loc, err := repo.Discover(r.root, opt)
	var broken *repo.BrokenError
	switch {
	case errors.As(err, &broken):
		r.gap(finding.Gap{Path: ".git", Reason: finding.ReasonCorrupt, Detail: broken.Error()})
		return nil, repo.Location{}, nil
	case err != nil:
		return nil, loc, &UsageError{err.Error()}
	case loc.Kind == repo.None:
		return nil, loc, nil
	}
	opened, err := repo.Open(loc, opt)
	if err != nil {
		reason := finding.ReasonCorrupt
		var unsupported *repo.UnsupportedError
		if errors.As(err, &unsupported) {
			reason = finding.ReasonFormat
		}
		r.gap(finding.Gap{Path: ".git", Reason: reason, Detail: err.Error()})
		return nil, loc, nil
	}
	for _, fault := range opened.Faults {
		r.gap(finding.Gap{Path: ".git", Reason: finding.ReasonCorrupt, Detail: fault.Error()})
	}
	r.gitDir = opened.CommonDir
	g := &repository{rootScan: r, repo: opened, prefix: loc.Prefix}
	if g.prefix != "" {
		g.prefix += "/"
	}
	return g, loc, nil
}

// getenv is the environment that the staged scope hears.
func (o *Options) getenv() func(string) string {
	if o.Getenv != nil {
		return o.Getenv
	}
	return func(string) string { return "" }
}

func (r *rootScan) gap(g finding.Gap) {
	g.Root = r.name
	g.Path, g.Detail = r.s.redactor.Name(g.Path), r.s.redactor.Name(g.Detail)
	r.c.coverage.Add(g)
}

// objects opens the object store and tells what of it cannot be read.
func (g *repository) objects() error {
	store, err := g.repo.Objects()
	if err != nil {
		g.gap(finding.Gap{Path: ".git/objects", Reason: finding.ReasonUnreadable, Detail: err.Error()})
		return err
	}
	g.store = store
	for _, fault := range store.Faults() {
		g.fault(fault)
	}
	return nil
}

// fault enters what could not be read into the ledger.
func (g *repository) fault(err error) {
	reason := finding.ReasonCorrupt
	switch {
	case errors.Is(err, pack.ErrNotFound), errors.Is(err, pack.ErrBase):
		reason = finding.ReasonMissing
	case errors.Is(err, pack.ErrTooLarge):
		reason = finding.ReasonCap
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist):
		reason = finding.ReasonUnreadable
	}
	path := ".git/objects"
	var pe *pack.Error
	if errors.As(err, &pe) && !pe.ID.IsZero() {
		path += "/" + pe.ID.String()
	}
	g.gap(finding.Gap{Path: path, Reason: reason, Detail: err.Error()})
}

// scanGit scans what the options ask for of the repository's own parts.
func (g *repository) scanGit(ctx context.Context) error {
	defer g.repo.Close()
	if !g.s.opt.SkipGitConfig {
		if err := g.config(); err != nil {
			return err
		}
	}
	switch o := &g.s.opt; {
	case o.Range != "":
		rng, err := g.repo.ParseRange(o.Range)
		if err != nil {
			return &UsageError{fmt.Sprintf("%s: %v", g.root, err)}
		}
		g.faults(g.repo.Except(&rng, o.Elsewhere))
		if err := g.ignoreOf(rng); err != nil {
			return err
		}
		return g.commits(ctx, "range "+o.Range, rng)
	case o.Scope == ScopeUnpushed:
		rng, err := g.repo.Unpushed()
		if err != nil {
			return &UsageError{fmt.Sprintf("%s: %v", g.root, err)}
		}
		return g.commits(ctx, "unpushed commits", rng)
	case o.Scope == ScopeStaged:
		return g.staged()
	case o.Scope == ScopeHead:
		return g.head(ctx)
	case o.Scope == ScopeWorktree:
		return nil
	}
	if err := g.history(ctx); err != nil {
		return err
	}
	if g.s.opt.Scope == ScopeAll {
		return g.gitDirectory(ctx)
	}
	return nil
}

// config scans the configuration: remote URLs hold passwords.
func (g *repository) config() error {
	w := g.worker()
	defer func() {
		w.flushNames()
		w.coverage.Files = 0 // no file of the user's
		g.c.coverage.Merge(&w.coverage)
	}()
	for name, file := range map[string]string{".git/config": filepath.Join(g.repo.CommonDir, "config"), ".git/config.worktree": filepath.Join(g.repo.GitDir, "config.worktree")} {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := w.File(name, file); err != nil {
			return err
		}
	}
	return nil
}

// ignoreOf reads the ignore file of the commit that a range starts from.
func (g *repository) ignoreOf(rng repo.Range) error {
	if g.s.opt.Untrusted || g.s.opt.TrustTree || len(rng.Exclude) == 0 {
		return nil
	}
	g.ignored = nil
	if g.objects() != nil {
		return nil // told when the commits are read
	}
	commit := rng.Exclude[0]
	tree, err := g.repo.Peel(commit, object.Tree)
	if err != nil {
		g.fault(err)
		return nil
	}
	dirs := []string{""}
	if g.prefix != "" {
		dirs = append(dirs, g.prefix)
	}
	for _, in := range dirs {
		entry, err := g.repo.Lookup(tree, in+triage.IgnoreFileName)
		if err != nil || entry.ID.IsZero() || entry.IsTree() || entry.IsGitlink() {
			g.faults(err)
			continue
		}
		_, text, err := g.store.Get(entry.ID, nil)
		if err != nil {
			g.fault(err)
			continue
		}
		below := strings.TrimPrefix(g.prefix, in)
		if err := g.parseIgnoreFile(commit.String()+":"+in+triage.IgnoreFileName, below, text); err != nil {
			return err
		}
	}
	return nil
}

// gitDirectory scans what else lies in the git directory as text.
func (g *repository) gitDirectory(ctx context.Context) error {
	w := g.worker()
	w.prefix = ".git/"
	err := dir.Walk(ctx, dir.Options{
		Root: g.repo.CommonDir,
		Allowed: func(path string, isDir bool) bool {
			return isDir && (path == "objects" || path == "lfs/objects" || path == "modules" || path == "worktrees") || path == "config" || path == "index"
		},
	}, []dir.Visitor{w})
	w.coverage.Discard(finding.ReasonAllowed)
	g.c.coverage.Merge(&w.coverage)
	return err
}

// commits scans what the commits of a range bring.
func (g *repository) commits(ctx context.Context, what string, rng repo.Range) error {
	if err := g.objects(); err != nil {
		return nil
	}
	var since time.Time
	if g.s.opt.Since != "" {
		t, err := repo.ParseDate(g.s.opt.Since, time.Now())
		if err != nil {
			return &UsageError{err.Error()}
		}
		since = t
	}
	commits, err := g.repo.Commits(rng, since)
	g.faults(err)
	g.c.coverage.Commits += int64(len(commits))
	g.c.coverage.Scope = append(g.c.coverage.Scope, fmt.Sprintf("%s: %s", what, english.Plural(len(commits), "commit", "")))
	for _, c := range commits {
		if c.Shallow {
			g.gap(finding.Gap{Path: c.ID.String(), Reason: finding.ReasonShallow, Detail: "the parents of this commit were not fetched (git fetch --unshallow)"})
		}
		if _, text, err := g.store.Get(c.ID, nil); err == nil {
			g.object(object.Commit, c.ID, text)
		}
	}
	err = change.Commits(ctx, g.repo, commits, func(c change.Change) error {
		g.change(c)
		return ctx.Err()
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	g.faults(err)
	return nil
}

// faults enters a joined error into the ledger.
func (g *repository) faults(err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			g.fault(e)
		}
		return
	}
	g.fault(err)
}

// staged scans what a commit of the index would bring.
func (g *repository) staged() error {
	ix, err := g.repo.Index()
	g.faults(err)
	if err := g.objects(); err != nil {
		return nil
	}
	changes, err := change.Staged(g.repo, ix)
	g.faults(err)
	g.c.coverage.Scope = append(g.c.coverage.Scope, fmt.Sprintf("staged: %s", english.Plural(len(changes), "changed file", "")))
	for _, c := range changes {
		g.change(c)
	}
	return nil
}

// change scans a file that differs from its parents' and reports what lies on
// lines that none of them has.
func (g *repository) change(c change.Change) {
	if c.Mode == object.ModeGitlink || !g.inPrefix(c.Path) || g.ignoredPath(c.Path, false) {
		return
	}
	_, text, err := g.store.Get(c.Blob, nil)
	if err != nil {
		g.fault(err)
		return
	}
	var olds [][]byte
	for _, id := range c.Old {
		if _, old, err := g.store.Get(id, nil); err == nil {
			olds = append(olds, old)
		} else {
			g.fault(err)
		}
	}
	g.c.coverage.Files++
	g.c.coverage.Bytes += int64(len(text))
	added := addedLines(text, olds)
	t := g.textScan(func(s sighting) {
		if !c.Commit.IsZero() {
			s.at.Commit = c.Commit.String()
		}
		s.at.Blob = c.Blob.String()
		g.c.add(s)
	})
	t.keep = added.touches
	path := strings.TrimPrefix(c.Path, g.prefix)
	t.begin(path)
	_ = t.window(wholeWindow(text))
	if oid, ok := lfsPointer(text); ok {
		g.lfsFile(oid, path)
	}
}

func (g *repository) inPrefix(path string) bool { return strings.HasPrefix(path, g.prefix) }

// object scans a commit or tag: message, header and all.
func (g *repository) object(typ object.Type, id object.ID, text []byte) {
	name := ".git/commit/" + id.String()
	if typ == object.Tag {
		name = ".git/tag/" + id.String()
	}
	t := g.textScan(func(s sighting) {
		s.at.Commit, s.at.Exposure = id.String(), finding.ExposureMetadata
		g.c.add(s)
	})
	t.begin(name)
	_ = t.window(wholeWindow(text))
}

// head scans the tree of HEAD.
func (g *repository) head(ctx context.Context) error {
	if err := g.objects(); err != nil {
		return nil
	}
	commit, err := g.repo.Head()
	if err != nil {
		return &UsageError{fmt.Sprintf("%s: %v", g.root, err)}
	}
	if commit.IsZero() {
		g.c.coverage.Scope = append(g.c.coverage.Scope, "head: no commit yet")
		return nil
	}
	tree, err := g.repo.Peel(commit, object.Tree)
	if err != nil {
		g.fault(err)
		return nil
	}
	g.c.coverage.Commits++
	t := g.textScan(nil)
	return g.tree(ctx, tree, "", t, commit.String(), 0)
}

// maxDepth bounds the depth of a tree.
const maxDepth = 1 << 10

// tree scans the files of a tree.
func (g *repository) tree(ctx context.Context, id object.ID, path string, t *textScan, commit string, depth int) error {
	if depth > maxDepth {
		g.gap(finding.Gap{Path: path, Reason: finding.ReasonCap, Detail: fmt.Sprintf("deeper than %d directories", maxDepth)})
		return nil
	}
	_, text, err := g.store.Get(id, nil)
	if err != nil {
		g.fault(err)
		return nil
	}
	entries := object.ReadTree(text, g.store.HashSize())
	var e object.Entry
	for entries.Next(&e) {
		name := path + string(e.Name)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case e.IsGitlink():
			g.gap(finding.Gap{Path: name, Reason: finding.ReasonSubmodule})
		case e.IsTree():
			if !strings.HasPrefix(name+"/", g.prefix) && !strings.HasPrefix(g.prefix, name+"/") || g.ignoredPath(name, true) {
				continue
			}
			if err := g.tree(ctx, e.ID, name+"/", t, commit, depth+1); err != nil {
				return err
			}
		case g.inPrefix(name) && !g.ignoredPath(name, false):
			g.blob(e.ID, name, commit, t)
		}
	}
	if err := entries.Err(); err != nil {
		g.fault(fmt.Errorf("tree %s: %w", id, err))
	}
	return nil
}

func (g *repository) blob(id object.ID, name, commit string, t *textScan) {
	_, text, err := g.store.Get(id, nil)
	if err != nil {
		g.fault(err)
		return
	}
	g.c.coverage.Files++
	g.c.coverage.Bytes += int64(len(text))
	g.progress.add(1, int64(len(text)))
	t.sink = func(s sighting) {
		s.at.Commit, s.at.Blob = commit, id.String()
		g.c.add(s)
	}
	path := strings.TrimPrefix(name, g.prefix)
	t.begin(path)
	_ = t.window(wholeWindow(text))
	if oid, ok := lfsPointer(text); ok {
		g.lfsFile(oid, path)
	}
}

// textScan makes a scan of texts that goes to sink.
func (g *repository) textScan(sink func(sighting)) *textScan {
	return &textScan{s: g.s, sink: sink, ignored: g.ignored, root: g.name,
		suppress: func(what string) { g.c.coverage.Suppress(what, 1) }, gap: g.gap}
}

func wholeWindow(text []byte) dir.Window {
	return dir.Window{Text: text, Next: len(text), First: true, Last: true}
}

// submodules lists those that are not checked out; the others are repositories
// of their own below the work tree.
func (g *repository) submodules() {
	ix, err := g.repo.Index()
	if err != nil {
		g.fault(err)
	}
	subs, err := g.repo.Submodules(ix)
	if err != nil {
		g.gap(finding.Gap{Path: ".gitmodules", Reason: finding.ReasonCorrupt, Detail: err.Error()})
	}
	for _, s := range subs {
		if !s.Present && g.inPrefix(s.Path) {
			g.gap(finding.Gap{Path: strings.TrimPrefix(s.Path, g.prefix), Reason: finding.ReasonSubmodule, Detail: "not checked out (git submodule update --init)"})
		}
	}
}
