package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// Kind says what sort of failure an Error is, and so what can be done about it.
type Kind int

// The kinds of failures.
const (
	// KindNetwork: the server cannot be reached or the link died; trying again may help.
	KindNetwork Kind = iota
	// KindAuth: the server does not accept the name or the secret.
	KindAuth
	// KindTLS: the connection cannot be made private or the server cannot prove who it is.
	KindTLS
	// KindRefused: the server understood and said no for good.
	KindRefused
	// KindProtocol: the server said what makes no sense or is out of all bounds.
	KindProtocol
	// KindTemporary: the server said no for now.
	KindTemporary
)

var kindNames = [...]string{"network", "auth", "tls", "refused", "protocol", "temporary"}

func (k Kind) String() string { return kindNames[k] }

// Error is what went wrong between us and a server.
type Error struct {
	Kind  Kind
	Op    string // what was being done: "sign in", "open Archive"; names in it are not safe for the screen
	Words string // the server's own words, raw: not safe for the screen; "" when it said nothing
	Code  string // the server's code without brackets (OVERQUOTA, 5.7.1), or the reason of a TLS failure: a Code constant
	Err   error  // the cause below, nil when the server's words say all
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Words != "" {
		fmt.Fprintf(&b, ": server said %q", e.Words)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Words == "" && e.Err == nil {
		fmt.Fprintf(&b, ": %s error", e.Kind)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Wrap makes err an *Error that says what was being done. An *Error keeps its kind, words and code and gets op only
// when it has none; certificate and TLS failures become KindTLS, all else KindNetwork. nil stays nil. A cancelled
// context can still be told by errors.Is.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		if known.Op != "" {
			return err
		}
		named := *known
		named.Op = op
		return &named
	}
	if reason := certificateFailure(err); reason != nil {
		reason.Op = op
		return reason
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the server closed the connection: %w", err)
	}
	return &Error{Kind: KindNetwork, Op: op, Err: err}
}

// Reasons of a TLS failure, in Error.Code.
const (
	CodeExpired          = "expired"           // the certificate's time is over
	CodeNotYetValid      = "not-yet-valid"     // or has not come: often a wrong clock
	CodeWrongName        = "wrong-name"        // the certificate is for another host
	CodeUnknownAuthority = "unknown-authority" // nobody we trust signed it
	CodeFingerprint      = "fingerprint"       // it is not the one pinned by tls_fingerprint
	CodeNotTLS           = "not-tls"           // what answers does not speak TLS
	CodeNoStartTLS       = "no-starttls"       // the server offers or grants no STARTTLS
	CodeInjected         = "injected"          // plain text came where only TLS may: somebody is in between
	CodeCleartext        = "cleartext"         // neither loopback nor allow_cleartext
	CodeCertificate      = "certificate"       // any other fault of the certificate
)

// certificateFailure explains err when it comes from crypto/tls or crypto/x509, else it is nil.
func certificateFailure(err error) *Error {
	var (
		invalid   x509.CertificateInvalidError
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		verify    *tls.CertificateVerificationError
	)
	failure := func(code, format string, args ...any) *Error {
		return &Error{Kind: KindTLS, Code: code, Err: fmt.Errorf(format+": %w", append(args, err)...)}
	}
	const day = "2006-01-02"
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if strings.Contains(invalid.Detail, "is before") { // crypto/x509 has one reason for too early and too late
			return failure(CodeNotYetValid, "the server's certificate is not valid before %s", invalid.Cert.NotBefore.Format(day))
		}
		return failure(CodeExpired, "the server's certificate expired on %s", invalid.Cert.NotAfter.Format(day))
	case errors.As(err, &hostname):
		return failure(CodeWrongName, "the server's certificate is not for %s but for %s", hostname.Host,
			strings.Join(hostname.Certificate.DNSNames, ", "))
	case errors.As(err, &authority):
		return failure(CodeUnknownAuthority, "the server's certificate is signed by nobody this machine trusts")
	case errors.As(err, &record):
		return failure(CodeNotTLS, "the server does not speak TLS on this port")
	case errors.As(err, &verify), errors.As(err, &invalid):
		return failure(CodeCertificate, "the server's certificate is not acceptable")
	case errors.As(err, &alert):
		return failure(CodeNotTLS, "the server refused the TLS connection")
	}
	return nil
}

// silent is what a server does that does not answer.
const silent = "nothing from the server"

// timedOut turns the runtime's deadline error into one that says what was waited for, and how long.
func timedOut(what string, err error, limit time.Duration) error {
	var known *Error
	var ne net.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &ne) && ne.Timeout() && !errors.Is(err, context.DeadlineExceeded) {
		return &Error{Kind: KindNetwork, Err: fmt.Errorf("%s for %v: %w", what, limit, os.ErrDeadlineExceeded)}
	}
	return err
}
