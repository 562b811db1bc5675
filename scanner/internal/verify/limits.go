package verify

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// host is what is known of one host in this run: how fast it may be asked, and
// whether it wants to be left alone.
type host struct {
	limiter *rate.Limiter
	slots   chan struct{}

	mu       sync.Mutex
	pause    time.Time // nothing is sent before
	failures int       // in a row
	given    error     // why it is asked no more
}

// patience is how many failures in a row end the talk with a host.
const patience = 5

// hosts are all hosts of a run.
type hosts struct {
	mu  sync.Mutex
	all map[string]*host
	opt *Options
}

func (h *hosts) of(name string) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.all[name]
	if x == nil {
		if h.all == nil {
			h.all = map[string]*host{}
		}
		x = &host{limiter: rate.NewLimiter(rate.Limit(h.opt.Rate), 1), slots: make(chan struct{}, h.opt.Concurrency)}
		h.all[name] = x
	}
	return x
}

// enter waits for a turn; leave must follow if err is nil.
func (h *host) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := h.turn(ctx); err != nil {
		<-h.slots
		return err
	}
	return nil
}

func (h *host) turn(ctx context.Context) error {
	for {
		h.mu.Lock()
		given, wait := h.given, time.Until(h.pause)
		h.mu.Unlock()
		if given != nil {
			return given
		}
		if wait <= 0 {
			break
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := h.limiter.Wait(ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return errBudget // the turn would come after the deadline
	}
	return nil
}

func (h *host) leave() { <-h.slots }

// hold lets nobody ask for a while.
func (h *host) hold(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until := time.Now().Add(d); until.After(h.pause) {
		h.pause = until
	}
}

// note remembers how a subject's call ended.
func (h *host) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.failures = 0
		return
	}
	h.failures++
	var limited *limitedError
	if h.given == nil && (h.failures >= patience || errors.As(err, &limited) && limited.final) {
		h.given = err
	}
}

// limitedError is a 429 that did not go away.
type limitedError struct {
	// final tells that the host asked for a longer pause than we wait.
	final bool
}

func (e *limitedError) Error() string { return "rate limited by the provider; try again later" }
