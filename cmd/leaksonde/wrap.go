package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"

	"github.com/leaksonde/leaksonde/scanner/mask"
)

// Exit codes of shells for commands that cannot be run.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// wrap runs a command with both its outputs masked, and ends with its code.
// Where standard input and both outputs are one terminal the command gets a
// terminal of its own; else it has a pipe for each output.
func wrap(m *mask.Masker, args []string) error {
	cmd := exec.Command(args[0], args[1:]...)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, forwarded()...)
	defer signal.Stop(signals)
	finish, err := startInTerminal(m, cmd)
	if finish == nil && err == nil {
		finish, err = startWithPipes(m, cmd)
	}
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return &exitError{exitNotFound, fmt.Errorf("mask: %w", err)}
	case err != nil:
		return &exitError{exitNotExecutable, fmt.Errorf("mask: %w", err)}
	}
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-signals:
				forward(cmd.Process, s)
			case <-stop:
				return
			}
		}
	}()
	err = finish()
	close(stop)
	if err != nil && cmd.ProcessState == nil {
		return &exitError{exitUsage, fmt.Errorf("mask: %w", err)}
	}
	if code := exitStatus(cmd.ProcessState); code != 0 {
		return &exitError{code: code}
	}
	return nil
}

// startWithPipes starts the command with a pipe for each output.
func startWithPipes(m *mask.Masker, cmd *exec.Cmd) (finish func() error, err error) {
	cmd.Stdin = os.Stdin
	var masked sync.WaitGroup
	var ends []*os.File
	for _, p := range []struct {
		dst *os.File
		to  *io.Writer
	}{{os.Stdout, &cmd.Stdout}, {os.Stderr, &cmd.Stderr}} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		*p.to = w
		ends = append(ends, w)
		masked.Go(func() {
			defer r.Close() // the command gets SIGPIPE when nobody reads
			if err := copyMasked(context.Background(), m, p.dst, r); err != nil {
				fmt.Fprintln(os.Stderr, "leaksonde: mask:", err)
			}
		})
	}
	err = cmd.Start()
	for _, w := range ends {
		w.Close()
	}
	if err != nil {
		masked.Wait()
		return nil, err
	}
	return func() error {
		// The outputs end when the last process that holds them does, as they
		// would without us.
		masked.Wait()
		return cmd.Wait()
	}, nil
}
