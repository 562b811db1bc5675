// Package randomness tells strings that a machine drew at random from strings
// that a person wrote.
//
// Three questions, three functions. Entropy is Shannon's, bits per character:
// cheap and well known, but on short strings it says little ("password1" has
// as much of it as eight random hexadecimal digits). Score therefore holds two
// models against each other: how likely is the string if a person wrote it (a
// trigram model of letters within words, a model of how people mix cases,
// digits and separators, both counted over public source text), and how
// likely if a machine drew each character from the smallest alphabet that
// holds them all. The difference is in nats; above zero the machine is the
// likelier author. Placeholder names the ways in which people fill in
// something that is not a secret; it only speaks where a random draw would
// practically never look like that, so that rules for providers' tokens can
// trust it.
//
// Known counts how much of a string is made of common words; the list is a
// table of hashes that costs nothing to load.
//
// The tables are in model.bin, written by train.go from directories of source
// text. They are an embedded string: nothing is parsed or built at start-up.
//
// Trigrams are backed by bigrams and those by single letters, and their costs
// are stored in four bits through a codebook, which keeps the common ones, where
// precision matters, apart. Cases, digits and separators are a chain of their
// own, since people's case patterns say little about their spelling and one
// chain over both would be many times the table.
package randomness
