package generic

import (
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// Log odds of what Unkeyed reports, measured once over the labelled
// development set: most UUIDs and long random runs without a telling name are
// identifiers, digests or parts of data.
const (
	unkeyedUUID = 0
	unkeyedRun  = -1
)

const (
	minRun      = 20  // shorter runs are too often identifiers
	maxRun      = 128 // longer ones are data
	minRunScore = 24  // nats
)

// Unkeyed emits UUIDs and random runs in text[from:to] that no name speaks
// for, all of low confidence.
func Unkeyed(text []byte, from, to int, emit func(Candidate)) {
	for from > 0 && from < to && runByte(text[from-1]) { // the run that reaches in from the left
		from++
	}
	for i := from; i < to; {
		if !runByte(text[i]) {
			i++
			continue
		}
		j := i + 1
		for j < len(text) && runByte(text[j]) && j-i <= maxRun+1 {
			j++
		}
		if j-i > maxRun {
			for j < to && runByte(text[j]) {
				j++
			}
			i = j
			continue
		}
		if j-i >= minRun {
			unkeyedRunAt(text, i, j, emit)
		}
		i = j
	}
}

func runByte(b byte) bool { return is(b, wordByte) || b == '-' || b == '+' || b == '/' || b == '=' }

func unkeyedRunAt(text []byte, i, j int, emit func(Candidate)) {
	start, end := i, j
	for start < end && (text[start] == '-' || text[start] == '/' || text[start] == '=' || text[start] == '+') {
		start++
	}
	// name=value runs together: what follows the = is the value
	for k := start; k < end-2; k++ {
		if text[k] == '=' && text[k+1] != '=' {
			start = k + 1
		}
	}
	v := text[start:end]
	if len(v) < minRun {
		return
	}
	c := Candidate{Kind: "high-entropy", Start: start, End: end, SecretStart: start, SecretEnd: end,
		EvidenceStart: i - 1, EvidenceEnd: j + 1, Confidence: finding.Low}
	if _, bad := randomness.Placeholder(v); bad {
		return
	}
	p := parse{text: text, form: unkeyed}
	switch shapeOf(v, &p) {
	case uuidShape:
		for k := range v {
			if !isHex(v[k]) && v[k] != '-' {
				return
			}
		}
		c.Score = unkeyedUUID
		emit(c)
		return
	case base64Shape, mixedShape, dashedMixed:
	default:
		return
	}
	if !standsAlone(text, i, j) || len(v) > 100 || randomness.Score(v) < minRunScore || randomness.Entropy(v) < 3.6 || fold(v, 0, "sha") {
		return
	}
	var buf [75]byte
	if n, ok := decode64(v, buf[:]); ok && printable(buf[:n]) {
		return // text in base64 is decoded and judged for itself
	}
	c.Score = unkeyedRun
	emit(c)
}

// standsAlone tells whether a run is a value of its own: between quotes or
// blanks, not part of a path, and not a line of wrapped base64.
func standsAlone(text []byte, i, j int) bool {
	a, z := at(text, i-1), at(text, j)
	switch a {
	case '"', '\'', '`', ' ', '\t', '\n', '=', ':', '(', ',', '>', '[', '{', '|', '@', '#':
	default:
		return false
	}
	switch z {
	case '"', '\'', '`', ' ', '\t', '\n', '\r', ')', ',', '<', ';', ']', '}', '|', '&', '#', '@':
	default:
		return false
	}
	if (a == '\n' || is(a, spaceByte)) && (z == '\n' || z == '\r') && j-i >= 48 { // a line of its own
		for _, b := range text[i:j] {
			if b == '_' || b == '-' {
				return true
			}
			if b == '+' || b == '/' {
				return false
			}
		}
		return j-i < 56
	}
	return true
}

func printable(s []byte) bool {
	for _, b := range s {
		if (b < ' ' || b > '~') && b != '\n' && b != '\r' && b != '\t' {
			return false
		}
	}
	return true
}
