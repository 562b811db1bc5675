package generic

// Pattern is a literal to search for. Fold means that ASCII letters match in
// either case.
//
// It stands in for the searcher's own type until that is on the main line.
type Pattern struct {
	Bytes string
	Fold  bool
}

// Literals are the literals whose occurrences Match judges, by the index that
// Match is called with.
func Literals() []Pattern {
	p := make([]Pattern, len(triggers))
	for i, t := range triggers {
		p[i] = Pattern{t.bytes, t.fold}
	}
	return p
}
