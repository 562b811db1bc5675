package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/leaksonde/leaksonde/cmd/leaksonde/internal/hook"
)

// TestPreCommitHooks holds .pre-commit-hooks.yaml against what the framework
// and the program want.
func TestPreCommitHooks(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(moduleRoot, ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID, Name, Entry, Language string
		PassFilenames             *bool `yaml:"pass_filenames"`
		Stages                    []string
	}
	if err := yaml.Unmarshal(text, &hooks); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, h := range hooks {
		ids = append(ids, h.ID)
		if h.PassFilenames == nil || *h.PassFilenames {
			t.Errorf("%s: with file names it would run several times at once", h.ID)
		}
		words := strings.Fields(h.Entry)
		if h.Language == "docker_image" && strings.HasPrefix(words[0], "ghcr.io/") {
			words[0] = "leaksonde"
		}
		if len(words) != 5 || !slices.Equal(words[:3], []string{"leaksonde", "hook", "run"}) || words[4] != "--framework" ||
			!slices.Contains([]hook.Name{hook.PreCommit, hook.PrePush}, hook.Name(words[3])) {
			t.Errorf("%s: entry %q", h.ID, h.Entry)
		} else if !slices.Contains(h.Stages, words[3]) {
			t.Errorf("%s: runs %s in the stages %v", h.ID, words[3], h.Stages)
		}
		for _, s := range h.Stages {
			if s == "commit" || s == "push" || s == "merge-commit" {
				t.Errorf("%s: the stage name %s is deprecated", h.ID, s)
			}
		}
	}
	if want := []string{"leaksonde", "leaksonde-system", "leaksonde-docker", "leaksonde-pre-push"}; !slices.Equal(ids, want) {
		t.Errorf("ids %v, want %v", ids, want)
	}
}
