// Package checksum verifies, offline, the check digits and inner structures
// that providers build into their tokens.
//
// A Scheme is looked up by name (the rule key "checksum"). Check says whether a
// token is Right or Wrong; Fix makes a drawn token right, for examples. Schemes
// marked Empirical were inferred from published tokens and not documented by the
// provider: a wrong result there is no proof.
package checksum
