package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/leaksonde/leaksonde/reporters"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// output is where the report goes.
type output struct {
	reporter reporters.Reporter
	// summary goes to standard error when the report itself cannot say what
	// was covered (JSONL), or goes to a file.
	summary reporters.Reporter
	buffer  *bufio.Writer
	file    *os.File // nil for standard output
	final   string   // the file's name once it is whole
	name    string
}

// open prepares the report before the scan, so that a file that cannot be
// written is known before time is spent.
func (f *scanFlags) open(stream bool) (*output, error) {
	format := f.format
	if format == "" {
		format = reporters.Formats()[0]
		if f.output != "" {
			name, ok := reporters.FormatForPath(f.output)
			if !ok {
				return nil, fmt.Errorf("-o %s: the suffix tells no format; give --format (%s)", f.output, strings.Join(reporters.Formats(), ", "))
			}
			format = name
		}
	}
	o := &output{name: f.output}
	var w io.Writer = os.Stdout
	colour := false
	if f.output != "" {
		if err := o.create("the report", f.output); err != nil {
			return nil, err
		}
		w = o.file
	} else {
		colour = !f.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(os.Stdout.Fd()))
	}
	if !stream {
		o.buffer = bufio.NewWriterSize(w, 1<<16)
		w = o.buffer
	}
	opt := reporters.Options{ShowSecrets: f.showSecrets, Color: colour, Quiet: f.quiet, Verbose: f.verbose}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && f.output == "" {
		opt.Width = width
	}
	var err error
	if o.reporter, err = reporters.New(format, w, opt); err != nil {
		o.abandon()
		return nil, fmt.Errorf("--format: %w", err)
	}
	if !f.quiet && (f.output != "" || format == "jsonl") {
		opt.Color = !f.noColor && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(os.Stderr.Fd()))
		o.summary = reporters.Summary(os.Stderr, opt)
	}
	return o, nil
}

// create opens a temporary file beside the target; it takes the target's name
// when the report is whole, so that a failed scan loses no older report.
// Targets that are no regular files (/dev/stdout, FIFOs) are written directly.
func (o *output) create(what, path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return fmt.Errorf("cannot write %s: %s is a directory", what, path)
		}
		o.file, err = os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", what, err)
		}
		return nil
	} else if err == nil {
		// An existing file must be writable itself, not only its directory.
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", what, err)
		}
		f.Close()
	}
	var err error
	o.file, err = os.CreateTemp(filepath.Dir(path), ".leaksonde-*")
	if err != nil {
		return fmt.Errorf("cannot write %s %s: %w", what, path, err)
	}
	o.final = path
	return nil
}

// finding hands a finding to the report and to the summary.
func (o *output) finding(f *finding.Finding) error {
	if err := o.reporter.Finding(f); err != nil {
		return o.failed(err)
	}
	if o.summary != nil {
		return o.summary.Finding(f)
	}
	return nil
}

// close ends the report and gives the file its name.
func (o *output) close(run finding.Run, c *finding.Coverage) error {
	if err := o.reporter.Close(run, c); err != nil {
		return o.failed(err)
	}
	if o.buffer != nil {
		if err := o.buffer.Flush(); err != nil {
			return o.failed(err)
		}
	}
	if o.file != nil {
		if err := o.file.Close(); err != nil {
			return o.failed(err)
		}
		if o.final != "" {
			_ = os.Chmod(o.file.Name(), 0o644)
			if err := os.Rename(o.file.Name(), o.final); err != nil {
				return o.failed(err)
			}
		}
		o.file = nil
	}
	if o.summary != nil {
		return o.summary.Close(run, c)
	}
	return nil
}

func (o *output) failed(err error) error {
	return &exitError{exitUsage, fmt.Errorf("writing the report: %w", err)}
}

// abandon removes what was not finished.
func (o *output) abandon() {
	if o.file == nil {
		return
	}
	o.file.Close()
	if o.final != "" {
		os.Remove(o.file.Name())
	}
	o.file = nil
}

// writeFile writes what is said by what to a file of its own.
func writeFile(what, path string, write func(io.Writer) error) error {
	o := &output{}
	if err := o.create(what, path); err != nil {
		return err
	}
	defer o.abandon()
	if err := write(o.file); err != nil {
		return fmt.Errorf("cannot write %s %s: %w", what, path, err)
	}
	if err := o.file.Close(); err != nil {
		return fmt.Errorf("cannot write %s %s: %w", what, path, err)
	}
	if o.final != "" {
		if err := os.Rename(o.file.Name(), o.final); err != nil {
			return fmt.Errorf("cannot write %s %s: %w", what, path, err)
		}
	}
	o.file = nil
	return nil
}
