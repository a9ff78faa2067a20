package message

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestDoubts(t *testing.T) {
	many := make([]Address, manyRecipients)
	for name, c := range map[string]struct {
		d    Draft
		want string
	}{
		"nothing":           {Draft{Subject: "x", Body: "hello"}, "[]"},
		"no subject":        {Draft{Subject: "  "}, "[0]"},
		"attached":          {Draft{Subject: "x", Body: "Hi,\nthe plan is attached.\n"}, "[1]"},
		"in Chinese":        {Draft{Subject: "x", Body: "请见附件。"}, "[1]"},
		"in the subject":    {Draft{Subject: "Attachment for you", Body: "x"}, "[1]"},
		"and it is":         {Draft{Subject: "x", Body: "attached", Files: []File{{}}}, "[]"},
		"in a quote":        {Draft{Subject: "x", Body: "Thanks.\n> the plan is attached\n"}, "[]"},
		"in the signature":  {Draft{Subject: "x", Body: "Thanks.\n-- \nattached to no party\n"}, "[]"},
		"in what is passed": {Draft{Subject: "x", Body: "FYI\n\n---------- 转发的邮件 ----------\n\nattached\n"}, "[]"},
		"another word":      {Draft{Subject: "x", Body: "unattached reattaching"}, "[]"},
		"many":              {Draft{Subject: "x", To: many}, "[2]"},
		"many unseen":       {Draft{Subject: "x", Bcc: many}, "[]"},
	} {
		if got := fmt.Sprint(c.d.Doubts()); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A message passed on as an attachment is the same, byte for byte, where mail can carry it, else a file.
func TestForwardAttached(t *testing.T) {
	for name, c := range map[string]struct{ raw, typ string }{
		"plain":           {"Subject: inner\r\nFrom: a@x.test\r\n\r\n.\r\ntext\r\n", "message/rfc822"},
		"8 bits":          {"Subject: inner\r\n\r\n会议\xff\r\n", "message/rfc822"},
		"without its end": {"Subject: inner\r\n\r\ntext", "message/rfc822"},
		"a lone LF":       {"Subject: inner\n\ntext\n", "application/octet-stream"},
		"a lone CR":       {"Subject: inner\r\n\r\na\rb\r\n", "application/octet-stream"},
		"NUL":             {"Subject: inner\r\n\r\na\x00b\r\n", "application/octet-stream"},
		"a long line":     {"Subject: inner\r\n\r\n" + strings.Repeat("x", 999) + "\r\n", "application/octet-stream"},
		"empty":           {"", "application/octet-stream"},
	} {
		t.Run(name, func(t *testing.T) {
			outer, err := Read(strings.NewReader("From: Carl <carl@x.test>\r\nSubject: Fwd: budget\r\n\r\nx\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			d := ForwardAttached(outer, []Address{{Addr: "ann@x.test"}}, fileOf("", "", c.raw))
			if d.Subject != "Fwd: budget" || d.From[0].Addr != "ann@x.test" || d.Files[0].Name != "budget.eml" {
				t.Errorf("%+v", d)
			}
			d.To, d.MessageID, d.Date = d.From, "1@x.test", time.Unix(0, 0)
			raw := wire(t, d)
			checkWire(t, strings.ReplaceAll(raw, "\xff", "?"))
			m, err := Read(strings.NewReader(raw))
			if err != nil || len(m.Attachments) != 1 {
				t.Fatalf("%+v, %v", m, err)
			}
			var got strings.Builder
			if err := CopyPart(&got, strings.NewReader(raw), m.Attachments[0].ID); err != nil {
				t.Fatal(err)
			}
			if eight := strings.Contains(raw[:strings.Index(raw, "\r\n\r\n")], "Content-Transfer-Encoding: 8bit"); eight != (name == "8 bits") {
				t.Errorf("the header says 8bit: %v", eight)
			}
			if m.Attachments[0].Type != c.typ || got.String() != c.raw {
				t.Errorf("%s %q, want %s %q", m.Attachments[0].Type, got.String(), c.typ, c.raw)
			}
		})
	}
}

func TestEditAgain(t *testing.T) {
	m, err := Read(strings.NewReader("From: a@x.test\r\nTo: b@x.test\r\nSubject: s\r\nMessage-ID: <1@x.test>\r\nIn-Reply-To: <0@x.test>\r\n" +
		"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\ntext\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := EditAgain(m, nil)
	if d.MessageID != "" || !d.Date.IsZero() || d.InReplyTo != "0@x.test" || d.To[0].Addr != "b@x.test" || d.Body != "text\n" {
		t.Errorf("%+v", d)
	}
}
