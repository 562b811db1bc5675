package scanner

import (
	"bytes"
	"context"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// missing counts the blobs that a partial clone left out, by walking its trees.
// Nothing is fetched.
func (g *repository) missing(ctx context.Context) {
	if g.repo.Partial == "" {
		return
	}
	var mu sync.Mutex
	seen := map[object.ID]bool{}
	_ = pack.Walk(ctx, g.store, pack.WalkOptions{Types: object.SetOf(object.Tree), OnError: func(error) {}}, func(int) pack.Visitor[struct{}] {
		return treeVisitor(func(o *pack.Object) {
			entries := object.ReadTree(o.Content, g.store.HashSize())
			var e object.Entry
			for entries.Next(&e) {
				if e.IsGitlink() || g.store.Has(e.ID) {
					continue
				}
				mu.Lock()
				if !seen[e.ID] {
					seen[e.ID] = true
					g.gap(finding.Gap{Path: string(e.Name), Reason: finding.ReasonMissing,
						Detail: "object " + e.ID.String() + " was left out of this partial clone; nothing is fetched"})
				}
				mu.Unlock()
			}
		})
	})
}

type treeVisitor func(*pack.Object)

func (f treeVisitor) Visit(o *pack.Object, _ struct{}) struct{} {
	f(o)
	return struct{}{}
}

// lfsPointers are the pointers to large files that blobs turned out to be.
type lfsPointers struct{ oids []string }

var lfsHead = []byte("version https://git-lfs.github.com/spec/v1\n")

// maxPointer is more than the size of any pointer file, in bytes.
const maxPointer = 1 << 10

func (l *lfsPointers) look(o *pack.Object) {
	if len(o.Content) > maxPointer || !bytes.HasPrefix(o.Content, lfsHead) {
		return
	}
	_, rest, ok := bytes.Cut(o.Content, []byte("\noid sha256:"))
	if !ok || len(rest) < 64 {
		return
	}
	for _, c := range rest[:64] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return
		}
	}
	l.oids = append(l.oids, string(rest[:64]))
}

// lfs scans the content behind pointers where the local store has it.
func (g *repository) lfs(l *lfsPointers) {
	w := g.worker()
	defer func() { g.c.coverage.Merge(&w.coverage) }()
	for _, oid := range l.oids {
		path := ".git/lfs/objects/" + oid[:2] + "/" + oid[2:4] + "/" + oid
		if file := g.lfsContent(oid); exists(file) {
			_ = w.File(path, file)
			continue
		}
		w.Gap(finding.Gap{Path: path, Reason: finding.ReasonLFS, Detail: "the content of a large file is not in the local store (git lfs fetch --all)"})
	}
}
