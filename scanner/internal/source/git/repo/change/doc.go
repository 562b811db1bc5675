// Package change finds what a commit, or the index, brings that no parent has.
//
// A tree is compared with the trees of all parents at once: a path counts if
// its blob is not that of any parent. So a merge brings what its author wrote
// into it and not what the branches held, and a revert brings the secret back
// although its blob is older than the range. Each change comes with the
// parents' blobs of the path, or those of the file it was renamed from, so
// that the caller can keep only what lies on lines that none of them has.
package change
