package scanner

import (
	"testing"

	"github.com/leaksonde/leaksonde/rules"
	"github.com/leaksonde/leaksonde/scanner/finding"
	"github.com/leaksonde/leaksonde/scanner/internal/engine"
)

// TestCollisions holds shapes that several providers share against the words
// that tell them apart. {{gen:...}} is drawn; the named rule must win.
func TestCollisions(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(set, engine.Options{Minimum: finding.Low})
	if err != nil {
		t.Fatal(err)
	}
	const (
		sk48 = "sk-{{gen:[A-Za-z0-9]{48}}}"
		sk32 = "sk-{{gen:[0-9a-f]{32}}}"
		uuid = "{{gen:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}}}"
		hex  = "{{gen:[0-9a-f]{32}}}"
	)
	for _, c := range []struct{ text, want string }{
		{`key = "` + sk48 + `"`, "openai-compatible-api-key"},
		{`STABILITY_API_KEY=` + sk48, "stability-ai-api-key"},
		{`MOONSHOT_API_KEY=` + sk48, "moonshot-kimi-api-key"},
		{`BRAINTRUST_API_KEY=` + sk48, "braintrust-api-key"},
		{`OPENAI_API_KEY=` + sk48, "openai-legacy-user-api-key-unmarked"},
		{`OPENAI_API_KEY=sk-{{gen:[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}}}`, "openai-legacy-user-api-key"},
		{`SILICONFLOW_API_KEY=sk-{{gen:[a-z]{48}}}`, "siliconflow-api-key"},
		{`key = "` + sk32 + `"`, "deepseek-api-key-unnamed"},
		{`DEEPSEEK_API_KEY=` + sk32, "deepseek-api-key"},
		{`DASHSCOPE_API_KEY=` + sk32, "alibaba-dashscope-qwen-api-key"},
		{`LITELLM_MASTER_KEY=sk-{{gen:[A-Za-z0-9]{22}}}`, "litellm-virtual-key"},
		{`GEMINI_API_KEY=AIzaSy{{gen:[A-Za-z0-9_]{33}}}`, "google-gemini-ai-studio-api-key"},
		{`key_{{gen:[0-9a-f]{64}}}`, "cursor-user-admin-api-key"},
		{`key_{{gen:[0-9a-f]{128}}}`, "runway-api-key"},
		{`key_{{gen:[0-9a-f]{28}}}`, "retell-ai-api-key"},
		{`XI_API_KEY=sk_{{gen:[0-9a-f]{48}}}`, "elevenlabs-api-key"},
		{`live_{{gen:[0-9a-f]{32}}}`, "scale-ai-api-key"},
		{`xai-token-{{gen:[A-Za-z0-9]{80}}}`, "xai-grok-management-key"},
		{`sgp_{{gen:[0-9a-f]{40}}}`, "sourcegraph-access-token"},
		{`PINECONE_API_KEY=` + uuid, "pinecone-legacy-api-key"},
		{`AI21_API_KEY=` + uuid, "ai21-studio-api-key"},
		{`AZURE_OPENAI_API_KEY=` + hex, "azure-openai-api-key"},
		{`ASSEMBLYAI_API_KEY=` + hex, "assemblyai-api-key"},
		{`CLARIFAI_PAT=` + hex, "clarifai-api-key-pat"},
	} {
		x, err := set.Rules[0].Expand(c.text, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := winners(t, e, x.Text); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s\n\twon by %v, want %s", x.Text, got, c.want)
		}
	}
}

// winners are the rules whose matches no other match of the text outranks.
func winners(t *testing.T, e *engine.Engine, text string) []string {
	t.Helper()
	var raw []engine.Match
	var scratch engine.Scratch
	if err := e.Find([]byte(text), engine.Span{End: len(text)}, engine.Whole, &scratch, func(m *engine.Match) error {
		raw = append(raw, *m)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range engine.Resolve(raw) {
		ids = append(ids, m.Rule.ID)
	}
	return ids
}
