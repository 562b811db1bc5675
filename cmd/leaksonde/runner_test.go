package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// actionFile is action.yml as far as the tests run it.
type actionFile struct {
	Inputs map[string]struct {
		Description, Default string
	}
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []struct {
			ID, If, Shell, Run, Uses string
			Env, With                map[string]string
		}
	}
}

func readAction(t interface{ Fatal(...any) }) *actionFile {
	text, err := os.ReadFile(filepath.Join(moduleRoot, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a actionFile
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return &a
}

// moduleRoot is where action.yml lies; tests run in the package's directory.
var moduleRoot = func() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
}()

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// Every input reaches the program by the environment, nothing is put into a
// script, and the Go that is set up is the one that go.mod asks for.
func TestActionFile(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" {
		t.Fatalf("using %q", a.Runs.Using)
	}
	var scan map[string]string
	for _, s := range a.Runs.Steps {
		if expression.MatchString(s.Run) {
			t.Errorf("step %q puts an expression into a script", s.Run)
		}
		if s.Run != "" && s.Shell == "" {
			t.Errorf("step %q has no shell", s.Run)
		}
		for name, value := range s.Env {
			for _, e := range expression.FindAllStringSubmatch(value, -1) {
				if !strings.HasPrefix(e[1], "inputs.") {
					t.Errorf("%s: %s is no input", name, value)
				}
			}
		}
		if s.ID == "scan" {
			scan = s.Env
		}
		if v, ok := s.With["go-version"]; ok {
			mod, err := os.ReadFile(filepath.Join(moduleRoot, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(mod), "\ngo "+v) {
				t.Errorf("action.yml sets up Go %s, go.mod wants another", v)
			}
		}
	}
	for name := range a.Inputs {
		want := "${{ inputs." + name + " }}"
		if name != "upload-sarif" && scan[inputVariable(name)] != want {
			t.Errorf("input %s: %s is %q, want %q", name, inputVariable(name), scan[inputVariable(name)], want)
		}
	}
}

func inputVariable(name string) string {
	return "LEAKSONDE_ACTION_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// runAction is the script command
//
//	action N [INPUT=VALUE...]
//
// It runs the scan step of action.yml as a runner does, in the directory that
// stands for the workspace, and wants exit code N. $OUTPUT and $SUMMARY are the
// files of the step.
func runActionStep(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: action N [INPUT=VALUE...]")
	}
	a := readAction(tsFatal{ts})
	with := map[string]string{}
	for name, in := range a.Inputs {
		with[name] = in.Default
	}
	with["binary"] = "leaksonde"
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		if _, ok := a.Inputs[name]; !ok {
			ts.Fatalf("action.yml has no input %q", name)
		}
		with[name] = value
	}
	temp := ts.MkAbs(ts.Getenv("WORK") + "/runner")
	ts.Check(os.RemoveAll(temp))
	ts.Check(os.MkdirAll(temp, 0o777))
	set := func(name, value string) { ts.Setenv(name, value) }
	set("RUNNER_TEMP", temp)
	set("GITHUB_ACTIONS", "true")
	set("GITHUB_WORKSPACE", ts.MkAbs("."))
	for name, file := range map[string]string{"OUTPUT": "output", "STEP_SUMMARY": "summary"} {
		path := filepath.Join(temp, file)
		ts.Check(os.WriteFile(path, nil, 0o666))
		set("GITHUB_"+name, path)
	}
	for _, s := range a.Runs.Steps {
		if s.ID != "scan" {
			continue
		}
		for name, value := range s.Env {
			set(name, expression.ReplaceAllStringFunc(value, func(e string) string {
				return with[strings.TrimPrefix(expression.FindStringSubmatch(e)[1], "inputs.")]
			}))
		}
		script := filepath.Join(temp, "step.sh")
		ts.Check(os.WriteFile(script, []byte(s.Run), 0o666))
		exitCode(ts, false, []string{args[0], "bash", "--noprofile", "--norc", "-eo", "pipefail", script})
	}
}

type tsFatal struct{ *testscript.TestScript }

func (t tsFatal) Fatal(args ...any) { t.Fatalf("%s", fmt.Sprint(args...)) }

// event is the script command
//
//	event NAME FILE
//
// It sets the runner's variables for an event whose payload is FILE, in which
// {{REVISION}} stands for a commit of the repository here.
func event(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: event NAME FILE")
	}
	text := regexp.MustCompile(`\{\{(.*?)\}\}`).ReplaceAllStringFunc(ts.ReadFile(args[1]), func(s string) string {
		cmd := exec.Command("git", "-C", ts.MkAbs(ts.Getenv("ORIGIN")), "rev-parse", strings.Trim(s, "{}"))
		cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "GIT_") })
		out, err := cmd.Output()
		if err != nil {
			ts.Fatalf("git rev-parse %s: %v", s, err)
		}
		return strings.TrimSpace(string(out))
	})
	file := filepath.Join(ts.MkAbs(ts.Getenv("WORK")), "event.json")
	ts.Check(os.WriteFile(file, []byte(text), 0o666))
	ts.Setenv("GITHUB_EVENT_NAME", args[0])
	ts.Setenv("GITHUB_EVENT_PATH", file)
}
