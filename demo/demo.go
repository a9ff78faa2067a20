// Package demo is a mail provider small enough to live inside the program: an
// IMAP, a POP3 and an SMTP server on loopback ports, two people's sample mail,
// and a few colleagues who answer what is sent to them. "tmail demo" and the
// tests of the screen run on it.
//
// It must not know the rest of the program: it is a far side like any other,
// reached only through its ports. Nothing it takes leaves the machine.
package demo

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"

	"tmail/account"
)

// The addresses of the two demo accounts, and the name of the one person who
// has both.
const (
	WorkAddress     = "me@demo.example"
	PersonalAddress = "home@demo.example"

	fullName    = "Lin An"
	chineseName = "林安"
	aliasOfWork = "lin.an@demo.example"
)

// Server is the running mail provider.
type Server struct {
	dir    string // where mail is kept between runs; "" nowhere
	secret string // the password of both accounts, new in every run
	clock  func() time.Time

	work, personal *maildrop
	answerAfter    time.Duration // how long a colleague takes to answer

	imap *imapserver.Server
	smtp *smtp.Server
	pop3 *popServer

	imapPort, smtpPort, popPort int
	listeners                   []net.Listener

	stop    context.CancelFunc
	running sync.WaitGroup
	close   func() error
}

// Start puts sample mail into two accounts, dated relative to now, and serves
// it until ctx ends or Close is called. With a dir, Close writes the mail there
// and the next Start in the same dir goes on with it; with "" nothing is kept.
func Start(ctx context.Context, dir string, now time.Time) (*Server, error) {
	started := time.Now()
	s := &Server{
		dir:         dir,
		secret:      rand.Text(),
		clock:       func() time.Time { return now.Add(time.Since(started)) },
		answerAfter: 3 * time.Second,
	}
	if err := s.fill(now); err != nil {
		return nil, err
	}
	ctx, s.stop = context.WithCancel(ctx)
	s.close = sync.OnceValue(s.shutDown)
	if err := s.listen(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// Close ends every connection and, with a dir, writes the mail there. Closing
// again returns the same error.
func (s *Server) Close() error { return s.close() }

// Accounts returns the two accounts, ready to use: "work" over IMAP and
// "personal" over POP3. Both send through the demo's SMTP server.
func (s *Server) Accounts() []account.Account {
	work := s.account("work", WorkAddress, account.ProtocolIMAP, s.imapPort)
	work.Identities = append(work.Identities, account.Identity{Email: aliasOfWork, FullName: chineseName, Signature: chineseName})
	work.Poll = 5 * time.Minute

	personal := s.account("personal", PersonalAddress, account.ProtocolPOP3, s.popPort)
	personal.LeaveOnServer = account.LeavePolicy{Keep: true}
	personal.Poll = time.Second // POP3 cannot push, and the demo promises two seconds
	return []account.Account{work, personal}
}

func (s *Server) account(name, address, protocol string, port int) account.Account {
	const signature = "Lin An 林安"
	secret := func(context.Context) (string, error) { return s.secret, nil }
	endpoint := func(protocol string, port int) account.Endpoint {
		return account.Endpoint{
			Protocol: protocol, Host: "127.0.0.1", Port: port, Security: account.SecurityNone,
			Username: address, Secret: secret,
		}
	}
	outgoing := endpoint(account.ProtocolSMTP, s.smtpPort)
	return account.Account{
		Name: name, Email: address, FullName: fullName, Signature: signature,
		Identities: []account.Identity{{Email: address, FullName: fullName, Signature: signature}},
		Incoming:   endpoint(protocol, port),
		Outgoing:   &outgoing,
		Offline:    account.OfflineRecent,
		CopyToSent: true,
	}
}

// login returns the maildrop of whoever has this name and password, nil when
// they are wrong.
func (s *Server) login(username, password string) *maildrop {
	if subtle.ConstantTimeCompare([]byte(password), []byte(s.secret)) != 1 {
		return nil
	}
	return s.maildropOf(username)
}

// maildropOf returns where mail for one of the demo's accounts goes, nil for
// every other address.
func (s *Server) maildropOf(address string) *maildrop {
	switch strings.ToLower(address) {
	case WorkAddress, aliasOfWork:
		return s.work
	case PersonalAddress:
		return s.personal
	}
	return nil
}

// listen opens the three ports and serves them.
func (s *Server) listen(ctx context.Context) error {
	s.imap, s.smtp, s.pop3 = newIMAPServer(s), newSMTPServer(ctx, s), newPOPServer(s)
	for _, port := range []struct {
		number *int
		serve  func(net.Listener) error
	}{
		{&s.imapPort, s.imap.Serve},
		{&s.smtpPort, s.smtp.Serve},
		{&s.popPort, s.pop3.serve},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("demo: open a port: %w", err)
		}
		s.listeners = append(s.listeners, l)
		*port.number = l.Addr().(*net.TCPAddr).Port
		// Serving ends with the error of the closed listener.
		s.running.Go(func() { _ = port.serve(l) })
	}
	return nil
}

// shutDown ends the accepting first, then the connections. What closing reports
// is about sockets that are done with; only keeping the mail can fail in a way
// that matters.
func (s *Server) shutDown() error {
	s.stop()
	for _, l := range s.listeners {
		_ = l.Close()
	}
	s.pop3.close()
	s.running.Wait()
	_ = s.imap.Close()
	_ = s.smtp.Close()
	return s.keep()
}
