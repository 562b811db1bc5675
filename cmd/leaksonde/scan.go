package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/leaksonde/leaksonde/reporters"
	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// scanFlags are the flags of leaksonde scan as given.
type scanFlags struct {
	format, output, config    string
	only, skip                []string
	minConfidence, failOn     string
	scope, maxFileSize        string
	jobs                      int
	showSecrets, noColor      bool
	quiet, verbose, stats     bool
	coverage                  string
	allowIncomplete           bool
	untrusted, includeIgnored bool
	staged, noDelta           bool
	rng, since, branch        string
	checks                    verifyFlags
}

func newScan() *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan [PATH...|-]",
		Short: "Scan repositories, directories, files, or standard input (-)",
		Long: `Scan scans what it is pointed at: a git repository with its history, index and
work tree; a directory; a file; standard input (-).`,
		Example: `  leaksonde scan ./repo
  leaksonde scan --staged
  leaksonde scan --range origin/main..HEAD .
  leaksonde scan --format sarif -o leaks.sarif .
  kubectl logs deploy/api | leaksonde scan -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, name := range []string{"output", "coverage"} {
				if g := cmd.Flags().Lookup(name); g.Changed && g.Value.String() == "" {
					return fmt.Errorf("--%s: the name of the file is empty", name)
				}
			}
			return scan(cmd.Context(), f, args)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "", "output format: "+strings.Join(reporters.Formats(), ", ")+" (default: from the suffix of -o, else console)")
	fl.StringVarP(&f.output, "output", "o", "", "write the report to this file")
	fl.StringVar(&f.config, "config", "", "rule file that adds to the built-in rules (default: leaksonde.toml of the scanned root)")
	fl.StringSliceVar(&f.only, "rules-only", nil, "use only these rules: ids, patterns (openai-*), provider:NAME, tag:NAME")
	fl.StringSliceVar(&f.skip, "rules-skip", nil, "do not use these rules")
	fl.StringVar(&f.minConfidence, "min-confidence", "medium", "least confidence to report: low, medium, high")
	fl.StringVar(&f.failOn, "fail-on", "low", "what makes the exit code 1: a severity (low, medium, high, critical) from which on, none, or active (with --verify)")
	fl.StringVar(&f.scope, "scope", "", "what to scan: "+strings.Join(scanner.Scopes, ", "))
	fl.BoolVar(&f.staged, "staged", false, "short for --scope staged: what a commit of the index would bring")
	fl.StringVar(&f.rng, "range", "", "scan what the commits of a range bring: A..B, A...B")
	fl.StringVar(&f.branch, "branch", "", "scan what the commits of one branch bring")
	fl.StringVar(&f.since, "since", "", "of the commits only those since a date (2026-01-31, 2.weeks) or revision")
	fl.BoolVar(&f.noDelta, "no-delta", false, "search every git object in full: slower, the same results")
	fl.StringVar(&f.maxFileSize, "max-file-size", "", "leave out larger files, e.g. 10MB (default: no limit)")
	fl.IntVarP(&f.jobs, "jobs", "j", 0, "number of workers (default: number of CPUs)")
	fl.BoolVar(&f.showSecrets, "show-secrets", false, "print secrets in the clear")
	fl.BoolVar(&f.noColor, "no-color", false, "no colours (also: the environment variable NO_COLOR)")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print findings only, no summary and no progress")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print every occurrence, everything left out, and all steps")
	fl.BoolVar(&f.stats, "stats", false, "print what each rule cost to standard error")
	fl.StringVar(&f.coverage, "coverage", "", "write the coverage ledger to this file as JSON")
	fl.BoolVar(&f.allowIncomplete, "allow-incomplete", false, "exit 0 instead of 3 when something in scope was not read")
	fl.BoolVar(&f.untrusted, "untrusted", false, "do as if the scanned tree had no ignore files, inline allows and leaksonde.toml")
	fl.BoolVar(&f.includeIgnored, "include-ignored", false, "scan what .gitignore leaves out, too")
	f.checks.registerScan(fl)
	complete := func(values ...string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	_ = cmd.RegisterFlagCompletionFunc("format", complete(reporters.Formats()...))
	_ = cmd.RegisterFlagCompletionFunc("min-confidence", complete("low", "medium", "high"))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", complete("none", "low", "medium", "high", "critical", "active"))
	_ = cmd.RegisterFlagCompletionFunc("scope", complete(scanner.Scopes...))
	return cmd
}

// scan runs leaksonde scan.
func scan(ctx context.Context, f scanFlags, paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	opt, gate, err := f.options()
	if err != nil {
		return err
	}
	stream := slices.Contains(paths, "-")
	if stream && len(paths) > 1 {
		return fmt.Errorf("- (standard input) cannot be scanned together with paths")
	}
	set, err := f.rules(paths)
	if err != nil {
		return err
	}
	checks, err := f.checks.start(set, f.quiet)
	if err != nil {
		return err
	}
	out, err := f.open(stream)
	if err != nil {
		return err
	}
	defer out.abandon()
	progress := newProgress(f.quiet || f.verbose && !term.IsTerminal(int(os.Stderr.Fd())))
	opt.Progress = progress.update
	s, err := scanner.New(set, opt)
	if err != nil {
		return err
	}
	if !f.staged && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100)
	}
	var result result
	if stream {
		result, err = f.stream(ctx, s, out, checks)
	} else {
		result, err = f.paths(ctx, s, paths, out, progress, checks)
	}
	if err != nil {
		return err
	}
	if f.checks.plan {
		checks.printPlan(os.Stdout, result.planned)
		gate.none, gate.active = true, false
		return gate.verdict(result, f.allowIncomplete)
	}
	if err := checks.end(&result, f.quiet); err != nil {
		return err
	}
	if err := f.finish(s, out, result); err != nil {
		return err
	}
	gate.clear = gate.active || f.checks.onlyActive
	return gate.verdict(result, f.allowIncomplete)
}

// result is what a scan leaves for the gate and the ledger.
type result struct {
	run      finding.Run
	coverage *finding.Coverage
	worst    finding.Severity
	// Of the live checks: how many are active, how many without a clear
	// answer, how many left out for not being active, and what is to be planned.
	active, unclear, left int
	planned               []*finding.Finding
}

func (f *scanFlags) stream(ctx context.Context, s *scanner.Scanner, out *output, c *checks) (r result, err error) {
	r.run, r.coverage, err = s.Stream(ctx, "<stdin>", os.Stdin, func(fd *finding.Finding) error {
		return f.report(ctx, []*finding.Finding{fd}, out, c, &r)
	})
	return r, err
}

func (f *scanFlags) paths(ctx context.Context, s *scanner.Scanner, paths []string, out *output, p *progress, c *checks) (r result, err error) {
	report, err := s.Paths(ctx, paths)
	p.clear()
	if err != nil {
		var usage *scanner.UsageError
		if errors.As(err, &usage) {
			return r, err
		}
		return r, &exitError{exitIncomplete, fmt.Errorf("the scan did not finish: %w", err)}
	}
	if err := f.report(ctx, report.Findings, out, c, &r); err != nil {
		return r, err
	}
	r.run, r.coverage = report.Run, report.Coverage
	return r, nil
}

// report checks findings, if that was asked for, and reports them.
func (f *scanFlags) report(ctx context.Context, found []*finding.Finding, out *output, c *checks, r *result) error {
	if f.checks.plan {
		r.planned = append(r.planned, found...)
		return nil
	}
	found, err := c.apply(ctx, found, r)
	if err != nil {
		return err
	}
	for _, fd := range found {
		r.worst = max(r.worst, fd.Severity)
		if err := out.finding(fd); err != nil {
			return err
		}
	}
	return nil
}

// finish closes the report and writes what was asked for beside it.
func (f *scanFlags) finish(s *scanner.Scanner, out *output, r result) error {
	r.run.Version, r.run.ShowSecrets = version(), f.showSecrets
	if err := out.close(r.run, r.coverage); err != nil {
		return err
	}
	if f.coverage != "" {
		if err := writeFile("the coverage ledger", f.coverage, func(w io.Writer) error { return reporters.WriteCoverage(w, r.run, r.coverage) }); err != nil {
			return err
		}
	}
	if f.stats {
		printStats(os.Stderr, s.Stats())
	}
	return nil
}

// options turns flags into scanner options and the gate.
func (f *scanFlags) options() (o scanner.Options, g gate, err error) {
	if o.MinConfidence, err = finding.ParseConfidence(f.minConfidence); err != nil {
		return o, g, fmt.Errorf("--min-confidence: %w", err)
	}
	if g, err = parseGate(f.failOn); err != nil {
		return o, g, err
	}
	if err := f.checks.check(g); err != nil {
		return o, g, err
	}
	if o.MaxFileSize, err = parseSize(f.maxFileSize); err != nil {
		return o, g, err
	}
	if f.scope != "" && !slices.Contains(scanner.Scopes, f.scope) {
		return o, g, fmt.Errorf("--scope: unknown scope %q (want %s)", f.scope, strings.Join(scanner.Scopes, ", "))
	}
	if f.jobs < 0 || f.jobs > 1024 {
		return o, g, fmt.Errorf("--jobs: %d is out of range (1 to 1024; 0 for the number of CPUs)", f.jobs)
	}
	if err := f.gitOptions(&o); err != nil {
		return o, g, err
	}
	o.Jobs, o.Scope, o.Untrusted, o.IncludeIgnored, o.Stats = f.jobs, f.scope, f.untrusted, f.includeIgnored, f.stats
	return o, g, nil
}

// gitOptions turns the flags about commits into options.
func (f *scanFlags) gitOptions(o *scanner.Options) error {
	if f.staged {
		if f.scope != "" && f.scope != scanner.ScopeStaged {
			return fmt.Errorf("--staged and --scope %s contradict each other", f.scope)
		}
		f.scope = scanner.ScopeStaged
	}
	f.staged = f.scope == scanner.ScopeStaged
	if f.branch != "" {
		if f.rng != "" {
			return fmt.Errorf("--branch and --range exclude each other")
		}
		f.rng = f.branch
	}
	if f.since != "" && f.rng == "" {
		if f.scope != "" {
			return fmt.Errorf("--since limits a --range or --branch; without them it means --range HEAD")
		}
		f.rng = "HEAD"
	}
	if f.rng != "" && f.scope != "" {
		return fmt.Errorf("--range and --scope %s exclude each other", f.scope)
	}
	o.Range, o.Since, o.NoDelta = f.rng, f.since, f.noDelta
	if f.staged {
		o.Getenv = os.Getenv
	}
	return nil
}

// configName is the rule file that a scanned tree may have at its root.
const configName = "leaksonde.toml"

// rules loads the rule set the flags ask for.
func (f *scanFlags) rules(paths []string) (*rules.Set, error) {
	set, err := rules.BuiltinLean()
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	file := f.config
	if file == "" && !f.untrusted {
		file = treeConfig(paths)
	}
	if file != "" {
		if set, err = applyConfig(set, file); err != nil {
			return nil, err
		}
		if file != f.config {
			dropChecks(set, file)
		}
	}
	return set.Select(f.only, f.skip)
}

// dropChecks takes the live checks out of a scanned tree's own rules: a tree
// must not decide what is sent where.
func dropChecks(set *rules.Set, file string) {
	for _, r := range set.Rules {
		if r.File == file && r.Verify != nil {
			r.Verify = nil
			fmt.Fprintf(os.Stderr, "leaksonde: note: %s:%d: rule %q: its verify block is not used, since the file comes with the scanned tree (use --config)\n", file, r.Line, r.ID)
		}
	}
}

// treeConfig is the rule file of the scanned root, "" if there is none. Of
// several roots none speaks for the others.
func treeConfig(paths []string) string {
	if len(paths) != 1 || paths[0] == "-" {
		for _, p := range paths {
			if file := filepath.Join(p, configName); isRegular(file) {
				fmt.Fprintf(os.Stderr, "leaksonde: note: %s is not used, since several paths are scanned (use --config)\n", file)
			}
		}
		return ""
	}
	if file := filepath.Join(paths[0], configName); isRegular(file) {
		return file
	}
	if root, _, ok := scanner.WorkTree(paths[0]); ok {
		if file := filepath.Join(root, configName); isRegular(file) {
			return file
		}
	}
	return ""
}

func isRegular(file string) bool {
	info, err := os.Lstat(file)
	return err == nil && info.Mode().IsRegular()
}

func applyConfig(set *rules.Set, file string) (*rules.Set, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the configuration: %w", err)
	}
	c, err := rules.Parse(file, src)
	if err != nil {
		return nil, err
	}
	if set, err = c.Apply(set); err != nil {
		return nil, err
	}
	return set, set.Validate()
}
