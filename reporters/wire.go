package reporters

import (
	"encoding/base64"
	"time"
	"unicode/utf8"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// The types of this file are the JSON formats, field by field. They are kept
// apart from package finding so that a change there cannot change a published
// format unseen. Lists are always there, if only empty; anything else that is
// not known is left out.

type jsonFinding struct {
	Fingerprint  string             `json:"fingerprint"`
	Rule         string             `json:"rule"`
	Provider     string             `json:"provider"`
	Kind         string             `json:"kind"`
	Description  string             `json:"description,omitempty"`
	Severity     finding.Severity   `json:"severity"`
	Confidence   finding.Confidence `json:"confidence"`
	Redacted     string             `json:"redacted"`
	Secret       string             `json:"secret,omitempty"`
	Parts        []jsonPart         `json:"parts"`
	Occurrences  []jsonOccurrence   `json:"occurrences"`
	Mentions     []jsonOccurrence   `json:"mentions,omitempty"`
	Suppressed   int                `json:"suppressed,omitempty"`
	Lifetime     *jsonLifetime      `json:"lifetime,omitempty"`
	Facts        map[string]string  `json:"facts,omitempty"`
	Verification *jsonVerification  `json:"verification,omitempty"`
	Remediation  jsonRemediation    `json:"remediation"`
	Evidence     []jsonEvidence     `json:"evidence"`
	Alternatives []string           `json:"alternatives"`
	Tags         []string           `json:"tags"`
}

type jsonPart struct {
	Name     string `json:"name"`
	Redacted string `json:"redacted"`
	Secret   string `json:"secret,omitempty"`
	jsonPath
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// jsonPath is a path that may hold bytes that are no UTF-8: they are shown as
// \xNN, and the exact bytes are in pathBase64.
type jsonPath struct {
	Path       string `json:"path,omitempty"`
	PathBase64 string `json:"pathBase64,omitempty"`
}

type jsonOccurrence struct {
	Root        string           `json:"root,omitempty"`
	Path        string           `json:"path"`
	PathBase64  string           `json:"pathBase64,omitempty"`
	Line        int              `json:"line"`
	Column      int              `json:"column"`
	EndLine     int              `json:"endLine"`
	EndColumn   int              `json:"endColumn"`
	Commit      string           `json:"commit,omitempty"`
	Blob        string           `json:"blob,omitempty"`
	Versions    int              `json:"versions,omitempty"`
	DecodedFrom []string         `json:"decodedFrom"`
	Exposure    finding.Exposure `json:"exposure,omitempty"`
	Field       string           `json:"field,omitempty"`
	Excerpt     *jsonExcerpt     `json:"excerpt,omitempty"`
}

// jsonExcerpt has the redacted text around a match; start and end delimit the
// redacted secret in it, in bytes of UTF-8.
type jsonExcerpt struct {
	Text  string `json:"text"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

type jsonEvent struct {
	Commit string `json:"commit"`
	Author string `json:"author,omitempty"`
	Date   string `json:"date,omitempty"`
	jsonPath
}

type jsonInterval struct {
	Introduced jsonEvent  `json:"introduced"`
	Removed    *jsonEvent `json:"removed,omitempty"`
}

type jsonLifetime struct {
	Introduced    jsonEvent      `json:"introduced"`
	Removed       *jsonEvent     `json:"removed,omitempty"`
	AtHead        bool           `json:"atHead"`
	Intervals     []jsonInterval `json:"intervals"`
	Paths         []string       `json:"paths"`
	Refs          []string       `json:"refs"`
	RefCount      int            `json:"refCount"`
	ReachableFrom int            `json:"reachableFrom"`
}

type jsonVerification struct {
	State  finding.VerificationState `json:"state"`
	Reason string                    `json:"reason,omitempty"`
	Facts  map[string]string         `json:"facts,omitempty"`
}

type jsonRemediation struct {
	RotateURL string   `json:"rotateURL,omitempty"`
	Steps     []string `json:"steps"`
	Docs      []string `json:"docs"`
}

type jsonEvidence struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
	Detail string  `json:"detail,omitempty"`
}

type jsonRun struct {
	Tool        string   `json:"tool"`
	Version     string   `json:"version"`
	RuleSet     string   `json:"ruleSet,omitempty"`
	Rules       int      `json:"rules"`
	Config      string   `json:"config,omitempty"`
	Scope       string   `json:"scope,omitempty"`
	Roots       []string `json:"roots"`
	ShowSecrets bool     `json:"showSecrets"`
}

type jsonCoverage struct {
	Complete   bool             `json:"complete"`
	Files      int64            `json:"files"`
	Objects    int64            `json:"objects"`
	Commits    int64            `json:"commits"`
	Bytes      int64            `json:"bytes"`
	Scope      []string         `json:"scope"`
	Suppressed map[string]int64 `json:"suppressed,omitempty"`
	Tallies    []jsonTally      `json:"tallies"`
	Gaps       []jsonGap        `json:"gaps"`
}

type jsonTally struct {
	Reason     finding.Reason `json:"reason"`
	Count      int64          `json:"count"`
	Bytes      int64          `json:"bytes"`
	Incomplete bool           `json:"incomplete"`
}

type jsonGap struct {
	Root string `json:"root,omitempty"`
	jsonPath
	Reason finding.Reason `json:"reason"`
	Detail string         `json:"detail,omitempty"`
	Bytes  int64          `json:"bytes,omitempty"`
}

func wireFinding(f *finding.Finding) *jsonFinding {
	j := &jsonFinding{
		Fingerprint: f.Fingerprint, Rule: f.Rule, Provider: f.Provider, Kind: f.Kind,
		Description: utf8Text(f.Description), Severity: f.Severity, Confidence: f.Confidence,
		Redacted: utf8Text(f.Redacted), Secret: utf8Text(f.Secret),
		Parts:       make([]jsonPart, 0, len(f.Parts)),
		Occurrences: make([]jsonOccurrence, 0, len(f.Occurrences)),
		Suppressed:  f.Suppressed, Lifetime: wireLifetime(f.Lifetime), Facts: wireFacts(f.Facts),
		Remediation: jsonRemediation{
			RotateURL: f.Remediation.RotateURL,
			Steps:     wireList(f.Remediation.Steps), Docs: wireList(f.Remediation.Docs),
		},
		Evidence:     make([]jsonEvidence, 0, len(f.Evidence)),
		Alternatives: wireList(f.Alternatives), Tags: wireList(f.Tags),
	}
	for _, p := range f.Parts {
		j.Parts = append(j.Parts, jsonPart{
			Name: p.Name, Redacted: utf8Text(p.Redacted), Secret: utf8Text(p.Secret),
			jsonPath: wirePath(p.Path), Line: p.Line, Column: p.Column,
		})
	}
	for _, o := range f.Occurrences {
		j.Occurrences = append(j.Occurrences, wireOccurrence(o))
	}
	for _, o := range f.Mentions {
		j.Mentions = append(j.Mentions, wireOccurrence(o))
	}
	for _, e := range f.Evidence {
		j.Evidence = append(j.Evidence, jsonEvidence{e.Name, e.Weight, utf8Text(e.Detail)})
	}
	if v := f.Verification; v != nil {
		j.Verification = &jsonVerification{v.State, utf8Text(v.Reason), wireFacts(v.Facts)}
	}
	return j
}

func wireOccurrence(o finding.Occurrence) jsonOccurrence {
	path := wirePath(o.Path)
	j := jsonOccurrence{
		Root: utf8Text(o.Root), Path: path.Path, PathBase64: path.PathBase64,
		Line: o.Line, Column: o.Column, EndLine: o.EndLine, EndColumn: o.EndColumn,
		Commit: o.Commit, Blob: o.Blob, Versions: o.Versions,
		DecodedFrom: wireList(o.DecodedFrom), Exposure: o.Exposure, Field: utf8Text(o.Field),
	}
	if o.Excerpt != "" {
		pre, mid, post := split(o)
		pre, mid, post = utf8Text(pre), utf8Text(mid), utf8Text(post)
		j.Excerpt = &jsonExcerpt{pre + mid + post, len(pre), len(pre) + len(mid)}
	}
	return j
}

func wireLifetime(l *finding.Lifetime) *jsonLifetime {
	if l == nil {
		return nil
	}
	j := &jsonLifetime{
		Introduced: wireEvent(l.Introduced), Removed: wireEnd(l.Removed), AtHead: l.AtHead,
		Intervals: make([]jsonInterval, 0, len(l.Intervals)),
		Paths:     wireList(l.Paths), Refs: wireList(l.Refs),
		RefCount: l.RefCount, ReachableFrom: l.ReachableFrom,
	}
	for _, i := range l.Intervals {
		j.Intervals = append(j.Intervals, jsonInterval{wireEvent(i.Introduced), wireEnd(i.Removed)})
	}
	return j
}

func wireEvent(e finding.Event) jsonEvent {
	j := jsonEvent{Commit: e.Commit, Author: utf8Text(e.Author), jsonPath: wirePath(e.Path)}
	if !e.Date.IsZero() {
		j.Date = e.Date.UTC().Format(time.RFC3339)
	}
	return j
}

func wireEnd(e *finding.Event) *jsonEvent {
	if e == nil {
		return nil
	}
	j := wireEvent(*e)
	return &j
}

func wireRun(r finding.Run) jsonRun {
	return jsonRun{
		Tool: r.Tool, Version: r.Version, RuleSet: r.RuleSet, Rules: r.Rules,
		Config: utf8Text(r.Config), Scope: utf8Text(r.Scope), Roots: wireList(r.Roots),
		ShowSecrets: r.ShowSecrets,
	}
}

func wireCoverage(c *finding.Coverage) jsonCoverage {
	if c == nil {
		c = &finding.Coverage{}
	}
	j := jsonCoverage{
		Complete: !c.Incomplete(), Files: c.Files, Objects: c.Objects, Commits: c.Commits,
		Bytes: c.Bytes, Scope: wireList(c.Scope), Suppressed: c.Suppressed,
		Tallies: []jsonTally{}, Gaps: []jsonGap{},
	}
	for _, t := range c.Tallies() {
		j.Tallies = append(j.Tallies, jsonTally(t))
	}
	for _, g := range c.Gaps() {
		j.Gaps = append(j.Gaps, jsonGap{
			Root: utf8Text(g.Root), jsonPath: wirePath(g.Path),
			Reason: g.Reason, Detail: utf8Text(g.Detail), Bytes: g.Bytes,
		})
	}
	return j
}

func wirePath(p string) jsonPath {
	if utf8.ValidString(p) {
		return jsonPath{Path: p}
	}
	return jsonPath{utf8Text(p), base64.StdEncoding.EncodeToString([]byte(p))}
}

func wireFacts(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[utf8Text(k)] = utf8Text(v)
	}
	return out
}

func wireList(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = utf8Text(s)
	}
	return out
}
