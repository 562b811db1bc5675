// Package finding holds the words in which Leaksonde speaks of results:
// findings, occurrences, lifetimes, coverage and verification states.
//
// It is a leaf: sources, engine, triage and reporters all import it, and it
// imports nothing of ours. A Finding is one secret value; its Occurrences say
// where that value stands. What was read, left out and missed is in Coverage.
//
// A Finding carries the raw secret in Secret, so that verification and masking
// can work on it. Reporters must never print Secret unless the user asked for
// it; they print Redacted.
package finding
