package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/leaksonde/leaksonde/cmd/leaksonde/internal/action"
	"github.com/leaksonde/leaksonde/reporters"
	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

func newAction() *cobra.Command {
	return &cobra.Command{
		Use: "action", Short: "Scan what an event of GitHub Actions is about (run by action.yml)", Hidden: true, Args: cobra.NoArgs,
		Long: `Action is what the step of action.yml runs. The event comes from the runner's
variables (GITHUB_EVENT_NAME, GITHUB_EVENT_PATH), the inputs of the step from
LEAKSONDE_ACTION_..., one variable for each input of action.yml.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runAction(cmd.Context()) },
	}
}

// actionRun is one run of the step.
type actionRun struct {
	scanFlags
	plan     action.Plan
	checkout action.Checkout
	set      *rules.Set // of the last scan
	path     string
	sarif    string // file
	annotate bool
	summary  bool
}

// actionInput reads an input of the step.
func actionInput(name string) string {
	return strings.TrimSpace(os.Getenv("LEAKSONDE_ACTION_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))))
}

func runAction(ctx context.Context) error {
	err := scanEvent(ctx)
	var exit *exitError
	if err != nil && (!errors.As(err, &exit) || exit.err != nil) {
		// The log says it, and the page of the run, too.
		action.Problem(os.Stdout, "Leaksonde", err.Error())
		outputs := func(w io.Writer) error { return action.Outputs(w, "complete", "false", "upload", "false") }
		err = errors.Join(err, action.Append(os.Getenv("GITHUB_OUTPUT"), outputs))
	}
	return err
}

func scanEvent(ctx context.Context) error {
	a := &actionRun{}
	if err := a.inputs(); err != nil {
		return err
	}
	if err := a.readPlan(); err != nil {
		return err
	}
	fmt.Printf("leaksonde: %s\n", printable(a.plan.What))
	if a.plan.Nothing != "" {
		return a.nothing()
	}
	if err := a.checkout.Complete(ctx, &a.plan); err != nil {
		return &exitError{exitIncomplete, err}
	}
	report, err := a.scan(ctx)
	if err != nil {
		return err
	}
	a.tellProposed(ctx)
	r, err := a.check(ctx, report)
	if err != nil {
		return err
	}
	return a.finish(report, r)
}

// inputs reads the inputs of the step.
func (a *actionRun) inputs() error {
	list := func(name string) []string {
		return strings.FieldsFunc(actionInput(name), func(r rune) bool { return r == ',' || r == '\n' || r == ' ' })
	}
	text := func(name, def string) string {
		if v := actionInput(name); v != "" {
			return v
		}
		return def
	}
	var errs []error
	flag := func(name string, def bool) bool {
		v, err := strconv.ParseBool(text(name, strconv.FormatBool(def)))
		if err != nil {
			errs = append(errs, fmt.Errorf("input %s: %q is neither true nor false", name, actionInput(name)))
		}
		return v
	}
	a.scanFlags = scanFlags{
		config: actionInput("config"), only: list("rules-only"), skip: list("rules-skip"),
		minConfidence: text("min-confidence", "medium"), failOn: text("fail-on", "low"),
		scope: actionInput("scope"), rng: actionInput("range"), maxFileSize: actionInput("max-file-size"),
		allowIncomplete: flag("allow-incomplete", false), untrusted: flag("untrusted", false),
	}
	a.checks.registerScan(pflag.NewFlagSet("", pflag.ContinueOnError)) // for the defaults
	a.checks.verify = flag("verify", false)
	a.path = filepath.Clean(text("path", "."))
	if info, err := os.Stat(a.path); err != nil || !info.IsDir() {
		errs = append(errs, fmt.Errorf("input path: %s is no directory of the workspace (is actions/checkout run before?)", a.path))
	}
	a.annotate, a.summary = flag("annotations", true), flag("summary", true)
	a.sarif = text("sarif-file", filepath.Join(text("temp", os.Getenv("RUNNER_TEMP")), "leaksonde.sarif"))
	a.checkout = action.Checkout{Dir: a.path, Fetch: flag("deepen", true), Log: func(s string) { fmt.Println("leaksonde:", printable(s)) }}
	return errors.Join(errs...)
}

// readPlan says what to scan: the inputs if they say it, else the event.
func (a *actionRun) readPlan() (err error) {
	switch {
	case a.rng != "":
		a.plan = action.Plan{What: "range " + a.rng}
		return nil
	case a.scope != "":
		a.plan = action.Plan{What: "scope " + a.scope}
		return nil
	}
	a.plan, err = action.ReadEvent(os.Getenv("GITHUB_EVENT_NAME"), os.Getenv("GITHUB_EVENT_PATH"))
	return err
}

// nothing ends a run that has nothing to scan, and says so.
func (a *actionRun) nothing() error {
	fmt.Printf("leaksonde: nothing to scan: %s\n", a.plan.Nothing)
	if a.summary {
		err := action.Append(os.Getenv("GITHUB_STEP_SUMMARY"), func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "## Leaksonde had nothing to scan\n\nOf this event, %s.\n", a.plan.Nothing)
			return err
		})
		if err != nil {
			return err
		}
	}
	return action.Append(os.Getenv("GITHUB_OUTPUT"), func(w io.Writer) error {
		return action.Outputs(w, "findings", "0", "active", "0", "complete", "true", "sarif", "", "upload", "false")
	})
}

// scan scans, and fetches more as long as the history turns out to be cut off
// within what is to be scanned.
func (a *actionRun) scan(ctx context.Context) (*finding.Report, error) {
	for attempt := 0; ; attempt++ {
		if a.plan.Head == "" && a.scope != scanner.ScopeWorktree && a.scope != scanner.ScopeHead {
			a.deepen(ctx, attempt)
		}
		report, err := a.scanOnce(ctx)
		if err != nil || !isShallow(report.Coverage) || a.deepen(ctx, attempt) {
			return report, err
		}
	}
}

// deepen reports whether there is nothing more to be had.
func (a *actionRun) deepen(ctx context.Context, attempt int) bool {
	done, err := a.checkout.Deepen(ctx, &a.plan, attempt)
	if err != nil {
		fmt.Printf("leaksonde: the checkout is shallow and could not be deepened (use actions/checkout with fetch-depth: 0): %s\n", printable(err.Error()))
		return true
	}
	return done
}

func isShallow(c *finding.Coverage) bool {
	return slices.ContainsFunc(c.Tallies(), func(t finding.Tally) bool { return t.Reason == finding.ReasonShallow })
}

func (a *actionRun) scanOnce(ctx context.Context) (*finding.Report, error) {
	f := a.scanFlags
	if p := &a.plan; p.Head != "" {
		f.rng = p.Head
		if p.Base != "" {
			f.rng = p.Base + ".." + p.Head
		}
	}
	opt, _, err := f.options()
	if err != nil {
		return nil, err
	}
	opt.SkipGitConfig, opt.TrustTree, opt.Elsewhere = true, !a.plan.Foreign, a.plan.Perhaps
	if a.plan.Branch != "" {
		opt.Elsewhere = append(slices.Clone(opt.Elsewhere), "refs/remotes/origin/"+a.plan.Branch)
	}
	set, err := a.ruleSet(ctx)
	if err != nil {
		return nil, err
	}
	a.set = set
	s, err := scanner.New(set, opt)
	if err != nil {
		return nil, err
	}
	report, err := s.Paths(ctx, []string{a.path})
	var usage *scanner.UsageError
	switch {
	case errors.As(err, &usage):
		return nil, err
	case err != nil:
		return nil, &exitError{exitIncomplete, fmt.Errorf("the scan did not finish: %w", err)}
	}
	report.Run.Version = version()
	if a.path != "." { // the platform counts paths from the checkout
		for _, fd := range report.Findings {
			for i := range fd.Occurrences {
				o := &fd.Occurrences[i]
				o.Root = strings.TrimSuffix(filepath.ToSlash(a.path)+"/"+o.Root, "/")
			}
		}
	}
	return report, nil
}

// ruleSet loads the rules. What a proposal says about them does not count, but
// what the commit it is based on does.
func (a *actionRun) ruleSet(ctx context.Context) (*rules.Set, error) {
	name := a.config
	if name == "" {
		name = configName
	}
	if !a.plan.Foreign || a.untrusted || a.config != "" && !filepath.IsLocal(a.config) {
		return a.rules([]string{a.path})
	}
	set, err := rules.BuiltinLean()
	if err != nil {
		return nil, err
	}
	from := a.checkout
	if a.config != "" {
		from.Dir = "." // as given, it counts from the workspace
	}
	text, err := from.File(ctx, a.plan.Base, filepath.ToSlash(name))
	if err != nil {
		return nil, err
	}
	if text == nil && a.config != "" {
		return nil, fmt.Errorf("input config: commit %s, which the proposal is based on, has no %s", a.plan.Base, a.config)
	}
	if text != nil {
		c, err := rules.Parse(name, text)
		if err != nil {
			return nil, err
		}
		if set, err = c.Apply(set); err != nil {
			return nil, err
		}
		if err := set.Validate(); err != nil {
			return nil, err
		}
		if a.config == "" {
			dropChecks(set, name)
		}
	}
	return set.Select(a.only, a.skip)
}

// check asks the providers, if the step is to do so.
func (a *actionRun) check(ctx context.Context, report *finding.Report) (r result, err error) {
	r = result{run: report.Run, coverage: report.Coverage}
	checks, err := a.checks.start(a.set, true)
	if err != nil {
		return r, err
	}
	if report.Findings, err = checks.apply(ctx, report.Findings, &r); err != nil {
		return r, err
	}
	for _, f := range report.Findings {
		r.worst = max(r.worst, f.Severity)
	}
	return r, checks.end(&r, false)
}

// tellProposed says that what a proposal changes of the configuration does not
// count yet: else its author wonders.
func (a *actionRun) tellProposed(ctx context.Context) {
	if !a.plan.Foreign {
		return
	}
	for _, name := range []string{configName, ".leaksondeignore"} {
		before, err := a.checkout.File(ctx, a.plan.Base, name)
		after, err2 := a.checkout.File(ctx, a.plan.Head, name)
		if err == nil && err2 == nil && !bytes.Equal(before, after) {
			fmt.Printf("leaksonde: what this proposal changes in %s counts once it is accepted\n", name)
		}
	}
}

// finish writes the reports and the outputs and judges.
func (a *actionRun) finish(report *finding.Report, r result) error {
	replay := func(format string) func(io.Writer) error {
		return func(w io.Writer) error {
			buffer := bufio.NewWriter(w)
			reporter, err := reporters.New(format, buffer, reporters.Options{Verbose: format == "console" && report.Coverage.Incomplete()})
			if err != nil {
				return err
			}
			return errors.Join(reporters.Replay(reporter, report), buffer.Flush())
		}
	}
	errs := []error{action.Plain(os.Stdout, replay("console"))}
	if a.annotate {
		errs = append(errs, replay("github")(os.Stdout))
	}
	if a.summary {
		errs = append(errs, action.Append(os.Getenv("GITHUB_STEP_SUMMARY"), replay("markdown")))
	}
	errs = append(errs, writeFile("the SARIF report", a.sarif, replay("sarif")))
	errs = append(errs, action.Append(os.Getenv("GITHUB_OUTPUT"), func(w io.Writer) error {
		return action.Outputs(w,
			"findings", strconv.Itoa(len(report.Findings)), "active", strconv.Itoa(r.active),
			"complete", strconv.FormatBool(!report.Coverage.Incomplete()),
			"sarif", a.sarif, "upload", strconv.FormatBool(!a.plan.ReadOnly))
	}))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if isShallow(report.Coverage) {
		action.Problem(os.Stdout, "Leaksonde: shallow checkout", "The checkout holds only a part of the history that is to be scanned: use actions/checkout with fetch-depth: 0.")
	}
	g, err := parseGate(a.failOn)
	if err != nil {
		return err
	}
	g.clear = g.active
	return g.verdict(r, a.allowIncomplete)
}

// printable keeps what an event or a server says on one line, where it can
// spell no workflow command.
func printable(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "##[", "# #["), "::", ": :")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
