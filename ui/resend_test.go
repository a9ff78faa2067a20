package ui

import (
	"context"
	"io"
	"strings"
	"testing"

	"tmail/account"
	"tmail/message"
)

// A message is sent on as it is: every byte of it but for what delivery added.
func TestResend(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "R").Shows("Send on to").Type("nobody").Press("enter").Shows("This is no address: nobody", "Send on to  nobody")
	s.Press("ctrl+u").Type("wxm").Press("tab").Shows("王小明 <wxm@example.com>,").Type("bob@example.com").Press("enter")
	s.Shows("Leaves in").holds("work", account.RoleOutbox, "Budget 2027", true)
	out, msg := s.outgoing()
	if len(out.Recipients) != 2 || out.Recipients[0].Addr != "wxm@example.com" || out.From != "me@example.com" || !out.Resent {
		t.Errorf("queued as %+v", out)
	}
	if from := msg.Envelope.From; len(from) != 1 || from[0].Addr != "ann@example.com" || len(msg.Attachments) != 2 ||
		msg.Header.Get("Resent-From") != "Me Myself <me@example.com>" || !strings.Contains(msg.Header.Get("Resent-To"), "bob@example.com") {
		t.Errorf("sent %+v", msg.Envelope)
	}
	was, _, err := s.st.Bodies.Open(context.Background(), s.row("Budget 2027").ID)
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	original, err := io.ReadAll(was)
	if err != nil {
		t.Fatal(err)
	}
	sent, _, err := s.st.Bodies.Open(context.Background(), out.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer sent.Close()
	if raw, err := io.ReadAll(sent); err != nil || !strings.HasSuffix(string(raw), string(original)) {
		t.Errorf("sent %q, %v", raw, err)
	}
	s.Press("u").Shows("Not sent").holds("work", account.RoleOutbox, "Budget 2027", false).holds("work", account.RoleDrafts, "Budget 2027", false)
}

// Taken back to be written differently it has the whole message as an attachment, and is a message of one's own.
func TestResentIsTakenBack(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "enter").Shows("here is the sheet").Press("R").Shows("Send on to").Type("bob@example.com").Press("enter").Shows("Leaves in")
	s.holds("work", account.RoleOutbox, "Budget 2027", true).Press("esc").toFolder("Outbox").Press("enter").Shows("forward", "Budget 2027.eml", "bob@example.com")
	s.Press("ctrl+x").Shows("Leaves in").holds("work", account.RoleOutbox, "Budget 2027", true)
	if out, msg := s.outgoing(); out.Resent || msg.Envelope.From[0].Addr != "me@example.com" || len(msg.Attachments) != 1 || msg.Attachments[0].Type != "message/rfc822" {
		t.Errorf("sent %+v, %+v", out, msg.Envelope)
	}
	if s.row("Budget 2027").Flags.Has(message.Answered) {
		t.Error("it is marked as answered")
	}
}

func TestResendAsksTheAddressCommand(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.m.Config.AddressCommand = addressCommand(t, `printf 'zacharias@example.org\tZacharias\n'`)
	s.Shows("Budget 2027").Press("j", "R").Shows("Send on to").Type("zach").Press("tab").Shows("Zacharias <zacharias@example.org>,")
}
