package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Cert is a throw-away server certificate signed by an authority that only the test knows.
type Cert struct {
	CAFile      string // PEM file of the authority
	CertFile    string // PEM file of the server's certificate
	KeyFile     string // PEM file of its key
	Fingerprint string // "sha256:…" of the server's certificate
	TLS         tls.Certificate
}

// CertOptions says what is wrong with a certificate; the zero value is a good one for localhost and 127.0.0.1.
type CertOptions struct {
	Expired   bool
	NotYet    bool
	WrongName bool
}

// NewCert makes a certificate authority and a certificate in dir.
func NewCert(t testing.TB, dir string, o CertOptions) Cert {
	t.Helper()
	now := time.Now()
	caKey, ca := keyAndTemplate(t, "tmail test authority", now.Add(-24*time.Hour), now.Add(48*time.Hour))
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}

	from, to := now.Add(-24*time.Hour), now.Add(24*time.Hour)
	switch {
	case o.Expired:
		to = now.Add(-time.Hour)
	case o.NotYet:
		from = now.Add(time.Hour)
	}
	key, leaf := keyAndTemplate(t, "localhost", from, to)
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leaf.KeyUsage = x509.KeyUsageDigitalSignature
	if o.WrongName {
		leaf.DNSNames = []string{"elsewhere.example"}
	} else {
		leaf.DNSNames, leaf.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	c := Cert{
		CAFile: filepath.Join(dir, "ca.pem"), CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"),
		Fingerprint: "sha256:" + hex.EncodeToString(sum[:]),
		TLS:         tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
	}
	write(t, dir, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})), 0o644)
	write(t, dir, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), 0o644)
	write(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})), 0o600)
	return c
}

func keyAndTemplate(t testing.TB, name string, from, to time.Time) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	return key, &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to}
}

// clientTLS is what a client needs to trust the certificate.
func (c Cert) clientTLS(t testing.TB) *tls.Config {
	t.Helper()
	pemBytes, err := os.ReadFile(c.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pemBytes)
	return &tls.Config{RootCAs: pool, ServerName: "localhost"}
}
