package hook

import (
	"path/filepath"
)

// FrameworkRange is the range that the pre-commit framework passes to its hooks
// in the environment, "" if it passes none. Of a push of several references it
// passes the first alone.
func FrameworkRange(getenv func(string) string) (rng string, elsewhere []string) {
	elsewhere = tracking(getenv("PRE_COMMIT_REMOTE_NAME"))
	if to := getenv("PRE_COMMIT_TO_REF"); to != "" {
		if from := getenv("PRE_COMMIT_FROM_REF"); from != "" {
			return from + ".." + to, elsewhere
		}
		return to, elsewhere
	}
	// A branch that shares nothing with the remote: "all files".
	return getenv("PRE_COMMIT_LOCAL_BRANCH"), elsewhere
}

// TemporaryIndex finds the index that git commits from in place of its own, if
// the environment does not name it: a container sees the files but not git's
// variables, and the index proper would tell something else. "" if there is
// none.
func TemporaryIndex(root string, getenv func(string) string) string {
	if getenv("GIT_INDEX_FILE") != "" {
		return ""
	}
	for _, pattern := range []string{"index.lock", "next-index-*.lock"} {
		if found, err := filepath.Glob(filepath.Join(root, ".git", pattern)); err == nil && len(found) > 0 {
			return filepath.ToSlash(filepath.Join(".git", filepath.Base(found[0])))
		}
	}
	return ""
}
