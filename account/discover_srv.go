package account

import (
	"context"
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
