package scanner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/source/dir"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/ignore"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// Scopes that Options.Scope knows, besides "" for the default.
var Scopes = []string{"worktree"}

// UsageError is an error in what was asked for, not in the scan.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

// Paths scans files and directories. The error is for what keeps a scan from
// starting (*UsageError) or ends it (the context's); what could not be read is
// in the report's coverage.
func (s *Scanner) Paths(ctx context.Context, roots []string) (*finding.Report, error) {
	for _, root := range roots {
		if _, err := os.Stat(root); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, &UsageError{fmt.Sprintf("%s: no such file or directory", root)}
			}
			return nil, &UsageError{err.Error()}
		}
	}
	report := &finding.Report{Coverage: &finding.Coverage{}}
	c := newCollector()
	progress := &progress{report: s.opt.Progress}
	var all []*finding.Finding
	for _, root := range roots {
		name := ""
		if len(roots) > 1 {
			name = filepath.ToSlash(filepath.Clean(root))
		}
		r := &rootScan{s: s, c: c, root: root, name: name, progress: progress}
		if err := r.scan(ctx); err != nil {
			return nil, err
		}
		if r.ignored != nil {
			// An ignore file speaks for its own root alone.
			all = append(all, s.findings(c, r.ignored)...)
			c = &collector{byValue: map[string]*gathered{}, coverage: c.coverage}
		}
	}
	all = append(all, s.findings(c, nil)...)
	all = joinRoots(all)
	report.Coverage = &c.coverage
	report.Findings = all
	report.Run = s.run(orDefault(s.opt.Scope, "worktree"), cleanRoots(roots), all)
	return report, nil
}

// joinRoots makes one finding of each value that was found under several roots.
func joinRoots(all []*finding.Finding) []*finding.Finding {
	byPrint := map[string]*finding.Finding{}
	var out []*finding.Finding
	for _, f := range all {
		first, ok := byPrint[f.Fingerprint]
		if !ok {
			byPrint[f.Fingerprint] = f
			out = append(out, f)
			continue
		}
		first.Occurrences = append(first.Occurrences, f.Occurrences...)
		slices.SortFunc(first.Occurrences, finding.CompareOccurrences)
		first.Confidence = max(first.Confidence, f.Confidence)
		first.Severity = max(first.Severity, f.Severity)
	}
	slices.SortFunc(out, finding.Compare)
	return out
}

func cleanRoots(roots []string) []string {
	var out []string
	for _, r := range roots {
		out = append(out, filepath.ToSlash(filepath.Clean(r)))
	}
	return out
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// progress counts what has been scanned, for whoever wants to watch.
type progress struct {
	files, bytes atomic.Int64
	report       func(files, bytes int64)
}

func (p *progress) add(files, bytes int64) {
	f, b := p.files.Add(files), p.bytes.Add(bytes)
	if p.report != nil {
		p.report(f, b)
	}
}

// rootScan scans one root.
type rootScan struct {
	s        *Scanner
	c        *collector
	root     string
	name     string // Occurrence.Root
	ignored  *triage.IgnoreFile
	progress *progress
}

func (r *rootScan) scan(ctx context.Context) error {
	info, err := os.Stat(r.root)
	if err != nil {
		return &UsageError{err.Error()}
	}
	if !info.IsDir() {
		return r.file(info)
	}
	if err := r.readIgnoreFile(); err != nil {
		return err
	}
	opt := dir.Options{
		Root: r.root, MaxFileSize: r.s.opt.MaxFileSize, SkipGit: true, Jobs: r.s.opt.Jobs,
		Allowed: func(path string, isDir bool) bool {
			return r.ignored.Path(path, isDir) || r.s.allowlists.PathAllowed(path)
		},
	}
	if !r.s.opt.IncludeIgnored && !r.s.opt.Untrusted {
		opt.Ignore, err = gitIgnore(r.root)
		if err != nil {
			r.c.coverage.Add(finding.Gap{Root: r.name, Path: ".gitignore", Reason: finding.ReasonUnreadable, Detail: err.Error()})
		}
		opt.Nested = func(path string) *ignore.Dir {
			d, _ := gitIgnore(filepath.Join(r.root, filepath.FromSlash(path)))
			return d
		}
	}
	visitors := make([]dir.Visitor, r.s.opt.Jobs)
	workers := make([]*worker, r.s.opt.Jobs)
	for i := range visitors {
		workers[i] = r.worker()
		visitors[i] = workers[i]
	}
	err = dir.Walk(ctx, opt, visitors)
	for _, w := range workers {
		r.c.coverage.Merge(&w.coverage)
	}
	return err
}

// file scans a root that is a file. A link is followed: the user named it.
func (r *rootScan) file(info fs.FileInfo) error {
	w := r.worker()
	defer func() { r.c.coverage.Merge(&w.coverage) }()
	name := filepath.Base(r.root)
	if !info.Mode().IsRegular() {
		return &UsageError{fmt.Sprintf("%s: not a regular file (pipe it in: leaksonde scan - < %s)", r.root, r.root)}
	}
	real, err := filepath.EvalSymlinks(r.root)
	if err != nil {
		real = r.root
	}
	if limit := r.s.opt.MaxFileSize; limit > 0 && info.Size() > limit {
		w.Gap(finding.Gap{Path: name, Reason: finding.ReasonOption, Bytes: info.Size(), Detail: "larger than --max-file-size"})
		return nil
	}
	return w.File(name, real)
}

// gitIgnore is the ignore matcher for a directory inside a git work tree, nil
// for one outside.
func gitIgnore(root string) (*ignore.Dir, error) {
	loc, err := repo.Discover(root, repo.Options{})
	if err != nil || loc.Kind != repo.WorkTree {
		return nil, err
	}
	d, err := ignore.New(ignore.Options{Root: loc.Root, Exclude: []string{filepath.Join(loc.CommonDir, "info", "exclude")}})
	if loc.Prefix == "" {
		return d, err
	}
	for name := range splitPath(loc.Prefix) {
		var e error
		if d, e = d.Enter(name, true); err == nil {
			err = e
		}
	}
	return d, err
}

// readIgnoreFile reads the root's ignore file, if it is to be heard.
func (r *rootScan) readIgnoreFile() error {
	if r.s.opt.Untrusted {
		return nil
	}
	path := filepath.Join(r.root, triage.IgnoreFileName)
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
	r.ignored, err = triage.ParseIgnoreFile(path, string(text), func(id string) bool { return r.s.set.Lookup(id) != nil })
	if err != nil {
		return &UsageError{err.Error()}
	}
	return nil
}

// worker is one goroutine's side of a walk.
type worker struct {
	r        *rootScan
	reader   *dir.Reader
	text     textScan
	coverage finding.Coverage
}

func (r *rootScan) worker() *worker {
	w := &worker{r: r, reader: dir.NewReader(engine.Bound)}
	w.text = textScan{s: r.s, sink: r.c.add, ignored: r.ignored, root: r.name,
		suppress: func(what string) { w.coverage.Suppress(what, 1) }, gap: w.Gap}
	return w
}

// File implements dir.Visitor.
func (w *worker) File(path, abs string) error {
	w.text.begin(path)
	n, gap, err := w.reader.File(abs, w.text.window)
	if gap != nil {
		gap.Path = path
		w.Gap(*gap)
	} else {
		w.coverage.Files++
	}
	w.coverage.Bytes += n
	w.r.progress.add(1, n)
	return err
}

// Gap implements dir.Visitor.
func (w *worker) Gap(g finding.Gap) {
	g.Root = w.r.name
	w.coverage.Add(g)
}

// Stream scans a stream to its end and calls report for each finding, in the
// order of sight. Lines and offsets count over the whole stream.
func (s *Scanner) Stream(ctx context.Context, name string, src io.Reader, report func(*finding.Finding) error) (finding.Run, *finding.Coverage, error) {
	c := newCollector()
	w := &textScan{s: s, sink: c.add, suppress: func(what string) { c.coverage.Suppress(what, 1) }, gap: c.coverage.Add}
	w.begin(name)
	n, gap, err := dir.NewReader(engine.Bound).Stream(src, func(win dir.Window) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return w.window(win)
	})
	c.coverage.Bytes = n
	if gap != nil {
		gap.Path = name
		c.coverage.Add(*gap)
	}
	if err != nil && errors.Is(err, ctx.Err()) {
		c.coverage.Add(finding.Gap{Path: name, Reason: finding.ReasonCancelled, Detail: "interrupted"})
		err = nil
	}
	found := s.findings(c, nil)
	for _, f := range found {
		if e := report(f); e != nil && err == nil {
			err = e
		}
	}
	return s.run("stream", []string{name}, found), &c.coverage, err
}

// splitPath yields the elements of a slash-separated path.
func splitPath(path string) iter.Seq[string] { return strings.SplitSeq(path, "/") }
