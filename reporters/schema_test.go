package reporters

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compileSchema reads a schema of ours. Published schemas are open, for fields
// may be added within a version; here they are closed, so that a field which
// the schema does not describe fails the test.
func compileSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.AssertContent()
	for _, file := range []string{"finding.v1.schema.json", "report.v1.schema.json"} {
		data, err := os.ReadFile(filepath.Join("schema", file))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		closeObjects(doc)
		if err := c.AddResource(doc.(map[string]any)["$id"].(string), doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("https://github.com/leaksonde/leaksonde/reporters/schema/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"]; ok && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, e := range v {
			closeObjects(e)
		}
	case []any:
		for _, e := range v {
			closeObjects(e)
		}
	}
}

func validate(t *testing.T, s *jsonschema.Schema, doc []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%v", err)
	}
}

func TestJSONMatchesSchema(t *testing.T) {
	report, line := compileSchema(t, "report.v1.schema.json"), compileSchema(t, "finding.v1.schema.json")
	for _, o := range []Options{{}, {ShowSecrets: true}} {
		validate(t, report, render(t, "json", o, fixture()))
		validate(t, report, render(t, "json", o, clean()))
		lines := bytes.SplitAfter(render(t, "jsonl", o, fixture()), []byte("\n"))
		if len(lines) != 4 || len(lines[3]) != 0 {
			t.Fatalf("%d lines, want 3 whole ones", len(lines))
		}
		for _, l := range lines[:3] {
			validate(t, line, l)
		}
	}
	var buf bytes.Buffer
	if err := WriteCoverage(&buf, fixture().Run, fixture().Coverage); err != nil {
		t.Fatal(err)
	}
	validate(t, report, buf.Bytes())
}

// The schema test is worth something only if the schemas refuse something.
func TestSchemaRefuses(t *testing.T) {
	s := compileSchema(t, "report.v1.schema.json")
	good := string(render(t, "json", Options{}, fixture()))
	for _, edit := range [][2]string{
		{`"version": 1`, `"version": 2`},
		{`"severity": "critical"`, `"severity": "dire"`},
		{`"redacted"`, `"redakted"`},
		{`"line": 12,`, `"line": 0,`},
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(good, edit[0], edit[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("%s is accepted", edit[1])
		}
	}
}

func TestJSONPathsThatAreNoUTF8(t *testing.T) {
	var report struct {
		Findings []struct {
			Occurrences []struct {
				Path       string
				PathBase64 []byte
			}
		}
	}
	if err := json.Unmarshal(render(t, "json", Options{}, fixture()), &report); err != nil {
		t.Fatal(err)
	}
	o := report.Findings[1].Occurrences[0]
	if want := `old/d\xe9j\xe0 vu.py`; o.Path != want {
		t.Errorf("path %q, want %q", o.Path, want)
	}
	if want := fixture().Findings[1].Occurrences[0].Path; string(o.PathBase64) != want {
		t.Errorf("pathBase64 %q, want %q", o.PathBase64, want)
	}
	if o := report.Findings[0].Occurrences[0]; o.PathBase64 != nil {
		t.Errorf("pathBase64 of a plain path: %q", o.PathBase64)
	}
}
