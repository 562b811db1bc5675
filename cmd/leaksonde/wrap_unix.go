//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/leaksonde/leaksonde/scanner/mask"
)

func forwarded() []os.Signal {
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGCONT}
}

// forward passes a signal on. What a terminal sends to its foreground group the
// command has had.
func forward(p *os.Process, s os.Signal) {
	if (s == syscall.SIGINT || s == syscall.SIGQUIT) && term.IsTerminal(int(os.Stdin.Fd())) {
		return
	}
	_ = p.Signal(s)
}

// exitStatus is the code a shell would show.
func exitStatus(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}

// startInTerminal starts the command in a terminal of its own if it would have
// one without us; finish is nil if not.
func startInTerminal(m *mask.Masker, cmd *exec.Cmd) (finish func() error, err error) {
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if !term.IsTerminal(int(f.Fd())) {
			return nil, nil
		}
	}
	tty, err := pty.Start(cmd)
	if err != nil {
		return nil, err
	}
	resize := make(chan os.Signal, 1)
	signal.Notify(resize, syscall.SIGWINCH)
	go func() {
		for range resize {
			_ = pty.InheritSize(os.Stdin, tty)
		}
	}()
	resize <- syscall.SIGWINCH
	// Keys go to the command's terminal, which makes signals of them.
	state, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		state = nil
	}
	go func() { _, _ = io.Copy(tty, os.Stdin) }()
	return func() error {
		// The read fails when the command's side of the terminal is closed.
		_ = copyMasked(context.Background(), m, os.Stdout, tty)
		err := cmd.Wait()
		signal.Stop(resize)
		close(resize)
		if state != nil {
			_ = term.Restore(int(os.Stdin.Fd()), state)
		}
		tty.Close()
		return err
	}, nil
}
