//go:build !unix

package pack

import "time"

func cpuTime() (own, children time.Duration) { return 0, 0 }
