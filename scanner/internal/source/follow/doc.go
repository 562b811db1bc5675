// Package follow reads files as they grow, as tail -F does, and loses nothing
// where they are rotated.
//
// Files are polled: that works on every file system, and costs a stat a file. A
// file is known by device and inode and by a hash of its first KiB (its head),
// not by its name. So
//
//   - a file that was renamed is read on to its end, and what took its name is
//     read from the start;
//   - a file that was cut (copy-and-truncate) is read from the start, and the
//     rest of what stood in it from the copy: the sibling with the same head;
//   - a file that was rotated while nobody looked (State of an earlier run) is
//     found among its siblings, gzip- and zstd-compressed ones included.
//
// What is not seen: a file that is cut and refilled beyond its former length
// with the same first KiB between two polls.
package follow
