package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
)

// serve listens on loopback; play gets each connection and may keep it until the client hangs up.
func serve(t *testing.T, play func(net.Conn)) account.Endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var plays sync.WaitGroup
	plays.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			plays.Go(func() {
				defer conn.Close()
				play(conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); plays.Wait() })
	return account.Endpoint{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: account.SecurityNone}
}

// silent waits until the client hangs up.
func silent(conn net.Conn) { io.Copy(io.Discard, conn) }

func dial(t *testing.T, d *transport.Dialer, ep account.Endpoint) *transport.Conn {
	t.Helper()
	c, err := d.Dial(t.Context(), ep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func check(t *testing.T, err error, kind transport.Kind, code string) {
	t.Helper()
	var e *transport.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	if e.Kind != kind || e.Code != code {
		t.Errorf("kind %v, code %q: %v", e.Kind, e.Code, err)
	}
}

func TestCertificates(t *testing.T) {
	good := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	expired := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{Expired: true})
	early := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{NotYet: true})
	wrongName := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{WrongName: true})
	now := time.Now
	for _, test := range []struct {
		name        string
		cert        mailtest.Cert
		ca          string
		fingerprint string
		now         func() time.Time
		code        string // "" when it is to be accepted
		says        string
	}{
		{name: "its authority", cert: good, ca: good.CAFile},
		{name: "unknown authority", cert: good, code: transport.CodeUnknownAuthority, says: "nobody this machine trusts"},
		{name: "another authority", cert: good, ca: expired.CAFile, code: transport.CodeUnknownAuthority},
		{name: "expired", cert: expired, ca: expired.CAFile, code: transport.CodeExpired, says: "expired on"},
		{name: "not yet valid", cert: early, ca: early.CAFile, code: transport.CodeNotYetValid, says: "not valid before"},
		{name: "by our clock", cert: good, ca: good.CAFile, now: func() time.Time { return now().Add(36 * time.Hour) }, code: transport.CodeExpired},
		{name: "wrong name", cert: wrongName, ca: wrongName.CAFile, code: transport.CodeWrongName, says: "elsewhere.example"},
		{name: "pinned", cert: good, fingerprint: good.Fingerprint},
		{name: "pinned, bare digits", cert: expired, fingerprint: strings.TrimPrefix(expired.Fingerprint, "sha256:")},
		{name: "pinned, wrong name", cert: wrongName, fingerprint: strings.ToUpper(wrongName.Fingerprint)},
		{name: "another pinned", cert: good, ca: good.CAFile, fingerprint: expired.Fingerprint, code: transport.CodeFingerprint, says: good.Fingerprint},
		{name: "no pin", cert: good, fingerprint: "sha256:12", code: transport.CodeFingerprint, says: "64 hex digits"},
		{name: "no CA file", cert: good, ca: "nowhere.pem", code: transport.CodeCertificate, says: "nowhere.pem"},
		{name: "no certificate in it", cert: good, ca: good.KeyFile, code: transport.CodeCertificate, says: "holds no certificate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep := serve(t, func(conn net.Conn) {
				secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{test.cert.TLS}})
				if secure.Handshake() == nil {
					secure.Write([]byte("hello\r\n"))
					silent(secure)
				}
			})
			ep.Host, ep.Security, ep.TLSCAFile, ep.TLSFingerprint = "localhost", account.SecurityTLS, test.ca, test.fingerprint
			c, err := (&transport.Dialer{Now: test.now}).Dial(t.Context(), ep)
			if test.code != "" {
				check(t, err, transport.KindTLS, test.code)
				if !strings.Contains(err.Error(), test.says) {
					t.Errorf("no %q in: %v", test.says, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if line, err := c.ReadLine(); line != "hello" || err != nil || !c.Encrypted() {
				t.Errorf("line %q, error %v, encrypted %v", line, err, c.Encrypted())
			}
		})
	}
}

func TestWhatIsNotTLS(t *testing.T) {
	ep := serve(t, func(conn net.Conn) { conn.Write([]byte("* OK hello\r\n")); silent(conn) })
	for _, security := range []account.Security{account.SecurityTLS, ""} {
		ep.Security = security
		_, err := new(transport.Dialer).Dial(t.Context(), ep)
		check(t, err, transport.KindTLS, transport.CodeNotTLS)
	}
}

func TestCleartext(t *testing.T) {
	_, err := new(transport.Dialer).Dial(t.Context(), account.Endpoint{Host: "mail.invalid", Port: 143, Security: account.SecurityNone})
	check(t, err, transport.KindTLS, transport.CodeCleartext)

	ep := serve(t, silent)
	ep.Secret = func(context.Context) (string, error) { t.Error("the secret was asked for"); return "x", nil }
	ep.Security = account.SecurityStartTLS
	_, err = dial(t, new(transport.Dialer), ep).Credentials(t.Context())
	check(t, err, transport.KindTLS, transport.CodeCleartext)
}

func TestCredentials(t *testing.T) {
	ep := serve(t, silent)
	c := dial(t, new(transport.Dialer), ep)
	if got, err := c.Credentials(t.Context()); got != nil || err != nil {
		t.Errorf("%v, error %v for an endpoint without a secret", got, err)
	}
	for _, bad := range []string{"a\r\nb", "a\nb", "a\x00b"} {
		ep.Secret = func(context.Context) (string, error) { return bad, nil }
		_, err := dial(t, new(transport.Dialer), ep).Credentials(t.Context())
		check(t, err, transport.KindAuth, "")
		if strings.Contains(err.Error(), bad) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
	broken := errors.New("pass: no such entry")
	ep.Secret = func(context.Context) (string, error) { return "", broken }
	_, err := dial(t, new(transport.Dialer), ep).Credentials(t.Context())
	check(t, err, transport.KindAuth, "")
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	ep.Secret = func(context.Context) (string, error) { return "x", nil }
	credentials, err := dial(t, new(transport.Dialer), ep).Credentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for offered, want := range map[string]string{"LOGIN PLAIN": "PLAIN", "LOGIN": "LOGIN", "GSSAPI": ""} {
		mechanism, err := credentials.Mechanism(func(name string) bool { return strings.Contains(offered, name) })
		if want == "" {
			check(t, err, transport.KindAuth, "")
		} else if name, _, _ := mechanism.Start(); name != want {
			t.Errorf("%s of %s", name, offered)
		}
	}
}

func TestLOGINMechanism(t *testing.T) {
	ep := serve(t, silent)
	ep.Username, ep.Secret = "ann", func(context.Context) (string, error) { return "x", nil }
	credentials, err := dial(t, new(transport.Dialer), ep).Credentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mechanism, err := credentials.Mechanism(func(name string) bool { return name == sasl.Login })
	if err != nil {
		t.Fatal(err)
	}
	if _, response, _ := mechanism.Start(); response != nil {
		t.Error("an initial response, which LOGIN has none of")
	}
	for _, turn := range []struct{ question, answer string }{{"User Name\x00", "ann"}, {"password?", "x"}} {
		if answer, err := mechanism.Next([]byte(turn.question)); string(answer) != turn.answer || err != nil {
			t.Errorf("%q to %q, error %v", answer, turn.question, err)
		}
	}
	if _, err := mechanism.Next([]byte("and the name of your dog?")); err == nil {
		t.Error("a third question was answered")
	}
}

func TestStartTLS(t *testing.T) {
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	for after, code := range map[string]string{"": "", "* CAPABILITY X\r\n": transport.CodeInjected} {
		ep := serve(t, func(conn net.Conn) {
			conn.Write([]byte("OK go\r\n" + after))
			secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert.TLS}})
			if secure.Handshake() == nil {
				secure.Write([]byte("private\r\n"))
				silent(secure)
			}
		})
		ep.Security, ep.TLSCAFile = account.SecurityStartTLS, cert.CAFile
		c := dial(t, new(transport.Dialer), ep)
		if _, err := c.ReadLine(); err != nil {
			t.Fatal(err)
		}
		err := c.StartTLS(t.Context())
		if code != "" {
			check(t, err, transport.KindTLS, code)
			if c.Err() == nil {
				t.Error("the connection stands")
			}
			continue
		}
		if line, readErr := c.ReadLine(); err != nil || readErr != nil || line != "private" || !c.Encrypted() {
			t.Errorf("line %q, errors %v, %v", line, err, readErr)
		}
	}
}

func TestSilence(t *testing.T) {
	ep := serve(t, silent)
	d := &transport.Dialer{Timeout: 200 * time.Millisecond}
	c := dial(t, d, ep)
	_, err := c.Read(make([]byte, 1))
	check(t, err, transport.KindNetwork, "")
	if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "200ms") || c.Err() == nil {
		t.Errorf("error %v, then %v", err, c.Err())
	}

	// For a read that waits already, and not at all for one that may wait.
	c = dial(t, d, ep)
	c.SetSilence(0)
	ended := make(chan error, 1)
	go func() { _, err := c.Read(make([]byte, 1)); ended <- err }()
	select {
	case err := <-ended:
		t.Fatal(err)
	case <-time.After(600 * time.Millisecond):
	}
	c.SetSilence(d.Timeout)
	check(t, <-ended, transport.KindNetwork, "")

	// A server that takes nothing is as silent as one that says nothing.
	stuck := make(chan struct{})
	c = dial(t, d, serve(t, func(net.Conn) { <-stuck }))
	_, err = c.Write(make([]byte, 64<<20))
	close(stuck)
	check(t, transport.Wrap("send", err), transport.KindNetwork, "")
}

func TestContextsEndConnections(t *testing.T) {
	ep := serve(t, silent)
	c := dial(t, new(transport.Dialer), ep)
	ctx, cancel := context.WithCancel(t.Context())
	release := c.Guard(ctx)
	ended := make(chan error, 1)
	go func() { _, err := c.Read(make([]byte, 1)); ended <- err }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	release()
	if _, err := c.Write([]byte("x")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	ended = make(chan error, 1)
	c = dial(t, new(transport.Dialer), ep)
	ctx, cancel = context.WithCancel(t.Context())
	c.Guard(ctx)()
	cancel() // too late: it was released
	if _, err := c.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := new(transport.Dialer).Dial(ctx, ep); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	ep.Security = account.SecurityTLS // the handshake is never answered
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := new(transport.Dialer).Dial(ctx, ep); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestReadLine(t *testing.T) {
	for sent, want := range map[string]struct {
		lines []string
		err   error
	}{
		"a\r\nb\n\r\nc d\r\n":            {[]string{"a", "b", "", "c d"}, io.EOF},
		"whole\r\ncut":                   {[]string{"whole"}, io.ErrUnexpectedEOF},
		strings.Repeat("x", 9000) + "\n": {nil, nil},
	} {
		ep := serve(t, func(conn net.Conn) { conn.Write([]byte(sent)) })
		c := dial(t, new(transport.Dialer), ep)
		var lines []string
		var err error
		for err == nil {
			var line string
			if line, err = c.ReadLine(); err == nil {
				lines = append(lines, line)
			}
		}
		if strings.Join(lines, "|") != strings.Join(want.lines, "|") {
			t.Errorf("lines %q of %.20q", lines, sent)
		}
		if want.err == nil {
			check(t, err, transport.KindProtocol, "")
		} else if !errors.Is(err, want.err) {
			t.Errorf("error %v for %.20q", err, sent)
		}
	}
}

func TestMeter(t *testing.T) {
	ep := serve(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			conn.Write([]byte(line + line))
		}
	})
	var meter transport.Meter
	c := dial(t, &transport.Dialer{Meter: &meter}, ep)
	for range 3 {
		fmt.Fprintf(c, "12")
		fmt.Fprintf(c, "34\n")
		for range 2 {
			if _, err := c.ReadLine(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if in, out, trips := meter.In.Load(), meter.Out.Load(), meter.RoundTrips.Load(); in != 30 || out != 15 || trips != 3 {
		t.Errorf("%d bytes in, %d out, %d round trips", in, out, trips)
	}
}

func TestTrace(t *testing.T) {
	const secret = `s3"cret`
	ep := serve(t, func(conn net.Conn) {
		conn.Write([]byte("hello \x1b[31m\u202e世界 " + secret + "\r\n"))
		silent(conn)
	})
	ep.Username, ep.Secret = "ann", func(context.Context) (string, error) { return secret, nil }
	var trace bytes.Buffer
	c := dial(t, &transport.Dialer{Trace: &trace, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }}, ep)
	credentials, err := c.Credentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mechanism, err := credentials.Mechanism(func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	_, response, _ := mechanism.Start()
	forms := []string{secret, `s3\"cret`, base64.StdEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString(response)}
	for _, form := range forms {
		half := len(form) / 2
		fmt.Fprintf(c, "AUTH %s", form[:half])
		fmt.Fprintf(c, "%s\r\n", form[half:])
		fmt.Fprintf(c, "%s%s", strings.Repeat("x", 64<<10-half), form) // no line end, and across what is kept back
		fmt.Fprintf(c, "\r\n")
	}
	if _, err := c.ReadLine(); err != nil {
		t.Fatal(err)
	}
	c.Close()
	got := trace.String()
	for _, form := range forms {
		if strings.Contains(got, form) {
			t.Errorf("the trace holds %q", form)
		}
	}
	for _, want := range []string{"03:04:05.000", "-> AUTH ***\n", `<- hello \x1b[31m\xe2\x80\xae世界 ***`, "connected to 127.0.0.1", "closed: "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in the trace", want)
		}
	}
}

func TestWrap(t *testing.T) {
	if err := transport.Wrap("x", nil); err != nil {
		t.Error(err)
	}
	refused := &transport.Error{Kind: transport.KindRefused, Words: "no"}
	check(t, transport.Wrap("move", refused), transport.KindRefused, "")
	if err := transport.Wrap("move", refused); err.Error() != `move: server said "no"` || refused.Op != "" {
		t.Errorf("%v; %+v", err, refused)
	}
	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.Canceled, os.ErrDeadlineExceeded} {
		wrapped := transport.Wrap("wait", err)
		check(t, wrapped, transport.KindNetwork, "")
		if !errors.Is(wrapped, err) || !strings.HasPrefix(wrapped.Error(), "wait: ") {
			t.Error(wrapped)
		}
	}
	_, err := new(transport.Dialer).Dial(t.Context(), account.Endpoint{Host: "127.0.0.1", Port: 1, Security: account.SecurityNone})
	check(t, err, transport.KindNetwork, "")
}
