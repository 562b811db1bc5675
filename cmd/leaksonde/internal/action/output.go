package action

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
)

// Append adds to one of the runner's files (GITHUB_OUTPUT,
// GITHUB_STEP_SUMMARY). Without a file it does nothing: outside of a runner.
func Append(file string, write func(io.Writer) error) error {
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// Outputs writes outputs of the step, name and value by turns. Values with line
// ends get a delimiter that they cannot contain.
func Outputs(w io.Writer, pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		if strings.ContainsAny(value, "\r\n") {
			end := "leaksonde-" + rand.Text()
			value = end + "\n" + value + "\n" + end
			if _, err := fmt.Fprintf(w, "%s<<%s\n", name, value); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(w, "%s=%s\n", name, value); err != nil {
			return err
		}
	}
	return nil
}

// Plain writes text that the runner takes for text: a path or an excerpt may
// spell a workflow command.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
func Plain(w io.Writer, write func(io.Writer) error) error {
	token := "leaksonde-" + rand.Text()
	if _, err := fmt.Fprintf(w, "::stop-commands::%s\n", token); err != nil {
		return err
	}
	err := write(w)
	if _, e := fmt.Fprintf(w, "\n::%s::\n", token); err == nil {
		err = e
	}
	return err
}

// Problem writes an annotation of the step as a whole.
func Problem(w io.Writer, title, text string) {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	fmt.Fprintf(w, "::error title=%s::%s\n", strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escape.Replace(title)), escape.Replace(text))
}
