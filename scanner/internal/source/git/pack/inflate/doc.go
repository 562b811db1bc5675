// Package inflate decompresses zlib streams from one slice into another.
//
// Git stores the size of what it deflated, so the output's place is known
// before the first bit is read: no window, no reader, no state between calls.
// That is what makes this package worth having beside compress/zlib and
// klauspost/compress, which serve readers: most objects of a pack are deltas
// of a few hundred bytes, for which setting up a reader and its 32 KiB window
// costs more than the work itself (figures: see the benchmarks).
//
// The parts are the usual ones of fast inflaters: a 64-bit bit buffer filled
// by wide loads, one table look-up for most codes, table entries that hold
// length base, extra bits and code length at once, wide match copies that may
// write past the match (not past the buffer), and a careful twin of the loop
// for the ends of input and output.
//
// What is accepted is what compress/zlib accepts; fuzzing holds the two
// together. Output is exactly as long as promised or an error, so a bomb
// cannot grow.
package inflate
