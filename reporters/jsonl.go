package reporters

import (
	"fmt"
	"io"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// jsonl writes one finding object a line and nothing else. Each line is one
// Write, made before Finding returns: a reader of a stream sees a secret when
// it is found, and lines of several writers to one pipe do not mix.
type jsonl struct{ w io.Writer }

func newJSONL(w io.Writer, _ Options) Reporter { return jsonl{w} }

func (r jsonl) Finding(f *finding.Finding) error {
	line, err := encode(wireFinding(f))
	if err != nil {
		return fmt.Errorf("finding %s: %w", f.Fingerprint, err)
	}
	return write(r.w, append(line, '\n'))
}

// Close writes nothing: WriteCoverage and Summary have the rest.
func (jsonl) Close(finding.Run, *finding.Coverage) error { return nil }
