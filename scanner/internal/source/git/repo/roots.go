package repo

import (
	"errors"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/refs"
)

// Roots is where a history begins to be read from.
type Roots struct {
	// Refs are all references, the stash, notes and replacements among them,
	// without the bare names other than HEAD.
	Refs []refs.Ref
	// Stash are the older entries of the stash, which only its reflog holds.
	Stash []object.ID
	// Logs is what else reflogs, bare names such as ORIG_HEAD, and grafts
	// hold: no part of the history, but of all there is.
	Logs []object.ID
}

// Roots lists them. The error joins what could not be read.
func (r *Repository) Roots() (Roots, error) {
	var out Roots
	list, err := r.Refs.List()
	seen := map[object.ID]bool{}
	log := func(to *[]object.ID, id object.ID) {
		if !id.IsZero() && !seen[id] {
			seen[id] = true
			*to = append(*to, id)
		}
	}
	for _, ref := range list {
		switch {
		case ref.ID.IsZero():
		case ref.Pseudo:
			log(&out.Logs, ref.ID)
		default:
			out.Refs = append(out.Refs, ref)
		}
	}
	var entries []object.ID
	logErr := r.Refs.Logs(func(e refs.LogEntry) error {
		if e.Name == "refs/stash" {
			log(&out.Stash, e.New)
			return nil
		}
		if n := len(entries); n == 0 || entries[n-1] != e.Old {
			entries = append(entries, e.Old)
		}
		entries = append(entries, e.New)
		return nil
	})
	for _, id := range entries {
		log(&out.Logs, id)
	}
	for _, parents := range r.Grafts {
		for _, id := range parents {
			log(&out.Logs, id)
		}
	}
	return out, errors.Join(err, logErr)
}
