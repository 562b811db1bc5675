// Package generic finds secrets that no provider's prefix gives away: values
// with a telling name, credentials in URLs, headers and commands.
//
// A literal hit ("pass", "key", "://") starts it; Match reads the name around
// the hit, the syntax that joins it to a value, and the value, all on one
// line, and then adds up evidence: each feature (the name's class, the syntax,
// the shape of the value, how random it is given what the name says ...) has a
// weight in log odds, learnt by logistic regression from labelled public code.
// A candidate's confidence is a function of the bytes in its evidence span and
// nothing else; Explain lists the features and their weights again.
package generic
