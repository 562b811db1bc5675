// Package reftable reads the reftable format, version 1 and 2, as described in
// git's Documentation/technical/reftable.
//
// A scanner wants all references or all log records, so a table is read from
// its first block to its last and the indexes in it are stepped over. Blocks
// may be padded or not; a block's type is never zero, so padding is what is
// zero. go-git v5 has no reftable at all.
package reftable
