package hook

import (
	"fmt"
	"strings"
)

// Stopped is what a hook says below its findings: what happened, what to do
// now, how to allow, how to go on regardless. fingerprint is that of one of
// the findings. A check of what is committed already stops nothing: its name is
// "".
func Stopped(name Name, secrets int, fingerprint string) string {
	count, it := "a secret", "it"
	if secrets != 1 {
		count, it = fmt.Sprintf("%d secrets", secrets), "them"
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if name == "" {
		line("leaksonde found %s.", count)
		line("")
		line("What to do now")
		line("  1. Take %s out of the files (environment variable, secret store).", it)
		line("  2. If %s ever left this machine (a push, a chat, a log), rotate %s.", it, it)
	} else if name == PrePush {
		line("leaksonde stopped this push: %s in commits that the remote does not have.", count)
		line("")
		line("What to do now")
		line("  1. Take %s out of the commits themselves; a further commit that deletes %s would push", it, it)
		line("     the older one along: git commit --amend, or git rebase -i, for the commit named above.")
		line("  2. If %s ever left this machine (a push elsewhere, a chat, a log), rotate %s first.", it, it)
	} else {
		line("leaksonde stopped this commit: %s in what is staged. Nothing has left this machine.", count)
		line("")
		line("What to do now")
		line("  1. Take %s out of the file (environment variable, secret store), and git add it again.", it)
		line("  2. If %s ever left this machine (a push, a chat, a log), rotate %s.", it, it)
	}
	line("")
	line("If it is meant to be there, say why")
	line("  on the line, or the line above:  leaksonde:allow REASON")
	line("  or in .leaksondeignore:          fingerprint:%s # REASON", fingerprint)
	if name != "" {
		line("")
		line("To go on once without the check:   %s", Bypass(name))
	}
	return b.String()
}

// SkipVariable set to 1 skips the check.
const SkipVariable = "LEAKSONDE_SKIP"

// Bypass is how to skip the check once.
func Bypass(name Name) string {
	verb := "commit"
	if name == PrePush {
		verb = "push"
	}
	return fmt.Sprintf("%s=1 git %s ... (--no-verify skips the other hooks, too)", SkipVariable, verb)
}

// Skipped tells whether the user asked for no check.
func Skipped(getenv func(string) string) bool {
	v := getenv(SkipVariable)
	return v != "" && v != "0"
}
