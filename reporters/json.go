package reporters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Version is the version of the JSON formats: see schema/README.md.
const Version = 1

// jsonReport writes one object. Findings are written as they come, so that a
// report of any size needs no memory; run and coverage, known at the end,
// follow them.
type jsonReport struct {
	w     io.Writer
	count int
}

func newJSON(w io.Writer, _ Options) Reporter { return &jsonReport{w: w} }

func (r *jsonReport) Finding(f *finding.Finding) error {
	b, err := encode(wireFinding(f))
	if err != nil {
		return fmt.Errorf("finding %s: %w", f.Fingerprint, err)
	}
	var out bytes.Buffer
	if r.count++; r.count == 1 {
		r.open(&out)
	} else {
		out.WriteByte(',')
	}
	out.WriteString("\n    ")
	if err := json.Indent(&out, b, "    ", "  "); err != nil {
		return fmt.Errorf("finding %s: %w", f.Fingerprint, err)
	}
	return write(r.w, out.Bytes())
}

func (r *jsonReport) open(out *bytes.Buffer) {
	fmt.Fprintf(out, "{\n  \"version\": %d,\n  \"findings\": [", Version)
}

func (r *jsonReport) Close(run finding.Run, c *finding.Coverage) error {
	var out bytes.Buffer
	if r.count == 0 {
		r.open(&out)
	} else {
		out.WriteString("\n  ")
	}
	out.WriteByte(']')
	if err := tail(&out, run, c); err != nil {
		return err
	}
	return write(r.w, out.Bytes())
}

// WriteCoverage writes what a report says of a run besides its findings, for
// formats that have no room for it: {"version", "run", "coverage"}.
func WriteCoverage(w io.Writer, run finding.Run, c *finding.Coverage) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n  \"version\": %d", Version)
	if err := tail(&out, run, c); err != nil {
		return err
	}
	return write(w, out.Bytes())
}

// tail ends an object with run and coverage.
func tail(out *bytes.Buffer, run finding.Run, c *finding.Coverage) error {
	for _, member := range []struct {
		key   string
		value any
	}{{"run", wireRun(run)}, {"coverage", wireCoverage(c)}} {
		b, err := encode(member.value)
		if err != nil {
			return fmt.Errorf("%s: %w", member.key, err)
		}
		fmt.Fprintf(out, ",\n  %q: ", member.key)
		if err := json.Indent(out, b, "  ", "  "); err != nil {
			return fmt.Errorf("%s: %w", member.key, err)
		}
	}
	out.WriteString("\n}\n")
	return nil
}

// encode writes v as compact JSON without a newline. "<", ">" and "&" stay
// readable; deceptive characters, and the second of two number signs (see
// disarm), are written as \u escapes, which means the same to every parser and
// nothing to a terminal or a build agent.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	b := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	b = bytes.ReplaceAll(b, []byte("##"), []byte(`#\u0023`))
	// Anything past ASCII stands inside a string, and so does a DEL.
	first := bytes.IndexFunc(b, func(r rune) bool { return r >= 0x7f })
	if first < 0 {
		return b, nil
	}
	out := append(make([]byte, 0, len(b)+16), b[:first]...)
	for i := first; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case !deceptive(r):
			out = append(out, b[i:i+n]...)
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		}
		i += n
	}
	return out, nil
}

func write(w io.Writer, b []byte) error {
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
