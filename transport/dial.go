// Package transport talks to mail servers: dialing, TLS policy, deadlines, signing in, metering and tracing are here,
// the protocols in imap, pop3 and smtp below it. It knows nothing of the store, of synchronisation or of the screen:
// it gives bytes and typed errors.
package transport

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"tmail/account"
)

// defaultTimeout is how long a server may be silent while it owes us something.
const defaultTimeout = 30 * time.Second

// Dialer opens connections to mail servers. The zero value is ready.
type Dialer struct {
	// Timeout is how long a server may be silent while we wait for it, dialing and TLS included. 0: half a minute.
	Timeout time.Duration
	// Trace gets the whole talk, secrets redacted, in whole lines; nil: none. Connections write to it at the same time.
	Trace io.Writer
	// Now is the clock certificates are judged by; nil: time.Now.
	Now func() time.Time
	// Reached is told how far a connection has come: nil when the server answers, and the state of TLS when it is
	// encrypted. nil: nobody is told.
	Reached func(*tls.ConnectionState)
	// Greeted is told the first line of each connection, as far as the first 8 KB go. With SecurityStartTLS anybody on
	// the way may have said it. nil: nobody is told.
	Greeted func(line string)
	// Meter counts what goes over all connections of the dialer; nil: nothing is counted.
	Meter *Meter
}

// Meter counts bytes as they are on the wire, TLS included, and how often we waited for an answer.
type Meter struct {
	In, Out, RoundTrips atomic.Int64
}

// Dial connects to ep, with TLS at once when ep.Security says so. What is not encrypted is refused except to this
// machine or when ep.AllowCleartext; SecurityStartTLS gives a connection that has yet to StartTLS and hands out no
// credentials before. ctx bounds the dialing only: see Conn.Guard.
func (d *Dialer) Dial(ctx context.Context, ep account.Endpoint) (*Conn, error) {
	op := "connect to " + ep.Addr()
	if ep.Security == account.SecurityNone && !ep.AllowCleartext && !loopback(ep.Host) {
		return nil, &Error{Kind: KindTLS, Op: op, Code: CodeCleartext,
			Err: fmt.Errorf("security = %q is only for this machine or with allow_cleartext = true", account.SecurityNone)}
	}
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	config, err := tlsConfig(ep, d.Now)
	if err != nil {
		return nil, Wrap(op, err)
	}
	nd := net.Dialer{Timeout: timeout}
	raw, err := nd.DialContext(ctx, "tcp", ep.Addr())
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, Wrap(op, timedOut(silent, err, timeout))
	}
	c := newConn(raw, ep, config, timeout, d)
	c.reached(nil)
	if ep.Security != account.SecurityNone && ep.Security != account.SecurityStartTLS {
		if err := c.handshake(ctx); err != nil {
			c.Close()
			return nil, Wrap(op, err)
		}
	}
	return c, nil
}

// loopback says whether host can only be this machine.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// handshake makes the connection private from here on.
func (c *Conn) handshake(ctx context.Context) error {
	defer c.Guard(ctx)()
	secure := tls.Client(c.wire, c.tlsConfig)
	if err := secure.HandshakeContext(ctx); err != nil {
		if cause := c.Err(); cause != nil {
			return cause
		}
		return timedOut(silent, err, c.wire.timeout)
	}
	c.switchTo(secure)
	state := secure.ConnectionState()
	c.reached(&state)
	return nil
}
