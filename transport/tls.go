package transport

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"tmail/account"
)

// tlsConfig is how the server has to prove who it is: by a certificate for its name that the system trusts, or, with
// tls_ca_file, one that only this authority signed, or, with tls_fingerprint, by being exactly that certificate (then
// neither name nor dates matter).
func tlsConfig(ep account.Endpoint, now func() time.Time) (*tls.Config, error) {
	config := &tls.Config{ServerName: ep.Host, MinVersion: tls.VersionTLS12, Time: now}
	if ep.TLSCAFile != "" {
		pem, err := os.ReadFile(ep.TLSCAFile)
		if err != nil {
			return nil, &Error{Kind: KindTLS, Code: CodeCertificate, Err: fmt.Errorf("read tls_ca_file: %w", err)}
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, &Error{Kind: KindTLS, Code: CodeCertificate, Err: fmt.Errorf("tls_ca_file %s holds no certificate", ep.TLSCAFile)}
		}
	}
	if ep.TLSFingerprint != "" {
		pin, err := parseFingerprint(ep.TLSFingerprint)
		if err != nil {
			return nil, err
		}
		config.InsecureSkipVerify = true // the pin below is the stricter check
		config.VerifyConnection = func(state tls.ConnectionState) error { return pin.check(state) }
	}
	return config, nil
}

// fingerprint is the SHA-256 of a certificate.
type fingerprint [sha256.Size]byte

// parseFingerprint reads 64 hex digits, with or without colons between them and "sha256:" before them.
func parseFingerprint(s string) (fingerprint, error) {
	var f fingerprint
	digits := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "sha256:")
	raw, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	if err != nil || len(raw) != len(f) {
		return f, &Error{Kind: KindTLS, Code: CodeFingerprint,
			Err: fmt.Errorf("tls_fingerprint %q is not 64 hex digits", s)}
	}
	copy(f[:], raw)
	return f, nil
}

func (f fingerprint) check(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return &Error{Kind: KindTLS, Code: CodeFingerprint, Err: errors.New("the server showed no certificate")}
	}
	if got := fingerprint(sha256.Sum256(state.PeerCertificates[0].Raw)); got != f {
		return &Error{Kind: KindTLS, Code: CodeFingerprint,
			Err: fmt.Errorf("the server's certificate is not the one in tls_fingerprint but sha256:%x", got[:])}
	}
	return nil
}
