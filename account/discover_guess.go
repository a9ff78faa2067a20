package account

import (
	"cmp"
	"context"
	"net"
	"strconv"
	"time"
)

// knockLimit is how long a guessed server may take to answer: a person is about to type the secret meanwhile.
const knockLimit = 2 * time.Second

// usualPrefixes begin the names servers usually have, before the domain.
var usualPrefixes = map[string][]string{
	ProtocolIMAP: {"imap.", "mail."}, ProtocolPOP3: {"pop.", "pop3.", "mail."}, ProtocolSMTP: sendingPrefixes,
}

// sendingPrefixes begin the usual names of servers to send by.
var sendingPrefixes = []string{"smtp.", "mail."}

// guess takes the usual names, of which those the DNS does not know give way to others, and the usual ports, of which
// those where nothing answers do. Nothing is said there: a knock on the door tells a server that takes STARTTLS, or
// POP3, only. Where nothing answers at all, which may be the network's fault, the best there could be is taken.
func (f *Finder) guess(ctx context.Context, address, domain string) Found {
	type outcome struct{ best, answers *Endpoint }
	outcomes := make(map[string]chan outcome)
	for protocol, prefixes := range usualPrefixes {
		done := make(chan outcome, 1)
		outcomes[protocol] = done
		go func() {
			host := f.firstKnown(ctx, prefixes, domain)
			done <- outcome{guessed(protocol, host, SecurityTLS, address), f.answering(ctx, protocol, host, address)}
		}()
	}
	imap, pop3, smtp := <-outcomes[ProtocolIMAP], <-outcomes[ProtocolPOP3], <-outcomes[ProtocolSMTP]
	found := Found{Source: FromGuess, IMAP: imap.answers, POP3: pop3.answers, SMTP: cmp.Or(smtp.answers, smtp.best)}
	if !found.receives() {
		found.IMAP, found.POP3 = imap.best, pop3.best
	}
	return found
}

// answering returns the server of a host that answers, with TLS before STARTTLS; nil when none does.
func (f *Finder) answering(ctx context.Context, protocol, host, address string) *Endpoint {
	ctx, cancel := context.WithTimeout(ctx, knockLimit)
	defer cancel()
	addresses, err := f.resolver().LookupHost(ctx, host)
	if err != nil || len(addresses) == 0 {
		return nil
	}
	upgrades := make(chan bool, 1)
	go func() { upgrades <- f.knock(ctx, addresses[0], UsualPort(protocol, SecurityStartTLS)) }()
	if f.knock(ctx, addresses[0], UsualPort(protocol, SecurityTLS)) {
		return guessed(protocol, host, SecurityTLS, address)
	}
	if <-upgrades {
		return guessed(protocol, host, SecurityStartTLS, address)
	}
	return nil
}

// knock reports whether something answers on a port.
func (f *Finder) knock(ctx context.Context, host string, port int) bool {
	dial := f.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func guessed(protocol, host string, security Security, address string) *Endpoint {
	return &Endpoint{Protocol: protocol, Host: host, Port: UsualPort(protocol, security), Security: security, Username: address}
}

// sending looks for a server to send by where a domain tells only of those to receive from: a usual name, if there is
// such a host.
func (f *Finder) sending(ctx context.Context, address, domain string) Found {
	host, known := f.known(ctx, sendingPrefixes, domain)
	if !known {
		return Found{}
	}
	return Found{SMTP: cmp.Or(f.answering(ctx, ProtocolSMTP, host, address), guessed(ProtocolSMTP, host, SecurityTLS, address))}
}

// firstKnown returns the first of the names that has an address, else the first.
func (f *Finder) firstKnown(ctx context.Context, prefixes []string, domain string) string {
	if host, known := f.known(ctx, prefixes, domain); known {
		return host
	}
	return prefixes[0] + domain
}

// known returns the first of the names that has an address, if one has.
func (f *Finder) known(ctx context.Context, prefixes []string, domain string) (host string, known bool) {
	for _, prefix := range prefixes {
		if _, err := f.resolver().LookupHost(ctx, prefix+domain); err == nil {
			return prefix + domain, true
		}
	}
	return "", false
}
