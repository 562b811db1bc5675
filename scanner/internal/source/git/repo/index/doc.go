// Package index reads git's index, versions 2 to 4, with SHA-1 and SHA-256
// ids, split and sparse.
//
// A commit hook reads it on every commit: paths are slices of one string, so
// 5,000 entries cost a few allocations. go-git reads versions 2 to 4 as well,
// but neither split nor sparse ones nor SHA-256, and takes several times as
// long.
//
// A damaged index gives the entries before the damage and an error that names
// the offset.
package index
