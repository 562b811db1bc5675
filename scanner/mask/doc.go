// Package mask takes secrets out of what passes through it.
//
//	m, err := mask.New(mask.Options{})
//	log.SetOutput(m.Writer(os.Stderr))
//	slog.SetDefault(slog.New(m.Handler(slog.Default().Handler())))
//
// Each secret is replaced by a typed tag, [openai-project-api-key:3f2a91c0]: the
// same value has the same tag from one Masker, another one from the next.
// Everything that any rule takes for a secret is masked, parts of composite
// credentials and values that are reported under another rule's name included.
//
// # What is held back
//
// Bytes leave a Writer when no match that is not known yet can reach them: in a
// stream that flows, 25 KiB later. A stream that pauses is not waited for: 50 ms
// after its bytes came they leave, judged by the text there is, but for what may
// be the beginning of a secret: the last word, if a token's literal stands in it
// or a name and an operator before it, and a private key from its BEGIN line on,
// until it ends, until 24 KiB have come, or until the stream is closed. So a prompt
// shows ("Password: "), and what is typed after it does not.
//
// What is decided by a pause can miss the part of a composite credential that
// came before the pause when the rest, without which it is a random string, comes
// after it. The rest is then masked.
package mask
