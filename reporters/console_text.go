package reporters

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// The sentences in which the formats for people speak of a finding. All of
// them are safe to show and empty where nothing is known.

func confidenceText(f *finding.Finding) string {
	var why []string
	for _, e := range f.Evidence {
		if e.Weight <= 0 {
			continue
		}
		if d := visible(e.Detail); d != "" {
			why = append(why, d)
		} else {
			why = append(why, visible(e.Name))
		}
		if len(why) == 3 {
			break
		}
	}
	text := f.Confidence.String() + " confidence"
	if len(why) > 0 {
		text += ": " + strings.Join(why, ", ")
	}
	return text
}

func verificationText(f *finding.Finding) string {
	v := f.Verification
	if v == nil {
		return ""
	}
	var text string
	switch v.State {
	case finding.Active:
		text = "it is LIVE, the provider accepts it"
	case finding.Inactive:
		text = "not live, the provider refuses it"
	case finding.Unknown:
		text = "without a clear answer, it may be live"
	case finding.Unverifiable:
		text = "not possible for this kind"
	default:
		text = visible(string(v.State))
	}
	if v.Reason != "" {
		text += " (" + visible(v.Reason) + ")"
	}
	rest := maps.Clone(v.Facts)
	delete(rest, "impact") // has a line of its own
	if facts := factsText(rest); facts != "" {
		text += "; " + facts
	}
	return text
}

// impactText says what whoever has a live credential can do.
func impactText(f *finding.Finding) string {
	if f.Verification == nil {
		return ""
	}
	return visible(f.Verification.Facts["impact"])
}

func factsText(m map[string]string) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, visible(k)+": "+visible(m[k]))
	}
	return strings.Join(list, ", ")
}

func partTexts(parts []finding.Part) []string {
	var list []string
	for _, p := range parts {
		text := visible(p.Name)
		switch {
		case p.Secret != "":
			text += " " + visible(p.Secret)
		case p.Redacted != "":
			text += " " + visible(p.Redacted)
		}
		if p.Path != "" {
			text += fmt.Sprintf(" at %s:%d:%d", visible(p.Path), p.Line, p.Column)
		}
		list = append(list, text)
	}
	return list
}

// lifetimeText tells a life in one sentence.
func lifetimeText(l *finding.Lifetime) string {
	if l == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("introduced")
	if !l.Introduced.Date.IsZero() {
		b.WriteString(" " + day(l.Introduced.Date))
	}
	if l.Introduced.Commit != "" {
		b.WriteString(" in " + short(l.Introduced.Commit))
	}
	if l.Introduced.Author != "" {
		b.WriteString(" by " + visible(l.Introduced.Author))
	}
	if r := l.Removed; r != nil {
		b.WriteString(", removed")
		b.WriteString(after(l.Introduced.Date, r.Date))
		if r.Commit != "" {
			b.WriteString(" in " + short(r.Commit))
		}
	}
	if n := len(l.Intervals); n > 1 {
		fmt.Fprintf(&b, ", came back %s", english.Plural(n-1, "time", ""))
	}
	switch {
	case l.AtHead:
		b.WriteString(", still at HEAD")
	case l.Removed == nil:
		b.WriteString(", not at HEAD")
	}
	if l.RefCount > 0 {
		fmt.Fprintf(&b, ", still in %s", refsText(l))
	}
	if l.ReachableFrom > 0 {
		fmt.Fprintf(&b, "; reachable from %s", english.Plural(l.ReachableFrom, "ref", ""))
	}
	return b.String()
}

// refsText names at most three refs and counts all.
func refsText(l *finding.Lifetime) string {
	noun, plural := "branch", "branches"
	if len(l.Refs) < l.RefCount || slices.ContainsFunc(l.Refs, func(r string) bool {
		return !strings.HasPrefix(r, "refs/heads/") && !strings.HasPrefix(r, "refs/remotes/")
	}) {
		noun, plural = "ref", "refs"
	}
	text := english.Plural(l.RefCount, noun, plural)
	var names []string
	for _, r := range l.Refs[:min(len(l.Refs), 3)] {
		r = strings.TrimPrefix(r, "refs/heads/")
		r = strings.TrimPrefix(r, "refs/remotes/")
		if tag, ok := strings.CutPrefix(r, "refs/tags/"); ok {
			r = "tag " + tag
		}
		names = append(names, visible(r))
	}
	if len(names) == 0 {
		return text
	}
	if len(names) < l.RefCount {
		names = append(names, "...")
	}
	return text + " (" + strings.Join(names, ", ") + ")"
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// after says how long after a the time b is, roughly, for people.
func after(a, b time.Time) string {
	switch {
	case b.IsZero():
		return ""
	case a.IsZero() || b.Before(a): // clocks of committers differ
		return " " + day(b)
	}
	d := b.Sub(a)
	days := int(d.Hours() / 24)
	switch {
	case d < time.Hour:
		return " within the hour"
	case days < 2:
		return " " + english.Plural(int(d.Hours()), "hour", "") + " later"
	case days < 90:
		return fmt.Sprintf(" %d days later", days)
	case days < 730:
		return fmt.Sprintf(" %d months later", days*12/365)
	}
	return fmt.Sprintf(" %d years later", days/365)
}

// places says what a reader of a place could do, worst first.
func places() []struct {
	exposure finding.Exposure
	text     string
} {
	return []struct {
		exposure finding.Exposure
		text     string
	}{
		{finding.ExposureClientBundle, "Shipped to clients: whoever opens the page or the app can read it."},
		{finding.ExposureURL, "Part of a URL: it ends up in proxy logs, histories and referrers."},
		{finding.ExposureLog, "In a log: everyone who stores or reads that log has it."},
		{finding.ExposureCI, "In CI configuration: every job, and often every fork, can read it."},
		{finding.ExposureEnv, "In an environment file, which usually holds the values in use."},
		{finding.ExposureInfrastructure, "In infrastructure code, which usually opens running systems."},
		{finding.ExposureConfig, "In configuration: everyone with a copy of it holds the key."},
		{finding.ExposureNotebook, "In a notebook, which is passed around with its outputs."},
		{finding.ExposureSource, "Hard-coded: everyone with a copy of the source holds the key."},
		{finding.ExposureMetadata, "In repository metadata, which no later commit takes out."},
		{finding.ExposureDocs, "In documentation: perhaps an example, perhaps someone's own key."},
		{finding.ExposureTest, "In test code: perhaps a dummy; if it opens anything, it is leaked."},
	}
}

// reasons says why a finding matters: what its worst place means, and what
// its history means.
func reasons(f *finding.Finding) []string {
	var list []string
	for _, p := range places() {
		if slices.ContainsFunc(f.Occurrences, func(o finding.Occurrence) bool { return o.Exposure == p.exposure }) {
			list = append(list, p.text)
			break
		}
	}
	if f.Lifetime != nil && !standing(f) {
		list = append(list, "Gone from HEAD, but every clone still holds it: removing is not revoking.")
	}
	return list
}

// sentence is a finding in one paragraph, for the formats of platforms. GitHub
// uses the first sentence as a title, so that one holds no text from outside.
func sentence(f *finding.Finding) string {
	var b strings.Builder
	b.WriteString(nonEmpty(visible(f.Description), f.Rule))
	switch {
	case state(f) == finding.Active:
		b.WriteString(" found, and it is live.")
	case !standing(f):
		b.WriteString(" found in the history.")
	default:
		b.WriteString(" found.")
	}
	if f.Redacted != "" {
		fmt.Fprintf(&b, " Value: %s (%s confidence).", visible(f.Redacted), f.Confidence)
	}
	if v := verificationText(f); v != "" {
		b.WriteString(" Checked: " + strings.TrimSuffix(v, ".") + ".")
	}
	if l := lifetimeText(f.Lifetime); l != "" {
		b.WriteString(" History: " + l + ".")
	}
	if n := len(f.Occurrences); n > 1 {
		fmt.Fprintf(&b, " It stands in %d places.", n)
	}
	for _, r := range reasons(f) {
		b.WriteString(" " + r)
	}
	return b.String()
}
