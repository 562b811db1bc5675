package pattern

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
)

// Generate draws a string that re matches. Repetitions without an upper bound
// take a length near their minimum. Word-boundary and line assertions produce
// nothing, so a pattern that leans on them may need a check of the result.
func Generate(re *syntax.Regexp, r *rand.Rand) string {
	var b strings.Builder
	generate(&b, re, r)
	return b.String()
}

func generate(b *strings.Builder, re *syntax.Regexp, r *rand.Rand) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(draw(re.Rune, r))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte("abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)])
	case syntax.OpCapture:
		generate(b, re.Sub[0], r)
	case syntax.OpConcat:
		for _, s := range re.Sub {
			generate(b, s, r)
		}
	case syntax.OpAlternate:
		generate(b, re.Sub[r.IntN(len(re.Sub))], r)
	case syntax.OpQuest:
		if r.IntN(2) == 1 {
			generate(b, re.Sub[0], r)
		}
	case syntax.OpStar:
		repeat(b, re.Sub[0], 0, 3, r)
	case syntax.OpPlus:
		repeat(b, re.Sub[0], 1, 4, r)
	case syntax.OpRepeat:
		hi := re.Max
		if hi < 0 || hi > re.Min+16 {
			hi = re.Min + 16
		}
		repeat(b, re.Sub[0], re.Min, hi, r)
	}
}

func repeat(b *strings.Builder, re *syntax.Regexp, lo, hi int, r *rand.Rand) {
	for range lo + r.IntN(hi-lo+1) {
		generate(b, re, r)
	}
}

// draw picks a printable ASCII rune of a class where it has one.
func draw(class []rune, r *rand.Rand) rune {
	n := 0
	for i := 0; i < len(class); i += 2 {
		n += printable(class[i], class[i+1])
	}
	if n == 0 {
		return class[0]
	}
	k := r.IntN(n)
	for i := 0; i < len(class); i += 2 {
		c := printable(class[i], class[i+1])
		if k < c {
			return max(class[i], 0x21) + rune(k)
		}
		k -= c
	}
	return class[0]
}

func printable(lo, hi rune) int {
	return int(max(0, min(hi, 0x7e)-max(lo, 0x21)+1))
}
