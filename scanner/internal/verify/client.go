package verify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/leaksonde/leaksonde/rules"
)

// maxBody bounds what is read of an answer, decompressed.
const maxBody = 1 << 20

// client sends the calls of jobs.
type client struct {
	opt   *Options
	hosts hosts
	// safe speaks to providers, mapped to the endpoints of the user: apart,
	// so that neither ever uses a connection of the other.
	safe, mapped *http.Client
}

func newClient(o *Options, t *tls.Config) *client {
	choose, through := proxies(o.Getenv)
	speaking := func(dial func(context.Context, string, string) (net.Conn, error)) *http.Client {
		return &http.Client{
			CheckRedirect: sameHost,
			Transport: &http.Transport{
				Proxy: choose, DialContext: dial, TLSClientConfig: t.Clone(), ForceAttemptHTTP2: true,
				TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout, IdleConnTimeout: 30 * time.Second,
				MaxIdleConnsPerHost: o.Concurrency, MaxResponseHeaderBytes: 64 << 10,
			},
		}
	}
	return &client{
		opt: o, hosts: hosts{opt: o},
		safe:   speaking(dialer(o.Timeout, through)),
		mapped: speaking(open(o.Timeout).DialContext),
	}
}

func (c *client) close() {
	c.safe.CloseIdleConnections()
	c.mapped.CloseIdleConnections()
}

// sameHost follows redirects within one host, three at most, and hands others
// back as answers.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > 3 || req.URL.Host != first.Host || req.URL.Scheme != first.Scheme || req.Method != via[0].Method {
		return http.ErrUseLastResponse
	}
	req.Header.Del("Referer") // it would repeat the URL
	return nil
}

// failedError is a 5xx that did not go away.
type failedError struct{ status int }

func (e *failedError) Error() string {
	return fmt.Sprintf("the provider has trouble of its own (status %d)", e.status)
}

// send makes a call and returns the answer, sending it again after a pause
// while the host is limiting or failing. understood tells that an answer says
// something as it is: it ends the tries whatever its status.
func (c *client) send(ctx context.Context, j *job, call *rules.Call, understood func(*response) bool) (*response, error) {
	target, err := j.target(call)
	if err != nil {
		return nil, err
	}
	host := c.hosts.of(target.Host)
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = min(500*time.Millisecond, c.opt.MaxWait)
	pauses.MaxInterval = c.opt.MaxWait
	var last error
	resp, err := backoff.Retry(ctx, func() (*response, error) {
		resp, err := c.attempt(ctx, host, j, call)
		switch {
		case err != nil && passing(err):
			last = err
			return nil, err
		case err != nil:
			return nil, backoff.Permanent(err)
		case understood(resp):
			return resp, nil
		case resp.status == http.StatusTooManyRequests || resp.status == http.StatusServiceUnavailable || resp.status == http.StatusBadGateway || resp.status == http.StatusGatewayTimeout:
			last = &failedError{resp.status}
			if resp.status == http.StatusTooManyRequests {
				last = &limitedError{}
			}
			pause, told := resp.retryAfter(c.opt.Now())
			if told && pause > c.opt.MaxWait {
				if resp.status == http.StatusTooManyRequests {
					last = &limitedError{final: true}
				}
				return nil, backoff.Permanent(last)
			}
			if told {
				host.hold(pause)
				return nil, &backoff.RetryAfterError{Duration: pause}
			}
			return nil, last
		case resp.status >= 500 && resp.status != http.StatusNetworkAuthenticationRequired:
			return nil, backoff.Permanent(&failedError{resp.status})
		}
		return resp, nil
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(uint(c.opt.Tries)), backoff.WithMaxElapsedTime(0))
	var again *backoff.RetryAfterError
	if errors.As(err, &again) {
		err = last
	}
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) {
		err = permanent.Unwrap()
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return nil, cause // the budget, or the user
	}
	host.note(err)
	return resp, err
}

// attempt sends a call once.
func (c *client) attempt(ctx context.Context, h *host, j *job, call *rules.Call) (*response, error) {
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	defer h.leave()
	ctx, cancel := context.WithTimeoutCause(ctx, c.opt.Timeout, errTimeout)
	defer cancel()
	req, err := j.build(ctx, call, c.opt.UserAgent, c.opt.Now())
	if err != nil {
		return nil, err
	}
	if req.Body == http.NoBody || req.ContentLength == 0 {
		req.Body, req.GetBody = nil, nil
	}
	via := c.safe
	if j.endpoint != nil {
		via = c.mapped
	}
	resp, err := via.Do(req)
	if err != nil {
		return nil, named(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, named(ctx, err)
	}
	return newResponse(resp.StatusCode, resp.Header, body), nil
}

// What goes wrong between here and the provider. The texts are ours: those of
// net/http repeat URLs.
var (
	errTimeout = errors.New("no answer in time")
	errName    = errors.New("the name of its host was not resolved")
	errTLS     = errors.New("the host's TLS certificate is not trusted")
	errRefused = errors.New("the host refused the connection")
	errCut     = errors.New("the connection was cut before the answer was whole")
	errProxy   = errors.New("the proxy did not let the request through")
	errNetwork = errors.New("the network does not reach the host")
)

// named turns an error of net/http into one of ours.
func named(ctx context.Context, err error) error {
	var (
		dns       *net.DNSError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		timeout   net.Error
	)
	switch {
	case errors.Is(err, errPrivate):
		return errPrivate
	case context.Cause(ctx) != nil && !errors.Is(context.Cause(ctx), errTimeout):
		return context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded), context.Cause(ctx) != nil, errors.As(err, &timeout) && timeout.Timeout():
		return errTimeout
	case errors.As(err, &dns):
		return errName
	case errors.As(err, &verify), errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &record), errors.As(err, &alert):
		return errTLS
	case errors.Is(err, syscall.ECONNREFUSED):
		return errRefused
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return errCut
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return errTLS
	case strings.Contains(err.Error(), "proxyconnect"), strings.Contains(err.Error(), "Proxy Authentication"):
		return errProxy
	}
	return errNetwork
}

// passing tells whether an error may be gone on the next try.
func passing(err error) bool {
	return errors.Is(err, errTimeout) || errors.Is(err, errCut) || errors.Is(err, errNetwork)
}

// reasonOf is what people read of an error.
func reasonOf(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}

// retryAfter is the pause that an answer asks for (RFC 9110, 10.2.3).
func (r *response) retryAfter(now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(r.header.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds >= 0 {
		if seconds > 1<<30 {
			seconds = 1 << 30
		}
		return time.Duration(seconds * float64(time.Second)), true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}
