package scanner

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dustin/go-humanize/english"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
	"github.com/leaksonde/leaksonde/scanner/internal/lifetime"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/change"
	"github.com/leaksonde/leaksonde/scanner/internal/triage"
)

// values numbers the distinct values that a history holds.
type values struct {
	mu   sync.Mutex
	ids  map[string]int32
	list []string
}

func (v *values) id(value string) int32 {
	v.mu.Lock()
	defer v.mu.Unlock()
	id, ok := v.ids[value]
	if !ok {
		id = int32(len(v.list))
		v.ids[value] = id
		v.list = append(v.list, value)
	}
	return id
}

// history scans every object of the repository and works out where the values
// found came from, where they went and what still holds them.
func (g *repository) history(ctx context.Context) error {
	if err := g.objects(); err != nil {
		return nil
	}
	jobs := g.s.opt.Jobs
	found := &values{ids: map[string]int32{}}
	commits := lifetime.NewCollector(g.store, jobs)
	pointers := make([]lfsPointers, jobs)
	var objects, commitCount, size atomic.Int64
	var mu sync.Mutex
	holders, err := git.Search(ctx, g.store, g.s.engine, git.Options{
		Workers: jobs, Plain: g.s.opt.NoDelta,
		Values: func(_ int, text []byte, raw []engine.Match) []int32 { return g.valuesIn(found, text, raw) },
		Each: func(worker int, o *pack.Object) {
			objects.Add(1)
			size.Add(int64(len(o.Content)))
			g.progress.add(1, int64(len(o.Content)))
			switch o.Type {
			case object.Commit:
				commitCount.Add(1)
				fallthrough
			case object.Tag:
				commits.Worker(worker).Add(o.ID, o.Type, o.Number, o.Content)
			case object.Blob:
				pointers[worker].look(o.Content)
			}
		},
		OnGap: func(_ int, id object.ID, what string) {
			mu.Lock()
			defer mu.Unlock()
			g.gap(finding.Gap{Path: id.String(), Reason: finding.ReasonCap, Detail: what})
		},
		OnError: func(err error) { mu.Lock(); defer mu.Unlock(); g.fault(err) },
	})
	if err != nil {
		return err
	}
	g.c.coverage.Objects += objects.Load()
	g.c.coverage.Commits += commitCount.Load()
	g.c.coverage.Bytes += size.Load()
	h := &historyScan{repository: g, values: found.list}
	if err := h.lifetimes(ctx, commits, holders); err != nil {
		return err
	}
	h.locate(holders)
	if g.prefix == "" && g.s.opt.Scope == ScopeAll {
		h.unreachable(holders)
	}
	if g.s.opt.Scope != ScopeHistory {
		g.index()
	}
	g.lfs(pointers)
	return nil
}

// valuesIn are the values that survive overlaps and rule ignores in a text.
func (g *repository) valuesIn(found *values, text []byte, raw []engine.Match) []int32 {
	var out []int32
	for _, m := range engine.Resolve(slices.Clone(raw)) {
		if m.Confidence >= g.s.opt.MinConfidence && !g.ignored.Rule(m.Rule.ID) {
			out = append(out, found.id(triage.Normalise(valueOf(&m, text))))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// historyScan turns what objects hold into sightings with lifetimes.
type historyScan struct {
	*repository
	values []string
	lives  []lifetime.Lifetime
}

// lifetimes works out the lifetime of every value.
func (h *historyScan) lifetimes(ctx context.Context, commits *lifetime.Collector, holders []git.Holder) error {
	in := lifetime.Input{Secrets: len(h.values), Blobs: map[object.ID][]int{}, Messages: map[object.ID][]int{}}
	var blobs []object.ID
	for _, holder := range holders {
		secrets := make([]int, len(holder.Values))
		for i, v := range holder.Values {
			secrets[i] = int(v)
		}
		switch holder.Type {
		case object.Blob:
			blobs = append(blobs, holder.ID)
			in.Blobs[holder.ID] = secrets
		case object.Commit, object.Tag:
			in.Messages[holder.ID] = secrets
		}
	}
	graph := commits.Build(h.graphOptions())
	for _, f := range graph.Faults {
		h.fault(fmt.Errorf("%s: %w", f.ID, f.Err))
	}
	h.describe(graph)
	var mu sync.Mutex
	forest, err := lifetime.ReadTrees(ctx, h.store, blobs, h.s.opt.Jobs, func(err error) { mu.Lock(); defer mu.Unlock(); h.fault(err) })
	if err != nil {
		return err
	}
	for _, f := range forest.Faults {
		h.fault(fmt.Errorf("tree %s: %w", f.ID, f.Err))
	}
	if err := h.missing(ctx, graph, forest); err != nil {
		return err
	}
	if len(h.values) == 0 {
		return nil
	}
	h.lives, err = lifetime.Compute(ctx, graph, forest, in)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		h.gap(finding.Gap{Path: ".git/objects", Reason: finding.ReasonCap, Detail: err.Error()})
	}
	return nil
}

// graphOptions are the tips of the history: every reference, the stash and the
// notes among them; for all there is the reflogs too.
func (h *historyScan) graphOptions() lifetime.Options {
	roots, err := h.repo.Roots()
	h.faults(err)
	opt := lifetime.Options{All: h.s.opt.Scope == ScopeAll, Starts: roots.Logs}
	var names bytes.Buffer
	known := map[string]bool{}
	for _, ref := range roots.Refs {
		names.WriteString(ref.Name + "\n")
		known[ref.Name] = true
	}
	for _, ref := range roots.Refs {
		// HEAD and its like are other names of a reference, and no further one.
		if !known[ref.Target] {
			opt.Tips = append(opt.Tips, lifetime.Tip{Name: ref.Name, ID: ref.ID})
		}
	}
	for i, id := range roots.Stash {
		opt.Tips = append(opt.Tips, lifetime.Tip{Name: fmt.Sprintf("stash@{%d}", i+1), ID: id})
	}
	h.refNames(names.Bytes())
	if opt.Head, err = h.repo.Head(); err != nil {
		h.fault(err)
	}
	if opt.Mailmap, err = h.repo.Mailmap(); err != nil {
		h.gap(finding.Gap{Path: ".mailmap", Reason: finding.ReasonCorrupt, Detail: err.Error()})
	}
	return opt
}

// refNames scans the names of references: they are text that people push.
func (h *historyScan) refNames(names []byte) {
	t := h.textScan(func(s sighting) {
		s.at.Exposure = finding.ExposureMetadata
		h.c.add(s)
	})
	t.begin(".git/refs")
	_ = t.window(wholeWindow(names))
}

// describe enters into the ledger what the history is, and where it ends.
func (h *historyScan) describe(graph *lifetime.Graph) {
	c := &h.c.coverage
	c.Scope = append(c.Scope, fmt.Sprintf("history: %s, %d reachable from references", english.Plural(graph.Len(), "commit", ""), graph.Reachable()))
	if n := len(h.repo.Shallow); n > 0 {
		h.gap(finding.Gap{Path: ".git/shallow", Reason: finding.ReasonShallow,
			Detail: fmt.Sprintf("the parents of %d commits were not fetched (git fetch --unshallow; in actions/checkout: fetch-depth: 0)", n)})
	} else if graph.Edges > 0 {
		h.gap(finding.Gap{Path: ".git/objects", Reason: finding.ReasonMissing, Detail: fmt.Sprintf("%d commits have a parent that is not there", graph.Edges)})
	}
}

// place is a version of a path to be looked at for its values.
type version struct {
	blob object.ID
	path string
}

// locate finds each value's place in the newest version of each path it lived
// in, and adds the sightings with their lifetimes.
func (h *historyScan) locate(holders []git.Holder) {
	todo := map[version]map[string]*lifetime.Occurrence{}
	for i := range h.lives {
		life := &h.lives[i]
		if !life.Reachable && h.s.opt.Scope != ScopeAll {
			continue
		}
		for k := range life.Occurrences {
			o := &life.Occurrences[k]
			if !h.inPrefix(o.Path) || h.ignoredPath(o.Path, false) || !o.Reachable && h.s.opt.Scope != ScopeAll {
				continue
			}
			v := version{o.Newest, o.Path}
			if todo[v] == nil {
				todo[v] = map[string]*lifetime.Occurrence{}
			}
			todo[v][h.values[i]] = o
		}
		if h.prefix == "" {
			h.c.lifetime(h.values[i], h.lifetimeOf(life))
		}
	}
	order := make([]version, 0, len(todo))
	for v := range todo {
		order = append(order, v)
	}
	slices.SortFunc(order, func(a, b version) int { return cmp.Or(a.blob.Compare(b.blob), strings.Compare(a.path, b.path)) })
	var last object.ID
	var text []byte
	for _, v := range order {
		if v.blob != last || text == nil {
			var err error
			if _, text, err = h.store.Get(v.blob, nil); err != nil {
				h.fault(err)
				continue
			}
			last = v.blob
		}
		h.sightings(v, text, todo[v])
	}
	for _, holder := range holders {
		if holder.Type != object.Blob && h.prefix == "" {
			h.message(holder)
		}
	}
}

// sightings adds the values wanted of one version of a path.
func (h *historyScan) sightings(v version, text []byte, wanted map[string]*lifetime.Occurrence) {
	t := h.textScan(func(s sighting) {
		o := wanted[triage.Normalise(s.secret)]
		if o == nil {
			return
		}
		s.at.Commit, s.at.Blob, s.at.Versions = o.Until.String(), o.Newest.String(), o.Versions
		s.historical = true
		h.c.add(s)
	})
	t.begin(strings.TrimPrefix(v.path, h.prefix))
	_ = t.window(wholeWindow(text))
}

// message adds what a commit, a tag or a tree's names hold.
func (h *historyScan) message(holder git.Holder) {
	reachable := holder.Type == object.Tree || h.s.opt.Scope == ScopeAll
	for _, v := range holder.Values {
		reachable = reachable || h.lives[v].Reachable
	}
	if !reachable {
		return
	}
	_, text, err := h.store.Get(holder.ID, nil)
	if err != nil {
		h.fault(err)
		return
	}
	if holder.Type != object.Tree {
		h.object(holder.Type, holder.ID, text)
		return
	}
	t := h.textScan(func(s sighting) {
		s.at.Exposure, s.once = finding.ExposureMetadata, true
		h.c.add(s)
	})
	t.begin(".git/tree/" + holder.ID.String())
	_ = t.window(wholeWindow(text))
}

// unreachable adds what blobs hold that no tree at hand names.
func (h *historyScan) unreachable(holders []git.Holder) {
	named := map[object.ID]bool{}
	for i := range h.lives {
		for _, o := range h.lives[i].Occurrences {
			named[o.Newest], named[o.First], named[o.Last] = true, true, true
		}
	}
	for _, holder := range holders {
		if holder.Type != object.Blob || named[holder.ID] {
			continue
		}
		_, text, err := h.store.Get(holder.ID, nil)
		if err != nil {
			continue // in the ledger since the search
		}
		t := h.textScan(func(s sighting) {
			s.at.Blob, s.once = holder.ID.String(), true
			h.c.add(s)
		})
		t.begin(".git/objects/" + holder.ID.String())
		_ = t.window(wholeWindow(text))
	}
}

// index scans staged content that HEAD does not have.
func (g *repository) index() {
	ix, err := g.repo.Index()
	g.faults(err)
	changes, err := change.Staged(g.repo, ix)
	g.faults(err)
	for _, c := range changes {
		if c.Mode == object.ModeGitlink || !g.inPrefix(c.Path) || g.ignoredPath(c.Path, false) {
			continue
		}
		_, text, err := g.store.Get(c.Blob, nil)
		if err != nil {
			g.fault(err)
			continue
		}
		t := g.textScan(func(s sighting) {
			s.at.Blob, s.historical = c.Blob.String(), true
			g.c.add(s)
		})
		t.begin(strings.TrimPrefix(c.Path, g.prefix))
		_ = t.window(wholeWindow(text))
	}
}

// lifetimeOf turns a lifetime into the words of a report, redacted.
func (h *historyScan) lifetimeOf(l *lifetime.Lifetime) *finding.Lifetime {
	if l.Introduced == nil {
		return nil
	}
	event := func(e lifetime.Event) finding.Event {
		out := finding.Event{Author: h.s.redactor.Name(e.Author), Date: e.Date, Path: h.s.redactor.Name(e.Path)}
		if !e.Commit.IsZero() {
			out.Commit = e.Commit.String()
		}
		return out
	}
	out := &finding.Lifetime{Introduced: event(*l.Introduced), AtHead: l.AtHead, RefCount: l.RefCount, ReachableFrom: l.ReachableFrom}
	if l.Removed != nil {
		e := event(*l.Removed)
		out.Removed = &e
	}
	for _, i := range l.Intervals {
		interval := finding.Interval{Introduced: event(i.Introduced)}
		if i.Removed != nil {
			e := event(*i.Removed)
			interval.Removed = &e
		}
		out.Intervals = append(out.Intervals, interval)
	}
	for _, o := range l.Occurrences {
		out.Paths = append(out.Paths, h.s.redactor.Name(o.Path))
	}
	for _, r := range l.Refs {
		out.Refs = append(out.Refs, h.s.redactor.Name(r))
	}
	return out
}
