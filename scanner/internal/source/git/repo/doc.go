// Package repo opens a git repository of any kind and reads what stands beside
// its objects: where it is, its configuration, references, reflogs, index,
// submodules, mailmap, shallow boundary, grafts and replacements; and it turns
// what a user writes (A..B, HEAD~2, @{u}) into commits.
//
// Objects themselves come from package pack; the history they form is read by
// package history, ranges and the staged scope by package change.
//
// Nothing here is executed and nothing needs git on PATH. go-git opens only
// some of the repositories a scanner meets: it refuses extensions.objectformat
// in a SHA-1 build, worktreeconfig, reftable, split and sparse index, and gives
// up on the whole repository for one bad line. The readers below are small,
// go on after damage, and name file, line or offset of it. They are also quick:
// a commit hook has 20 ms in all.
//
// A repository is input like any other: files are read with a bound and only
// when regular, links between git directories are followed a few steps and no
// further, and core.worktree is read but not obeyed, so that a repository
// cannot send a scan somewhere else on the disk.
package repo
