package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Select keeps the rules that one of only names (all, if it is empty) and none
// of skip does. A name is a rule id, a pattern of path.Match on ids
// ("openai-*"), "provider:NAME" or "tag:NAME". A name that fits no rule is an
// error, and so is a selection of zero rules.
func (s *Set) Select(only, skip []string) (*Set, error) {
	for _, sel := range slices.Concat(only, skip) {
		if !slices.ContainsFunc(s.Rules, func(r *Rule) bool { return selects(sel, r) }) {
			hint := suggest(sel, s.ids())
			if hint == "" {
				hint = "see leaksonde rules list"
			}
			return nil, fmt.Errorf("no rule fits %q (%s)", sel, hint)
		}
	}
	out := &Set{Allowlists: s.Allowlists, Source: s.Source}
	for _, r := range s.Rules {
		in := len(only) == 0 || slices.ContainsFunc(only, func(sel string) bool { return selects(sel, r) })
		if in && !slices.ContainsFunc(skip, func(sel string) bool { return selects(sel, r) }) {
			out.Rules = append(out.Rules, r)
		}
	}
	if len(out.Rules) == 0 {
		return nil, fmt.Errorf("zero rules selected: a scan without rules finds nothing (check --rules-only and --rules-skip)")
	}
	return out, nil
}

func selects(sel string, r *Rule) bool {
	if p, ok := strings.CutPrefix(sel, "provider:"); ok {
		return r.Provider == p
	}
	if t, ok := strings.CutPrefix(sel, "tag:"); ok {
		return slices.Contains(r.Tags, t)
	}
	ok, err := path.Match(sel, r.ID)
	return ok && err == nil
}

// Hash identifies the set: 16 hex digits over everything that decides what is
// found.
func (s *Set) Hash() string {
	h := sha256.New()
	for _, r := range s.Rules {
		h.Write([]byte(r.analyse().digest))
	}
	_ = json.NewEncoder(h).Encode(s.Allowlists)
	return hex.EncodeToString(h.Sum(nil)[:8])
}
