package engine

import (
	"bytes"
	"cmp"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
)

// pemMatcher recognises a block from its BEGIN line to its END line. The block
// may stand in a string with its line ends escaped, indented, quoted line by
// line, or be cut off.
type pemMatcher struct {
	rule  *rules.Rule
	shape *shape
	rank  int32
	// words are the rule's context, in lower case: one of them must stand
	// within reach bytes before the block, over line ends. Nil asks for none.
	words [][]byte
	reach int
}

// Bounds of a block in bytes. A 16,384-bit RSA key has some 12.4 KB.
const (
	maxBlock = 24 << 10
	// minBody is the least base64 of a private key: Ed25519 in PKCS#8 has 64
	// characters, a bare SEC 1 key on a small curve some 80, an encrypted one
	// more. Shorter bodies are samples ("MIIE...").
	minBody = 60
)

func newPEMMatcher(r *rules.Rule) (*pemMatcher, error) {
	s, err := compileShape(r.Token)
	if err != nil {
		return nil, err
	}
	m := &pemMatcher{rule: r, shape: s, rank: int32(200 + s.literal)}
	for _, w := range r.Context {
		m.words = append(m.words, bytes.ToLower([]byte(w)))
	}
	if m.words != nil {
		// What stands around a block tells more than its label.
		m.rank += 100
		m.reach = cmp.Or(r.Reach, rules.DefaultReach)
	}
	return m, nil
}

// named tells whether one of the context words stands before the block.
func (m *pemMatcher) named(text []byte, begin int) bool {
	before := bytes.ToLower(text[max(0, begin-m.reach):begin])
	for _, w := range m.words {
		if bytes.Contains(before, w) {
			return true
		}
	}
	return m.words == nil
}

func anyEnd([]byte, int) bool { return true }

func (m *pemMatcher) match(text []byte, hit hit, out *Match) bool {
	first, last := max(0, hit.pos-hit.ref.max), hit.pos-hit.ref.min
	for start := first; start <= last; start++ {
		looked := 0
		end := m.shape.match(text, start, anyEnd, &looked)
		if end <= hit.pos {
			continue
		}
		if !m.named(text, start) {
			return false
		}
		return m.block(text, Span{start, end}, first, out)
	}
	return false
}

// block reads the body that follows the BEGIN line.
func (m *pemMatcher) block(text []byte, begin Span, first int, out *Match) bool {
	limit := min(len(text), begin.Start+maxBlock)
	stop := bodyEnd(text[begin.End:limit]) + begin.End
	evidence := Span{first - 1 - m.reach, stop + 1}
	end := stop
	if bytes.HasPrefix(text[stop:limit], []byte("-----END")) {
		tail := text[stop+len("-----END"):]
		// The label and its dashes: at most 64 bytes.
		if i := bytes.Index(tail[:min(len(tail), 64)], []byte("-----")); i >= 0 {
			end = stop + len("-----END") + i + len("-----")
		}
	}
	if stop < limit && text[stop] == '-' {
		evidence.End = stop + len("-----END") + 64
	}
	body := text[begin.End:stop]
	if base64Count(body) < minBody || blankBody(body) {
		return false
	}
	for end > begin.End && (text[end-1] == '\n' || text[end-1] == '\r' || text[end-1] == ' ' || text[end-1] == '\t') {
		end--
	}
	whole := Span{begin.Start, end}
	confidence := m.rule.Confidence
	if confidence == 0 {
		confidence = finding.High
	}
	if encrypted(text[begin.Start:stop]) {
		confidence = finding.Low
	}
	*out = Match{Rule: m.rule, Kind: m.rule.Kind, Whole: whole, Secret: whole, Evidence: evidence, Confidence: confidence, Prefix: begin.Len(), rank: m.rank}
	return true
}

// encrypted tells whether a passphrase protects the key: PKCS#8 says so in its
// label, the older PEM form in a header, OpenSSH names the key derivation in
// the first bytes of its body ("bcrypt", here in base64).
func encrypted(block []byte) bool {
	head := block[:min(len(block), 256)]
	if bytes.Contains(head, []byte("ENCRYPTED")) {
		return true
	}
	for _, bcrypt := range []string{"YmNyeXB0", "JjcnlwdA", "iY3J5cHQ"} { // the three alignments
		if bytes.Contains(head, []byte(bcrypt)) {
			return true
		}
	}
	return false
}

// bodyEnd is where the body ends: at "-----", or at the first byte that can
// neither belong to a body nor to how a body is written into a source file.
func bodyEnd(b []byte) int {
	header := false // in a "Proc-Type: 4,ENCRYPTED" line
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '-' && bytes.HasPrefix(b[i:], []byte("-----")):
			return i
		case c == '\n':
			header = false
		case header:
		case c == ':' && i > 0 && isLetter(b[i-1]):
			header = true
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case bytes.IndexByte([]byte("+/= \t\r\\\"'`,.;|>*#-_&<()[]$"), c) >= 0:
		default:
			return i
		}
	}
	return len(b)
}

// base64Count counts base64 characters in runs of at least 16: prose between
// BEGIN and END has none.
func base64Count(b []byte) int {
	n, run := 0, 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) {
			c := b[i]
			if isLetter(c) || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=' {
				run++
				continue
			}
		}
		if run >= 16 {
			n += run
		}
		run = 0
	}
	return n
}

// blankBody tells whether the body is one character again and again, or
// has fewer than twelve different ones.
func blankBody(b []byte) bool {
	var seen byteSet
	distinct := 0
	for _, c := range b {
		if !seen.has(c) {
			seen.add(c)
			distinct++
		}
	}
	return distinct < 16
}
