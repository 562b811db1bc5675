package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/leaksonde/leaksonde/scanner"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

func newWatch() *cobra.Command {
	var f scanFlags
	var from, checkpoint string
	cmd := &cobra.Command{
		Use:   "watch PATH...",
		Short: "Follow files as they grow and report secrets as they are written",
		Long: `Watch follows files, and what globs match, through rotation by rename and by
copy-and-truncate. Each secret is reported once, when its line is complete.

With --checkpoint a restart neither misses nor repeats what was written; only
after a kill can what was reported in the last tenth of a second come again.`,
		Example: `  leaksonde watch /var/log/app.log
  leaksonde watch --format jsonl --checkpoint /var/lib/leaksonde/state '/var/log/containers/*.log'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if from != "start" && from != "end" {
				return fmt.Errorf("--from: %q is neither start nor end", from)
			}
			o := scanner.WatchOptions{Paths: args, FromStart: from == "start", Checkpoint: checkpoint}
			return watch(cmd.Context(), f, o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&from, "from", "end", "where to begin in files that are there at the start: start, end")
	fl.StringVar(&checkpoint, "checkpoint", "", "keep in this file what has been read, and go on from there")
	fl.StringVar(&f.format, "format", "", "output format: console, jsonl")
	fl.StringVar(&f.config, "config", "", "rule file that adds to the built-in rules")
	fl.StringSliceVar(&f.only, "rules-only", nil, "use only these rules: ids, patterns (openai-*), provider:NAME, tag:NAME")
	fl.StringSliceVar(&f.skip, "rules-skip", nil, "do not use these rules")
	fl.StringVar(&f.minConfidence, "min-confidence", "medium", "least confidence to report: low, medium, high")
	fl.StringVar(&f.failOn, "fail-on", "low", "least severity that makes the exit code 1: none, low, medium, high, critical")
	fl.BoolVar(&f.showSecrets, "show-secrets", false, "print secrets in the clear")
	fl.BoolVar(&f.noColor, "no-color", false, "no colours (also: the environment variable NO_COLOR)")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print findings only, no summary")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print all steps of remediation")
	_ = cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions([]string{"start", "end"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func watch(ctx context.Context, f scanFlags, o scanner.WatchOptions) error {
	if f.format != "" && f.format != "console" && f.format != "jsonl" {
		return fmt.Errorf("--format %s: watch reports as it goes, as console or jsonl", f.format)
	}
	opt, gate, err := f.options()
	if err != nil {
		return err
	}
	f.untrusted = true // of a log's directory no rule file is read
	set, err := f.rules(nil)
	if err != nil {
		return err
	}
	out, err := f.open(true)
	if err != nil {
		return err
	}
	defer out.abandon()
	s, err := scanner.New(set, opt)
	if err != nil {
		return err
	}
	o.Trouble = func(_ string, err error) { fmt.Fprintln(os.Stderr, "leaksonde: watch:", err) }
	var r result
	r.run, r.coverage, err = s.Watch(ctx, o, func(fd *finding.Finding) error {
		r.worst = max(r.worst, fd.Severity)
		return out.finding(fd)
	})
	if err != nil {
		var usage *scanner.UsageError
		if errors.As(err, &usage) {
			return err
		}
		return &exitError{exitIncomplete, err}
	}
	if err := f.finish(s, out, r); err != nil {
		return err
	}
	return gate.verdict(r, false)
}
