//go:build ignore

// Command bench_ratios times leaksonde against rg and git on trees of the
// caller's and prints medians of the ratios, ours / theirs. The commands take
// turns, so that a machine whose speed drifts does no harm. It fails on
// nothing.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// absent is a literal that no tree holds.
const absent = "zq" + "xjvkwy9"

func main() {
	bin := flag.String("bin", "./leaksonde", "the program")
	tree := flag.String("tree", "", "directory to scan, against rg")
	log := flag.String("log", "", "file to scan through a pipe, against rg")
	repo := flag.String("repo", "", "repository whose history to scan, against git cat-file")
	runs := flag.Int("n", 5, "runs of each")
	flag.Parse()
	ours, err := filepath.Abs(*bin)
	if err != nil {
		fmt.Println(err)
		return
	}
	small := filepath.Join(os.TempDir(), "leaksonde-bench-small.txt")
	_ = os.WriteFile(small, []byte("hello = 1\n"), 0o600)
	defer os.Remove(small)
	if *tree != "" {
		compare("tree, everything on, against rg", *runs,
			run("", ours, "scan", "--scope", "worktree", "--include-ignored", "-q", "--fail-on", "none", "--allow-incomplete", *tree),
			run("", "rg", "-uuu", "-a", "-c", absent, *tree))
	}
	if *log != "" {
		compare("stream through a pipe, against rg", *runs, run(*log, ours, "scan", "-q", "--fail-on", "none", "-"), run(*log, "rg", "-a", "-c", absent))
	}
	if *repo != "" {
		compare("history, against git cat-file", *runs,
			run("", ours, "scan", "--scope", "history", "-q", "--fail-on", "none", "--allow-incomplete", *repo),
			run("", "git", "-c", "safe.directory=*", "-C", *repo, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"))
	}
	compare("cold start, one small file, against true", 4**runs, run("", ours, "scan", "-q", small), run("", "true"))
}

type measured struct {
	wall, cpu time.Duration
	memory    int64 // bytes, largest process
}

// run makes a measured run of a command; input, if given, is piped in.
func run(input, name string, args ...string) func() (measured, error) {
	return func() (measured, error) {
		cmd := exec.Command(name, args...)
		cmd.Stdout = io.Discard
		if input != "" {
			f, err := os.Open(input)
			if err != nil {
				return measured{}, err
			}
			defer f.Close()
			cmd.Stdin = struct{ io.Reader }{f} // through a pipe, not as a file
		}
		start := time.Now()
		err := cmd.Run()
		m := measured{wall: time.Since(start)}
		if s := cmd.ProcessState; s != nil {
			m.cpu, m.memory = s.UserTime()+s.SystemTime(), peak(s)
			if code := s.ExitCode(); code == 0 || code == 1 || code == 3 {
				err = nil
			}
		}
		return m, err
	}
}

func compare(what string, runs int, ours, theirs func() (measured, error)) {
	var wall, cpu []float64
	var mine, other []measured
	for i := range runs + 1 {
		a, err := ours()
		if err == nil {
			var b measured
			if b, err = theirs(); err == nil && i > 0 { // the first warms up
				mine, other = append(mine, a), append(other, b)
				wall = append(wall, a.wall.Seconds()/b.wall.Seconds())
				cpu = append(cpu, a.cpu.Seconds()/max(b.cpu.Seconds(), 1e-3))
			}
		}
		if err != nil {
			fmt.Printf("%s: %v\n", what, err)
			return
		}
	}
	byWall := func(a, b measured) int { return int(a.wall - b.wall) }
	slices.SortFunc(mine, byWall)
	slices.SortFunc(other, byWall)
	m, o := mine[len(mine)/2], other[len(other)/2]
	fmt.Printf("%-44s ours %8.3f s (cpu %.3f, peak %d MiB)  theirs %8.3f s (cpu %.3f)  ratio %.2f wall, %.2f cpu\n", what,
		m.wall.Seconds(), m.cpu.Seconds(), m.memory>>20, o.wall.Seconds(), o.cpu.Seconds(), median(wall), median(cpu))
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// peak is the greatest resident size of a process in bytes, on Linux.
func peak(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}
