package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "leaksonde",
		Short: "Find leaked credentials in trees, files and streams",
		Long: `Leaksonde finds leaked credentials (API keys of AI, cloud and other providers,
passwords, private keys) in directory trees, files and log streams.

Nothing is executed, and nothing fetched or sent unless a live check is asked for
(--verify, leaksonde verify). Secrets are redacted in all output unless
--show-secrets is given.

Exit codes: 0 clean, 1 findings at or above the gate (--fail-on), 2 usage or
configuration error, 3 incomplete: something in scope could not be read.`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("leaksonde {{.Version}}\n")
	root.AddCommand(newScan(), newMask(), newWatch(), newVerify(), newHook(), newAction(), newRules(), newVersion())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			cmd.Println("leaksonde", version())
		},
	}
}

// version comes from the build information: a module version where the program
// was installed by one, else the revision it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if revision == "" {
		return "(devel)"
	}
	return "devel-" + revision[:min(12, len(revision))] + dirty
}
