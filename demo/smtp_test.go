package demo

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	mail "tmail/message"
)

// submit signs in to the SMTP server.
func submit(t *testing.T, s *Server) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(address(s.smtpPort))
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	must(t, c.Auth(sasl.NewPlainClient("", WorkAddress, s.secret)))
	return c
}

// letter is a message whose long line and dots are worth checking.
func letter(to, subject string) string {
	return "From: Lin An <" + WorkAddress + ">\r\nTo: <" + to + ">\r\nSubject: " + subject + "\r\n" +
		"Message-ID: <" + subject + "@test.example>\r\n\r\n" +
		".\r\n..a\r\n" + strings.Repeat("long ", 3000) + "\r\n你好 \xff\r\n"
}

func TestMailToThePersonalAccountIsThereAtOnce(t *testing.T) {
	s := start(t, "")
	before := len(s.personal.Mailboxes[inbox].Messages)
	text := letter(PersonalAddress, "hello")
	must(t, submit(t, s).SendMail(WorkAddress, []string{PersonalAddress}, strings.NewReader(text)))

	p := dialPOP(t, s)
	p.signIn()
	var n, size int
	if _, err := fmt.Sscanf(p.ok("STAT"), "+OK %d %d", &n, &size); err != nil || n != before+1 {
		t.Fatalf("%d messages (%v), want %d", n, err, before+1)
	}
	got := p.multiline(fmt.Sprintf("RETR %d", n))
	if !strings.HasPrefix(got, "Return-Path: <"+WorkAddress+">\r\nReceived: ") || !strings.HasSuffix(got, text) {
		t.Errorf("arrived as %.300q", got)
	}
}

func TestMailFromThePersonalAccountIsPushed(t *testing.T) {
	s := start(t, "")
	watcher, events := connect(t, s)
	n := sel(t, watcher, "INBOX").NumMessages
	idle, err := watcher.Idle()
	must(t, err)
	text := letter(aliasOfWork, "back")
	// Two addresses of one person are one copy.
	must(t, submit(t, s).SendMail(PersonalAddress, []string{aliasOfWork, "ME@Demo.Example"}, strings.NewReader(text)))
	await(t, events, fmt.Sprintf("exists %d", n+1))
	must(t, idle.Close())
	must(t, idle.Wait())
	m := fetchOne(t, watcher, imap.SeqSetNum(n+1), whole())
	if got := m.BodySection[0].Bytes; !bytes.HasSuffix(got, []byte(text)) {
		t.Errorf("arrived as %.300q", got)
	}
	if len(m.Flags) != 0 {
		t.Errorf("flags %v", m.Flags)
	}
}

func TestNothingLeavesTheMachine(t *testing.T) {
	s := start(t, "")
	for _, test := range []struct{ from, to, words string }{
		{WorkAddress, "somebody@elsewhere.example", "nothing leaves this machine"},
		{WorkAddress, "nobody@demo.example", "nobody here has this address"},
		{"president@elsewhere.example", PersonalAddress, "the demo sends only as"},
	} {
		c := submit(t, s)
		err := c.Mail(test.from, nil)
		if err == nil {
			err = c.Rcpt(test.to, nil)
		}
		var refused *smtp.SMTPError
		if !errors.As(err, &refused) || refused.Code/10 != 55 || !strings.Contains(refused.Message, test.words) {
			t.Errorf("from %s to %s: %v, want %q", test.from, test.to, err, test.words)
		}
		if refused != nil && !strings.Contains(refused.Message, PersonalAddress) {
			t.Errorf("the refusal does not say where mail can go: %s", refused.Message)
		}
	}
}

func TestOnlyWhoIsSignedInSends(t *testing.T) {
	s := start(t, "")
	c, err := smtp.Dial(address(s.smtpPort))
	must(t, err)
	defer c.Close()
	if err := c.Mail(WorkAddress, nil); err == nil {
		t.Error("sent without signing in")
	}
	var refused *smtp.SMTPError
	if err := c.Auth(sasl.NewPlainClient("", WorkAddress, "wrong")); !errors.As(err, &refused) || refused.Code != 535 {
		t.Errorf("wrong password: %v", err)
	}
}

func TestColleaguesAnswer(t *testing.T) {
	s := start(t, "")
	s.answerAfter = time.Millisecond
	watcher, events := connect(t, s)
	n := sel(t, watcher, "INBOX").NumMessages
	idle, err := watcher.Idle()
	must(t, err)
	must(t, submit(t, s).SendMail(WorkAddress, []string{"wang@demo.example"}, strings.NewReader(letter("wang@demo.example", "question"))))
	await(t, events, fmt.Sprintf("exists %d", n+1))
	must(t, idle.Close())
	must(t, idle.Wait())
	reply, err := mail.Read(bytes.NewReader(fetchOne(t, watcher, imap.SeqSetNum(n+1), whole()).BodySection[0].Bytes))
	must(t, err)
	e := reply.Envelope
	if e.Subject != "Re: question" || len(e.InReplyTo) != 1 || e.InReplyTo[0] != "question@test.example" || e.From[0].Name != "王小明" {
		t.Errorf("answer %+v", e)
	}
	if !strings.Contains(reply.Plain, "收到") || !strings.Contains(reply.Plain, "> ..a") {
		t.Errorf("answer %q", reply.Plain)
	}
}
