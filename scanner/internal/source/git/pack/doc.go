// Package pack reads git's objects straight from where they lie: packs with
// their indexes, multi-pack-indexes, and loose objects.
//
// There are two ways in. Store.Get reads one object by its id, for callers
// that follow links: a commit, a tree, a file. Walk reads all objects, or many,
// in the order of their deltas, and tells for each what it has in common with
// the one before. That is how a whole history is scanned in less time than git
// needs to print it.
//
// # Why a walk of deltas
//
// A pack holds few objects whole; the others are instructions: copy this run
// of the base, insert these bytes. Read one by one, an object costs its whole
// chain of bases, which a cache makes up for only in part. But the deltas of a
// pack form trees. Walked from its root, each object is made once, by one
// inflation of a few hundred bytes and some copying, and at that moment the
// visitor also knows which runs were copied: what it found there in the base
// it need not look for again (Object.AppendFresh, Carry, Touches). In git's
// own repository 4 % of all bytes are inserted ones.
//
// # How memory stays bounded
//
// The forest is a few flat arrays: 16 bytes for each object, twice that while
// it is built. A worker going down a tree must keep the bytes of every object
// that has children left. It visits the child with the most below it last and
// gives up the parent before going there. Every parent that is still kept was
// left for a child with at most half of what hangs below it, so there are no
// more than log2(n) of them, however deep the chains. Beyond WalkOptions.Hold
// bytes even those are dropped and made again when their turn comes.
// States of visitors live as long as the parents they belong to.
//
// Sizes are never believed: memory is set aside for an object only if its
// stream or its delta can make that many bytes and the limit allows it.
//
// # Faults
//
// Everything read here may come from someone who means harm. Each fault is an
// *Error with file, offset, id and remedy; the rest of the pack is still read.
// An object that cannot be read in one place is looked for in the others.
// Content is not hashed against ids (git does not do so on reading either; see
// TestBigWalk for doing it): zlib's checksums guard each stream.
//
// Files are mapped where the system can, so packs that a repack unlinks stay
// readable, and packs that came in their stead are found when an id is
// missing. A file that is cut short while mapped would end the program with a
// signal; readers turn that into ErrChanged (see guard).
//
// # What was tried
//
// LEAKSONDE_REPO=path go test -run Big -bench Big measures on a repository of
// yours. On git/git (407,095 objects in 307 MB, 5.5 GB of blobs), against the
// processor time of git cat-file --batch-all-objects --batch --unordered
// --buffer in the same run: blobs 0.29, trees 0.07, everything 0.40; the
// workers of a walk share that, where git has one. Memory that belongs to no
// file stayed below 90 MiB. The one-shot inflater takes half the time of
// klauspost/compress on the same entries. What is left is the decoding of
// symbols (half) and the copying that deltas ask for (a quarter). Unsafe loads
// and stores in the inflater gained less than the noise and were left out.
package pack
