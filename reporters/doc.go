// Package reporters writes what a scan found: for people (console, markdown),
// for programs (json, jsonl, csv) and for platforms (sarif, github, junit).
//
// There is one interface, [Reporter], and one file for each format. A reporter
// is a sink: findings are pushed in, in the order in which they are to appear,
// and Close gets what is only known at the end, the run and its coverage. This
// way the same scan can feed several formats, and a stream can be reported
// while it still runs. Formats that people and programs read from the top
// (console, json, jsonl, csv) write each finding at once; those that have to
// rank or count first (sarif, github, markdown, junit) write in Close. A report
// whose Close was never called is visibly unfinished: its JSON does not parse,
// its console output has no summary.
//
// # Secrets
//
// A [finding.Finding] carries the raw value. No format sees it unless the user
// asked: [New] puts a barrier in front of the format that hands on a copy
// without raw values (see redact.go). So a mistake in a format cannot print a
// secret, and a new format needs no care of its own.
//
// # Text from outside
//
// Paths, refs, author names and excerpts were chosen by whoever wrote the
// scanned repository. What goes to a terminal is free of control characters,
// escape sequences and bidirectional overrides (see escape.go); every other
// format is escaped by its own rules as well. Bytes that are no UTF-8 are
// written as \xNN; for paths, JSON adds the exact bytes.
//
// # Determinism
//
// Output is a function of findings, coverage, run and options. No reporter
// reads the clock, the environment or the terminal: width and colour are
// options, and dates come from commits, in UTC.
//
// The JSON formats have a written specification and a version policy in
// schema/README.md.
package reporters
