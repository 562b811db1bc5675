// Package refs lists the references and reflogs of a repository, kept as files
// or as reftables.
//
// A scanner asks for all of them, the hidden ones too: every name below refs/,
// what linked work trees keep for themselves, and the bare names beside HEAD
// (ORIG_HEAD, FETCH_HEAD, MERGE_HEAD …), each of which can be the last thing
// that holds a commit. A reference that cannot be read is an error that names
// it, and the others are listed all the same.
package refs
