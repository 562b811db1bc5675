// Package dir walks directory trees and reads their files in bounded memory.
//
// Workers share one stack of directories and batches of files; whoever is idle
// takes from it, so that one huge directory or one deep tree keeps all busy.
// Only regular files are opened, without following links and without blocking,
// so that FIFOs, devices, loops and links out of the tree do no harm. All that
// is not scanned is reported as a gap.
package dir
