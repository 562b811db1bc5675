package hook

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
)

// The marks of the block. What follows ">>>" is for people.
const (
	beginMark = "# >>> leaksonde "
	endMark   = "# <<< leaksonde "
	// movedSuffix is given to a hook that was moved aside.
	movedSuffix = ".leaksonde-next"
)

// next says what the block hands over to when it found nothing.
type next int

const (
	nothing next = iota // the rest of the script, if there is any
	moved               // the hook that was moved aside
	own                 // the repository's own hook (global hooks)
)

// scanBlock is what a hook gets that scans. program is the path of leaksonde
// on this machine, "" for a script that travels.
func scanBlock(name Name, program string, then next) string {
	find := []string{"leaksonde=leaksonde"}
	if program != "" {
		find = []string{"leaksonde=" + quote(filepath.ToSlash(program)), `[ -x "$leaksonde" ] || leaksonde=leaksonde`}
	}
	lines := append(find,
		`if ! command -v "$leaksonde" >/dev/null 2>&1; then`,
		`	echo "leaksonde: not found, so nothing was looked at: install it, or skip hooks once with --no-verify" >&2`,
		`	exit 3`,
		`fi`)
	if name == PrePush {
		// What comes next reads the same lines from standard input.
		lines = append(lines,
			`leaksonde_refs=$(cat)`,
			`printf '%s\n' "$leaksonde_refs" | "$leaksonde" hook run pre-push "$@" || exit $?`,
			`if [ -z "$leaksonde_refs" ]; then exec </dev/null; else exec <<LEAKSONDE_END`,
			`$leaksonde_refs`,
			`LEAKSONDE_END`,
			`fi`)
	} else {
		lines = append(lines, `"$leaksonde" hook run `+string(name)+` "$@" || exit $?`)
	}
	switch then {
	case moved:
		lines = append(lines, `leaksonde_next="${0%/*}/`+string(name)+movedSuffix+`"`)
	case own:
		lines = append(lines, ownHook(name))
	}
	if then != nothing {
		lines = append(lines, runNext)
	}
	return frame(string(name), lines)
}

// forwardBlock is what a global hook gets that only runs the repository's own.
func forwardBlock(name Name) string {
	return frame(forward(name), []string{ownHook(name), runNext})
}

func forward(name Name) string { return "forward-" + string(name) }

func ownHook(name Name) string {
	return `leaksonde_next="$(git rev-parse --git-common-dir)/hooks/` + string(name) + `"`
}

const runNext = `if [ -x "$leaksonde_next" ]; then exec "$leaksonde_next" "$@"; fi`

// frame puts the marks around the lines of a block.
func frame(label string, lines []string) string {
	return beginMark + label + " >>> (taken out by: leaksonde hook uninstall)\n" +
		strings.Join(lines, "\n") + "\n" + endMark + label + " <<<\n"
}

// quote makes s one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

const shebang = "#!/bin/sh\n"

// findBlock gives the bounds of the block in a script.
func findBlock(text []byte, label string) (start, end int, ok bool) {
	start = lineStart(text, beginMark+label+" ")
	if start < 0 {
		return 0, 0, false
	}
	end = lineStart(text[start:], endMark+label+" ")
	if end < 0 {
		return 0, 0, false
	}
	end += start
	if nl := bytes.IndexByte(text[end:], '\n'); nl >= 0 {
		return start, end + nl + 1, true
	}
	return start, len(text), true
}

// lineStart finds a line that begins with prefix; -1 if there is none.
func lineStart(text []byte, prefix string) int {
	if bytes.HasPrefix(text, []byte(prefix)) {
		return 0
	}
	if i := bytes.Index(text, []byte("\n"+prefix)); i >= 0 {
		return i + 1
	}
	return -1
}

// insertBlock puts the block behind the first line of a shell script, in place
// of an earlier one. ok is false for anything but a shell script.
func insertBlock(text []byte, label, block string) (out []byte, ok bool) {
	if start, end, found := findBlock(text, label); found {
		return bytes.Join([][]byte{text[:start], []byte(block), text[end:]}, nil), true
	}
	if !isShellScript(text) {
		return nil, false
	}
	nl := bytes.IndexByte(text, '\n')
	if nl < 0 {
		return append(append(bytes.Clone(text), '\n'), block...), true
	}
	return bytes.Join([][]byte{text[:nl+1], []byte(block), text[nl+1:]}, nil), true
}

// removeBlock takes the block out. empty tells that nothing but the block and
// the first line was in the script.
func removeBlock(text []byte, label string) (out []byte, empty, ok bool) {
	start, end, ok := findBlock(text, label)
	if !ok {
		return nil, false, false
	}
	out = bytes.Join([][]byte{text[:start], text[end:]}, nil)
	rest := bytes.TrimSpace(bytes.TrimPrefix(out, []byte(shebang)))
	return out, len(rest) == 0, true
}

// isShellScript tells whether the first line names a shell that understands
// what POSIX sh does.
func isShellScript(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte{'\n'})
	line, ok := strings.CutPrefix(string(first), "#!")
	if !ok || bytes.IndexByte(text, 0) >= 0 || strings.HasSuffix(line, "\r") {
		return false
	}
	words := strings.Fields(line)
	if len(words) > 1 && path.Base(words[0]) == "env" {
		if words = words[1:]; words[0] == "-S" {
			words = words[1:]
		}
	}
	if len(words) == 0 {
		return false
	}
	switch strings.TrimSuffix(path.Base(words[0]), ".exe") {
	case "sh", "bash", "dash", "ash", "ksh", "mksh", "busybox", "zsh":
		return true
	}
	return false
}
