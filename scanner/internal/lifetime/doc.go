// Package lifetime says, for each secret, where it came into a history, where
// it left, what held it and what still does.
//
// # What the words mean
//
// A commit holds a secret if any blob in its tree does: an edit or a rename of
// the file does not end a secret's life. A commit introduces a secret if it
// holds it and no parent does; it removes it if every parent holds it and it
// does not. Where only some parents hold it, it was removed on a side branch,
// and the merge is where that reached this line. An interval is a connected
// stretch of history that holds the secret: it begins with its earliest
// introduction and ends with the last removal on the way to HEAD, or not at
// all while HEAD, or a reference where HEAD never lost it, is part of it.
//
// # How it is cheap
//
// Presence is a property of a tree, and trees share subtrees. All trees are
// read once, straight from the pack, in the order of their deltas: of a tree
// made from another only the entries in inserted bytes are parsed, and kept is
// only what it has more or less than its base, subtrees and blobs with secrets
// alone. That is a few bytes for a tree. From the blobs upwards this gives the
// few trees that can hold a secret at all, and those are put together.
//
// Secrets are then worked off 64 at a time, as bits of a word: one pass over
// the trees, children first, and one over the commits, parents first, decide
// presence, introductions, removals and reachability of all 64. Nothing grows
// with the number of versions of a file.
//
// The alternative, comparing each commit's tree with its parent's as git log
// does, inflates every tree on the way for every commit, several times over.
package lifetime
