// Command leaksonde finds leaked credentials.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Exit codes of DESIGN §8; documented in the README.
const (
	exitClean      = 0
	exitFindings   = 1
	exitUsage      = 2
	exitIncomplete = 3
)

// exitError carries an exit code out of a command. A nil err prints nothing.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// startGC is the garbage collector's percentage until the rules are ready: they
// take a few megabytes, all of which stay, so that the cycles that Go would run
// on the way free nothing and take as long as scanning a commit. Hooks keep it.
const startGC = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(startGC)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var exit *exitError
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintln(os.Stderr, "leaksonde:", exit.err)
		}
		return exit.code
	}
	fmt.Fprintln(os.Stderr, "leaksonde:", err)
	return exitUsage
}
