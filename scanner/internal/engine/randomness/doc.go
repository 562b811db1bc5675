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
// What was tried: a bigram model (too weak on six-letter words, which is what
// passwords are made of); a linear 4-bit quantisation (the cost of common
// trigrams is where precision matters, hence a codebook); one chain over
// characters and cases together (ten times the table for no gain: people's
// case patterns and people's spelling are nearly independent).
package randomness
