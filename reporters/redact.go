package reporters

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// guard puts the barrier in front of a format unless raw values are wanted.
func guard(r Reporter, o Options) Reporter {
	if o.ShowSecrets {
		return r
	}
	return barrier{r}
}

type barrier struct{ Reporter }

func (b barrier) Finding(f *finding.Finding) error { return b.Reporter.Finding(withoutSecrets(f)) }

// minScrub is the length from which a raw value is looked for in a finding's
// other texts. Those are redacted where they are made, with the raw matches at
// hand; this is the second lock. A shorter value ("root", "postgres") stands in
// texts by chance, and replacing it there would tell more than it hides.
const minScrub = 12

// withoutSecrets copies f without its raw values. Nothing of f is changed.
func withoutSecrets(f *finding.Finding) *finding.Finding {
	g := *f
	s := newScrubber(f)
	g.Secret = ""
	g.Description = s.text(g.Description)
	g.Facts = s.facts(g.Facts)
	g.Parts = slices.Clone(g.Parts)
	for i := range g.Parts {
		p := &g.Parts[i]
		p.Secret, p.Path, p.Redacted = "", s.text(p.Path), s.text(p.Redacted)
	}
	g.Redacted = s.text(g.Redacted)
	g.Occurrences = slices.Clone(g.Occurrences)
	for i := range g.Occurrences {
		s.occurrence(&g.Occurrences[i])
	}
	g.Mentions = slices.Clone(g.Mentions)
	for i := range g.Mentions {
		s.occurrence(&g.Mentions[i])
	}
	g.Evidence = slices.Clone(g.Evidence)
	for i := range g.Evidence {
		g.Evidence[i].Detail = s.text(g.Evidence[i].Detail)
	}
	if g.Lifetime != nil {
		g.Lifetime = s.lifetime(*g.Lifetime)
	}
	if g.Verification != nil {
		v := *g.Verification
		v.Reason, v.Facts = s.text(v.Reason), s.facts(v.Facts)
		g.Verification = &v
	}
	return &g
}

// scrubber replaces the raw values of one finding in its texts.
type scrubber struct {
	raw []string // longest first
	r   *strings.Replacer
}

func newScrubber(f *finding.Finding) scrubber {
	shown := map[string]string{}
	add := func(raw, redacted string) {
		if len(raw) < minScrub {
			return
		}
		if strings.Contains(redacted, raw) {
			redacted = "[redacted]"
		}
		shown[raw] = redacted
	}
	for _, p := range f.Parts {
		// A part without redaction is public (an id, an endpoint).
		if p.Redacted != p.Secret {
			add(p.Secret, p.Redacted)
		}
	}
	// A value that is its own redaction is a file's name, found by a rule on
	// names: it is what the user needs to see.
	if f.Secret != f.Redacted || !namesItself(f) {
		add(f.Secret, f.Redacted)
	}
	s := scrubber{raw: slices.SortedFunc(maps.Keys(shown), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})}
	var pairs []string
	for _, raw := range s.raw {
		pairs = append(pairs, raw, shown[raw])
	}
	s.r = strings.NewReplacer(pairs...)
	return s
}

// namesItself tells whether the value is the path of the finding's place.
func namesItself(f *finding.Finding) bool {
	return len(f.Occurrences) > 0 && f.Occurrences[0].Path == f.Secret && f.Occurrences[0].Excerpt == ""
}

func (s scrubber) text(t string) string {
	for _, raw := range s.raw {
		if strings.Contains(t, raw) {
			return s.r.Replace(t)
		}
	}
	return t
}

func (s scrubber) texts(list []string) []string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = s.text(list[i])
	}
	return list
}

func (s scrubber) facts(m map[string]string) map[string]string {
	m = maps.Clone(m)
	for k, v := range m {
		m[k] = s.text(v)
	}
	return m
}

func (s scrubber) occurrence(o *finding.Occurrence) {
	o.Path, o.Field = s.text(o.Path), s.text(o.Field)
	if s.text(o.Excerpt) == o.Excerpt {
		return
	}
	pre, mid, post := split(*o)
	pre, mid, post = s.text(pre), s.text(mid), s.text(post)
	o.Excerpt, o.ExcerptStart, o.ExcerptEnd = pre+mid+post, len(pre), len(pre)+len(mid)
	if t := s.text(o.Excerpt); t != o.Excerpt { // the value lay across the marks
		o.Excerpt, o.ExcerptStart, o.ExcerptEnd = t, 0, 0
	}
}

func (s scrubber) lifetime(l finding.Lifetime) *finding.Lifetime {
	event := func(e finding.Event) finding.Event {
		e.Author, e.Path = s.text(e.Author), s.text(e.Path)
		return e
	}
	end := func(e *finding.Event) *finding.Event {
		if e == nil {
			return nil
		}
		c := event(*e)
		return &c
	}
	l.Introduced, l.Removed = event(l.Introduced), end(l.Removed)
	l.Paths, l.Refs = s.texts(l.Paths), s.texts(l.Refs)
	l.Intervals = slices.Clone(l.Intervals)
	for i := range l.Intervals {
		v := &l.Intervals[i]
		v.Introduced, v.Removed = event(v.Introduced), end(v.Removed)
	}
	return &l
}

// split cuts an excerpt at the marks of its secret. Marks that make no sense
// give an excerpt without a middle.
func split(o finding.Occurrence) (pre, mid, post string) {
	if o.ExcerptStart < 0 || o.ExcerptStart > o.ExcerptEnd || o.ExcerptEnd > len(o.Excerpt) {
		return o.Excerpt, "", ""
	}
	return o.Excerpt[:o.ExcerptStart], o.Excerpt[o.ExcerptStart:o.ExcerptEnd], o.Excerpt[o.ExcerptEnd:]
}
