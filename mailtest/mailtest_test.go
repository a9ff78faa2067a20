package mailtest

import (
	"net/smtp"
	"slices"
	"testing"
)

// A message given to Postfix with a password that Dovecot checks must come to lie in Dovecot's inbox: that is what
// every other test stands on.
func TestPostfixDeliversToDovecot(t *testing.T) {
	d := StartDovecot(t, DovecotOptions{})
	p := StartPostfix(t, d, PostfixOptions{Users: []string{"ann"}})

	c, err := smtp.Dial(addr(p.Submission))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.StartTLS(p.Cert.clientTLS(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Auth(smtp.PlainAuth("", "bob@"+Domain, Password, "127.0.0.1")); err != nil {
		t.Fatalf("sign in: %v\n%s", err, p.Log())
	}
	if err := c.Mail("bob@" + Domain); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt("nobody-here@" + Domain); err == nil {
		t.Error("a recipient that does not exist was taken")
	}
	if err := c.Rcpt("ann@" + Domain); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("From: bob@example.test\r\nTo: ann@example.test\r\nSubject: hello\r\n\r\nbody\r\n"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	Until(t, "the message in ann's inbox", func() bool {
		return slices.Contains(d.Subjects("ann", "INBOX"), "hello")
	})
}
