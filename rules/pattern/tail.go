package pattern

import "regexp/syntax"

// Tail returns the part of re that begins with the literals that Literals
// gives: a match that has one of them at its place goes on from there as Tail
// says. ok is false if they are not the beginning of such a part.
func Tail(re *syntax.Regexp) (tail string, ok bool) {
	lits := Literals(re)
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	if re.Op != syntax.OpConcat || lits == nil {
		return "", false
	}
	for i := range re.Sub {
		run := []text{{}}
		for _, s := range re.Sub[i:] {
			if run = cross(run, analyse(s).exact); run == nil {
				break
			}
			if !sameTexts(run, lits) {
				continue
			}
			// An assertion before the literals is no part of what follows.
			for i < len(re.Sub) && isAssertion(re.Sub[i]) {
				i++
			}
			t := &syntax.Regexp{Op: syntax.OpConcat, Sub: re.Sub[i:]}
			return t.String(), true
		}
	}
	return "", false
}

func sameTexts(run []text, lits []Literal) bool {
	if len(run) != len(lits) {
		return false
	}
	for i, t := range run {
		if t.s == "" || t.s != lits[i].Text {
			return false
		}
	}
	return true
}

func isAssertion(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpEmptyMatch:
		return true
	}
	return false
}
