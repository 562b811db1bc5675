// Package git searches the objects of a repository: every object once, straight
// out of the pack, in the order of their deltas.
//
// An object stored as a delta inherits the literal hits and raw matches that
// lie in what it copies from its base; only inserted bytes and the seams between
// copies are searched (engine.Inherit). In plain mode each object is searched in
// full. Both modes give the same results: tests hold one against the other.
//
// What the objects mean (which commit, which path, how long) is not known here;
// see package lifetime.
package git
