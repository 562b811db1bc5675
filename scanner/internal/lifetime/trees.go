package lifetime

import (
	"fmt"
	"slices"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
)

// link is an entry of a tree that matters: a subtree, or a blob with secrets.
type link struct {
	child uint32 // object number
	name  uint32
}

// kid is a link and where its entry ends in the tree's text.
type kid struct {
	end  int32
	link link
}

// treeState is what a tree made from this one wants to know of it: where its
// entries end, and those that matter. Most do not, so they are kept apart.
type treeState struct {
	number uint32
	ends   []int32
	kids   []kid
}

// record is one tree: what it has more and less than its base.
type record struct {
	number, base uint32 // base is none for a tree that stands alone
	from         uint32 // where its links begin: added, then removed
	added, gone  uint32
}

// treeReader is the part of one worker.
type treeReader struct {
	store    *pack.Store
	hashSize int
	blobs    *idSet
	names    *names
	known    map[string]uint32 // of names, without its lock
	records  []record
	links    []link
	free     []*treeState
	used     []bool
	faults   []Fault
	added    []link
	gone     []link
	missing  map[object.ID]Missing
}

// Visit implements pack.Visitor: it parses what is new in a tree.
func (r *treeReader) Visit(o *pack.Object, base *treeState) *treeState {
	st := r.state()
	st.number = uint32(o.Number)
	if base == nil || o.Segments == nil {
		r.fresh(st, o, 0, len(o.Content))
		r.put(st.number, none, appendLinks(r.added[:0], st.kids), nil)
	} else {
		r.derive(st, o, base)
	}
	if o.Leaf {
		r.Release(st)
		return nil
	}
	return st
}

// Release implements pack.Releaser.
func (r *treeReader) Release(st *treeState) {
	if st != nil && len(r.free) < 64 {
		r.free = append(r.free, st)
	}
}

func (r *treeReader) state() *treeState {
	if n := len(r.free); n > 0 {
		st := r.free[n-1]
		r.free = r.free[:n-1]
		st.ends, st.kids = st.ends[:0], st.kids[:0]
		return st
	}
	return &treeState{}
}

// fresh parses entries from pos, a boundary, until one ends at limit or beyond;
// it gives that end, or -1 after a fault.
func (r *treeReader) fresh(st *treeState, o *pack.Object, pos, limit int) int {
	t := object.ReadTree(o.Content[pos:], r.hashSize)
	var e object.Entry
	for pos < limit && t.Next(&e) {
		pos = len(o.Content) - len(t.Rest())
		l := link{none, 0}
		switch {
		case e.IsTree():
			if n, ok := r.store.Number(e.ID); ok {
				l = link{uint32(n), r.name(e.Name)}
			} else {
				r.lack(o.ID, &e)
			}
		case !e.IsGitlink():
			if n, ok := r.blobs.find(&e.ID); ok {
				l = link{n, r.name(e.Name)}
			} else if _, ok := r.store.Number(e.ID); !ok {
				r.lack(o.ID, &e)
			}
		}
		st.ends = append(st.ends, int32(pos))
		if l.child != none {
			st.kids = append(st.kids, kid{int32(pos), l})
		}
	}
	if err := t.Err(); err != nil {
		r.faults = append(r.faults, Fault{o.ID, fmt.Errorf("entry %d: %w", len(st.ends)+1, err)})
		return -1
	}
	return pos
}

// Missing is an entry of a tree whose object is not there.
type Missing struct {
	Tree, ID object.ID
	Name     string
}

func (r *treeReader) lack(tree object.ID, e *object.Entry) {
	if r.missing == nil {
		r.missing = map[object.ID]Missing{}
	}
	if old, ok := r.missing[e.ID]; !ok || tree.Compare(old.Tree) < 0 {
		r.missing[e.ID] = Missing{tree, e.ID, string(e.Name)}
	}
}

func (r *treeReader) name(b []byte) uint32 {
	n, ok := r.known[string(b)]
	if !ok {
		text := string(b)
		n = r.names.number(text)
		r.known[text] = n
	}
	return n
}

// names numbers the names of entries. All workers share it, as what one has
// read of a tree may be handed to another.
type names struct {
	mu    sync.Mutex
	known map[string]uint32
	texts []string
}

func (n *names) number(text string) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.known[text]
	if !ok {
		k = uint32(len(n.texts))
		n.known[text] = k
		n.texts = append(n.texts, text)
	}
	return k
}

// derive reads a tree made from base. An entry that lies in copied bytes, at a
// boundary of both trees, is the base's entry.
func (r *treeReader) derive(st *treeState, o *pack.Object, base *treeState) {
	if cap(r.used) < len(base.kids) {
		r.used = make([]bool, len(base.kids)*2)
	}
	used := r.used[:len(base.kids)]
	clear(used)
	added := r.added[:0]
	pos := 0 // a boundary, all before it is read
	for i := range o.Segments {
		s := &o.Segments[i]
		dst, end := int(s.Dst), int(s.Dst+s.Len)
		if s.Src < 0 || pos >= end {
			continue // read when the next copy begins, or read already
		}
		if pos < dst {
			n := len(st.kids)
			pos = r.fresh(st, o, pos, dst)
			added = appendLinks(added, st.kids[n:])
			if pos < 0 {
				break // a fault: what stands before it counts
			}
			if pos >= end {
				continue
			}
		}
		// pos is a boundary within the copy; is it one of the base too?
		shift := s.Dst - s.Src
		from := int32(pos) - shift
		k := 0
		if from != 0 {
			at, ok := slices.BinarySearch(base.ends, from)
			if !ok {
				continue
			}
			k = at + 1
		}
		to, whole := slices.BinarySearch(base.ends, s.Src+s.Len)
		if whole {
			to++
		}
		if to <= k {
			continue
		}
		n := len(st.ends)
		st.ends = append(st.ends, base.ends[k:to]...)
		if shift != 0 {
			for j := range st.ends[n:] {
				st.ends[n+j] += shift
			}
		}
		pos = int(st.ends[len(st.ends)-1])
		last := base.ends[to-1]
		for k := firstAfter(base.kids, from); k < len(base.kids) && base.kids[k].end <= last; k++ {
			e := base.kids[k]
			if used[k] {
				added = append(added, e.link)
			}
			used[k] = true
			e.end += shift
			st.kids = append(st.kids, e)
		}
	}
	if pos >= 0 && pos < len(o.Content) {
		n := len(st.kids)
		r.fresh(st, o, pos, len(o.Content))
		added = appendLinks(added, st.kids[n:])
	}
	gone := r.gone[:0]
	for k := range used {
		if !used[k] {
			gone = append(gone, base.kids[k].link)
		}
	}
	r.put(st.number, base.number, added, gone)
}

// firstAfter gives the first kid whose entry begins at or after from.
func firstAfter(kids []kid, from int32) int {
	lo, hi := 0, len(kids)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if kids[mid].end > from {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// put keeps what a tree has more and less than its base.
func (r *treeReader) put(number, base uint32, added, gone []link) {
	r.added, r.gone = added, gone
	r.records = append(r.records, record{number, base, uint32(len(r.links)), uint32(len(added)), uint32(len(gone))})
	r.links = append(append(r.links, added...), gone...)
}

func appendLinks(to []link, kids []kid) []link {
	for i := range kids {
		to = append(to, kids[i].link)
	}
	return to
}
