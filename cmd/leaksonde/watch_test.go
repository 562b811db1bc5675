//go:build unix

package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/leaksonde/leaksonde/rules"
)

// told collects what the runs of leaksonde watch report.
type told struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *told) of(secret string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count[secret]
}

// start starts the program on the log.
func (c *told) start(t *testing.T, program, dir string) (*exec.Cmd, *sync.WaitGroup) {
	t.Helper()
	cmd := exec.Command(program, "watch", "-q", "--from", "start", "--format", "jsonl", "--show-secrets",
		"--checkpoint", filepath.Join(dir, "state"), filepath.Join(dir, "app.log"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var read sync.WaitGroup
	read.Go(func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var f struct{ Secret string }
			if json.Unmarshal(lines.Bytes(), &f) == nil { // the last may be cut off
				c.mu.Lock()
				c.count[f.Secret]++
				c.mu.Unlock()
			}
		}
	})
	return cmd, &read
}

// TestWatchKill: a writer emits numbered secrets while its log is rotated in
// every way and the watcher is ended and killed. Each is reported, and repeated
// only across kills.
func TestWatchKill(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	rule := set.Lookup("github-personal-access-token-classic")
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "leaksonde")
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	total, step := 1500, 4*time.Millisecond
	if testing.Short() {
		total = 300
	}
	log := filepath.Join(dir, "app.log")
	var secrets []string
	written := make(chan struct{})
	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	go func() {
		defer close(written)
		f, err := os.Create(log)
		check(err)
		rotated := 0
		for i := range total {
			x, err := rule.Expand(fmt.Sprintf("2026-01-02T03:04:05Z INFO request %d by {{secret}} done", i), i)
			check(err)
			secrets = append(secrets, x.Secret)
			text := x.Text + "\n"
			half := i * 7 % len(text)
			_, _ = f.WriteString(text[:half])
			_, _ = f.WriteString(text[half:])
			time.Sleep(step)
			if i%60 != 59 {
				continue
			}
			rotated++
			name := fmt.Sprintf("%s.%d", log, rotated)
			switch rotated % 3 {
			case 0: // copy and truncate
				text, err := os.ReadFile(log)
				check(err)
				check(os.WriteFile(name, text, 0o600))
				time.Sleep(3 * step)
				check(f.Truncate(0))
				_, err = f.Seek(0, io.SeekStart)
				check(err)
			case 1: // rename
				check(os.Rename(log, name))
				f.Close()
				f, err = os.Create(log)
				check(err)
			case 2: // rename, then compress
				check(os.Rename(log, name))
				f.Close()
				f, err = os.Create(log)
				check(err)
				text, err := os.ReadFile(name)
				check(err)
				z, err := os.Create(name + ".gz")
				check(err)
				w := gzip.NewWriter(z)
				_, _ = w.Write(text)
				check(w.Close())
				z.Close()
				check(os.Remove(name))
			}
		}
		f.Close()
	}()
	c := &told{count: map[string]int{}}
	killed := 0
	for n := 0; ; n++ {
		cmd, read := c.start(t, program, dir)
		last := false
		select {
		case <-written:
			last = true
			for range 100 { // until all is told, or for long enough
				if time.Sleep(100 * time.Millisecond); c.of(secrets[len(secrets)-1]) > 0 {
					break
				}
			}
			time.Sleep(300 * time.Millisecond)
		case <-time.After(300 * time.Millisecond):
		}
		signal := syscall.SIGTERM
		if n%2 == 1 && !last {
			signal = syscall.SIGKILL
			killed++
		}
		_ = cmd.Process.Signal(signal)
		read.Wait()
		_ = cmd.Wait()
		if last {
			break
		}
	}
	missed, repeated := 0, 0
	var which []string
	for i, s := range secrets {
		switch n := c.of(s); {
		case n == 0:
			missed++
			which = append(which, fmt.Sprint(i))
		case n > 1:
			repeated++
		}
	}
	t.Logf("%d secrets, %d kills: %d missed, %d told twice", len(secrets), killed, missed, repeated)
	if missed > 0 {
		t.Errorf("missed: %s", strings.Join(which, " "))
	}
	// A kill can repeat what was told since the last poll.
	if most := killed * 200; repeated > most {
		t.Errorf("%d told twice, more than %d kills explain", repeated, killed)
	}
}
