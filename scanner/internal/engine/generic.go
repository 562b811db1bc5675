package engine

import (
	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/internal/engine/literal"
)

// genericMatcher joins the generic engine to the rules.
type genericMatcher struct{ rule *rules.Rule }

func (m genericMatcher) match(text []byte, h hit, out *Match) bool { return false }

func genericLiterals() []literal.Pattern { return nil }

func genericBounds() (left, right int) { return 1024, 2048 }
