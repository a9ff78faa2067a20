package message

import (
	"bytes"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// received makes a message as it was read.
func received(t *testing.T, header, body string) *Message {
	t.Helper()
	m, err := Read(strings.NewReader(strings.ReplaceAll(header+"\n\n"+body, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const headerOfAnn = `From: Ann Archer <ann@example.com>
To: Bob Baker <bob@example.org>, carol@example.org
Cc: Dora <dora@example.net>, BOB@example.org
Subject: Budget
Date: Fri, 20 Nov 2026 05:40:00 +0000
Message-ID: <2@example.com>
References: <0@example.com> <1@example.com>`

var bob = []Address{{"Bob", "bob@example.org"}, {"Bob at home", "bob@home.example"}}

func TestReply(t *testing.T) {
	m := received(t, headerOfAnn, "Hi Bob,\n\nhere it is.\n\n> old\n>> older\n\n-- \nAnn\nFinance\n")
	d := Reply(m, bob, false, sentAt)
	want := &Draft{
		From:       bob[:1],
		To:         []Address{{"Ann Archer", "ann@example.com"}},
		Subject:    "Re: Budget",
		Body:       "\n\nOn Fri, 20 Nov 2026 at 13:40, Ann Archer wrote:\n> Hi Bob,\n>\n> here it is.\n>\n>> old\n>>> older\n",
		InReplyTo:  "2@example.com",
		References: []string{"0@example.com", "1@example.com", "2@example.com"},
	}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got  %+v\nwant %+v", d, want)
	}
}

func TestWhoGetsTheReply(t *testing.T) {
	for _, tt := range []struct {
		name, header string
		all          bool
		from, to, cc string
	}{
		{"to all", headerOfAnn, true, "bob@example.org", "ann@example.com carol@example.org", "dora@example.net"},
		{"Reply-To", "From: ann@example.com\nReply-To: office@example.com\nTo: bob@home.example", false, "bob@home.example", "office@example.com", ""},
		{"Reply-To to all", "From: ann@example.com\nReply-To: office@example.com\nTo: bob@home.example, c@x.y", true, "bob@home.example", "office@example.com c@x.y", ""},
		{"Reply-To that is no address", "From: ann@example.com\nReply-To: nobody at all\nTo: bob@example.org", false, "bob@example.org", "ann@example.com", ""},
		{"follow-ups to oneself only", "From: ann@example.com\nTo: bob@example.org\nMail-Followup-To: bob@example.org", true, "bob@example.org", "ann@example.com", ""},
		{"a list", "From: ann@example.com\nTo: bob@example.org\nList-Post: <mailto:dev@lists.example>", true, "bob@example.org", "ann@example.com", "dev@lists.example"},
		{"follow-ups", "From: ann@example.com\nTo: dev@lists.example\nMail-Followup-To: dev@lists.example, bob@example.org", true, "bob@example.org", "dev@lists.example", ""},
		{"follow-ups not asked for", "From: ann@example.com\nTo: dev@lists.example\nMail-Followup-To: dev@lists.example", false, "bob@example.org", "ann@example.com", ""},
		{"one's own", "From: bob@home.example\nTo: ann@example.com\nCc: c@x.y", false, "bob@home.example", "ann@example.com", ""},
		{"one's own to all", "From: bob@home.example\nTo: ann@example.com\nCc: c@x.y", true, "bob@home.example", "ann@example.com", "c@x.y"},
		{"a note to oneself", "From: bob@example.org\nTo: bob@example.org", true, "bob@example.org", "bob@example.org", ""},
		{"blind copy", "From: ann@example.com\nTo: undisclosed-recipients:;\nDelivered-To: bob@home.example", false, "bob@home.example", "ann@example.com", ""},
		{"nobody", "Subject: x", true, "bob@example.org", "", ""},
	} {
		d := Reply(received(t, tt.header, "x"), bob, tt.all, sentAt)
		list := func(as []Address) string {
			var words []string
			for _, a := range as {
				words = append(words, a.Addr)
			}
			return strings.Join(words, " ")
		}
		if list(d.From) != tt.from || list(d.To) != tt.to || list(d.Cc) != tt.cc {
			t.Errorf("%s: from %q, to %q, cc %q", tt.name, list(d.From), list(d.To), list(d.Cc))
		}
	}
	if d := Reply(received(t, headerOfAnn, "x"), nil, true, sentAt); d.From != nil {
		t.Errorf("From %q of nobody", d.From)
	}
}

func TestReplySubject(t *testing.T) {
	for in, want := range map[string]string{
		"Budget":            "Re: Budget",
		"Re: Budget":        "Re: Budget",
		"RE: Re[2]: Budget": "Re: Budget",
		"回复：预算":             "Re: 预算",
		"答复: Re: 预算":        "Re: 预算",
		"AW: SV: Budget":    "Re: Budget",
		"Fwd: Budget":       "Re: Fwd: Budget",
		"Regarding: x":      "Re: Regarding: x",
		"":                  "Re: ",
	} {
		if got := Reply(&Message{Envelope: Envelope{Subject: in}}, nil, false, sentAt).Subject; got != want {
			t.Errorf("%q is answered as %q, want %q", in, got, want)
		}
	}
	if got := Forward(&Message{Envelope: Envelope{Subject: "转发：Fw: Re: x"}}, nil, ForwardWords{}, nil).Subject; got != "Fwd: Re: x" {
		t.Errorf("forwarded as %q", got)
	}
}

func TestReplyToHTML(t *testing.T) {
	m := received(t, "From: ann@example.com\nContent-Type: text/html", "<p>Hi <b>Bob</b></p><blockquote>old</blockquote>")
	want := "\n\nann@example.com wrote:\n> Hi Bob\n>\n>> old\n"
	if d := Reply(m, bob, false, sentAt); d.Body != want {
		t.Errorf("body %q, want %q", d.Body, want)
	}
}

// A reply to a hostile message is a message with the intended header.
func TestReplyToHostile(t *testing.T) {
	m := &Message{Plain: "x\x1b[2J\r\n.\r\n", Envelope: Envelope{
		Subject: "x\r\nBcc: evil@example.com", MessageID: "a>\r\nX-Evil: 1",
		From:       []Address{{"Ann\r\nBcc: evil@example.com", "ann@example.com"}},
		References: []string{"ok@x", "bad id@x", "中@x"},
	}}
	d := Reply(m, bob, true, sentAt)
	d.MessageID, d.Date = "1@x", sentAt
	raw := wire(t, d)
	if got := fieldNames(raw); got != "Date From To Subject Message-ID References MIME-Version Content-Type Content-Transfer-Encoding" {
		t.Errorf("fields %s", got)
	}
	if strings.Contains(raw, "\x1b") {
		t.Error("escape sequence quoted")
	}
}

func TestForwardAndDraftFrom(t *testing.T) {
	original := simpleDraft()
	original.Body = "See the plan.\n"
	original.Files = []File{fileOf("plan.pdf", "application/pdf", "%PDF"), fileOf("会议.txt", "text/plain", "x")}
	raw := wire(t, original)
	m, err := Read(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	open := func(id string) (io.ReadCloser, error) {
		var out bytes.Buffer
		err := CopyPart(&out, strings.NewReader(raw), id)
		return io.NopCloser(&out), err
	}
	words := ForwardWords{"转发的邮件", "发件人", "日期", "主题", "收件人", "抄送", func(t time.Time) string { return t.Format(time.DateOnly) }}
	d := Forward(m, bob, words, open)
	want := "\n\n---------- 转发的邮件 ----------\n发件人: Ann Archer <ann@example.com>\n日期: 2026-11-20\n" +
		"主题: Budget\n收件人: bob@example.org\n\nSee the plan.\n"
	if d.Body != want || d.Subject != "Fwd: Budget" || !slices.Equal(d.From, bob[:1]) || d.To != nil {
		t.Errorf("forwarded as %+v", d)
	}
	checkFiles(t, d, m)
	again := DraftFrom(m, open)
	if got := wire(t, again); got != raw {
		t.Errorf("written again:\n%s\nwas\n%s", got, raw)
	}
}

func TestForwardedHTMLKeepsItsLinks(t *testing.T) {
	m := received(t, "From: ann@example.com\nContent-Type: text/html", `<a href="https://example.com/plan?x=1">the plan</a>`)
	if d := Forward(m, bob, ForwardWords{When: time.Time.String}, nil); !strings.Contains(d.Body, "the plan [1] example.com\n\n[1] https://example.com/plan?x=1\n") {
		t.Errorf("body %q", d.Body)
	}
}
