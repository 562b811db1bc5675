// Package annotate says what path and place add to a finding: exposure,
// severity, remediation. It may lower and explain; it never makes a match.
package annotate

import (
	"path"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// ExposureOf tells from a path (slashes) what kind of place it is. What a
// reader of the repository could do decides the order: a bundle that is served
// to browsers comes before the configuration it was made from.
func ExposureOf(p string) finding.Exposure {
	lower := strings.ToLower(p)
	base := path.Base(lower)
	ext := path.Ext(base)
	dir := "/" + path.Dir(lower) + "/"
	in := func(names ...string) bool {
		for _, n := range names {
			if strings.Contains(dir, "/"+n+"/") {
				return true
			}
		}
		return false
	}
	switch {
	case p == "":
		return ""
	case strings.HasPrefix(base, ".env") && base != ".envrc" || ext == ".env" || base == ".envrc":
		return finding.ExposureEnv
	case in(".github/workflows", ".circleci", ".gitlab", ".buildkite") || base == ".gitlab-ci.yml" || base == ".travis.yml" ||
		base == "jenkinsfile" || base == "azure-pipelines.yml" || base == "bitbucket-pipelines.yml" || base == ".drone.yml" || base == "appveyor.yml":
		return finding.ExposureCI
	case ext == ".ipynb":
		return finding.ExposureNotebook
	case ext == ".log" || strings.Contains(base, ".log.") || in("logs", "log"):
		return finding.ExposureLog
	case in("test", "tests", "testdata", "spec", "specs", "__tests__", "fixtures", "mocks", "testing", "e2e") ||
		strings.Contains(base, "_test.") || strings.Contains(base, ".test.") || strings.Contains(base, ".spec.") || strings.HasPrefix(base, "test_"):
		return finding.ExposureTest
	case (ext == ".js" || ext == ".mjs" || ext == ".html" || ext == ".map" || ext == ".css") && in("dist", "public", "build", "static", "assets", "www", "out", "bundle") ||
		strings.HasSuffix(base, ".min.js") || strings.HasSuffix(base, ".bundle.js"):
		return finding.ExposureClientBundle
	case ext == ".md" || ext == ".rst" || ext == ".adoc" || ext == ".txt" || in("doc", "docs", "examples", "example", "samples"):
		return finding.ExposureDocs
	case ext == ".tf" || ext == ".tfvars" || ext == ".tfstate" || ext == ".bicep" || strings.HasPrefix(base, "dockerfile") || ext == ".dockerfile" ||
		strings.HasPrefix(base, "docker-compose") || base == "chart.yaml" || in("helm", "charts", "k8s", "kubernetes", "manifests", "terraform", "ansible"):
		return finding.ExposureInfrastructure
	case ext == ".yml" || ext == ".yaml" || ext == ".json" || ext == ".toml" || ext == ".ini" || ext == ".cfg" || ext == ".conf" ||
		ext == ".properties" || ext == ".xml" || ext == ".config" || ext == ".plist" || strings.HasPrefix(base, ".npmrc") || base == ".netrc" || base == ".pypirc":
		return finding.ExposureConfig
	}
	return finding.ExposureSource
}
