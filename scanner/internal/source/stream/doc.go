// Package stream reads a live stream: standard input, a socket, a log that is
// being written.
//
// One goroutine reads into one of two buffers while the text of the other read
// is judged; nothing waits for a full buffer or for the end. Each window shows
// at least the last Carry bytes again, so that what was withheld at its open
// end can be decided with its surroundings in view. Memory is the two buffers,
// whatever the length of the stream or of its lines.
//
// A stream that falls silent is told of once (Window.Idle): whoever waits for
// more text decides then with what is there. A stream that trickles, with never
// a pause but little text, is told of after Options.Patience.
package stream
