package finding

import (
	"cmp"
	"slices"
	"strings"
)

// Reason says why something in reach was not scanned in full.
type Reason string

// Reasons that exclude: listed, and no fault of the scan.
const (
	ReasonIgnored    Reason = "ignored"      // .gitignore, info/exclude
	ReasonAllowed    Reason = "allowed-path" // .leaksondeignore or leaksonde.toml
	ReasonOption     Reason = "option"       // a flag of the user's
	ReasonNotRegular Reason = "not-regular"  // FIFO, device, socket
	ReasonOutside    Reason = "link-outside" // link that leads out of the tree
	ReasonLink       Reason = "link-inside"  // link whose target is scanned anyway
	ReasonSubmodule  Reason = "submodule-absent"
	ReasonStore      Reason = "object-store" // .git, scanned by the git scopes
)

// Reasons that make a scan incomplete.
const (
	ReasonUnreadable Reason = "unreadable"
	ReasonTruncated  Reason = "truncated"
	ReasonMissing    Reason = "missing-object"
	ReasonCorrupt    Reason = "corrupt"
	ReasonShallow    Reason = "shallow-boundary"
	ReasonCap        Reason = "cap-reached"
	ReasonLFS        Reason = "lfs-content-absent"
	ReasonFormat     Reason = "unsupported-format"
	ReasonCancelled  Reason = "cancelled"
)

// Incomplete tells whether a gap of this reason makes the scan incomplete.
func (r Reason) Incomplete() bool {
	switch r {
	case ReasonIgnored, ReasonAllowed, ReasonOption, ReasonNotRegular,
		ReasonOutside, ReasonLink, ReasonSubmodule, ReasonStore:
		return false
	}
	return true
}

// Gap is one thing that was in reach and not scanned in full.
type Gap struct {
	Root   string
	Path   string // file, object id or ref
	Reason Reason
	Detail string
	Bytes  int64
}

// Tally sums the gaps of one reason.
type Tally struct {
	Reason     Reason
	Count      int64
	Bytes      int64
	Incomplete bool
}

// Coverage is the ledger of one run: what was read, left out and missed.
// The zero value is an empty ledger. It is not safe for concurrent use.
type Coverage struct {
	// Files, Objects and Commits count what was scanned in full.
	Files, Objects, Commits int64
	// Bytes is the number of bytes scanned.
	Bytes int64
	// Refs, Index and Unreachable say which parts of a repository were in
	// scope; free text for people, one line each.
	Scope []string
	// Suppressed counts matches taken out, by what did it.
	Suppressed map[string]int64
	tallies    map[Reason]*Tally
	gaps       map[Reason][]Gap
}

// MaxGaps bounds the gaps kept by reason; all are counted.
const MaxGaps = 1000

// Add records a gap.
func (c *Coverage) Add(g Gap) {
	if c.tallies == nil {
		c.tallies, c.gaps = map[Reason]*Tally{}, map[Reason][]Gap{}
	}
	t := c.tallies[g.Reason]
	if t == nil {
		t = &Tally{Reason: g.Reason, Incomplete: g.Reason.Incomplete()}
		c.tallies[g.Reason] = t
	}
	t.Count++
	t.Bytes += g.Bytes
	kept := c.gaps[g.Reason]
	i, _ := slices.BinarySearchFunc(kept, g, compareGaps)
	if i == MaxGaps {
		return
	}
	kept = slices.Insert(kept, i, g)
	c.gaps[g.Reason] = kept[:min(len(kept), MaxGaps)]
}

// Discard forgets the gaps of a reason that turned out to be none.
func (c *Coverage) Discard(r Reason) {
	delete(c.tallies, r)
	delete(c.gaps, r)
}

// Suppress counts one match taken out by what: "inline allow", "ignore file".
func (c *Coverage) Suppress(what string, n int64) {
	if n == 0 {
		return
	}
	if c.Suppressed == nil {
		c.Suppressed = map[string]int64{}
	}
	c.Suppressed[what] += n
}

// Merge adds the counts and gaps of other.
func (c *Coverage) Merge(other *Coverage) {
	c.Files += other.Files
	c.Objects += other.Objects
	c.Commits += other.Commits
	c.Bytes += other.Bytes
	for _, s := range other.Scope {
		if !slices.Contains(c.Scope, s) {
			c.Scope = append(c.Scope, s)
		}
	}
	for what, n := range other.Suppressed {
		c.Suppress(what, n)
	}
	for r, t := range other.tallies {
		for _, g := range other.gaps[r] {
			c.Add(g)
		}
		mine := c.tallies[r]
		mine.Count += t.Count - int64(len(other.gaps[r]))
		for _, g := range other.gaps[r] {
			mine.Bytes -= g.Bytes
		}
		mine.Bytes += t.Bytes
	}
}

// Incomplete tells whether anything in scope was missed.
func (c *Coverage) Incomplete() bool {
	for _, t := range c.tallies {
		if t.Incomplete {
			return true
		}
	}
	return false
}

// Tallies are the sums by reason: incomplete ones first, then by name.
func (c *Coverage) Tallies() []Tally {
	var all []Tally
	for _, t := range c.tallies {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b Tally) int {
		if a.Incomplete != b.Incomplete {
			if a.Incomplete {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a.Reason), string(b.Reason))
	})
	return all
}

// Gaps are the kept gaps in the order of Tallies and, within a reason, by
// root, path and detail: the first MaxGaps of each.
func (c *Coverage) Gaps() []Gap {
	var all []Gap
	for _, t := range c.Tallies() {
		all = append(all, c.gaps[t.Reason]...)
	}
	return all
}

// EditGaps changes the kept gaps, each by edit, and orders them anew. Their
// reasons must stay.
func (c *Coverage) EditGaps(edit func(*Gap)) {
	for _, kept := range c.gaps {
		for i := range kept {
			edit(&kept[i])
		}
		slices.SortFunc(kept, compareGaps)
	}
}

func compareGaps(a, b Gap) int {
	return cmp.Or(strings.Compare(a.Root, b.Root), strings.Compare(a.Path, b.Path),
		strings.Compare(a.Detail, b.Detail), cmp.Compare(a.Bytes, b.Bytes))
}
