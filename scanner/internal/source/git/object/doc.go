// Package object holds the words that both halves of the git source share:
// object ids and types, and readers for the text of commits, tags and trees.
//
// It is a leaf and does no I/O. The readers do not allocate: what they return
// are slices of the text they were given, so they are valid for as long as
// that text is. They are lenient where git is (odd modes, missing fields are
// told, not guessed) and never panic on hostile input.
//
// # Why an ID is a plain array of 32 bytes
//
// Half a million ids are compared, hashed and kept in maps in one scan. An
// array is comparable, needs no pointer (so the collector never looks into a
// map of them) and costs nothing to build from the bytes of an index or a
// tree. A string would cost an allocation and a pointer each. SHA-1 ids fill
// the first 20 bytes and leave the rest zero; no length is stored, because a
// SHA-256 that ends in twelve zero bytes does not happen.
package object
