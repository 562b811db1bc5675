// Package decode shows what stands encoded in a text: as views, stretches of
// the text with the encoded parts replaced by what they say, that remember for
// each byte where it came from.
//
// # Views
//
// A view holds the text around as it stands, so that evidence may span the
// layers: in "OPENAI_API_KEY: c2st..." the key is outside and the value
// encoded, and the view reads "OPENAI_API_KEY: sk-...". What is encoded in turn
// is found by looking for views of the view.
//
// A view is a window around its anchors, the encoded pieces that gave rise to
// it, of at most Reach bytes to either side; pieces near each other share one.
// Whether a piece is one depends on the bytes of the piece and Margin bytes
// around alone, never on where the text or an enclosing run begins. So whoever
// drops matches that touch no anchor or reach further than Reach from one (see
// View.Lift) gets the same matches from any cutting of the text.
//
// # How pieces are seen
//
// Searching for the encoded forms of all literals (three alignments of base64,
// percent, escapes, UTF-16 ...) would make the set of literals ten times as
// large, slow the search of every byte, and still not serve rules without a
// telling literal. Instead:
//
//   - Base64 and hex: runs of at least 24 characters of the alphabet are looked
//     at, of which a text has few, and a stretch of such a run counts only if it
//     decodes to text. One group of four characters in sixteen is probed at each
//     of the four alignments; drawn data, identifiers and digests fail there, as
//     eighteen bytes of text in a row do not happen by chance (p < 10^-7). As all
//     alignments are tried, it does not matter where the run begins: a token in
//     the middle of a megabyte of base64 is found like any other, line ends
//     between are skipped, and no bound on the run's length is needed.
//   - Percent, \u, \x, entities, quoted-printable, joined strings: the escapes
//     that stand for a printable character are short literals themselves
//     (Triggers), added to the engine's.
//   - UTF-16 and UTF-32: every other byte of ASCII text is NUL. Text without NUL
//     costs one pass of IndexByte.
//   - Compressed data in base64 or hex has a header that says so. This alone is
//     taken whole: up to MaxPacked bytes of it, with a limit on what may come out.
//     A match in it has the whole run as its evidence.
package decode
