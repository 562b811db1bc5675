package repo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/pack"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/refs"
)

// RevisionError says that a revision names nothing, or too much.
type RevisionError struct {
	Revision, Reason string
}

func (e *RevisionError) Error() string {
	return fmt.Sprintf("revision %q: %s", e.Revision, e.Reason)
}

// Range is what A..B or A...B stands for: the commits that Include reaches and
// Exclude does not.
type Range struct {
	Include, Exclude []object.ID
}

// ParseRange reads A..B, A...B (from the merge base), ..B, A.., ^A B, or one
// revision, which stands for all it reaches. A side left out is HEAD.
func (r *Repository) ParseRange(text string) (Range, error) {
	var rng Range
	words := strings.Fields(text)
	if len(words) == 0 {
		return rng, &RevisionError{text, "is empty; give A..B"}
	}
	for _, w := range words {
		if err := r.addRange(&rng, w); err != nil {
			return rng, err
		}
	}
	if len(rng.Include) == 0 {
		return rng, &RevisionError{text, "only excludes; give A..B"}
	}
	return rng, nil
}

func (r *Repository) addRange(rng *Range, w string) error {
	commit := func(s string) (object.ID, error) {
		if s == "" {
			s = "HEAD"
		}
		return r.Commit(s)
	}
	if a, b, ok := strings.Cut(w, "..."); ok {
		from, err := commit(a)
		if err != nil {
			return err
		}
		to, err := commit(b)
		if err != nil {
			return err
		}
		bases, err := r.MergeBases(from, to)
		if err != nil {
			return err
		}
		rng.Include, rng.Exclude = append(rng.Include, to), append(rng.Exclude, bases...)
		return nil
	}
	if a, b, ok := strings.Cut(w, ".."); ok {
		from, err := commit(a)
		if err != nil {
			return err
		}
		to, err := commit(b)
		if err != nil {
			return err
		}
		rng.Include, rng.Exclude = append(rng.Include, to), append(rng.Exclude, from)
		return nil
	}
	if rest, ok := strings.CutPrefix(w, "^"); ok {
		id, err := commit(rest)
		rng.Exclude = append(rng.Exclude, id)
		return err
	}
	id, err := commit(w)
	rng.Include = append(rng.Include, id)
	return err
}

// Commit resolves a revision to a commit, through tags.
func (r *Repository) Commit(rev string) (object.ID, error) {
	id, err := r.Resolve(rev)
	if err != nil {
		return id, err
	}
	c, err := r.Peel(id, object.Commit)
	if err != nil {
		return c, &RevisionError{rev, err.Error()}
	}
	return c, nil
}

// Resolve reads one revision as gitrevisions(7) describes it: a name, an id or
// its beginning, @, @{-1}, @{upstream}, name@{2}, name@{yesterday}, followed by
// any of ~2, ^, ^2, ^{commit}, ^{}. Not: searches (^{/text}, :/text) and paths.
func (r *Repository) Resolve(rev string) (object.ID, error) {
	fail := func(reason string) (object.ID, error) { return object.ID{}, &RevisionError{rev, reason} }
	if len(rev) > 4096 || strings.ContainsAny(rev, "\x00\n:") || strings.HasPrefix(rev, "-") {
		return fail("is not one this tool reads")
	}
	base := rev
	if i := strings.IndexAny(rev, "~^"); i >= 0 {
		base = rev[:i]
	}
	id, err := r.base(base, rev)
	if err != nil {
		return id, err
	}
	for rest := rev[len(base):]; rest != ""; {
		op := rest[0]
		rest = rest[1:]
		if op == '^' && strings.HasPrefix(rest, "{") {
			kind, after, ok := strings.Cut(rest[1:], "}")
			if !ok {
				return fail("a { has no }")
			}
			rest = after
			if id, err = r.peelTo(id, kind); err != nil {
				return fail(err.Error())
			}
			continue
		}
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n := 1
		if digits > 0 {
			if n, err = strconv.Atoi(rest[:digits]); err != nil {
				return fail("a number is too large")
			}
		}
		rest = rest[digits:]
		if op == '~' {
			for range n {
				if id, err = r.parent(id, 1); err != nil {
					return fail(err.Error())
				}
			}
			continue
		}
		if op != '^' {
			return fail(fmt.Sprintf("%q is not understood", string(op)+rest))
		}
		if n == 0 {
			id, err = r.Peel(id, object.Commit)
		} else {
			id, err = r.parent(id, n)
		}
		if err != nil {
			return fail(err.Error())
		}
	}
	return id, nil
}

func (r *Repository) peelTo(id object.ID, kind string) (object.ID, error) {
	if kind == "object" {
		return id, nil
	}
	if kind == "" {
		for _, t := range []object.Type{object.Commit, object.Blob, object.Tree} {
			if p, err := r.Peel(id, t); err == nil {
				return p, nil
			}
		}
	}
	t, ok := object.ParseType(kind)
	if !ok {
		return id, fmt.Errorf("^{%s} is not understood", kind)
	}
	return r.Peel(id, t)
}

func (r *Repository) parent(id object.ID, n int) (object.ID, error) {
	id, err := r.Peel(id, object.Commit)
	if err != nil {
		return id, err
	}
	objects, err := r.Objects()
	if err != nil {
		return id, err
	}
	_, text, err := objects.Get(id, nil)
	if err != nil {
		return id, err
	}
	c, err := object.ParseCommit(text, r.HashSize)
	if n > c.NumParents() {
		if err != nil {
			return id, fmt.Errorf("%s: %w", id, err)
		}
		return id, fmt.Errorf("commit %s has no parent %d", id, n)
	}
	if r.Shallow[id] {
		return id, fmt.Errorf("the parents of commit %s were not fetched (shallow clone); fetch with more depth, e.g. \"git fetch --unshallow\"", id)
	}
	return c.Parent(n - 1), nil
}

// base resolves what stands before the first ~ or ^.
func (r *Repository) base(s, rev string) (object.ID, error) {
	name, at, hasAt := s, "", false
	if strings.HasSuffix(s, "}") {
		if i := strings.LastIndex(s, "@{"); i >= 0 {
			name, at, hasAt = s[:i], s[i+2:len(s)-1], true
		}
	}
	if name == "@" {
		name = "HEAD"
	}
	if !hasAt {
		return r.named(name, rev)
	}
	if n, ok := strings.CutPrefix(at, "-"); ok && name == "" {
		return r.previous(n, rev)
	}
	switch strings.ToLower(at) {
	case "u", "upstream", "push":
		return r.upstream(name, rev)
	}
	full := "HEAD"
	if name != "" {
		ref, err := r.dwim(name)
		if err != nil {
			return object.ID{}, &RevisionError{rev, "no reference of this name"}
		}
		full = ref.Name
	} else if head, err := r.Refs.Resolve("HEAD"); err == nil && head.Target != "" {
		full = head.Target
	}
	return r.atLog(full, at, rev)
}

// dwim finds the reference that a short name means, in git's order.
func (r *Repository) dwim(name string) (refs.Ref, error) {
	for _, p := range []string{"", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"} {
		if ref, err := r.Refs.Resolve(p + name); err == nil {
			return ref, nil
		}
	}
	return r.Refs.Resolve("refs/remotes/" + name + "/HEAD")
}

func (r *Repository) named(name, rev string) (object.ID, error) {
	if name == "" {
		return object.ID{}, &RevisionError{rev, "is empty"}
	}
	if len(name) == 2*r.HashSize {
		if id, err := object.ParseID(name); err == nil {
			objects, err := r.Objects()
			if err != nil {
				return id, err
			}
			if !objects.Has(id) {
				return id, &RevisionError{rev, "there is no such object; fetch it first"}
			}
			return id, nil
		}
	}
	if ref, err := r.dwim(name); err == nil {
		if ref.ID.IsZero() {
			return ref.ID, &RevisionError{rev, "the branch has no commit yet"}
		}
		return ref.ID, nil
	} else if !errors.Is(err, refs.ErrNotFound) && strings.HasPrefix(name, "refs/") {
		return object.ID{}, &RevisionError{rev, err.Error()}
	}
	// git describe: v1.0-12-gabcdef0.
	hex := name
	if i := strings.LastIndex(name, "-g"); i >= 0 {
		hex = name[i+2:]
	}
	if id, err := r.abbreviated(hex); err == nil {
		return id, nil
	} else if errors.Is(err, errAmbiguous) {
		return id, &RevisionError{rev, "is the beginning of several object ids; give more digits"}
	}
	return object.ID{}, &RevisionError{rev, "no branch, tag or commit of this name; is it fetched?"}
}

var errAmbiguous = errors.New("ambiguous")

// abbreviated finds the one object, a commit if there are several, whose id
// begins with hex.
func (r *Repository) abbreviated(hex string) (object.ID, error) {
	hex = strings.ToLower(hex)
	if len(hex) < 4 || len(hex) >= 2*r.HashSize || !isHex([]byte(hex)) {
		return object.ID{}, refs.ErrNotFound
	}
	objects, err := r.Objects()
	if err != nil {
		return object.ID{}, err
	}
	low, _ := object.ParseID(hex + strings.Repeat("0", 2*r.HashSize-len(hex)))
	found := map[object.ID]bool{}
	for _, p := range objects.Packs() {
		found2 := prefixed(p, low, hex)
		for _, id := range found2 {
			found[id] = true
		}
	}
	for _, dir := range r.ObjectDirs {
		entries, _ := os.ReadDir(filepath.Join(dir, hex[:2]))
		for _, e := range entries {
			if strings.HasPrefix(hex[:2]+e.Name(), hex) {
				if id, err := object.ParseID(hex[:2] + e.Name()); err == nil {
					found[id] = true
				}
			}
		}
	}
	var all, commits []object.ID
	for id := range found {
		all = append(all, id)
		if t, _, err := objects.Header(id); err == nil && t == object.Commit {
			commits = append(commits, id)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case len(commits) == 1:
		return commits[0], nil
	case len(all) > 1:
		return object.ID{}, errAmbiguous
	}
	return object.ID{}, refs.ErrNotFound
}

func prefixed(p *pack.Pack, low object.ID, hex string) (ids []object.ID) {
	i := sort.Search(p.Len(), func(i int) bool { id := p.ID(i); return id.Compare(low) >= 0 })
	for ; i < p.Len() && len(ids) < 100; i++ {
		id := p.ID(i)
		if !strings.HasPrefix(id.String(), hex) {
			break
		}
		ids = append(ids, id)
	}
	return ids
}

// upstream resolves name@{upstream}.
func (r *Repository) upstream(name, rev string) (object.ID, error) {
	full := "refs/heads/" + name
	if name == "" || name == "HEAD" {
		head, err := r.Refs.Resolve("HEAD")
		if err != nil {
			return object.ID{}, err
		}
		if full = head.Target; full == "" {
			return object.ID{}, &RevisionError{rev, "HEAD is not on a branch"}
		}
	}
	branch := strings.TrimPrefix(full, "refs/heads/")
	remote, _ := r.Config.Get("branch", branch, "remote")
	merge, ok := r.Config.Get("branch", branch, "merge")
	if !ok || remote == "" {
		return object.ID{}, &RevisionError{rev, fmt.Sprintf("branch %q has no upstream; set one with \"git branch --set-upstream-to\"", branch)}
	}
	if remote == "." {
		return r.named(merge, rev)
	}
	for _, spec := range r.Config.All("remote", remote, "fetch") {
		src, dst, ok := strings.Cut(strings.TrimPrefix(spec, "+"), ":")
		if !ok {
			continue
		}
		if pre, post, star := strings.Cut(src, "*"); star {
			if mid, ok := strings.CutPrefix(merge, pre); ok && strings.HasSuffix(mid, post) {
				return r.named(strings.Replace(dst, "*", strings.TrimSuffix(mid, post), 1), rev)
			}
		} else if src == merge {
			return r.named(dst, rev)
		}
	}
	return object.ID{}, &RevisionError{rev, fmt.Sprintf("remote %q does not fetch %s", remote, merge)}
}

// previous resolves @{-n}: the n-th branch checked out before.
func (r *Repository) previous(n, rev string) (object.ID, error) {
	k, err := strconv.Atoi(n)
	var from []string
	if err == nil && k > 0 {
		r.Refs.Logs(func(e refs.LogEntry) error {
			if e.Name == "HEAD" {
				if rest, ok := strings.CutPrefix(e.Message, "checkout: moving from "); ok {
					if name, _, ok := strings.Cut(rest, " to "); ok {
						from = append(from, name)
					}
				}
			}
			return nil
		})
	}
	if k <= 0 || k > len(from) {
		return object.ID{}, &RevisionError{rev, "the reflog of HEAD does not go back that far"}
	}
	return r.named(from[len(from)-k], rev)
}

// atLog resolves name@{n} and name@{date} by the reflog.
func (r *Repository) atLog(full, at, rev string) (object.ID, error) {
	var log []refs.LogEntry
	r.Refs.Logs(func(e refs.LogEntry) error {
		if e.Name == full {
			log = append(log, e)
		}
		return nil
	})
	n, err := strconv.Atoi(at)
	if err != nil {
		when, err := ParseDate(at, time.Now())
		if err != nil {
			return object.ID{}, &RevisionError{rev, err.Error()}
		}
		for n = 0; n < len(log) && log[len(log)-1-n].Seconds > when.Unix(); n++ {
		}
	}
	if n == 0 && len(log) == 0 {
		return r.named(full, rev)
	}
	if n == len(log) && !log[0].Old.IsZero() {
		return log[0].Old, nil
	}
	if n < 0 || n >= len(log) {
		return object.ID{}, &RevisionError{rev, fmt.Sprintf("the reflog of %s has %d entries", full, len(log))}
	}
	return log[len(log)-1-n].New, nil
}
