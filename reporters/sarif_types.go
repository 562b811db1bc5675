package reporters

import "encoding/json"

// The parts of SARIF 2.1.0 that we write, named as in the standard
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/sarif-v2.1.0-errata01.html).
// Own types instead of a library: results have to be encoded one by one, to
// fit as many as possible under the upload limit.

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool               sarifTool                        `json:"tool"`
	Invocations        []sarifInvocation                `json:"invocations"`
	OriginalURIBaseIDs map[string]sarifArtifactLocation `json:"originalUriBaseIds"`
	Results            []json.RawMessage                `json:"results"`
	Properties         map[string]any                   `json:"properties"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name            string      `json:"name"`
	Version         string      `json:"version,omitempty"`
	SemanticVersion string      `json:"semanticVersion,omitempty"`
	InformationURI  string      `json:"informationUri"`
	Rules           []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string             `json:"id"`
	ShortDescription sarifMultiformat   `json:"shortDescription"`
	FullDescription  sarifMultiformat   `json:"fullDescription"`
	Help             sarifMultiformat   `json:"help"`
	HelpURI          string             `json:"helpUri,omitempty"`
	Default          sarifConfiguration `json:"defaultConfiguration"`
	Properties       sarifRuleBag       `json:"properties"`
}

type sarifMultiformat struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifConfiguration struct {
	Level string `json:"level"`
}

type sarifRuleBag struct {
	Tags             []string `json:"tags"`
	Precision        string   `json:"precision"`
	SecuritySeverity string   `json:"security-severity"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	Notifications       []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Descriptor sarifReference `json:"descriptor"`
	Level      string         `json:"level"`
	Message    sarifMessage   `json:"message"`
}

type sarifReference struct {
	ID string `json:"id"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Rank                int               `json:"rank"`
	Message             sarifMessage      `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	RelatedLocations    []sarifLocation   `json:"relatedLocations,omitempty"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	Properties          sarifResultBag    `json:"properties"`
}

type sarifResultBag struct {
	Severity          string            `json:"severity"`
	Confidence        string            `json:"confidence"`
	Provider          string            `json:"provider"`
	Kind              string            `json:"kind"`
	Redacted          string            `json:"redacted"`
	Verification      *jsonVerification `json:"verification,omitempty"`
	OnlyInHistory     bool              `json:"onlyInHistory,omitempty"`
	Commit            string            `json:"commit,omitempty"`
	Lifetime          *sarifLifetime    `json:"lifetime,omitempty"`
	Facts             map[string]string `json:"facts,omitempty"`
	Occurrences       int               `json:"occurrences"`
	OccurrencesListed int               `json:"occurrencesListed"`
}

// sarifLifetime is a lifetime without its lists, which may be long.
type sarifLifetime struct {
	Introduced    jsonEvent  `json:"introduced"`
	Removed       *jsonEvent `json:"removed,omitempty"`
	AtHead        bool       `json:"atHead"`
	RefCount      int        `json:"refCount"`
	ReachableFrom int        `json:"reachableFrom"`
}

type sarifLocation struct {
	ID       *int           `json:"id,omitempty"`
	Physical sarifPhysical  `json:"physicalLocation"`
	Message  *sarifMessage  `json:"message,omitempty"`
	Bag      map[string]any `json:"properties,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifactLocation `json:"artifactLocation"`
	Region   sarifRegion           `json:"region"`
	Context  *sarifRegion          `json:"contextRegion,omitempty"`
}

type sarifArtifactLocation struct {
	URI         string        `json:"uri,omitempty"`
	URIBaseID   string        `json:"uriBaseId,omitempty"`
	Description *sarifMessage `json:"description,omitempty"`
}

type sarifRegion struct {
	StartLine   int           `json:"startLine"`
	StartColumn int           `json:"startColumn,omitempty"`
	EndLine     int           `json:"endLine,omitempty"`
	EndColumn   int           `json:"endColumn,omitempty"`
	Snippet     *sarifContent `json:"snippet,omitempty"`
}

type sarifContent struct {
	Text string `json:"text"`
}
