// Package action turns what GitHub tells a workflow step into a scan.
//
// action.yml only builds the program and calls "leaksonde action": what there
// is to decide is decided here, where it can be tested, and no text of an event
// (a branch may be called $(reboot)) comes near a shell. GitHub's variables are
// described at
// https://docs.github.com/en/actions/reference/workflows-and-actions/variables,
// the events at https://docs.github.com/en/webhooks/webhook-events-and-payloads.
package action
