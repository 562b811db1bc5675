package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/mask"
)

// maskFlags are the flags of leaksonde mask as given.
type maskFlags struct {
	config, minConfidence string
	only, skip            []string
	style, template       string
	values                []string
}

func newMask() *cobra.Command {
	var f maskFlags
	cmd := &cobra.Command{
		Use:   "mask [FILE...] | mask -- CMD [ARG...]",
		Short: "Pass text on with every secret replaced",
		Long: `Mask copies standard input, or files, to standard output with every secret
replaced by a tag such as [openai-project-api-key:3f2a91c0]: the same value has
the same tag within a run. Nothing else is changed. What cannot be part of a
secret is passed on at once.

After -- comes a command to run: what it writes to standard output and standard
error is masked, its standard input, signals and exit code are passed on.`,
		Example: `  kubectl logs -f deploy/api | leaksonde mask
  leaksonde mask --style stars -- ./deploy.sh --verbose
  leaksonde mask --add-mask "$DEPLOY_TOKEN" -- make release`,
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := f.masker()
			if err != nil {
				return err
			}
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				if dash > 0 || len(args) == 0 {
					return fmt.Errorf("mask takes files, or -- and a command to run")
				}
				return wrap(m, args)
			}
			return maskFiles(cmd.Context(), m, args)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.style, "style", mask.Tag, "what takes a secret's place: "+strings.Join(mask.Styles(), ", "))
	fl.StringVar(&f.template, "template", "", "what takes a secret's place, with {rule}, {provider}, {kind} and {tag} replaced")
	fl.StringArrayVar(&f.values, "add-mask", nil, "mask this value, too, wherever it stands")
	fl.StringVar(&f.config, "config", "", "rule file that adds to the built-in rules")
	fl.StringSliceVar(&f.only, "rules-only", nil, "use only these rules: ids, patterns (openai-*), provider:NAME, tag:NAME")
	fl.StringSliceVar(&f.skip, "rules-skip", nil, "do not use these rules")
	fl.StringVar(&f.minConfidence, "min-confidence", "medium", "least confidence to mask: low, medium, high")
	_ = cmd.RegisterFlagCompletionFunc("style", cobra.FixedCompletions(mask.Styles(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("min-confidence", cobra.FixedCompletions([]string{"low", "medium", "high"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *maskFlags) masker() (*mask.Masker, error) {
	level, err := finding.ParseConfidence(f.minConfidence)
	if err != nil {
		return nil, fmt.Errorf("--min-confidence: %w", err)
	}
	set, err := rules.Builtin()
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	if f.config != "" {
		if set, err = applyConfig(set, f.config); err != nil {
			return nil, err
		}
	}
	if set, err = set.Select(f.only, f.skip); err != nil {
		return nil, err
	}
	return mask.New(mask.Options{Rules: set, MinConfidence: level, Style: f.style, Template: f.template, Values: f.values})
}

// maskFiles copies files, or standard input, to standard output. Each is a
// stream of its own: no secret begins in one and ends in the next.
func maskFiles(ctx context.Context, m *mask.Masker, files []string) error {
	if len(files) == 0 {
		files = []string{"-"}
	}
	failed := false
	for _, name := range files {
		src := os.Stdin
		if name != "-" {
			var err error
			if src, err = os.Open(name); err != nil {
				fmt.Fprintln(os.Stderr, "leaksonde: cannot mask:", err)
				failed = true
				continue
			}
		}
		err := copyMasked(ctx, m, os.Stdout, src)
		if src != os.Stdin {
			src.Close()
		}
		var read *readError
		switch {
		case errors.As(err, &read):
			fmt.Fprintln(os.Stderr, "leaksonde: mask: reading", name+":", read.err)
			failed = true
		case errors.Is(err, context.Canceled):
			return &exitError{code: exitIncomplete}
		case err != nil:
			return &exitError{exitUsage, fmt.Errorf("mask: %w", err)}
		}
	}
	if failed {
		return &exitError{code: exitIncomplete}
	}
	return nil
}

// readError tells an error of what is read from one of what is written.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// copyMasked masks src into dst until it ends or ctx is done; what was read has
// then been written.
func copyMasked(ctx context.Context, m *mask.Masker, dst io.Writer, src io.Reader) error {
	w := m.Writer(dst)
	done := make(chan error, 1)
	go func() {
		buf := make([]byte, 128<<10)
		for {
			n, err := src.Read(buf)
			if _, e := w.Write(buf[:n]); e != nil {
				done <- e
				return
			}
			if err == io.EOF {
				done <- nil
				return
			}
			if err != nil {
				done <- &readError{err}
				return
			}
		}
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if e := w.Close(); e != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = e
	}
	return err
}
