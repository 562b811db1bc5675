package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/leaksonde/leaksonde/cmd/leaksonde/internal/hook"
	"github.com/leaksonde/leaksonde/reporters"
	"github.com/leaksonde/leaksonde/scanner"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// hookFlags say which hooks are meant.
type hookFlags struct{ preCommit, prePush, global bool }

func newHook() *cobra.Command {
	var f hookFlags
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "Scan every commit, or push, before it is made",
		Long: `Hook puts leaksonde into git's hooks. Before a commit it scans what is staged,
before a push the commits that the remote lacks, and stops it if there is a
secret. Hooks that are there go on running; core.hooksPath, husky and lefthook
are respected.`,
		Example: `  leaksonde hook install
  leaksonde hook install --pre-commit --pre-push
  leaksonde hook install --global
  leaksonde hook status`,
	}
	fl := cmd.PersistentFlags()
	fl.BoolVar(&f.preCommit, "pre-commit", false, "the pre-commit hook (default)")
	fl.BoolVar(&f.prePush, "pre-push", false, "the pre-push hook")
	fl.BoolVar(&f.global, "global", false, "for all of your repositories, by core.hooksPath")
	sub := func(use, short string, run func(context.Context, hook.Place) error) {
		cmd.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				place, err := f.place(cmd.Context())
				if err != nil {
					return err
				}
				return run(cmd.Context(), place)
			},
		})
	}
	sub("install", "Install hooks, or bring them up to date", f.install)
	sub("uninstall", "Take hooks out and restore what was there", f.uninstall)
	sub("status", "Say which hooks are in place; exit code 3 if one that was asked for is not", f.status)
	cmd.AddCommand(&cobra.Command{
		Use: "run HOOK [ARG...]", Short: "What the hooks run", Hidden: true, Args: cobra.MinimumNArgs(1),
		DisableFlagParsing: true, // a remote may be called anything
		RunE:               func(cmd *cobra.Command, args []string) error { return runHook(cmd.Context(), args) },
	})
	return cmd
}

func (f *hookFlags) place(ctx context.Context) (hook.Place, error) {
	if f.global {
		return hook.LocateGlobal(ctx)
	}
	return hook.Locate(ctx, ".")
}

// names are the hooks asked for, or those of def.
func (f *hookFlags) names(def ...hook.Name) []hook.Name {
	var names []hook.Name
	if f.preCommit {
		names = append(names, hook.PreCommit)
	}
	if f.prePush {
		names = append(names, hook.PrePush)
	}
	if names == nil {
		return def
	}
	return names
}

func (f *hookFlags) install(ctx context.Context, p hook.Place) error {
	program, err := ownPath()
	if err != nil {
		return err
	}
	return f.each(f.names(hook.PreCommit), func(n hook.Name) (hook.Result, error) { return p.Install(ctx, n, program) })
}

// ownPath is where this program was called: a link, if it was called by one,
// since that survives an upgrade (Homebrew, Nix profiles).
func ownPath() (string, error) {
	if path, err := exec.LookPath(os.Args[0]); err == nil {
		return filepath.Abs(path)
	}
	return os.Executable()
}

func (f *hookFlags) uninstall(ctx context.Context, p hook.Place) error {
	return f.each(f.names(hook.PreCommit, hook.PrePush), func(n hook.Name) (hook.Result, error) { return p.Uninstall(ctx, n) })
}

func (f *hookFlags) each(names []hook.Name, do func(hook.Name) (hook.Result, error)) error {
	for _, n := range names {
		r, err := do(n)
		if err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
		fmt.Printf("%s: %s\n", n, r.Done)
		for _, note := range r.Notes {
			fmt.Printf("  note: %s\n", note)
		}
	}
	return nil
}

func (f *hookFlags) status(_ context.Context, p hook.Place) error {
	missing, found := false, false
	for _, n := range f.names(hook.PreCommit, hook.PrePush) {
		s, err := p.Status(n)
		if err != nil {
			return err
		}
		missing, found = missing || !s.Installed, found || s.Installed
		fmt.Printf("%s: %s\n", n, s.Detail)
	}
	if missing && (f.preCommit || f.prePush || !found) {
		return &exitError{code: exitIncomplete}
	}
	return nil
}

// runHook is what a hook runs. It is silent if there is nothing to say.
func runHook(ctx context.Context, args []string) error {
	name := hook.Name(args[0])
	if name != hook.PreCommit && name != hook.PrePush {
		return fmt.Errorf("hook run: unknown hook %q (want pre-commit or pre-push)", args[0])
	}
	if hook.Skipped(os.Getenv) {
		fmt.Fprintf(os.Stderr, "leaksonde: skipped, since %s is set: nothing was scanned\n", hook.SkipVariable)
		return nil
	}
	f := gateScan{scanFlags: scanFlags{minConfidence: "medium", failOn: "low", quiet: true}}
	framework := slices.Contains(args[1:], "--framework") || os.Getenv("PRE_COMMIT") != ""
	switch {
	case name == hook.PrePush && framework:
		if f.rng, f.elsewhere = hook.FrameworkRange(os.Getenv); f.rng == "" {
			return errors.New("hook run pre-push: the pre-commit framework passed no range (PRE_COMMIT_TO_REF): is the stage pre-push? (pre-commit run --hook-stage pre-push --from-ref A --to-ref B)")
		}
	case name == hook.PrePush:
		push, err := readPush(args[1:])
		if err != nil {
			return err
		}
		if f.rng, f.elsewhere = push.Range(); f.rng == "" {
			return nil // only deletes references, or pushes nothing
		}
	case os.Getenv("PRE_COMMIT_FROM_REF") != "": // pre-commit run --from-ref
		f.rng, f.elsewhere = hook.FrameworkRange(os.Getenv)
		name = ""
	default:
		f.staged = true
		if framework {
			return runFramework(ctx, f)
		}
	}
	r, err := f.scan(ctx)
	if err != nil {
		return err
	}
	return f.report(name, r)
}

// readPush reads what git tells a pre-push hook: the remote as an argument,
// references on standard input.
func readPush(args []string) (hook.Push, error) {
	if term.IsTerminal(int(os.Stdin.Fd())) {
		return hook.Push{}, errors.New("hook run pre-push: is run by git, which tells it on standard input what is pushed (by hand: leaksonde scan --scope unpushed)")
	}
	remote := ""
	if len(args) > 0 {
		remote = args[0]
	}
	return hook.ReadPush(remote, os.Stdin)
}

// runFramework is the pre-commit hook under the pre-commit framework, which
// runs it also where nothing is staged: pre-commit run --all-files, in CI. The
// index brings nothing then, and to call that clean would be to lie.
func runFramework(ctx context.Context, f gateScan) error {
	if lock := hook.TemporaryIndex(topOf("."), os.Getenv); lock != "" {
		return &exitError{exitIncomplete, fmt.Errorf("git commits from a temporary index (%s: commit -a, commit FILE), which is not visible here: stage first and commit then, or use the hook leaksonde, which runs outside of a container", lock)}
	}
	name := hook.PreCommit
	r, err := f.scan(ctx)
	if err == nil && len(r.Findings) == 0 && r.Coverage.Files == 0 && !r.Coverage.Incomplete() {
		fmt.Println("leaksonde: nothing is staged, so all files of HEAD are scanned")
		f.staged, f.scanFlags.scope = false, scanner.ScopeHead
		name = ""
		r, err = f.scan(ctx)
	}
	if err != nil {
		return err
	}
	return f.report(name, r)
}

// gateScan is a scan that stands in the way of something.
type gateScan struct {
	scanFlags
	elsewhere []string
}

// scan scans the repository that git runs the hook in.
func (f *gateScan) scan(ctx context.Context) (*finding.Report, error) {
	flags := f.scanFlags
	opt, _, err := flags.options()
	if err != nil {
		return nil, err
	}
	opt.Elsewhere, opt.Getenv, opt.TrustTree = f.elsewhere, os.Getenv, true
	opt.SkipGitConfig = true // a password in a remote URL is no matter of this commit
	root := topOf(".")
	set, err := flags.rules([]string{root})
	if err != nil {
		return nil, err
	}
	s, err := scanner.New(set, opt)
	if err != nil {
		return nil, err
	}
	report, err := s.Paths(ctx, []string{root})
	if err != nil {
		var usage *scanner.UsageError
		if errors.As(err, &usage) {
			return nil, err
		}
		return nil, &exitError{exitIncomplete, fmt.Errorf("the scan did not finish: %w", err)}
	}
	report.Run.Version = version()
	return report, nil
}

// topOf is the top of the work tree that holds dir. git runs hooks there, and
// says by GIT_DIR where it is otherwise; people run them anywhere.
func topOf(dir string) string {
	if os.Getenv("GIT_DIR") != "" {
		return dir
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	for at := abs; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			if at == abs {
				return dir
			}
			return at
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
}

// report says what stopped the commit or push.
func (f *gateScan) report(name hook.Name, r *finding.Report) error {
	worst := finding.Severity(0)
	for _, fd := range r.Findings {
		worst = max(worst, fd.Severity)
	}
	g, err := parseGate(f.failOn)
	if err != nil {
		return err
	}
	verdict := g.verdict(result{run: r.Run, coverage: r.Coverage, worst: worst}, false)
	if verdict == nil {
		return nil
	}
	if err := f.console(os.Stderr, r); err != nil {
		return err
	}
	if len(r.Findings) > 0 {
		fmt.Fprint(os.Stderr, hook.Stopped(name, len(r.Findings), r.Findings[0].Fingerprint))
		return verdict
	}
	fmt.Fprintf(os.Stderr, "leaksonde could not look at everything (above), so it does not let this pass.\nTo go on once without the check:   %s\n", hook.Bypass(name))
	return verdict
}

// console writes the findings and, if something was missed, what.
func (f *gateScan) console(w io.Writer, r *finding.Report) error {
	opt := reporters.Options{Quiet: !r.Coverage.Incomplete()}
	fd := int(os.Stderr.Fd())
	if opt.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(fd); opt.Color {
		if width, _, err := term.GetSize(fd); err == nil {
			opt.Width = width
		}
	}
	console, err := reporters.New("console", w, opt)
	if err != nil {
		return err
	}
	return reporters.Replay(console, r)
}
