//go:build unix

package pack

import (
	"syscall"
	"time"
)

// cpuTime is the processor time used so far by this process and by its
// finished children. On a shared machine it says more than the clock.
func cpuTime() (own, children time.Duration) {
	read := func(who int) time.Duration {
		var u syscall.Rusage
		syscall.Getrusage(who, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return read(syscall.RUSAGE_SELF), read(syscall.RUSAGE_CHILDREN)
}
