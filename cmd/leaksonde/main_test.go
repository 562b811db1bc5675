package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/leaksonde/leaksonde/rules"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"leaksonde": func() { os.Exit(run(context.Background(), os.Args[1:])) },
	})
}

// TestScripts runs testdata/script. Commands beside testscript's own:
//
//	plant FILE RULE TEMPLATE   appends an example of the rule to the file,
//	                           {{secret}} being a fresh value, and puts the
//	                           value into $SECRET
//	serve STATUS BODY          plays a provider at $URL
//	plant-name DIR RULE        makes the directory with a file in it whose
//	                           name is a fresh value, and sets $SECRET
//	exitcode N COMMAND...      runs a command that must end with that code
func TestScripts(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"plant": func(ts *testscript.TestScript, neg bool, args []string) {
				plant(ts, set, args)
			},
			"plant-name": func(ts *testscript.TestScript, neg bool, args []string) {
				plantName(ts, set, args)
			},
			"exitcode": exitCode,
			"absent":   absent,
			"serve":    serve,
			"action":   runActionStep,
			"event":    event,
		},
	})
}

func plant(ts *testscript.TestScript, set *rules.Set, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: plant FILE RULE TEMPLATE")
	}
	rule := set.Lookup(args[1])
	if rule == nil {
		ts.Fatalf("no rule %q", args[1])
	}
	x, err := rule.Expand(strings.ReplaceAll(args[2], `\n`, "\n"), 1)
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	ts.Check(err)
	_, err = f.WriteString(x.Text + "\n")
	ts.Check(err)
	ts.Check(f.Close())
	ts.Setenv("SECRET", x.Secret)
}

func plantName(ts *testscript.TestScript, set *rules.Set, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: plant-name DIR RULE")
	}
	rule := set.Lookup(args[1])
	if rule == nil {
		ts.Fatalf("no rule %q", args[1])
	}
	x, err := rule.Expand("{{secret}}", 1)
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o777))
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), x.Secret), []byte("some content\n"), 0o666))
	ts.Setenv("SECRET", x.Secret)
}

func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exitcode N COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		if _, e := fmt.Sscanf(err.Error(), "exit status %d", &code); e != nil {
			ts.Fatalf("%v", err)
		}
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// absent FILE TEXT: the file (or stdout, stderr) does not hold the text.
func absent(ts *testscript.TestScript, neg bool, args []string) {
	if strings.Contains(ts.ReadFile(args[0]), args[1]) {
		ts.Fatalf("%s holds what it must not", args[0])
	}
}
