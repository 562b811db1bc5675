package reporters

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Limits of GitHub code scanning. An upload beyond them is rejected as a whole.
// https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
const (
	sarifMaxResults = 25_000 // results a run
	// 10 MB gzip-compressed, less a margin: the uploader compresses again, with
	// another implementation.
	sarifMaxGzip     = 9_500_000
	sarifMaxTags     = 10  // tags shown of a rule
	sarifMaxLocation = 100 // locations shown of a result
	sarifMaxText     = 1024
)

const sarifRoot = "%SRCROOT%"

// sarif writes SARIF 2.1.0 as GitHub code scanning wants it: one result a
// finding, the most important first, other occurrences as related locations.
//
// It never holds a raw value, not even with --show-secrets (see known): a SARIF
// file is made to be uploaded. It gives no primaryLocationLineHash, which the uploader
// computes itself from the checked-out file and which would have to match; the
// identity of the value is in our own key, leaksonde/v1.
//
// The columns of our findings count bytes, which SARIF cannot say (its
// columnKind knows UTF-16 units and code points); on lines of ASCII they agree.
type sarif struct {
	w        io.Writer
	findings []*finding.Finding
	// The limits, smaller in tests.
	maxResults, maxGzip int
}

func newSARIF(w io.Writer, _ Options) Reporter {
	return &sarif{w: w, maxResults: sarifMaxResults, maxGzip: sarifMaxGzip}
}

func (s *sarif) Finding(f *finding.Finding) error {
	s.findings = append(s.findings, f)
	return nil
}

func (s *sarif) Close(run finding.Run, c *finding.Coverage) error {
	if c == nil {
		c = &finding.Coverage{}
	}
	slices.SortStableFunc(s.findings, byImportance)
	rules, index := sarifRules(run, s.findings)
	var results []json.RawMessage
	for _, f := range s.findings[:min(len(s.findings), s.maxResults)] {
		b, err := encode(sarifOf(f, index[f.Rule]))
		if err != nil {
			return fmt.Errorf("finding %s: %w", f.Fingerprint, err)
		}
		results = append(results, b)
	}
	doc, err := s.fit(run, c, rules, results)
	if err != nil {
		return err
	}
	return write(s.w, doc)
}

// fit writes as many results as the limits allow.
func (s *sarif) fit(run finding.Run, c *finding.Coverage, rules []sarifRule, results []json.RawMessage) ([]byte, error) {
	for {
		doc, err := s.document(run, c, rules, results)
		if err != nil {
			return nil, err
		}
		if len(doc) <= s.maxGzip {
			return doc, nil
		}
		size, err := gzipSize(doc)
		if err != nil {
			return nil, err
		}
		if size <= s.maxGzip || len(results) == 0 {
			return doc, nil
		}
		// Results are of similar size, so this takes two or three rounds.
		n := int(float64(len(results)) * float64(s.maxGzip) / float64(size) * 0.98)
		results = results[:max(0, min(n, len(results)-1))]
	}
}

func gzipSize(doc []byte) (int, error) {
	var n counter
	z := gzip.NewWriter(&n)
	if _, err := z.Write(doc); err != nil {
		return 0, err
	}
	err := z.Close()
	return int(n), err
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func (s *sarif) document(run finding.Run, c *finding.Coverage, rules []sarifRule, results []json.RawMessage) ([]byte, error) {
	if results == nil {
		results = []json.RawMessage{}
	}
	coverage := wireCoverage(c)
	b, err := encode(sarifLog{
		Schema: sarifSchema, Version: sarifVersion,
		Runs: []sarifRun{{
			Tool: sarifTool{sarifDriver{
				Name: nonEmpty(run.Tool, "leaksonde"), Version: run.Version, SemanticVersion: semantic(run.Version),
				InformationURI: "https://github.com/leaksonde/leaksonde", Rules: rules,
			}},
			Invocations: []sarifInvocation{{
				ExecutionSuccessful: !c.Incomplete(),
				Notifications:       sarifNotifications(c, len(s.findings), len(results)),
			}},
			OriginalURIBaseIDs: map[string]sarifArtifactLocation{
				sarifRoot: {Description: &sarifMessage{"The root of the scanned tree."}},
			},
			Results: results,
			Properties: map[string]any{
				"run": wireRun(run), "columnUnit": "bytes",
				"coverage": map[string]any{ // the notifications name the gaps
					"complete": coverage.Complete, "files": coverage.Files, "objects": coverage.Objects,
					"commits": coverage.Commits, "bytes": coverage.Bytes, "scope": coverage.Scope,
					"suppressed": coverage.Suppressed, "tallies": coverage.Tallies,
				},
			},
		}},
	})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", " "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func sarifNotifications(c *finding.Coverage, total, written int) []sarifNotification {
	list := []sarifNotification{}
	if written < total {
		list = append(list, sarifNotification{sarifReference{"results-cut"}, "warning", sarifMessage{fmt.Sprintf(
			"%d of %d findings are in this file, the most important ones: code scanning accepts no more. The JSON report has all.",
			written, total)}})
	}
	gaps := c.Gaps()
	for _, t := range c.Tallies() {
		id, level := "excluded/", "note"
		if t.Incomplete {
			id, level = "incomplete/", "error"
		}
		list = append(list, sarifNotification{sarifReference{id + string(t.Reason)}, level, sarifMessage{sarifText(gapSentence(t, gaps, 20))}})
	}
	return list
}

// semantic is the version without its "v" if it is one of semver.org, else
// empty: GitHub prefers semanticVersion, and "(devel)" is none.
func semantic(version string) string {
	v := strings.TrimPrefix(version, "v")
	if semver().MatchString(v) {
		return v
	}
	return ""
}

func semver() *regexp.Regexp {
	return regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
}

// sarifRules lists every rule once, by id: the run's, and those of findings
// that the run does not describe.
func sarifRules(run finding.Run, findings []*finding.Finding) ([]sarifRule, map[string]int) {
	info := map[string]finding.RuleInfo{}
	for id, r := range run.RuleInfo {
		r.ID = id
		info[id] = r
	}
	for _, f := range findings { // the most severe first
		if _, ok := info[f.Rule]; !ok {
			info[f.Rule] = finding.RuleInfo{
				ID: f.Rule, Description: f.Description, Provider: f.Provider, Kind: f.Kind,
				Severity: f.Severity, Confidence: f.Confidence, Tags: f.Tags, Remediation: f.Remediation,
			}
		}
	}
	rules, index := []sarifRule{}, map[string]int{}
	for i, id := range slices.Sorted(maps.Keys(info)) {
		rules, index[id] = append(rules, sarifRuleOf(info[id])), i
	}
	return rules, index
}

func sarifRuleOf(r finding.RuleInfo) sarifRule {
	what := nonEmpty(utf8Text(r.Description), r.ID)
	helpURI := r.Remediation.RotateURL
	if i := slices.IndexFunc(r.Remediation.Docs, isURL); i >= 0 {
		helpURI = r.Remediation.Docs[i]
	}
	if u, err := url.Parse(helpURI); err != nil || u.Scheme != "https" {
		helpURI = ""
	}
	tags := []string{"security", "external/cwe/cwe-798"} // use of hard-coded credentials
	for _, t := range slices.Concat([]string{r.Provider, r.Kind}, r.Tags) {
		if t = utf8Text(t); t != "" && len(tags) < sarifMaxTags && !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	return sarifRule{
		ID:               r.ID,
		ShortDescription: sarifMultiformat{Text: clip(sarifText(what), sarifMaxText)},
		FullDescription: sarifMultiformat{Text: clip(
			sarifText(what+". Whoever can read the place where it stands can use it."), sarifMaxText)},
		Help:    sarifMultiformat{Text: sarifText(helpText(r)), Markdown: helpMarkdown(r)},
		HelpURI: helpURI,
		Default: sarifConfiguration{sarifLevel(r.Severity)},
		Properties: sarifRuleBag{
			Tags: tags, Precision: sarifPrecision(r.Confidence), SecuritySeverity: sarifSeverity(r.Severity),
		},
	}
}

func sarifLevel(s finding.Severity) string {
	switch s {
	case finding.SeverityCritical, finding.SeverityHigh:
		return "error"
	case finding.SeverityMedium:
		return "warning"
	}
	return "note"
}

func sarifPrecision(c finding.Confidence) string {
	switch c {
	case finding.High:
		return "very-high"
	case finding.Medium:
		return "high"
	}
	return "low"
}

// sarifSeverity is a score in the middle of GitHub's range for the severity:
// over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
func sarifSeverity(s finding.Severity) string {
	switch s {
	case finding.SeverityCritical:
		return "9.5"
	case finding.SeverityHigh:
		return "8.0"
	case finding.SeverityMedium:
		return "5.5"
	}
	return "2.0"
}

func sarifOf(f *finding.Finding, rule int) sarifResult {
	wire := wireFinding(f)
	first := primary(f)
	r := sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: sarifLevel(f.Severity), Rank: importance(f),
		Message:             sarifMessage{sarifText(sentence(f))},
		Locations:           []sarifLocation{sarifLocationOf(f, f.Occurrences[first])},
		PartialFingerprints: map[string]string{"leaksonde/v1": strings.TrimPrefix(f.Fingerprint, "v1:")},
		Properties: sarifResultBag{
			Severity: f.Severity.String(), Confidence: f.Confidence.String(),
			Provider: f.Provider, Kind: f.Kind, Redacted: wire.Redacted,
			Verification: wire.Verification, Lifetime: sarifLife(wire.Lifetime), Facts: wire.Facts,
			OnlyInHistory: !standing(f), Commit: f.Occurrences[first].Commit,
			Occurrences: len(f.Occurrences),
		},
	}
	for i, o := range slices.Concat(f.Occurrences, f.Mentions) {
		if i == first || len(r.RelatedLocations) == sarifMaxLocation-1 {
			continue
		}
		l, id := sarifLocationOf(f, o), len(r.RelatedLocations)+1
		l.ID, l.Message = &id, &sarifMessage{"The same value stands here."}
		r.RelatedLocations = append(r.RelatedLocations, l)
	}
	r.Properties.OccurrencesListed = 1 + len(r.RelatedLocations)
	return r
}

func sarifLife(l *jsonLifetime) *sarifLifetime {
	if l == nil {
		return nil
	}
	return &sarifLifetime{l.Introduced, l.Removed, l.AtHead, l.RefCount, l.ReachableFrom}
}

func sarifLocationOf(f *finding.Finding, o finding.Occurrence) sarifLocation {
	l := sarifLocation{Physical: sarifPhysical{Artifact: sarifURI(o)}}
	r := &l.Physical.Region
	r.StartLine = max(o.Line, 1)
	r.StartColumn = max(o.Column, 1)
	if r.EndLine = max(o.EndLine, r.StartLine); r.EndLine > r.StartLine || o.EndColumn > r.StartColumn {
		r.EndColumn = max(o.EndColumn, 1)
	}
	if o.Excerpt != "" {
		pre, mid, post := split(o)
		if mid != "" {
			r.Snippet = &sarifContent{visible(mid)}
		}
		l.Physical.Context = &sarifRegion{
			StartLine: r.StartLine, EndLine: r.EndLine, Snippet: &sarifContent{visible(pre + mid + post)},
		}
	}
	if len(o.DecodedFrom) > 0 || o.Commit != "" && !standing(f) {
		l.Bag = map[string]any{"note": aside(f, o)}
	}
	return l
}

// sarifURI is a relative reference below the root (SARIF 3.4.3, RFC 3986). With
// several roots, the root is part of it.
func sarifURI(o finding.Occurrence) sarifArtifactLocation {
	p, root := o.Path, strings.ReplaceAll(o.Root, `\`, "/")
	if root != "" {
		p = path.Join(root, p)
	}
	switch {
	case len(root) > 1 && root[1] == ':': // C:/
		return sarifArtifactLocation{URI: "file:///" + p[:2] + escapePath(p[2:])}
	case strings.HasPrefix(root, "/"):
		return sarifArtifactLocation{URI: "file://" + escapePath(p)}
	}
	if p = strings.TrimLeft(p, "/"); p == "" {
		p = "-" // an empty URI counts as missing
	}
	return sarifArtifactLocation{URI: escapePath(p), URIBaseID: sarifRoot}
}

// escapePath percent-encodes a path. A colon is encoded too: in the first
// segment it would make a scheme of it.
func escapePath(p string) string {
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(segments, "/")
}

// sarifText makes s a plain-text message: braces are doubled, for single ones
// are placeholders (SARIF 3.11.5), and what would be an embedded link (3.11.6)
// is taken apart.
func sarifText(s string) string {
	return strings.NewReplacer("{", "{{", "}", "}}", "](", "] (").Replace(s)
}

// clip cuts s to n bytes at a rune's edge and marks the cut.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len(ellipsis)], "") + ellipsis
}

func nonEmpty(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
