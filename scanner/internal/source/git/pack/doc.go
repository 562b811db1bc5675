// Package pack reads git's objects straight from where they lie: packs with
// their indexes, multi-pack-indexes, and loose objects.
//
// There are two ways in. Store.Get reads one object by its id, for callers
// that follow links (commits, a tree, a file). Walk reads many objects in the
// order of their deltas, each inflated once, and tells for each what it has
// in common with the one before: that is how a whole history is scanned in
// less time than it takes to print it.
package pack
