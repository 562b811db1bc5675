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
// # Overlaps
//
// Find emits raw matches. Resolve drops those whose secret overlaps the secret
// of a higher-ranked one. It works on raw matches alone and is not transitive,
// so it can be done for any region as soon as its raw matches are known.
package engine
