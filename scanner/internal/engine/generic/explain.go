package generic

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

// Explain says what spoke for and against a candidate, most telling first. It
// judges the candidate's evidence again; text may be the whole text or hold no
// more than the evidence, at the same offsets.
func Explain(text []byte, c Candidate) []finding.Evidence {
	var out []finding.Evidence
	for pattern, t := range triggers {
		for pos := max(0, c.Start); pos+len(t.bytes) <= min(len(text), c.SecretEnd); pos++ {
			if t.fold && !fold(text, pos, t.bytes) || !t.fold && string(text[pos:pos+len(t.bytes)]) != t.bytes {
				continue
			}
			var p parse
			var e evidence
			if !p.attempt(text, pos, pattern) || !p.collect(&e) || p.whole != c.Start || p.start != c.SecretStart || p.end != c.SecretEnd {
				continue
			}
			for _, f := range e.ids[:e.n] {
				if w := float64(weights[f]); w != 0 {
					out = append(out, finding.Evidence{Name: slug(f), Weight: w, Detail: describe(f)})
				}
			}
			slices.SortStableFunc(out, func(a, b finding.Evidence) int {
				return cmp.Compare(max(b.Weight, -b.Weight), max(a.Weight, -a.Weight))
			})
			return out
		}
	}
	return []finding.Evidence{{Name: "random", Weight: c.Score, Detail: "random characters without a telling name"}}
}

// slug names the group of a feature.
func slug(f feature) string {
	switch {
	case f == fBias:
		return "prior"
	case f < fForm, f >= fName && f < fShape:
		return "name"
	case f < fQuote:
		return "syntax"
	case f < fFacts:
		return "quotes"
	case f < fName:
		return "surroundings"
	case f < fAlphabet, f >= fUnquoted && f < fGroupName:
		return "shape"
	case f >= fUnquotedForm:
		return "syntax"
	case f >= fGroupName:
		return "name"
	case f < fLength:
		return "alphabet"
	case f < fSpelling, f >= fGroupLen:
		return "length"
	case f < fScore:
		return "spelling"
	case f < fKnown:
		return "random"
	case f < fMisc:
		return "words"
	}
	return "value"
}

// describe names a feature for people.
func describe(f feature) string {
	switch {
	case f == fBias:
		return "prior"
	case f < fForm:
		return classNames[f-fClass]
	case f < fQuote:
		return formNames[f-fForm]
	case f < fFacts:
		return [...]string{"no quotes", "double quotes", "single quotes", "backquotes", "escaped quotes"}[f-fQuote]
	case f < fName:
		return surroundNames[f-fFacts]
	case f < fShape:
		return nameFactNames[f-fName]
	case f < fAlphabet:
		return "value is " + shapeNames[f-fShape]
	case f < fLength:
		return "alphabet: " + randomness.Alphabet(f-fAlphabet).String()
	case f < fSpelling:
		return "length " + lengthNames[f-fLength]
	case f < fScore:
		f -= fSpelling
		return fmt.Sprintf("spelling %s, for %s", spellNames[f%spellBuckets], groupNames[f/spellBuckets])
	case f < fKnown:
		f -= fScore
		return fmt.Sprintf("randomness %s, for %s", scoreNames[f%scoreBuckets], groupNames[f/scoreBuckets])
	case f < fMisc:
		f -= fKnown
		return fmt.Sprintf("%s, for %s", knownNames[f%knownBuckets], groupNames[f/knownBuckets])
	case f < fGroupLen:
		return miscNames[f-fMisc]
	case f < fUnquoted:
		f -= fGroupLen
		return fmt.Sprintf("length %s, for %s", lengthNames[f%lengthBuckets], groupNames[1+f/lengthBuckets])
	case f < fGroupShape:
		return "value without quotes is " + shapeNames[f-fUnquoted]
	case f < fGroupName:
		f -= fGroupShape
		return fmt.Sprintf("value is %s, for %s", shapeNames[f%feature(shapeCount)], groupNames[1+f/feature(shapeCount)])
	case f < fUnquotedForm:
		f -= fGroupName
		return fmt.Sprintf("%s, for %s", nameFactNames[f%nameFacts], groupNames[1+f/nameFacts])
	default:
		return "no quotes, " + formNames[f-fUnquotedForm]
	}
}

var (
	groupNames  = [...]string{"any name", "a password", "a secret", "an API key", "a token", "an authorisation", "a key", "another name"}
	lengthNames = [...]string{"3-4", "5-7", "8-11", "12-15", "16-19", "20-23", "24-31", "32-39", "40-63", "64-127", "128 and more"}
	spellNames  = [...]string{"like a common word", "like words", "rather like words", "undecided", "rather unlike words",
		"unlike words", "hardly pronounceable", "unpronounceable", "without letters"}
	scoreNames = [...]string{"surely written by a person", "likely written by a person", "rather written by a person", "undecided",
		"rather drawn", "likely drawn", "very likely drawn", "surely drawn", "beyond doubt drawn"}
	knownNames = [...]string{"no common words", "few common words", "partly common words", "mostly common words",
		"nothing but common words", "no letters"}
	surroundNames = [surroundFacts]string{"name in quotes", "name ends a longer string", "type declared", "wrapped in a call", "wrapped in a constructor",
		"argument of a lookup", "joined with more", "in a comment", "begins its line", "escaped quotes", "blanks around the operator", "ends its line",
		"followed by a semicolon", "followed by a comma", "followed by an opening parenthesis", "member of an object", "declared here",
		"followed by a closing bracket", "words before the name", "more words follow"}
	nameFactNames = [nameFacts]string{"name has words against (id, type, file ...)", "name begins with a verb (get, has ...)", "name is a setter",
		"name in the plural", "name has words for (api, private ...)", "unknown words after the telling one", "name speaks of a hash",
		"name is the telling word alone", "name is in capitals", "name is camelCase", "name has dots", "name has dashes",
		"name speaks of a test", "name speaks of a text"}
	miscNames = [miscCount]string{"placeholder", "value repeats the name", "value is the name", "as long as a digest or key", "padded base64",
		"punctuation", "digits and letters mixed", "value speaks of a test", "value speaks of a credential", "decodes to user:password", "follows a scheme",
		"digest or sealed value", "capitals inside", "the user's name again", "this machine's address", "example host", "letters and a few digits",
		"few different characters", "many different characters", "common user name", "public key", "private key", "URL",
		"base64 of text", "base64 of common words", "base64 of JSON", "\"public\" before the name", "speaks of a digest or signature before the name",
		"speaks of a test before the name", "speaks of a user or client before the name", "list of numbers"}
)
