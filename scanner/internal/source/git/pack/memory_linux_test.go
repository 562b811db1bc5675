package pack

import (
	"os"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// anonymous is the process's memory that belongs to no file, in bytes.
func anonymous(t testing.TB) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	m := regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Skip("no RssAnon")
	}
	n, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return n << 10
}

// TestBigMemory holds the walk of a whole repository to a third of what a
// scan may use: 200 MiB for one of git's size.
func TestBigMemory(t *testing.T) {
	s := bigRepo(t)
	var stop atomic.Bool
	var peak int64
	done := make(chan bool)
	go func() {
		for !stop.Load() {
			peak = max(peak, anonymous(t))
			time.Sleep(2 * time.Millisecond)
		}
		close(done)
	}()
	before := anonymous(t)
	err := Walk(t.Context(), s, WalkOptions{}, func(int) Visitor[struct{}] { return new(nothing) })
	stop.Store(true)
	<-done
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d objects: %d MiB anonymous before, %d MiB at the peak", s.Count(), before>>20, peak>>20)
	if limit := int64(80<<20 + 60*s.Count()); peak > limit {
		t.Errorf("more than %d MiB", limit>>20)
	}
}
