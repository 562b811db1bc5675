// Package scanner finds leaked credentials in directory trees, files and
// streams. It is the library behind the leaksonde command.
//
//	set, err := rules.Builtin()
//	s, err := scanner.New(set, scanner.Options{})
//	report, err := s.Paths(ctx, []string{"."})
//	for _, f := range report.Findings { … }
//
// A Scanner is safe for concurrent use. Nothing is executed, fetched or sent; a
// Verifier, made apart, asks providers whether what was found is live.
//
// Sources hand text to the engine (internal/engine), which knows nothing of
// files; what it matches is located, annotated and triaged here and collected
// to one finding per secret value. The order of a report and all that is in it
// depend on input, rules and options alone, not on the number of workers.
package scanner
