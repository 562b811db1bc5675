package mask

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
)

// Styles of placeholders.
const (
	Tag   = "tag"   // [openai-project-api-key:3f2a91c0]
	Stars = "stars" // one * for each byte
	Fixed = "fixed" // [masked]
	Last4 = "last4" // ****3f2a, of values of at least 20 bytes
)

// Styles are the names of the styles.
var styles = []string{Tag, Stars, Fixed, Last4}

// Styles returns the names of the styles, the default first.
func Styles() []string { return slices.Clone(styles) }

// Options of a Masker. The zero value is the default of every field.
type Options struct {
	// Rules are those to use; nil stands for the built-in ones. They must have
	// passed rules.Set.Validate.
	Rules *rules.Set
	// MinConfidence is the least level that is masked; 0 stands for Medium.
	MinConfidence finding.Confidence
	// Style is one of Styles; "" stands for Tag.
	Style string
	// Template, if not empty, takes the place of a style. {rule}, {provider},
	// {kind} and {tag} in it are replaced.
	Template string
	// Values are masked wherever they stand, whatever the rules say.
	Values []string
}

// Masker masks. It is safe for concurrent use; what it makes is not, but for
// Writers and Handlers.
type Masker struct {
	engine   *engine.Engine
	key      []byte
	style    string
	template string
	values   [][]byte
}

// New prepares a Masker with a key of its own for the tags.
func New(o Options) (*Masker, error) {
	if o.Rules == nil {
		set, err := rules.Builtin()
		if err != nil {
			return nil, err
		}
		o.Rules = set
	}
	if o.MinConfidence == 0 {
		o.MinConfidence = finding.Medium
	}
	if o.Style == "" {
		o.Style = Tag
	}
	if !slices.Contains(styles, o.Style) {
		return nil, fmt.Errorf("unknown style %q (want %s)", o.Style, strings.Join(styles, ", "))
	}
	e, err := engine.New(o.Rules, engine.Options{Minimum: o.MinConfidence})
	if err != nil {
		return nil, err
	}
	m := &Masker{engine: e, key: make([]byte, 32), style: o.Style, template: o.Template}
	_, _ = rand.Read(m.key) // never fails
	for _, v := range o.Values {
		if len(v) > maxValue {
			return nil, fmt.Errorf("a value to mask is longer than %d bytes", maxValue)
		}
		if v != "" {
			m.values = append(m.values, []byte(v))
		}
	}
	return m, nil
}

// maxValue bounds Options.Values in bytes.
const maxValue = 4 << 10

// span is what is masked: text[start:end], as shown.
type span struct {
	start, end int
	match      *engine.Match // nil for one of Options.Values
}

// shown is the placeholder for a span.
func (m *Masker) shown(s span, text []byte) string {
	value := text[s.start:s.end]
	rule, provider, kind := "masked", "", "value"
	if s.match != nil {
		rule, provider, kind = s.match.Rule.ID, s.match.Rule.Provider, s.match.Kind
	}
	mac := hmac.New(sha256.New, m.key)
	mac.Write(value)
	tag := hex.EncodeToString(mac.Sum(nil)[:4])
	switch {
	case m.template != "":
		return strings.NewReplacer("{rule}", rule, "{provider}", provider, "{kind}", kind, "{tag}", tag).Replace(m.template)
	case m.style == Stars:
		return strings.Repeat("*", len(value))
	case m.style == Fixed:
		return "[masked]"
	case m.style == Last4:
		if len(value) < 20 || bytes.HasPrefix(value, []byte("-----")) {
			return "****"
		}
		return "****" + string(value[len(value)-4:])
	}
	return "[" + rule + ":" + tag + "]"
}

// Bytes masks a text that is all there is.
func (m *Masker) Bytes(text []byte) []byte {
	var out bytes.Buffer
	f := filter{m: m}
	f.write(text, &out)
	f.close(&out)
	return out.Bytes()
}

// String masks a text that is all there is.
func (m *Masker) String(text string) string { return string(m.Bytes([]byte(text))) }
