package triage

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/ignore"
)

// IgnoreFileName is the user's list of what is not to be reported.
const IgnoreFileName = ".leaksondeignore"

// IgnoreFile is a parsed list: paths in gitignore syntax, rules, fingerprints.
// The zero value ignores nothing.
type IgnoreFile struct {
	paths        *ignore.Dir
	rules        map[string]bool
	fingerprints map[string]bool
	below        string      // before every path that is asked about
	next         *IgnoreFile // of another directory, heard as well
}

// Below is the list for paths that are told without the directory they lie in,
// which ends in a slash. next, which may be nil, is heard as well.
func (f *IgnoreFile) Below(dir string, next *IgnoreFile) *IgnoreFile {
	f.below, f.next = dir, next
	return f
}

// wordForm is a word, a colon and no slash: an entry of another tool, or a slip.
var wordForm = regexp.MustCompile(`^!?[A-Za-z][A-Za-z0-9_-]*:[^/]*$`)

var fingerprintForm = regexp.MustCompile(`^v1:[0-9a-f]{32}$`)

// ParseIgnoreFile reads a list. A line is a path pattern, "rule:ID" or
// "fingerprint:v1:…", each with an optional reason behind " #". knownRule tells
// whether a rule exists; name is for messages.
func ParseIgnoreFile(name, text string, knownRule func(id string) bool) (*IgnoreFile, error) {
	f := &IgnoreFile{rules: map[string]bool{}, fingerprints: map[string]bool{}}
	var patterns strings.Builder
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		entry := line
		if at := strings.Index(entry, " #"); at >= 0 {
			entry = strings.TrimRight(entry[:at], " \t")
		}
		entry = strings.TrimLeft(entry, " \t")
		switch {
		case strings.HasPrefix(entry, "rule:"):
			id := strings.TrimPrefix(entry, "rule:")
			if knownRule != nil && !knownRule(id) {
				return nil, fmt.Errorf("%s:%d: rule %q does not exist (see leaksonde rules list)", name, i+1, id)
			}
			f.rules[id] = true
		case strings.HasPrefix(entry, "fingerprint:"):
			fp := strings.TrimPrefix(entry, "fingerprint:")
			if !fingerprintForm.MatchString(fp) {
				return nil, fmt.Errorf("%s:%d: %q is no fingerprint (want fingerprint:v1: and 32 hex digits)", name, i+1, entry)
			}
			f.fingerprints[fp] = true
		case entry == "" || strings.HasPrefix(entry, "#"):
		case wordForm.MatchString(entry):
			// As a path it would be accepted and mean nothing.
			return nil, fmt.Errorf("%s:%d: %q is no entry of this file (want rule:ID, fingerprint:v1:... or a path; for a path with a colon write /%s)", name, i+1, entry, entry)
		default:
			patterns.WriteString(entry + "\n")
		}
	}
	if patterns.Len() > 0 {
		f.paths = ignore.FromText([]byte(patterns.String()))
	}
	return f, nil
}

// Path tells whether a path (relative, slashes) is taken out, by itself or by
// a directory above it.
func (f *IgnoreFile) Path(path string, isDir bool) bool {
	if f == nil {
		return false
	}
	return f.path(f.below+path, isDir) || f.next.Path(path, isDir)
}

func (f *IgnoreFile) path(path string, isDir bool) bool {
	if f.paths == nil {
		return false
	}
	d := f.paths
	for {
		name, rest, more := strings.Cut(path, "/")
		if d.Ignored(name, more || isDir) {
			return true
		}
		if !more {
			return false
		}
		d, path = d.EnterText(name, nil), rest
	}
}

// Rule tells whether a rule is taken out.
func (f *IgnoreFile) Rule(id string) bool { return f != nil && (f.rules[id] || f.next.Rule(id)) }

// Fingerprint tells whether a value is taken out.
func (f *IgnoreFile) Fingerprint(fp string) bool {
	return f != nil && (f.fingerprints[fp] || f.next.Fingerprint(fp))
}
