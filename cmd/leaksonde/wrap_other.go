//go:build !unix

package main

import (
	"os"
	"os/exec"

	"github.com/leaksonde/leaksonde/scanner/mask"
)

func forwarded() []os.Signal { return []os.Signal{os.Interrupt} }

// forward does nothing: the console sends Ctrl-C to all its processes.
func forward(*os.Process, os.Signal) {}

func exitStatus(s *os.ProcessState) int { return s.ExitCode() }

func startInTerminal(*mask.Masker, *exec.Cmd) (func() error, error) { return nil, nil }
