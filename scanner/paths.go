package scanner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/source/dir"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/ignore"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/index"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

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
	s.redactPlaces(all)
	s.redactGaps(&c.coverage)
	report.Coverage = &c.coverage
	report.Findings = all
	named := cleanRoots(roots)
	for i := range named {
		named[i] = s.redactor.Name(named[i])
	}
	report.Run = s.run(s.scopeName(), named, all)
	return report, nil
}

// redactPlaces takes secrets out of the paths at which findings stand: a path
// may hold a secret of its own, which is another finding.
func (s *Scanner) redactPlaces(all []*finding.Finding) {
	shown := map[string]string{}
	name := func(path *string) {
		out, ok := shown[*path]
		if !ok {
			out = s.redactor.Name(*path)
			shown[*path] = out
		}
		*path = out
	}
	for _, f := range all {
		for _, places := range [][]finding.Occurrence{f.Occurrences, f.Mentions} {
			for i := range places {
				name(&places[i].Root)
				name(&places[i].Path)
			}
			slices.SortFunc(places, finding.CompareOccurrences)
		}
		for i := range f.Parts {
			name(&f.Parts[i].Path)
		}
	}
	slices.SortFunc(all, finding.Compare)
}

// redactGaps takes secrets out of the names in the ledger. It does so at the
// end, when the first gaps of each reason have been chosen.
func (s *Scanner) redactGaps(c *finding.Coverage) {
	c.EditGaps(func(g *finding.Gap) {
		g.Root, g.Path, g.Detail = s.redactor.Name(g.Root), s.redactor.Name(g.Path), s.redactor.Name(g.Detail)
	})
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
		first.Mentions = canonical(append(first.Mentions, f.Mentions...))
		first.Confidence = max(first.Confidence, f.Confidence)
		first.Severity = max(first.Severity, f.Severity)
		if first.Lifetime == nil {
			first.Lifetime = f.Lifetime
		}
	}
	slices.SortFunc(out, finding.Compare)
	return out
}

// scopeName says in a word what was asked for.
func (s *Scanner) scopeName() string {
	if s.opt.Range != "" {
		return "range " + s.opt.Range
	}
	return orDefault(s.opt.Scope, "default")
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
	depth    int    // of nested repositories
	gitDir   string // where the objects and large files are; "" outside of a repository
}

func (r *rootScan) scan(ctx context.Context) error {
	info, err := os.Stat(r.root)
	if err != nil {
		return &UsageError{err.Error()}
	}
	if err := r.readIgnoreFile(info.IsDir()); err != nil {
		return err
	}
	if !info.IsDir() {
		if r.s.opt.wantsGit() {
			return &UsageError{fmt.Sprintf("%s: --scope and --range need a directory in a git repository", r.root)}
		}
		return r.file(info)
	}
	g, loc, err := r.openRepository()
	if err != nil {
		return err
	}
	bare := loc.Kind == repo.GitDir
	switch {
	case loc.Kind == repo.None && r.s.opt.wantsGit() && !r.c.coverage.Incomplete():
		return &UsageError{fmt.Sprintf("%s: no git repository, which the scope %q needs", r.root, r.s.scopeName())}
	case bare && (r.s.opt.Scope == ScopeWorktree || r.s.opt.Scope == ScopeStaged):
		return &UsageError{fmt.Sprintf("%s: a bare repository has no work tree", r.root)}
	}
	if !bare && !r.s.opt.wantsGit() {
		if err := r.walk(ctx, g); err != nil {
			return err
		}
	}
	if g == nil {
		return nil
	}
	return g.scanGit(ctx)
}

// walk scans the files below the root.
func (r *rootScan) walk(ctx context.Context, g *repository) error {
	var nested []string
	var mu sync.Mutex
	opt := dir.Options{
		Root: r.root, MaxFileSize: r.s.opt.MaxFileSize, SkipGit: true,
		Allowed: func(path string, isDir bool) bool {
			return r.ignored.Path(path, isDir) || r.s.allowlists.PathAllowed(path)
		},
		Nested: func(path string) bool {
			loc, err := repo.At(filepath.Join(r.root, filepath.FromSlash(path)))
			if err != nil || loc.Kind == repo.None {
				return false
			}
			mu.Lock()
			defer mu.Unlock()
			nested = append(nested, path)
			return true
		},
	}
	if g != nil {
		g.submodules()
		if !r.s.opt.IncludeIgnored && !r.s.opt.Untrusted && r.s.opt.Scope != ScopeAll {
			opt.Ignore, opt.Tracked = g.ignoreRules()
		}
	}
	visitors := make([]dir.Visitor, r.s.opt.Jobs)
	workers := make([]*worker, r.s.opt.Jobs)
	for i := range visitors {
		workers[i] = r.worker()
		visitors[i] = workers[i]
	}
	err := dir.Walk(ctx, opt, visitors)
	for _, w := range workers {
		w.flushNames()
		r.c.coverage.Merge(&w.coverage)
		for _, p := range w.pointers {
			r.lfsFile(p[0], p[1])
		}
	}
	if err != nil {
		return err
	}
	slices.Sort(nested)
	for _, path := range nested {
		inner := &rootScan{s: r.s, c: r.c, root: filepath.Join(r.root, filepath.FromSlash(path)), name: joinRoot(r.name, path), progress: r.progress, depth: r.depth + 1}
		if inner.depth > maxNested {
			r.gap(finding.Gap{Path: path, Reason: finding.ReasonCap, Detail: fmt.Sprintf("repositories nested deeper than %d", maxNested)})
			continue
		}
		if err := inner.scan(ctx); err != nil {
			return err
		}
	}
	return nil
}

// maxNested bounds how deep repositories may lie in each other.
const maxNested = 64

func joinRoot(root, path string) string {
	if root == "" {
		return path
	}
	return root + "/" + path
}

// ignoreRules are the rules for untracked files below the root, and what git
// tracks in spite of them.
func (g *repository) ignoreRules() (*ignore.Dir, func(string) bool) {
	d, err := g.repo.Ignore()
	if err != nil {
		g.gap(finding.Gap{Path: ".gitignore", Reason: finding.ReasonUnreadable, Detail: err.Error()})
	}
	if g.prefix != "" {
		for name := range strings.SplitSeq(strings.TrimSuffix(g.prefix, "/"), "/") {
			if d, err = d.Enter(name, true); err != nil {
				g.gap(finding.Gap{Path: g.prefix + ".gitignore", Reason: finding.ReasonUnreadable, Detail: err.Error()})
			}
		}
	}
	index := sync.OnceValue(func() *index.Index {
		ix, err := g.repo.Index()
		g.faults(err)
		return ix
	})
	return d, func(path string) bool {
		path = g.prefix + path
		return index().Tracked(path) || index().TracksBelow(path)
	}
}

// file scans a root that is a file. A link is followed: the user named it.
func (r *rootScan) file(info fs.FileInfo) error {
	w := r.worker()
	defer func() { r.c.coverage.Merge(&w.coverage) }()
	name := filepath.Base(r.root)
	if !info.Mode().IsRegular() {
		return &UsageError{fmt.Sprintf("%s: not a regular file (pipe it in: leaksonde scan - < %s)", r.root, r.root)}
	}
	if r.ignored.Path(name, false) {
		w.Gap(finding.Gap{Path: name, Reason: finding.ReasonAllowed})
		return nil
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

// worker is one goroutine's side of a walk.
type worker struct {
	r        *rootScan
	reader   *dir.Reader
	text     textScan
	coverage finding.Coverage
	prefix   string // before every path
	names    []string
	pointers [][2]string // to large files: what they name, their paths
}

func (r *rootScan) worker() *worker {
	w := &worker{r: r, reader: dir.NewReader(carry)}
	w.text = textScan{s: r.s, sink: r.c.add, ignored: r.ignored, root: r.name,
		suppress: func(what string) { w.coverage.Suppress(what, 1) }, gap: w.Gap}
	return w
}

// File implements dir.Visitor.
func (w *worker) File(path, abs string) error {
	path = w.prefix + path
	w.text.begin(path)
	if w.names = append(w.names, path); len(w.names) >= maxNames {
		w.flushNames()
	}
	pointer := ""
	window := w.text.window
	if w.r.gitDir != "" && w.r.s.opt.Scope == ScopeWorktree {
		// The other scopes see pointers as blobs.
		window = func(win dir.Window) error {
			if win.First && win.Last {
				pointer, _ = lfsPointer(win.Text)
			}
			return w.text.window(win)
		}
	}
	n, gap, err := w.reader.File(abs, window)
	if gap != nil {
		gap.Path = path
		w.Gap(*gap)
	} else {
		w.coverage.Files++
	}
	w.coverage.Bytes += n
	w.r.progress.add(1, n)
	if pointer != "" {
		w.pointers = append(w.pointers, [2]string{pointer, path})
	}
	return err
}

// maxNames is how many names are collected before they are scanned.
const maxNames = 4096

// flushNames scans the names of the files seen: a name is text, too.
func (w *worker) flushNames() {
	names := w.names
	t := w.text
	t.sink = func(s sighting) {
		path := names[s.at.Line-1]
		s.at.Path, s.at.Line, s.at.EndLine, s.at.Column, s.at.EndColumn = path, 1, 1, 1, 1
		s.at.Exposure = finding.ExposureMetadata
		w.r.c.add(s)
	}
	t.begin("")
	_ = t.window(wholeWindow([]byte(nameList(names))))
	w.names = w.names[:0]
}

// nameList puts one name on each line.
func nameList(names []string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString(strings.ReplaceAll(n, "\n", " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// Gap implements dir.Visitor.
func (w *worker) Gap(g finding.Gap) {
	g.Path, g.Detail = w.r.s.redactor.Name(w.prefix+g.Path), w.r.s.redactor.Name(g.Detail)
	g.Root = w.r.name
	w.coverage.Add(g)
}
