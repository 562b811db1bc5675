// Package generic finds secrets that no provider's prefix gives away: values
// with a telling name, credentials in URLs, headers and commands.
//
// # How
//
// A literal hit ("pass", "key", "://"; see literals.go) starts it. Match reads
// the name around the hit as words (name.go, lexicon.go), the syntax that
// joins it to a value (bridge.go), and the value (value.go); URLs, headers, SQL,
// command lines and keys in base64 have readers of their own (special.go).
// Nothing is asked of the file's name or language: the bytes around tell. Most hits end
// after a few bytes, at a name that nothing can follow.
//
// What is left is judged by adding up evidence (features.go): the class of the name and
// words in it that speak for or against, the syntax, the shape of the value
// (shape.go), its alphabet and length, how it is spelt and mixed (package
// randomness), what it decodes to, the words before. Each feature present
// has a weight, a log odds; their sum is the score, and the levels are cuts
// in the score (judge.go). Templates, calls, variables and other references are turned
// down before. Explain lists the features and weights of a candidate again;
// they add up to its score.
//
// Unkeyed looks for UUIDs and random runs that no name speaks for. They are
// always of low confidence.
//
// # Evidence
//
// Whether there is a candidate, and its confidence, is a function of the bytes
// in its evidence span. Beyond an end of the text is as beyond the end of a
// line; a candidate that looked there says so (-1, len(text)+1). The tests
// mutate and cut everything outside the span. Evidence stays on the line.
//
// # Weights
//
// weights.go comes from train_test.go: a logistic regression with a ridge
// penalty, fitted by Newton's method, hence the same weights from the same
// data. Data are labelled values of public repositories, single texts with one
// secret each (weight 0.1), and trees of well-kept repositories where hardly
// anything is a secret. What made the difference, measured by
// cross-validation over repositories (values other than passwords and identifiers):
//
//   - Features that stand twice, for all names and for one group of names (six
//     random letters are a password after "password", and nothing after "key"):
//     shapes and facts of names standing twice brought recall from .76 to .78 at precision .93.
//   - What labels do not know and a fit on labels alone takes for a drawn secret is
//     left out. Read through by hand, in the well-kept repositories those are nearly all keys and
//     passwords in tests and documentation; without them as negatives recall
//     was .82 at the same precision.
//   - The penalty draws a few weights to what is known beforehand (a hash is no
//     secret, a word behind "Bearer" is one), because a set of repositories shows
//     each such case once or twice: at recall .80 precision rose from .93 to .96.
//   - Penalties of 1.5, 2, 3 and 6: 3 is best, 1.5 and 2 are close.
//
// Cross-validated by repository on the labelled development set, with simple
// recognisers for providers' shapes beside it: medium, values other than
// passwords and identifiers: precision .95, recall .81, F1 .87; all values, low, without
// identifiers: F1 .82. Of candidates at high .99 are credentials (1,010), at medium or
// high .95 (1,394; .97 where a label speaks), at low one in five.
//
// # What is missing
//
// Not read: values on the line after their name (YAML blocks, XML on
// several lines), here-documents, values put together from several strings.
package generic
