// Package rules holds what Leaksonde knows of secrets: the Rule type, the TOML
// format with its strict loader, the built-in catalogue, and the generator of
// examples.
//
// # The format
//
// A rule file is TOML, a superset of the gitleaks rule format, so that existing
// .gitleaks.toml files load. Ours in its simplest form:
//
//	[[rules]]
//	id          = "acme-api-key"
//	provider    = "acme"
//	kind        = "api-key"
//	description = "Acme API key"
//	severity    = "high"
//	token       = 'acme_[0-9a-f]{40}'
//	rotate-url  = "https://acme.example/keys"
//	docs        = ["https://docs.acme.example/auth#format"]
//	examples        = ["@env", "@json"]
//	counterexamples = ["@short", "@long"]
//
// token is the pattern of the whole secret; the engine finds the literal to
// search for ("acme_"), checks that the token is not part of a longer word, and
// that it is no placeholder. Write it without anchors, boundaries and groups of
// surroundings. A token without a telling literal needs context:
//
//	token   = '[0-9a-f]{32}'
//	context = ["acme"]
//
// The word must stand on the same line within reach bytes (default 80), or
// before the token within 40 bytes over line ends. It is read as a word or the
// beginning of an identifier: ACME_API_KEY, acmeToken, "acme": …
//
// Composite credentials name further members, searched for near the match:
//
//	[[rules.parts]]
//	name   = "secret-access-key"
//	token  = '[A-Za-z0-9/+]{40}'
//	within = 256
//	alone  = "medium"    # the confidence if the part is not there
//
// checksum names a scheme of package checksum. All keys: see Rule. Keys that
// are unknown are errors.
//
// # Live checks
//
// verify says how a value is checked with its provider; see Check. It is only
// read when a run asks for live checks:
//
//	[rules.verify]
//	get      = "https://api.acme.example/me"
//	auth     = "bearer"
//	active   = [{ json = "account.id" }]
//	inactive = [{ status = [401], json = "error.code", is = ["invalid_key"] }]
//	facts    = { account = "account.name", scopes = "header:X-Scopes" }
//
// Write an answer so that only the provider can give it: a field, a code, a
// header of its own. What fits no answer is unknown. The checks of the built-in
// rules stand in catalogue/verify, keyed by rule id.
//
// # Examples
//
// No string that looks like a live credential is committed: examples are
// templates, expanded when they are tested (Expand). {{secret}} is a fresh value
// drawn from the rule's own pattern with a right checksum; {{part:NAME}} likewise
// for a part; {{gen:REGEX}} draws from any pattern; {{secret:short}},
// {{secret:long}}, {{secret:badsum}} and {{secret:placeholder}} are spoilt
// values for counterexamples. Names with @ are ready-made surroundings:
// @source, @env, @json, @yaml, @url, @log, @header and, for counterexamples,
// @short, @long, @badsum, @placeholder, @no-context.
//
// An example must be reported by its own rule with exactly the generated value
// as its secret; a counterexample must not be reported by its own rule.
package rules
