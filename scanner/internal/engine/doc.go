// Package engine turns bytes into matches. It is pure: no I/O, no clock, no
// paths, no globals; the same bytes and rules give the same matches.
//
// # Locality
//
// Everything that makes streams, git deltas and speed possible rests on one
// promise: whether a match exists, and its confidence, is a function of the
// bytes in its evidence span. Each literal hit is matched on its own, within
// bounds that belong to the rule, with no left-to-right consumption. So a text
// may be cut anywhere: the union of what Find emits for the pieces (each with
// enough of its neighbours in view, see Bound) is what one pass over the whole
// emits. Tests hold that for random cuttings.
//
// A matcher states in the evidence span every byte that its decision depended
// on, one boundary byte on each side included. If it needed to know that the
// text ends, the span reaches one byte beyond it; Find withholds such a match
// at an open edge, because the decision may be another one when more text is
// there.
//
// # Matchers
//
// A rule's pattern is compiled, on the first hit of one of its literals, to one
// of
//
//   - token: literals and character classes in sequence, boundaries checked
//     (tokenMatcher; the great majority of rules);
//   - context: a token without telling literal near a word (contextMatcher);
//   - pem: BEGIN..END blocks over lines (pemMatcher);
//   - regex: anything else, run by package regexp on a window of at most
//     4 KiB on each side of the hit (regexMatcher);
//   - generic: the generic engine, a package of its own.
//
// # Encodings
//
// What stands encoded in the text is matched in views (package decode): windows
// of the text in which the encoded parts are replaced by what they decode to, and
// which are looked into again, to a depth of seven. A match in a view becomes one
// of the text: its spans are those of the encoded text, Value is the secret, and
// its evidence is what the view's bytes were made of, with a margin for how the
// encoding was told. It counts if it touches something encoded, so the plain text
// around is there to lend a key to a value, and reports nothing by itself. The
// promise above holds for evidence up to Bound; compressed data, of which there
// are no parts to be found, is taken whole wherever it is in view.
//
// What one call may decode has a budget, which only compressed data or hostile
// text exhausts. Then, and where data is larger or deeper than the limits, the gap
// is reported, and a scan of such a text is not complete.
//
// # Overlaps
//
// Find emits raw matches. Resolve drops those whose secret overlaps the secret
// of a higher-ranked one. It works on raw matches alone and is not transitive,
// so it can be done for any region as soon as its raw matches are known.
package engine
