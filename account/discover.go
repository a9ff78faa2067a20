package account

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"tmail/account/oauth"
)

// Source says how the settings of an account were found.
type Source string

// The sources, in the order in which they are asked: each only when the one
// before knew nothing.
const (
	FromTable      Source = "table"      // of providers, in this program
	FromSRV        Source = "srv"        // DNS SRV records, RFC 6186 and RFC 8314
	FromAutoconfig Source = "autoconfig" // the configuration file the domain publishes
	FromMX         Source = "mx"         // its mail exchanger belongs to a known provider
	FromGuess      Source = "guess"      // the names servers usually have
)

// Found is what was found out about an address. What is nil is not offered, or
// not known.
type Found struct {
	Source           Source
	Provider         *Provider      // nil: none that is known
	IMAP, POP3, SMTP *Endpoint      // without secrets
	SignIn           *oauth.Service // of a provider that is not known, where it publishes it
}

func (f *Found) receives() bool { return f.IMAP != nil || f.POP3 != nil }

// Resolver is what Finder asks of the DNS; *net.Resolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
}

// Dial connects to a server, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Finder finds the settings of an account from its address.
type Finder struct {
	Resolver Resolver      // nil: the system's
	HTTP     *http.Client  // nil: one that follows redirects to https only
	Dial     Dial          // nil: a net.Dialer's
	Limit    time.Duration // for each source; 0: four seconds
}

// errAddress says that an address is none.
var errAddress = errors.New(`not an address like "me@example.com"`)

// Find returns what is known about an address. The table is asked without any
// network. It fails only for what is no address, and when ctx ends.
func (f *Finder) Find(ctx context.Context, address string) (Found, error) {
	local, domain, _ := cutLast(address, "@")
	if !IsAddress(address) {
		return Found{}, fmt.Errorf("%q: %w", address, errAddress)
	}
	domain = strings.ToLower(domain)
	if p := providerOf(domain); p != nil {
		return p.found(FromTable, local, address), nil
	}
	for _, ask := range []func(ctx context.Context, address, domain string) Found{f.srv, f.autoconfig, f.exchanger} {
		found := f.limited(ctx, ask, address, domain)
		if ctx.Err() != nil {
			return Found{}, ctx.Err()
		}
		if found.receives() {
			if found.SMTP == nil {
				found.SMTP = f.limited(ctx, f.sending, address, domain).SMTP
			}
			return found, ctx.Err()
		}
	}
	found := f.limited(ctx, f.guess, address, domain)
	return found, ctx.Err()
}

func (f *Finder) limited(ctx context.Context, ask func(ctx context.Context, address, domain string) Found, address, domain string) Found {
	limit := f.Limit
	if limit == 0 {
		limit = 4 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return ask(ctx, address, domain)
}

func (f *Finder) resolver() Resolver {
	if f.Resolver != nil {
		return f.Resolver
	}
	return net.DefaultResolver
}

// found returns the settings of a provider's customer.
func (p *Provider) found(source Source, local, address string) Found {
	f := Found{Source: source, Provider: p}
	for _, e := range []struct {
		to       **Endpoint
		protocol string
		server   Server
	}{{&f.IMAP, ProtocolIMAP, p.IMAP}, {&f.POP3, ProtocolPOP3, p.POP3}, {&f.SMTP, ProtocolSMTP, p.SMTP}} {
		if e.server.Host == "" {
			continue
		}
		user := address
		if p.LocalPart && source == FromTable && e.protocol != ProtocolSMTP {
			user = local
		}
		*e.to = &Endpoint{Protocol: e.protocol, Host: e.server.Host, Port: e.server.Port, Security: e.server.Security, Username: user}
	}
	return f
}

// exchanger looks whether the domain's mail goes to a provider of the table.
func (f *Finder) exchanger(ctx context.Context, address, domain string) Found {
	exchangers, err := f.resolver().LookupMX(ctx, domain)
	if err != nil {
		return Found{}
	}
	for _, mx := range exchangers {
		if p := providerBehind(mx.Host); p != nil {
			return p.found(FromMX, "", address)
		}
	}
	return Found{}
}
