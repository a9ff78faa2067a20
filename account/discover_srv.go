package account

import (
	"context"
	"slices"
	"strings"
)

// service is a DNS SRV service of RFC 6186 or RFC 8314, and what it means.
type service struct {
	name     string
	protocol string
	security Security
}

// services are all that are asked for; of a protocol the first that is offered
// is taken: implicit TLS before STARTTLS (RFC 8314 §5.1).
var services = []service{
	{"imaps", ProtocolIMAP, SecurityTLS},
	{"imap", ProtocolIMAP, SecurityStartTLS},
	{"pop3s", ProtocolPOP3, SecurityTLS},
	{"pop3", ProtocolPOP3, SecurityStartTLS},
	{"submissions", ProtocolSMTP, SecurityTLS},
	{"submission", ProtocolSMTP, SecurityStartTLS},
}

// srv asks for all services at once.
func (f *Finder) srv(ctx context.Context, address, domain string) Found {
	answers := make([]chan *Endpoint, len(services))
	for i, s := range services {
		answers[i] = make(chan *Endpoint, 1)
		go func() { answers[i] <- f.service(ctx, s, address, domain) }()
	}
	found := Found{Source: FromSRV}
	places := map[string]**Endpoint{ProtocolIMAP: &found.IMAP, ProtocolPOP3: &found.POP3, ProtocolSMTP: &found.SMTP}
	for i, s := range services {
		if e := <-answers[i]; e != nil && *places[s.protocol] == nil {
			*places[s.protocol] = e
		}
	}
	return found
}

// service returns the preferred server of a service, nil when there is none; a
// target of "." says that the service is not offered (RFC 6186 §3.4).
func (f *Finder) service(ctx context.Context, s service, address, domain string) *Endpoint {
	_, records, err := f.resolver().LookupSRV(ctx, s.name, "tcp", domain)
	if err != nil {
		return nil
	}
	for _, r := range records {
		if host := strings.TrimSuffix(r.Target, "."); IsHost(host) && r.Port != 0 {
			return &Endpoint{Protocol: s.protocol, Host: host, Port: int(r.Port), Security: s.security, Username: address}
		}
	}
	return nil
}

// Foreign returns the servers that a DNS without signatures alone put into
// another domain than that of the address, so that who can forge it could
// choose where the password goes: a person has to say that they are right
// (RFC 6186 §6). Those of known providers and of this machine are not among
// them, and nothing that was found otherwise.
func (f Found) Foreign(address string) []string {
	_, domain, _ := cutLast(strings.ToLower(address), "@")
	if f.Source != FromSRV {
		return nil
	}
	var hosts []string
	for _, e := range []*Endpoint{f.IMAP, f.POP3, f.SMTP} {
		if e == nil || slices.Contains(hosts, e.Host) || isBelow(e.Host, domain) || isLoopback(e.Host) || isProviders(e.Host) {
			continue
		}
		hosts = append(hosts, e.Host)
	}
	return hosts
}

// isBelow reports whether a host is a domain or in it.
func isBelow(host, domain string) bool {
	host = strings.ToLower(host)
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// isProviders reports whether a host is a server of a provider of the table.
func isProviders(host string) bool {
	return slices.ContainsFunc(providers, func(p Provider) bool {
		return slices.ContainsFunc([]Server{p.IMAP, p.POP3, p.SMTP}, func(s Server) bool { return s.Host != "" && strings.EqualFold(s.Host, host) })
	})
}
