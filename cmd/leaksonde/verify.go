package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leaksonde/leaksonde/reporters"
	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// maxGiven bounds what leaksonde verify reads.
const maxGiven = 64 << 20

func newVerify() *cobra.Command {
	var f scanFlags
	var rule string
	cmd := &cobra.Command{
		Use:   "verify [--rule ID] [-|REPORT]",
		Short: "Ask the provider whether a secret is live",
		Long: `Verify checks secrets with their providers: one read from standard input, or all
of a JSON or JSONL report that was written with --show-secrets.

With --rule the input is the secret itself; members of a composite credential
follow it as lines NAME=VALUE. Without --rule the secret is recognised in the
text. A secret is never an argument: those stand in histories and process lists.

Exit codes: 0 all refused by their providers, 1 some active, 3 none active but
of some it is not known, 2 usage error.`,
		Example: `  pbpaste | leaksonde verify -
  leaksonde verify --rule openai-project-api-key - < key.txt
  leaksonde scan --show-secrets -o report.json . ; leaksonde verify report.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New("verify takes one report or - (a secret is never given as an argument; pipe it in)")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runVerify(cmd.Context(), f, rule, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&rule, "rule", "", "the kind of the secret: a rule id (see leaksonde rules list)")
	fl.StringVar(&f.format, "format", "", "output format: "+strings.Join(reporters.Formats(), ", ")+" (default: from the suffix of -o, else console)")
	fl.StringVarP(&f.output, "output", "o", "", "write the report to this file")
	fl.StringVar(&f.config, "config", "", "rule file that adds to the built-in rules")
	fl.BoolVar(&f.showSecrets, "show-secrets", false, "print secrets in the clear")
	fl.BoolVar(&f.noColor, "no-color", false, "no colours (also: the environment variable NO_COLOR)")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print findings only, no summary and no progress")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print every occurrence and all steps")
	f.checks.register(fl)
	return cmd
}

func runVerify(ctx context.Context, f scanFlags, id string, args []string) error {
	f.checks.verify, f.untrusted, f.minConfidence = true, true, "low"
	if err := f.checks.check(gate{}); err != nil {
		return err
	}
	input, name, err := readGiven(args)
	if err != nil {
		return err
	}
	set, err := f.rules(nil)
	if err != nil {
		return err
	}
	var rule *rules.Rule
	if id != "" {
		only, err := set.Select([]string{id}, nil)
		if err != nil {
			return fmt.Errorf("--rule: %w", err)
		}
		if rule = only.Rules[0]; len(only.Rules) > 1 {
			return fmt.Errorf("--rule %s fits %d rules; name one", id, len(only.Rules))
		}
	}
	s, err := scanner.New(set, scanner.Options{MinConfidence: finding.Low, Untrusted: true})
	if err != nil {
		return err
	}
	found, err := given(s, set, rule, name, input)
	if err != nil {
		return err
	}
	checks, err := f.checks.start(set, f.quiet)
	if err != nil {
		return err
	}
	if f.checks.plan {
		checks.printPlan(os.Stdout, found)
		return nil
	}
	out, err := f.open(false)
	if err != nil {
		return err
	}
	defer out.abandon()
	var r result
	if _, err = checks.apply(ctx, found, &r); err != nil {
		return err
	}
	report := s.GivenReport(found)
	for _, fd := range report.Findings {
		if err := out.finding(fd); err != nil {
			return err
		}
	}
	r.run, r.coverage = report.Run, report.Coverage
	if err := checks.end(&r, true); err != nil {
		return err
	}
	if err := f.finish(s, out, r); err != nil {
		return err
	}
	for _, fd := range found {
		if v := fd.Verification; v != nil && v.State == finding.Unverifiable {
			r.unclear++
		}
	}
	switch {
	case r.active > 0:
		return &exitError{code: exitFindings}
	case r.unclear > 0:
		return &exitError{code: exitIncomplete}
	}
	return nil
}

// readGiven reads standard input or the named report.
func readGiven(args []string) (input []byte, name string, err error) {
	r, name := io.Reader(os.Stdin), "<stdin>"
	if len(args) == 1 && args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			// Not named: it may be a secret.
			return nil, "", errors.New("the argument is no file that can be read (a secret is never given as an argument; pipe it in: leaksonde verify -)")
		}
		defer file.Close()
		r, name = file, args[0]
	}
	input, err = io.ReadAll(io.LimitReader(r, maxGiven+1))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("reading the secret: %w", err)
	case len(input) > maxGiven:
		return nil, "", errors.New("the input is larger than 64 MB")
	case len(bytes.TrimSpace(input)) == 0:
		return nil, "", errors.New("the input is empty: pipe in one secret, or name a report")
	}
	return input, name, nil
}

// given turns the input into findings.
func given(s *scanner.Scanner, set *rules.Set, rule *rules.Rule, name string, input []byte) ([]*finding.Finding, error) {
	if reported, ok := parseReport(input); ok {
		return fromReport(s, set, rule, reported)
	}
	if rule != nil {
		secret, parts := splitParts(rule, string(input))
		return []*finding.Finding{s.Given(rule, secret, parts, finding.Occurrence{Path: name, Line: 1, Column: 1, EndLine: 1, EndColumn: 1})}, nil
	}
	found := s.Bytes(name, input)
	if len(found) == 0 {
		return nil, errors.New("the input is not recognised as a secret of a known kind; name it with --rule ID (see leaksonde rules list)")
	}
	return found, nil
}

// splitParts takes the lines NAME=VALUE of declared parts from the secret.
func splitParts(rule *rules.Rule, input string) (secret string, parts map[string]string) {
	var rest []string
	for line := range strings.Lines(input) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		declared := false
		for _, p := range rule.Parts {
			declared = declared || ok && p.Name == name
		}
		if !declared {
			rest = append(rest, line)
			continue
		}
		if parts == nil {
			parts = map[string]string{}
		}
		parts[name] = value
	}
	return strings.TrimSpace(strings.Join(rest, "")), parts
}

// reportedFinding is what verify needs of a finding in a report.
type reportedFinding struct {
	Rule, Secret string
	Fingerprint  string
	Parts        []struct{ Name, Secret string }
	Occurrences  []struct {
		Path, Commit                     string
		Line, Column, EndLine, EndColumn int
	}
}

// parseReport reads a JSON or JSONL report; ok is false if it is none.
func parseReport(input []byte) (found []reportedFinding, ok bool) {
	if t := bytes.TrimSpace(input); len(t) == 0 || t[0] != '{' {
		return nil, false
	}
	var whole struct{ Findings *[]reportedFinding }
	if json.Unmarshal(input, &whole) == nil && whole.Findings != nil {
		return *whole.Findings, true
	}
	lines := bufio.NewScanner(bytes.NewReader(input))
	lines.Buffer(nil, maxGiven)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var f reportedFinding
		if json.Unmarshal(lines.Bytes(), &f) != nil || f.Fingerprint == "" || f.Rule == "" {
			return nil, false
		}
		found = append(found, f)
	}
	return found, len(found) > 0
}

func fromReport(s *scanner.Scanner, set *rules.Set, only *rules.Rule, reported []reportedFinding) ([]*finding.Finding, error) {
	var found []*finding.Finding
	for _, f := range reported {
		rule := set.Lookup(f.Rule)
		if rule == nil {
			return nil, fmt.Errorf("the report has a finding of rule %q, which is not among the rules (--config?)", f.Rule)
		}
		if only != nil && rule != only {
			continue
		}
		if f.Secret == "" {
			return nil, errors.New("the report is redacted, so there is nothing to check; write it with --show-secrets, or scan with --verify")
		}
		parts := map[string]string{}
		for _, p := range f.Parts {
			parts[p.Name] = p.Secret
		}
		at := finding.Occurrence{Path: "<report>", Line: 1, Column: 1, EndLine: 1, EndColumn: 1}
		if len(f.Occurrences) > 0 {
			o := f.Occurrences[0]
			at = finding.Occurrence{Path: o.Path, Commit: o.Commit, Line: o.Line, Column: o.Column, EndLine: o.EndLine, EndColumn: o.EndColumn}
		}
		found = append(found, s.Given(rule, f.Secret, parts, at))
	}
	if len(found) == 0 {
		return nil, errors.New("the report has no findings to check")
	}
	return found, nil
}
