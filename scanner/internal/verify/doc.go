// Package verify asks providers whether credentials are live.
//
// What is sent where is data (rules.Check); this package carries it out with
// care. The order of the work on one secret:
//
//	prepare    is there a check, are its parts there, is it a canary token?
//	build      fill the templates, sign; the host must be one of the check's
//	send       per-host rate, concurrency and pauses; retries; a guarded dialer
//	judge      the first declared answer that fits, else unknown
//	facts      what the provider told, with every trace of the secret taken out
//
// Three rules hold throughout. Inactive is only said in the provider's own
// words: rate limits, pages of proxies and portals, changed APIs and cut
// answers are unknown. No text of a response or of an error of net/http comes
// out unless a check asks for that field, since both repeat secrets. And no
// address is dialled that is not public, unless the user has mapped it: that is
// decided on the address itself, after resolution, so that a name that changes
// its mind (DNS rebinding) gains nothing.
package verify
