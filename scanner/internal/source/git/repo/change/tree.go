package change

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// Change is a file that differs from every parent's.
type Change struct {
	// Commit is the commit that brings it; zero for the index.
	Commit object.ID
	Path   string
	Blob   object.ID
	Mode   uint32
	// Old are the blobs that the parents have at this path, each once; for a
	// new path those of the file it was renamed from. May be empty.
	Old []object.ID
	// From is the path it was renamed from.
	From string
}

// Limits of one comparison: files that differ, and the depth of directories. A
// tree of trees of trees can spell out more paths than there are atoms.
const (
	MaxChanges = 1_000_000
	MaxDepth   = 2_000
)

var errTooMany = fmt.Errorf("more than %d files differ; the rest was not looked at", MaxChanges)

// entry is one line of a tree.
type entry struct {
	name []byte
	mode uint32
	id   object.ID
}

func (e *entry) isTree() bool { return e.mode&0o170000 == object.ModeTree }

// compare orders entries as git does: directories as if they ended in a slash.
func (e *entry) compare(o *entry) int {
	n := min(len(e.name), len(o.name))
	if c := bytes.Compare(e.name[:n], o.name[:n]); c != 0 {
		return c
	}
	return int(e.at(n)) - int(o.at(n))
}

func (e *entry) at(i int) byte {
	switch {
	case i < len(e.name):
		return e.name[i]
	case e.isTree():
		return '/'
	}
	return 0
}

// differ compares trees.
type differ struct {
	objects  *pack.Store
	hashSize int

	commit  object.ID
	changes []Change
	gone    []gone
	reads   int
	limit   int // of reads; 0 means maxReads
	errs    []error
}

// maxReads bounds the trees read for one comparison: trees of empty trees have
// no files to be counted.
const maxReads = 200_000

// gone is a file of a parent that is no more.
type gone struct {
	path string
	id   object.ID
}

// maxGone bounds the files kept to find renames.
const maxGone = 50_000

func (d *differ) fault(err error) {
	if len(d.errs) < 100 {
		d.errs = append(d.errs, err)
	}
}

// read parses a tree; what is malformed in it is told, what stands before is
// used. The zero id is an empty tree.
func (d *differ) read(id object.ID, path string) []entry {
	if id.IsZero() {
		return nil
	}
	limit := cmp.Or(d.limit, maxReads)
	if d.reads++; d.reads >= limit {
		if d.reads == limit {
			d.fault(fmt.Errorf("%.200q: more than %d directories differ; the rest was not looked at", "/"+path, limit))
		}
		return nil
	}
	typ, text, err := d.objects.Get(id, nil)
	if err == nil && typ != object.Tree {
		err = fmt.Errorf("%s is a %v, not a tree", id, typ)
	}
	if err != nil {
		d.fault(fmt.Errorf("tree of %q: %w", "/"+path, err))
		return nil
	}
	entries := make([]entry, 0, len(text)/36+1)
	r := object.ReadTree(text, d.hashSize)
	var e object.Entry
	for r.Next(&e) {
		entries = append(entries, entry{e.Name, e.Mode, e.ID})
	}
	if err := r.Err(); err != nil {
		d.fault(fmt.Errorf("tree %s of %q: entry %d: %w; the rest of it was not read", id, "/"+path, len(entries)+1, err))
	}
	byName := func(a, b entry) int { return a.compare(&b) }
	if !slices.IsSortedFunc(entries, byName) {
		slices.SortStableFunc(entries, byName)
	}
	return entries
}

// cursor walks one parent's entries beside those of the new tree.
type cursor struct {
	entries []entry
	pos     int
}

// same gives the entries of the same name and kind as e; those before it are
// handed to passed.
func (c *cursor) same(e *entry, passed func(*entry)) []entry {
	for c.pos < len(c.entries) && c.entries[c.pos].compare(e) < 0 {
		passed(&c.entries[c.pos])
		c.pos++
	}
	end := c.pos
	for end < len(c.entries) && c.entries[end].compare(e) == 0 {
		end++
	}
	return c.entries[c.pos:end]
}

// trees compares a tree with those of the parents.
func (d *differ) trees(tree object.ID, parents []object.ID, path string, depth int) error {
	if slices.Contains(parents, tree) {
		return nil
	}
	if depth > MaxDepth {
		d.fault(fmt.Errorf("%.200q…: directories are nested more than %d deep; the rest was not looked at", path, MaxDepth))
		return nil
	}
	entries := d.read(tree, path)
	cursors := make([]cursor, len(parents))
	for i, p := range parents {
		cursors[i].entries = d.read(p, path)
	}
	var last *entry
	for i := range entries {
		e := &entries[i]
		if last != nil && last.compare(e) == 0 {
			// Git never writes a name twice; both are looked at.
			for k := range cursors {
				cursors[k].rewind(e)
			}
		}
		last = e
		if err := d.one(e, cursors, path, depth); err != nil {
			return err
		}
	}
	for k := range cursors {
		c := &cursors[k]
		for ; c.pos < len(c.entries); c.pos++ {
			d.passed(&c.entries[c.pos], path, depth)
		}
	}
	return nil
}

func (c *cursor) rewind(e *entry) {
	for c.pos > 0 && c.entries[c.pos-1].compare(e) == 0 {
		c.pos--
	}
}

func (d *differ) one(e *entry, cursors []cursor, path string, depth int) error {
	full := path + string(e.name)
	unchanged := false
	var old []object.ID
	for k := range cursors {
		c := &cursors[k]
		same := c.same(e, func(p *entry) { d.passed(p, path, depth) })
		for j := range same {
			if same[j].id == e.id {
				unchanged = true
			} else if !slices.Contains(old, same[j].id) {
				old = append(old, same[j].id)
			}
		}
		c.pos += len(same)
	}
	switch {
	case unchanged || e.mode&0o170000 == object.ModeGitlink:
		return nil
	case e.isTree():
		return d.trees(e.id, old, full+"/", depth+1)
	}
	return d.add(Change{Commit: d.commit, Path: full, Blob: e.id, Mode: e.mode, Old: old})
}

func (d *differ) add(c Change) error {
	if len(d.changes) >= MaxChanges {
		return errTooMany
	}
	d.changes = append(d.changes, c)
	return nil
}

// passed notes an entry of a parent that the new tree does not have.
func (d *differ) passed(e *entry, path string, depth int) {
	if len(d.gone) >= maxGone || depth > MaxDepth {
		return
	}
	full := path + string(e.name)
	if !e.isTree() {
		d.gone = append(d.gone, gone{full, e.id})
		return
	}
	sub := d.read(e.id, full)
	for i := range sub {
		d.passed(&sub[i], full+"/", depth+1)
	}
}

func (d *differ) err() error { return errors.Join(d.errs...) }
