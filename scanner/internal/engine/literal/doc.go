// Package literal finds all occurrences of thousands of short literals in a text, at some
// gigabytes a second.
//
// # How it works
//
// A filter looks at every second byte position of the text, the samples, and lets few of them pass:
// the candidates. Confirmation compares these with the patterns and emits hits.
//
//   - The filter (filter.go) has one look-up a sample. Three bytes choose a word of a table by
//     a hash, and the bytes before and after them must find their bits clear in it. So five bytes
//     of the text are tested for the price of one 32-bit load, case is folded on the way, and a
//     pattern that is too short to fill the five bytes just clears more bits. Every pattern is entered
//     twice, for samples at even and at odd distance from its start.
//   - Which five bytes of a pattern are entered is chosen by a table of how common such bytes are in
//     source, documentation and logs (rarity.go). That is what keeps candidates few: a thousand names
//     are made of ordinary syllables, but most of them have an unusual one.
//   - On amd64 with AVX2, where timing at start-up finds that it pays, eight samples are looked up at
//     once with a gather (scan_amd64.s). Elsewhere, and with the build tag purego, plain Go does the same
//     (scanPortable), on the same table with the same candidates. The AVX2 filter hardly branches: it
//     writes four candidates for each 64 bytes whether there are any or not.
//   - Confirmation (confirm.go) takes a few hundred candidates at a time through passes without
//     branches on data: which keys of four or three bytes have patterns, by a set of bits; which entries to
//     try; which of them have the right first eight bytes. A last one emits hits. They come out
//     nearly ordered and are moved into place.
//
// # Figures
//
// With the literals of the built-in rules (4,800 patterns, of which 300 have three bytes) 45 candidates
// and 8 hits/kB of source are left, 1.0 to 1.1 ns of CPU time a byte on a busy two-core Xeon, of which the
// filter takes 0.37; Compile takes 1.05 ms. What follows was measured with fewer patterns and smaller tables
// (2^14 words, which then were enough):
//
// One core of a two-core Xeon (Sapphire Rapids, about 3 GHz) shared with other work, 6 MB of Go
// source in windows of 32 KiB, the best of 25 passes for each window; patterns are names of providers
// (folded), beginnings of tokens and keywords, as in bench_test.go; 1,270 is all of them, 2,000 adds
// generated names. Filter, confirmation and emission of hits together:
//
//	patterns   AVX2       portable   candidates/kB   hits/kB
//	      10   5.2 GB/s   1.8 GB/s            0.02      0.01
//	     300   4.6 GB/s   1.6 GB/s             2.4       1.5
//	   1,000   3.3 GB/s   1.3 GB/s             8.9       3.5
//	   1,270   2.8 GB/s   1.2 GB/s            10.9       3.9
//	   2,000   2.0 GB/s   1.0 GB/s              14       4.0
//
// For 1,000 patterns 5.4 samples in 1,000 bytes, 1.1 % of all, pass the filter for nothing.
// Reading alone (bytes.Count of one byte) runs at 10 to 30 GB/s there. A window of up to a hundred
// bytes takes 70 to 150 ns, Compile 0.6 ms for 2,000 patterns.
//
// # What was tried and left
//
//   - Teddy (sets of nibbles of the first three or four bytes, 8 or 16 buckets): the nibbles of a
//     thousand names are nearly all letters. Simulated on the same text, 490 of 1,000 positions pass
//     with 8 buckets and four bytes, 340 with 16 buckets; 350 and 180 for 300 patterns.
//     It is right for ten patterns, where the look-up is fast enough.
//   - Scalar code instead of the gather: 1.8 GB/s (C, unrolled, no branches) against 4.9.
//   - A second table for patterns of two and three bytes, indexed by two bytes: another gather a
//     sample, which is two thirds of the filter's time. Four hashed bits of the third byte instead of
//     all make them fit into the one table, at sixteen words each.
//   - Samples at fixed places of the pattern (its start): 40 candidates/kB instead of 16 for 1,000
//     patterns. The first version of the table then went from 16 to 9 with 2^14 words instead of
//     2^13, four bits instead of three of the fourth byte, and a multiplier that was searched for.
//     With an arbitrary one "ovh" shared a word with runs of spaces and alone cost 24 candidates/kB.
//     For the 4,500 patterns of the built-in rules 2^14, 2^15 and 2^16 words leave 103, 75 and 63
//     candidates/kB, and the look-ups take no longer from the second-level cache.
//   - All five bits of the fourth byte: 66 instead of 63, as short patterns then take twice the words.
//   - Choosing samples by what they add to their word's chance of passing: 11 % fewer candidates, but
//     twice the comparisons, because patterns then crowd into few words. Since comparisons do not go by
//     words any more: 9 % fewer candidates, 3 % of the time, for 0.3 ms of Compile.
//   - Confirming by the filter's word: 540 comparisons/kB with the built-in rules instead of 55.
//   - Testing the two bytes around the five before comparing: drops a sixth of the candidates, and takes
//     as long as comparing them.
//   - Confirming each candidate when it is found: 33 ns each, nearly all mispredicted branches;
//     about 14 ns in passes.
//   - VPMADDWD for the hash instead of VPMULLD: 10 % faster in the filter, but the portable one needs
//     two multiplications then.
//   - AVX-512: 10 to 18 % faster in the filter (C); not yet worth a third twin. There is no gather on
//     arm64, so no NEON either.
package literal
