package change

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/linediff"
)

// Limits of the search for renames with edits: pairs compared by content, and
// the size of a file.
const (
	maxPairs      = 2_000
	maxRenameSize = 4 << 20
)

// renames gives files at new paths the blob they were renamed from. A file
// that is gone with the same content is the one; else the most alike, at least
// half of it, those with the same base name first: as git has it.
func (d *differ) renames() {
	if len(d.gone) == 0 {
		return
	}
	slices.SortFunc(d.gone, func(a, b gone) int { return cmp.Or(strings.Compare(a.path, b.path), a.id.Compare(b.id)) })
	byID := make(map[object.ID]string, len(d.gone))
	byBase := map[string][]int{}
	for i, g := range d.gone {
		if _, ok := byID[g.id]; !ok {
			byID[g.id] = g.path
		}
		byBase[path.Base(g.path)] = append(byBase[path.Base(g.path)], i)
	}
	texts := map[object.ID][]byte{}
	text := func(id object.ID) []byte {
		t, ok := texts[id]
		if !ok {
			if typ, size, err := d.objects.Header(id); err == nil && typ == object.Blob && size <= maxRenameSize {
				_, t, _ = d.objects.Get(id, nil)
			}
			if len(texts) < 500 {
				texts[id] = t
			}
		}
		return t
	}
	pairs := 0
	best := func(c *Change, candidates []int) bool {
		found, most := -1, 0
		for _, i := range candidates {
			if pairs++; pairs > maxPairs {
				break
			}
			a, b := text(c.Blob), text(d.gone[i].id)
			if len(a) == 0 || len(b) == 0 || len(a) > 2*len(b) || len(b) > 2*len(a) {
				continue
			}
			if n := linediff.Shared(a, b); 2*n >= max(len(a), len(b)) && n > most {
				found, most = i, n
			}
		}
		if found < 0 {
			return false
		}
		c.Old, c.From = []object.ID{d.gone[found].id}, d.gone[found].path
		return true
	}
	all := make([]int, min(len(d.gone), maxPairs))
	for i := range all {
		all[i] = i
	}
	for i := range d.changes {
		c := &d.changes[i]
		if len(c.Old) > 0 {
			continue
		}
		if from, ok := byID[c.Blob]; ok {
			c.Old, c.From = []object.ID{c.Blob}, from
			continue
		}
		if !best(c, byBase[path.Base(c.Path)]) {
			best(c, all)
		}
	}
}
