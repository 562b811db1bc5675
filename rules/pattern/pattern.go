// Package pattern reads regular expressions for what the rest of Leaksonde
// wants to know of them: the literals any match must contain and where in the
// match they stand (Literals), how long a match can be (Bounds), and an example
// of a match (Generate).
//
// It works on the syntax tree of regexp/syntax, so what it says holds for the
// language of package regexp and nothing else.
package pattern

import (
	"fmt"
	"math"
	"regexp/syntax"
	"slices"
	"strings"
)

// Literal is a string that stands in a match, at least Min and at most Max
// bytes from the match's start. Max is Unbounded where there is no limit.
type Literal struct {
	Text string // lower case where Fold
	// Fold says that ASCII letters of Text stand for both cases.
	Fold     bool
	Min, Max int
}

// Unbounded stands for a length without limit.
const Unbounded = -1

// Limits of the analysis: sets larger than this are no use as search literals.
const (
	maxSet     = 96
	maxLiteral = 32
)

// Parse parses expr as package regexp does and simplifies it.
func Parse(expr string) (*syntax.Regexp, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return re, nil
}

// Literals returns a set of literals of which every match of re contains at
// least one, the rarest such set it can find, or nil if there is none worth
// searching for (shorter than two bytes or too many).
func Literals(re *syntax.Regexp) []Literal {
	n := analyse(re)
	best := n.best
	if c := exactFactor(n.exact, 0, 0); better(c, best) {
		best = c
	}
	if best.bits < 9 {
		return nil
	}
	return best.set
}

// CrossesLines tells whether a match of re can contain a line end.
func CrossesLines(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpAnyChar:
		return true
	case syntax.OpLiteral:
		return slices.Contains(re.Rune, '\n')
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i] <= '\n' && '\n' <= re.Rune[i+1] {
				return true
			}
		}
	}
	return slices.ContainsFunc(re.Sub, CrossesLines)
}

// Required returns sets of literals: every match of re contains at least one of
// each set. They are a cheap test before a search with re itself. Sets that
// nearly every text satisfies are left out.
func Required(re *syntax.Regexp) [][]Literal {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	subs := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		subs = re.Sub
	}
	var out [][]Literal
	for _, s := range subs {
		n := analyse(s)
		best := n.best
		if c := exactFactor(n.exact, 0, 0); better(c, best) {
			best = c
		}
		if best.bits >= 7 {
			out = append(out, best.set)
		}
	}
	return out
}

// Bounds returns the least and greatest length in bytes of a match of re;
// max is Unbounded where there is none.
func Bounds(re *syntax.Regexp) (min, max int) {
	n := analyse(re)
	return n.min, n.max
}

// node is what is known of a subtree.
type node struct {
	min, max int
	exact    []text // all strings it matches, nil if unknown or too many
	best     factor // a set any match must contain one of
}

type text struct {
	s    string
	fold bool
}

type factor struct {
	set  []Literal
	bits float64 // expected rarity in bits; 0 for none
}

func better(a, b factor) bool { return a.worth() > b.worth() }

// worth is the rarity of a set in bits, more if its literals stand at a fixed
// distance from the match's start: then the match is tried in one place and
// needs no search.
func (f factor) worth() float64 {
	if len(f.set) == 0 {
		return 0
	}
	if f.bits < tooCommon {
		return f.bits
	}
	for _, l := range f.set {
		if l.Max == Unbounded || l.Max-l.Min > fixedSpread {
			return f.bits
		}
	}
	return f.bits + 14
}

// fixedSpread is how far a literal's distance may vary and still count as fixed.
const fixedSpread = 3

// tooCommon is the rarity below which a fixed distance counts for nothing.
const tooCommon = 14

func analyse(re *syntax.Regexp) node {
	switch re.Op {
	case syntax.OpLiteral:
		s, fold := string(re.Rune), re.Flags&syntax.FoldCase != 0
		if fold {
			s = strings.ToLower(s)
		}
		if fold && !ascii(s) {
			return node{min: len(re.Rune), max: 4 * len(re.Rune)}
		}
		return node{min: len(s), max: len(s), exact: []text{{s, fold}}}
	case syntax.OpCharClass:
		return analyseClass(re)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return node{min: 1, max: 4}
	case syntax.OpCapture:
		return analyse(re.Sub[0])
	case syntax.OpConcat:
		return analyseConcat(re.Sub)
	case syntax.OpAlternate:
		return analyseAlternate(re.Sub)
	case syntax.OpQuest:
		n := analyse(re.Sub[0])
		n.min, n.best = 0, factor{}
		if n.exact != nil {
			n.exact = append([]text{{}}, n.exact...)
		}
		return n
	case syntax.OpStar:
		return node{max: Unbounded}
	case syntax.OpPlus:
		n := analyse(re.Sub[0])
		if c := exactFactor(n.exact, 0, 0); better(c, n.best) {
			n.best = c
		}
		n.exact, n.max = nil, Unbounded
		return n
	case syntax.OpRepeat:
		return analyseRepeat(re)
	case syntax.OpNoMatch:
		return node{}
	default: // empty-width assertions
		return node{exact: []text{{}}}
	}
}

func analyseClass(re *syntax.Regexp) node {
	n := node{min: 1, max: 1}
	count := 0
	for i := 0; i < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		if hi >= 0x80 {
			n.max = 4
			return n
		}
		count += int(hi-lo) + 1
	}
	if count > 12 {
		return n
	}
	var set []rune
	for i := 0; i < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			set = append(set, r)
		}
	}
	if len(set) == 2 && set[0] >= 'A' && set[0] <= 'Z' && set[1] == set[0]+32 {
		n.exact = []text{{string(set[1]), true}}
		return n
	}
	for _, r := range set {
		n.exact = append(n.exact, text{string(r), false})
	}
	return n
}

func analyseRepeat(re *syntax.Regexp) node {
	sub := analyse(re.Sub[0])
	if re.Min == re.Max && sub.exact != nil && len(sub.exact) == 1 && re.Min <= maxLiteral {
		t := sub.exact[0]
		t.s = strings.Repeat(t.s, re.Min)
		return node{min: len(t.s), max: len(t.s), exact: []text{t}}
	}
	n := node{min: sub.min * re.Min, max: Unbounded}
	if re.Max >= 0 && sub.max != Unbounded {
		n.max = sub.max * re.Max
	}
	if re.Min > 0 {
		n.best = sub.best
		if c := exactFactor(sub.exact, 0, 0); better(c, n.best) {
			n.best = c
		}
	}
	if re.Min == 0 && re.Max == 1 && sub.exact != nil {
		n.exact = append([]text{{}}, sub.exact...)
	}
	return n
}

func analyseAlternate(subs []*syntax.Regexp) node {
	var n node
	all := factor{bits: 1e9}
	exact := true
	for i, s := range subs {
		c := analyse(s)
		if i == 0 {
			n.min, n.max = c.min, c.max
		} else {
			n.min = min(n.min, c.min)
			n.max = maxLen(n.max, c.max)
		}
		if c.exact == nil {
			exact = false
		}
		if exact {
			n.exact = append(n.exact, c.exact...)
		}
		b := c.best
		if f := exactFactor(c.exact, 0, 0); better(f, b) {
			b = f
		}
		all.set = append(all.set, b.set...)
		all.bits = min(all.bits, b.bits)
	}
	if !exact || len(n.exact) > maxSet {
		n.exact = nil
	}
	if all.bits > 0 && len(all.set) <= maxSet {
		n.best = all
	}
	return n
}

func analyseConcat(subs []*syntax.Regexp) node {
	n := node{exact: []text{{}}}
	run := []text{{}} // exact strings of the children since runMin
	var runMin, runMax int
	flush := func() {
		if c := exactFactor(run, runMin, runMax); better(c, n.best) {
			n.best = c
		}
	}
	for _, s := range subs {
		c := analyse(s)
		shifted := shift(c.best, n.min, n.max)
		if better(shifted, n.best) {
			n.best = shifted
		}
		flush() // a short run may be better than a long one with many choices
		if e := extend(run, head(s), runMin, runMax); better(e, n.best) {
			n.best = e
		}
		if product := cross(run, c.exact); product != nil {
			run = product
		} else {
			flush()
			run, runMin, runMax = c.exact, n.min, n.max
			if run == nil {
				run = []text{{}}
				runMin, runMax = n.min+c.min, addLen(n.max, c.max)
			}
		}
		n.exact = cross(n.exact, c.exact)
		n.min += c.min
		n.max = addLen(n.max, c.max)
	}
	flush()
	return n
}

// extend is the factor of a run that is too common to be searched for, "AC", and each of the few bytes
// that may follow: "AC0" to "ACf". A search for several longer literals that hardly ever occur costs
// less than one for a short one.
func extend(run, next []text, lo, hi int) factor {
	plain := exactFactor(run, lo, hi)
	if next == nil || len(run) > maxExtended || plain.bits <= 0 || plain.bits > common {
		return factor{}
	}
	for _, t := range run {
		if len(t.s) > maxShort {
			return factor{}
		}
	}
	f := exactFactor(cross(run, next), lo, hi)
	f.bits = plain.bits + 2
	return f
}

const (
	// common is the rarity in bits up to which a literal occurs too often in ordinary text.
	common = 16
	// maxShort is the length in bytes up to which it is short.
	maxShort = 3
	// maxExtended is the number of literals up to which a set is extended.
	maxExtended = 3
	// maxHead is the largest class that it is extended by: hexadecimal digits.
	maxHead = 16
)

// head is the set of first bytes of what re matches, nil if it is large or re matches nothing too.
func head(re *syntax.Regexp) []text {
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return head(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return head(re.Sub[0])
		}
	case syntax.OpCharClass:
		var set []text
		for i := 0; i < len(re.Rune); i += 2 {
			lo, hi := re.Rune[i], re.Rune[i+1]
			if hi >= 0x80 || len(set)+int(hi-lo) >= maxHead {
				return nil
			}
			for r := lo; r <= hi; r++ {
				set = append(set, text{string(r), false})
			}
		}
		return set
	}
	return nil
}

// cross is the set of concatenations, nil if unknown or too large.
func cross(a, b []text) []text {
	if a == nil || b == nil || len(a)*len(b) > maxSet {
		return nil
	}
	out := make([]text, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			t := text{x.s + y.s, x.fold || y.fold}
			if t.fold {
				t.s = strings.ToLower(t.s)
			}
			if len(t.s) > 4*maxLiteral {
				return nil
			}
			out = append(out, t)
		}
	}
	return out
}

// exactFactor turns a set of exact strings at offset [lo, hi] into a factor.
func exactFactor(set []text, lo, hi int) factor {
	if len(set) == 0 {
		return factor{}
	}
	f := factor{bits: 1e9}
	for _, t := range set {
		s, at := rarest(t.s)
		if len(s) < 2 || !ascii(s) && t.fold {
			return factor{}
		}
		l := Literal{Text: s, Fold: t.fold && hasLetter(s), Min: lo + at, Max: addLen(hi, at)}
		f.bits = min(f.bits, rarity(s, l.Fold))
		f.set = append(f.set, l)
	}
	f.bits -= math.Log2(float64(len(f.set)))
	return f
}

func shift(f factor, lo, hi int) factor {
	out := factor{bits: f.bits}
	for _, l := range f.set {
		l.Min += lo
		l.Max = addLen(l.Max, hi)
		out.set = append(out.set, l)
	}
	return out
}

// rarest cuts s to its rarest stretch of at most maxLiteral bytes.
func rarest(s string) (cut string, at int) {
	if len(s) <= maxLiteral {
		return s, 0
	}
	best := -1.0
	for i := 0; i+maxLiteral <= len(s); i++ {
		if r := rarity(s[i:i+maxLiteral], false); r > best {
			best, cut, at = r, s[i:i+maxLiteral], i
		}
	}
	return cut, at
}

// rarity estimates -log2 of the chance that s stands at a place of source text.
func rarity(s string, fold bool) float64 {
	bits := 0.0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			bits += 3.8
			if strings.IndexByte("qxzjkvw", c) >= 0 {
				bits += 2
			}
		case c >= 'A' && c <= 'Z':
			bits += 5.5
		case c >= '0' && c <= '9':
			bits += 5
		case c == ' ' || c == '\n':
			bits += 2
		default:
			bits += 5
		}
		if i > 0 && s[i] == s[i-1] {
			bits -= 2.5
		}
	}
	if fold {
		bits -= 0.5 * float64(len(s)) / 2
	}
	return bits
}

func maxLen(a, b int) int {
	if a == Unbounded || b == Unbounded {
		return Unbounded
	}
	return max(a, b)
}

func addLen(a, b int) int {
	if a == Unbounded || b == Unbounded {
		return Unbounded
	}
	return a + b
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func hasLetter(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			return true
		}
	}
	return false
}

// Group returns the subtree of capture group n of re (0 is re itself).
func Group(re *syntax.Regexp, n int) (*syntax.Regexp, error) {
	if n == 0 {
		return re, nil
	}
	if g := findGroup(re, n); g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("the pattern has no capture group %d", n)
}

func findGroup(re *syntax.Regexp, n int) *syntax.Regexp {
	if re.Op == syntax.OpCapture && re.Cap == n {
		return re.Sub[0]
	}
	for _, s := range re.Sub {
		if g := findGroup(s, n); g != nil {
			return g
		}
	}
	return nil
}
