package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner"
)

func newRules() *cobra.Command {
	var config string
	cmd := &cobra.Command{Use: "rules", Short: "List, show, lint and test rules"}
	cmd.PersistentFlags().StringVar(&config, "config", "", "rule file that adds to the built-in rules")
	load := func() (*rules.Set, error) {
		set, err := rules.Builtin()
		if err != nil || config == "" {
			return set, err
		}
		return applyConfig(set, config)
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List all rules", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				set, err := load()
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tPROVIDER\tKIND\tSEVERITY\tDESCRIPTION")
				for _, r := range set.Rules {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Provider, r.Kind, r.Severity, r.Description)
				}
				return w.Flush()
			},
		},
		&cobra.Command{
			Use: "show ID", Short: "Show all of one rule, with fresh examples", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				set, err := load()
				if err != nil {
					return err
				}
				if set, err = set.Select(args, nil); err != nil {
					return err
				}
				if err := set.LoadChecks(); err != nil {
					return err
				}
				for _, r := range set.Rules {
					showRule(cmd.OutOrStdout(), r)
				}
				return nil
			},
		},
		&cobra.Command{
			Use: "lint [FILE...]", Short: "Check rule files, the built-in rules without FILE",
			RunE: func(cmd *cobra.Command, args []string) error { return lintRules(cmd.OutOrStdout(), args) },
		},
		&cobra.Command{
			Use: "test [FILE...]", Short: "Test rules against their examples and counterexamples",
			RunE: func(cmd *cobra.Command, args []string) error { return testRules(cmd.OutOrStdout(), args) },
		},
	)
	return cmd
}

func showRule(w io.Writer, r *rules.Rule) {
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-14s %s\n", name, value)
		}
	}
	row("id", r.ID)
	row("description", r.Description)
	row("provider", r.Provider)
	row("kind", r.Kind)
	row("severity", r.Severity.String())
	row("confidence", r.Confidence.String())
	row("token", r.Token)
	row("regex", r.Regex)
	row("matcher", r.Matcher)
	row("context", strings.Join(r.Context, ", "))
	row("keywords", strings.Join(r.Keywords, ", "))
	row("path", r.Path)
	row("checksum", r.Checksum)
	for _, p := range r.Parts {
		row("part", fmt.Sprintf("%s: %s", p.Name, p.Token))
	}
	if r.Public {
		row("public", "by design: such values are no secrets")
	}
	if r.Verify != nil {
		for _, c := range r.Verify.Calls() {
			method, url := c.Method()
			row("live check", method+" "+url)
		}
	}
	row("rotate", r.RotateURL)
	for i, s := range r.Steps {
		row("", fmt.Sprintf("%15d. %s", i+1, s))
	}
	for _, d := range r.Docs {
		row("source", d)
	}
	row("tags", strings.Join(r.Tags, ", "))
	for _, list := range []struct {
		name      string
		templates []string
	}{{"example", r.Examples}, {"counterexample", r.Counterexamples}} {
		for i, t := range list.templates {
			if x, err := r.Expand(t, i); err == nil {
				row(list.name, strings.TrimSpace(strings.ReplaceAll(x.Text, "\n", "\n               ")))
			}
		}
	}
	fmt.Fprintln(w)
}

// ruleFiles loads each file on its own, or the built-in rules.
func ruleFiles(files []string) (*rules.Set, error) {
	if len(files) == 0 {
		return rules.Builtin()
	}
	set := &rules.Set{Source: strings.Join(files, ", ")}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		c, err := rules.Parse(file, src)
		if err != nil {
			return nil, err
		}
		set.Rules = append(set.Rules, c.Rules...)
		set.Allowlists = append(set.Allowlists, c.Allowlists...)
	}
	return set, set.Validate()
}

func lintRules(w io.Writer, files []string) error {
	set, err := ruleFiles(files)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		if err := rules.LintChecks(set); err != nil {
			return err
		}
	}
	n := 0
	for _, r := range set.Rules {
		for _, p := range r.Lint() {
			fmt.Fprintln(w, p)
			n++
		}
	}
	fmt.Fprintf(w, "%s read, %s\n", english.Plural(len(set.Rules), "rule", ""), english.Plural(n, "remark", ""))
	if len(set.Rules) == 0 {
		fmt.Fprintln(w, "The file has no rules of its own: it only adds allow lists to the built-in ones.")
	}
	return nil
}

func testRules(w io.Writer, files []string) error {
	set, err := ruleFiles(files)
	if err != nil {
		return err
	}
	failures, count := scanner.TestExamples(set)
	for _, f := range failures {
		fmt.Fprintln(w, f)
	}
	fmt.Fprintf(w, "%s, %s, %d failed\n", english.Plural(len(set.Rules), "rule", ""), english.Plural(count, "example", ""), len(failures))
	if len(failures) > 0 {
		return &exitError{code: exitFindings}
	}
	return nil
}
