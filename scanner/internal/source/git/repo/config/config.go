package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/bounded"
)

// MaxSize is the number of bytes read of one file. A repository with a hundred
// thousand tracking branches stays below it.
const MaxSize = 64 << 20

// Entry is one setting. Section and Key are lower case, Subsection as written.
type Entry struct {
	Section, Subsection, Key string
	// Value is unquoted. A key without "=" has none and means true.
	Value    string
	HasValue bool
	File     string
	// Line is 1-based: where the key stands.
	Line int
}

// Config is the settings of one or more files in the order read; of several
// with the same name the last one counts.
type Config struct {
	Entries []Entry
}

// Error is what is wrong at one place of a file.
type Error struct {
	File   string
	Line   int
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s; correct the line or remove it", e.File, e.Line, e.Reason)
}

// Load reads files in order, later ones overriding earlier ones; a missing one
// is skipped. The Config holds all that could be read, the error (joined
// *Error and read errors) all that could not.
func Load(files ...string) (*Config, error) {
	c := &Config{}
	var errs []error
	for _, f := range files {
		text, err := bounded.ReadFile(f, MaxSize)
		if bounded.Missing(err) {
			continue
		}
		if err != nil {
			errs = append(errs, err)
		}
		part, err := Parse(f, text)
		if err != nil {
			errs = append(errs, err)
		}
		c.Entries = append(c.Entries, part.Entries...)
	}
	return c, errors.Join(errs...)
}

// Get gives the last value of section.subsection.key. A key without "=" gives
// "true". Section and key are compared without case.
func (c *Config) Get(section, subsection, key string) (string, bool) {
	if c == nil {
		return "", false
	}
	for i := len(c.Entries) - 1; i >= 0; i-- {
		if e := &c.Entries[i]; e.is(section, subsection, key) {
			return e.text(), true
		}
	}
	return "", false
}

// All gives every value of section.subsection.key, first one first.
func (c *Config) All(section, subsection, key string) []string {
	if c == nil {
		return nil
	}
	var all []string
	for i := range c.Entries {
		if e := &c.Entries[i]; e.is(section, subsection, key) {
			all = append(all, e.text())
		}
	}
	return all
}

// Bool reads a boolean as git does: true, yes, on, a number but zero, or no
// "=" at all; def where it is not set or says something else.
func (c *Config) Bool(section, subsection, key string, def bool) bool {
	v, ok := c.Get(section, subsection, key)
	if !ok {
		return def
	}
	b, ok := ParseBool(v)
	if !ok {
		return def
	}
	return b
}

// ParseBool reads git's words for true and false; the empty value is false.
func ParseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n != 0, err == nil
}

// Subsections lists the subsections of section, each once, first seen first.
func (c *Config) Subsections(section string) []string {
	if c == nil {
		return nil
	}
	var names []string
	seen := map[string]bool{}
	for i := range c.Entries {
		e := &c.Entries[i]
		if strings.EqualFold(e.Section, section) && !seen[e.Subsection] {
			seen[e.Subsection] = true
			names = append(names, e.Subsection)
		}
	}
	return names
}

// Includes lists include.path and includeIf.*.path, which are not followed.
func (c *Config) Includes() []Entry {
	var all []Entry
	for _, e := range c.Entries {
		if (e.Section == "include" || e.Section == "includeif") && e.Key == "path" {
			all = append(all, e)
		}
	}
	return all
}

func (e *Entry) is(section, subsection, key string) bool {
	return e.Subsection == subsection && strings.EqualFold(e.Key, key) && strings.EqualFold(e.Section, section)
}

func (e *Entry) text() string {
	if !e.HasValue {
		return "true"
	}
	return e.Value
}
