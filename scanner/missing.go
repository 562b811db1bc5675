package scanner

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/lifetime"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// missing enters into the ledger what the trees name and the store has not:
// lost objects, and what a partial clone left out. Nothing is fetched.
func (g *repository) missing(ctx context.Context, graph *lifetime.Graph, forest *lifetime.Forest) error {
	trees, treeless := graph.Trees()
	for _, id := range treeless {
		g.gap(finding.Gap{Path: ".git/commit/" + id.String(), Reason: finding.ReasonMissing, Detail: "the tree of this commit is not there"})
	}
	for _, name := range graph.Dangling() {
		g.gap(finding.Gap{Path: ".git/" + name, Reason: finding.ReasonMissing, Detail: "the object that this reference names is not there"})
	}
	if len(forest.Missing) == 0 {
		return nil
	}
	if g.repo.Partial != "" {
		for _, m := range forest.Missing {
			g.gap(finding.Gap{Path: m.Name, Reason: finding.ReasonMissing,
				Detail: "object " + m.ID.String() + " was left out of this partial clone; nothing is fetched"})
		}
		return nil
	}
	if graph.Stray == 0 && g.prefix == "" {
		for _, m := range forest.Missing {
			g.gap(finding.Gap{Path: m.Name, Reason: finding.ReasonMissing, Detail: fmt.Sprintf("object %s, which tree %s names, is not there (git fsck)", m.ID, m.Tree)})
		}
		return nil
	}
	// What no commit leads to any more may have lost parts of it: git prunes
	// object by object. So it counts only what the commits in scope need.
	w := lostObjects{g: g, lost: map[object.ID]bool{}, seen: map[object.ID]bool{}}
	for _, m := range forest.Missing {
		w.lost[m.ID] = true
	}
	for _, id := range trees {
		if err := w.tree(ctx, id, "", 0); err != nil {
			return err
		}
	}
	return nil
}

// lostObjects looks for the paths of lost objects. It reads every tree once and
// out of order, which is slow: but then, objects are seldom lost.
type lostObjects struct {
	g          *repository
	lost, seen map[object.ID]bool
}

func (w *lostObjects) tree(ctx context.Context, id object.ID, path string, depth int) error {
	if w.seen[id] || depth > maxDepth {
		return ctx.Err()
	}
	w.seen[id] = true
	_, text, err := w.g.store.Get(id, nil)
	if err != nil {
		return ctx.Err() // in the ledger since the search
	}
	entries := object.ReadTree(text, w.g.store.HashSize())
	var e object.Entry
	for entries.Next(&e) {
		name := path + string(e.Name)
		if w.lost[e.ID] && !e.IsGitlink() {
			if !w.seen[e.ID] && w.g.reaches(name, e.IsTree()) {
				w.seen[e.ID] = true
				w.g.gap(finding.Gap{Path: strings.TrimPrefix(name, w.g.prefix), Reason: finding.ReasonMissing, Detail: "object " + e.ID.String() + " is not there (git fsck)"})
			}
			continue
		}
		if e.IsTree() {
			if err := w.tree(ctx, e.ID, name+"/", depth+1); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// reaches tells whether a path of the repository, or of a directory what lies
// below it, is in scope.
func (g *repository) reaches(path string, dir bool) bool {
	return (g.inPrefix(path) || dir && strings.HasPrefix(g.prefix, path+"/")) && !g.ignoredPath(path, dir)
}

// lfsPointers are the pointers to large files that blobs turned out to be.
type lfsPointers struct{ oids []string }

var lfsHead = []byte("version https://git-lfs.github.com/spec/v1\n")

// maxPointer is more than the size of any pointer file, in bytes.
const maxPointer = 1 << 10

// look takes note of the content of a blob if it is a pointer.
func (l *lfsPointers) look(text []byte) {
	if oid, ok := lfsPointer(text); ok {
		l.oids = append(l.oids, oid)
	}
}

// lfsPointer is the name of the content that text stands for.
func lfsPointer(text []byte) (oid string, ok bool) {
	if len(text) > maxPointer || !bytes.HasPrefix(text, lfsHead) {
		return "", false
	}
	_, rest, ok := bytes.Cut(text, []byte("\noid sha256:"))
	if !ok || len(rest) < 64 {
		return "", false
	}
	for _, c := range rest[:64] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", false
		}
	}
	return string(rest[:64]), true
}

// lfs scans the content behind pointers where the local store has it.
func (g *repository) lfs(found []lfsPointers) {
	oids := map[string]bool{}
	for _, l := range found {
		for _, oid := range l.oids {
			oids[oid] = true
		}
	}
	for _, oid := range slices.Sorted(maps.Keys(oids)) {
		g.lfsFile(oid, ".git/lfs/objects/"+oid[:2]+"/"+oid[2:4]+"/"+oid)
	}
}

// lfsFile scans what a pointer stands for, under the path given.
func (r *rootScan) lfsFile(oid, path string) {
	w := r.worker()
	defer func() { r.c.coverage.Merge(&w.coverage) }()
	file := filepath.Join(r.gitDir, "lfs", "objects", oid[:2], oid[2:4], oid)
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		w.Gap(finding.Gap{Path: path, Reason: finding.ReasonLFS, Detail: "the content of a large file is not in the local store (git lfs fetch --all)"})
		return
	}
	_ = w.File(path, file)
}
