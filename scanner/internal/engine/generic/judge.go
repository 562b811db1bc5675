package generic

import "github.com/leaksonde/leaksonde/scanner/finding"

// Log odds from which on a candidate has a level. They are calibrated by
// train_test.go so that nine in ten of what is Medium or more are credentials.
const (
	lowFrom    = -2.5
	mediumFrom = 0.4
	highFrom   = 2.7
)

// judge adds up the evidence and fills in the candidate.
func (p *parse) judge(c *Candidate) bool {
	var e evidence
	if !p.collect(&e) {
		return false
	}
	score := e.score()
	if score < p.least() {
		return false
	}
	p.fill(c, score)
	return true
}

// least is the log odds from which a candidate is reported at all. Where the
// syntax proves that the value is used as a password, even a weak one or one
// that looks made up is worth a line of low confidence: it may be in use.
func (p *parse) least() float64 {
	switch p.form {
	case urlUser:
		return lowFrom - 7
	case shortOpt, sqlBy, basicAuth, header:
		return lowFrom - 2.5
	}
	return lowFrom
}

func (e *evidence) score() float64 {
	s := float32(0)
	for _, f := range e.ids[:e.n] {
		s += weights[f]
	}
	return float64(s)
}

func (p *parse) fill(c *Candidate, score float64) {
	c.Kind = p.kind()
	c.Start, c.End = p.whole, max(p.wholeEnd, p.end)
	c.SecretStart, c.SecretEnd = p.start, p.end
	c.EvidenceStart, c.EvidenceEnd = max(-1, p.lo-2), min(len(p.text)+1, p.hi+1)
	c.Score = score
	switch {
	case p.name.class == salt, p.weak && !p.used: // drawn, but seldom worth keeping secret; or made up
		c.Confidence = finding.Low
	case score >= highFrom && p.name.class != bareKey: // a bare "key" proves nothing
		c.Confidence = finding.High
	case score >= mediumFrom, p.used:
		c.Confidence = finding.Medium
	default:
		c.Confidence = finding.Low
	}
}

func (p *parse) kind() string {
	switch p.form {
	case urlUser:
		return "url-credentials"
	case basicAuth:
		return "basic-auth"
	case header:
		return "bearer-token"
	case jwkMember, derKey:
		return "private-key"
	}
	switch p.name.class {
	case password:
		return "password"
	case secret:
		return "secret"
	case token:
		return "token"
	case strongKey:
		return "api-key"
	case otherKey, bareKey:
		return "key"
	case auth:
		return "authorization"
	case credential:
		return "credential"
	case salt:
		return "salt"
	case session:
		return "session"
	}
	return "high-entropy"
}
