// Package bounded reads the small files of a repository that nobody vouches
// for: only regular files, never more than a stated number of bytes.
//
// A FIFO named HEAD would make os.ReadFile wait for ever, /dev/zero behind a
// link would fill memory. Both are an error here that says what to do.
package bounded
