package verify

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// errPrivate is a connection to an address that is not public.
var errPrivate = errors.New("its address is not a public one (for a server of your own: --verify-endpoint)")

// reserved are the ranges beyond those that net/netip knows that are not
// public addresses (IANA special-purpose registries).
var reserved = func() []netip.Prefix {
	var all []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
		"64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

// translated are the IPv6 ranges that carry an IPv4 address, with its offset.
var translated = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},
	{netip.MustParsePrefix("2002::/16"), 2},
	{netip.MustParsePrefix("::/96"), 12},
}

// public tells whether an address is one on the internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	if a.Is6() {
		b := a.As16()
		for _, t := range translated {
			if t.prefix.Contains(a) && !public(netip.AddrFrom4([4]byte(b[t.at:t.at+4]))) {
				return false
			}
		}
	}
	return true
}

// guarded is a dialer that connects to public addresses only. Control sees the
// address that is about to be connected to, after resolution.
func guarded(timeout time.Duration) *net.Dialer {
	d := open(timeout)
	d.Control = func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || !public(ap.Addr()) {
			return errPrivate
		}
		return nil
	}
	return d
}

func open(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
}

// proxies reads the proxies of the environment. through tells whether an
// address is one of them: those the user has chosen, private or not. What lies
// behind a proxy is the proxy's to resolve and to forbid.
func proxies(getenv func(string) string) (choose func(*http.Request) (*url.URL, error), through func(address string) bool) {
	if getenv == nil {
		getenv = os.Getenv
	}
	first := func(names ...string) string {
		for _, n := range names {
			if v := getenv(n); v != "" {
				return v
			}
		}
		return ""
	}
	config := httpproxy.Config{
		HTTPProxy:  first("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: first("HTTPS_PROXY", "https_proxy"),
		NoProxy:    first("NO_PROXY", "no_proxy"),
		CGI:        getenv("REQUEST_METHOD") != "",
	}
	pick := config.ProxyFunc()
	addresses := map[string]bool{}
	for _, p := range []string{config.HTTPProxy, config.HTTPSProxy} {
		if !strings.Contains(p, "://") {
			p = "http://" + p
		}
		if u, err := url.Parse(p); err == nil && u.Hostname() != "" {
			addresses[withPort(u)] = true
		}
	}
	return func(r *http.Request) (*url.URL, error) { return pick(r.URL) }, func(a string) bool { return addresses[a] }
}

func withPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// dialer connects to public addresses and to proxies.
func dialer(timeout time.Duration, through func(string) bool) func(context.Context, string, string) (net.Conn, error) {
	safe, free := guarded(timeout), open(timeout)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if through(address) {
			return free.DialContext(ctx, network, address)
		}
		return safe.DialContext(ctx, network, address)
	}
}
