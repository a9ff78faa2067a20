package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/message"
	"tmail/store"
)

// queued is the one message in the outbox of the place: what it stands for there and its bytes.
func (p *place) queued() (*store.Outgoing, string) {
	p.t.Helper()
	list, err := p.open().Outbox.List(p.t.Context(), "")
	if err != nil || len(list) != 1 {
		p.t.Fatalf("the outbox has %v, %v", list, err)
	}
	return list[0], p.tmail("", "show", "--raw", list[0].ID.String()).stdout
}

func recipients(out *store.Outgoing) string {
	var addrs []string
	for _, r := range out.Recipients {
		addrs = append(addrs, r.Addr)
	}
	slices.Sort(addrs)
	return strings.Join(addrs, " ")
}

// What programs call sendmail for: cron, mail(1), git send-email.
func TestSendmail(t *testing.T) {
	const text = "To: Ann <ann@example.com>,\n bob@example.com\nCc: 王 <w@例子.test>\nBcc: eve@example.com\nSubject: 会议\nX-Mailer: cron\n\n.\nhello\n"
	for name, test := range map[string]struct {
		args              []string
		stdin             string
		account, from, to string
		has, lacks        []string
	}{
		"cron":  {[]string{"-t", "-i", "-oi"}, text, "work", "me@work.example", "ann@example.com bob@example.com eve@example.com w@xn--fsqu00a.test", []string{"X-Mailer: cron\r\n", "From: Me <me@work.example>\r\n", "\r\n\r\n.\r\nhello\r\n", "=?UTF-8?"}, []string{"eve@", "会议"}},
		"names": {[]string{"-ti", "-f", "me@home.example", "-F", "Robot"}, text, "home", "me@home.example", "ann@example.com bob@example.com eve@example.com w@xn--fsqu00a.test", []string{"From: Robot <me@home.example>\r\n"}, nil},
		"the From field chooses the account": {[]string{"-t"}, "From: me@home.example\nTo: ann@example.com\nMessage-ID: <own@id>\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n\nx\n",
			"home", "me@home.example", "ann@example.com", []string{"From: me@home.example\r\nTo: ann@example.com\r\nMessage-ID: <own@id>\r\n"}, []string{"Me <"}},
		"git send-email": {[]string{"-i", "ann@example.com", "bob@example.com"}, "From: me@work.example\nTo: list@example.com\nBcc: eve@example.com\n\nx\n", "work", "me@work.example", "ann@example.com bob@example.com", []string{"To: list@example.com\r\n"}, []string{"eve@"}},
		"both":           {[]string{"-t", "bob@example.com"}, "To: ann@example.com\n\nx\n", "work", "me@work.example", "ann@example.com bob@example.com", nil, []string{"bob@"}},
		"sent on": {[]string{"-t", "-r", "<me@home.example>"}, "From: ann@example.com\nTo: bob@example.com\nResent-To: carol@example.com\nResent-Bcc: eve@example.com\nSubject: x\n\nx\n",
			"home", "me@home.example", "carol@example.com eve@example.com", []string{"To: bob@example.com\r\n", "Resent-To: carol@example.com\r\n"}, []string{"eve@"}},
		"with an attachment": {[]string{"-t"}, "To: ann@example.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: text/csv; name=t.csv\nContent-Disposition: attachment; filename=t.csv\n\n1,2\n--b--\n",
			"work", "me@work.example", "ann@example.com", []string{"\r\n--b\r\n", "1,2\r\n--b--\r\n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, "")
			if got := p.tmail(test.stdin, append([]string{"send", "--queue"}, test.args...)...); got != (outcome{}) {
				t.Fatalf("%+v", got)
			}
			out, raw := p.queued()
			if out.Account != test.account || out.From != test.from || recipients(out) != test.to {
				t.Errorf("%s sends from %s to %s", out.Account, out.From, recipients(out))
			}
			for _, part := range append(test.has, "Date: ", "Message-ID: <") {
				if !strings.Contains(raw, part) {
					t.Errorf("no %q in\n%s", part, raw)
				}
			}
			for _, part := range test.lacks {
				if strings.Contains(raw, part) {
					t.Errorf("%q is in\n%s", part, raw)
				}
			}
			draft, err := p.open().Outbox.Back(t.Context(), out.ID)
			if err != nil || name == "with an attachment" && (len(draft.Files) != 1 || draft.Files[0].Name != "t.csv") {
				t.Errorf("taken back to be edited: %+v, %v", draft, err)
			}
		})
	}
}

func TestSendmailRefuses(t *testing.T) {
	p := newPlace(t, "")
	for name, test := range map[string]struct {
		args  []string
		stdin string
		want  string
	}{
		"nobody":                 {[]string{"-t"}, "Subject: x\n\nx\n", "nobody to send to"},
		"flags beside a message": {[]string{"-t", "--subject", "x"}, "To: a@x.test\n\n", "standard input says all"},
		"bad argument":           {[]string{"-i", "ann at example"}, "\nx\n", "ann at example"},
		"unknown flag":           {[]string{"-t", "-Z"}, "To: a@x.test\n\n", "-Z"},
	} {
		if got := p.tmail(test.stdin, append([]string{"send", "--queue"}, test.args...)...); got.code != 2 || !strings.Contains(got.stderr, test.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSendLater(t *testing.T) {
	p := newPlace(t, "")
	if got := p.tmail("x", "send", "--to", "a@x.test", "--at", "in 2h", "--notify"); got != (outcome{}) {
		t.Fatalf("%+v", got)
	}
	out, _ := p.queued()
	if left := time.Until(out.Due); out.Status != store.OutHeld || left < 119*time.Minute || left > 121*time.Minute || !out.Notify {
		t.Errorf("%+v", out)
	}
	if got := p.tmail("x", "send", "--to", "a@x.test", "--at", "yesterday"); got.code != 2 || !strings.Contains(got.stderr, "--at: ") {
		t.Errorf("%+v", got)
	}
}

func TestSendMarkdown(t *testing.T) {
	p := newPlace(t, "")
	if got := p.tmail("# Plan\n\n*soon*\n", "send", "--queue", "--to", "a@x.test", "--html-from-markdown", "--in-reply-to", "<q@x.test>"); got != (outcome{}) {
		t.Fatalf("%+v", got)
	}
	_, raw := p.queued()
	for _, part := range []string{"multipart/alternative", "*soon*", "<em>soon</em>", "In-Reply-To: <q@x.test>\r\n", "References: <q@x.test>\r\n"} {
		if !strings.Contains(raw, part) {
			t.Errorf("no %q in\n%s", part, raw)
		}
	}
}

// An answer to a message of ours goes to its author, with its subject, and marks it.
func TestSendAnswer(t *testing.T) {
	p := newPlace(t, "")
	p.tmail("", "list")
	question := p.receive("From: Ann <ann@example.com>\r\nTo: me@work.example\r\nSubject: lunch?\r\nMessage-ID: <q@example.com>\r\n\r\nWhen?\r\n")
	if got := p.tmail("At noon.\n", "send", "--queue", "--in-reply-to", question.String()); got != (outcome{}) {
		t.Fatalf("%+v", got)
	}
	out, raw := p.queued()
	if out.Answers != question || recipients(out) != "ann@example.com" || !strings.Contains(raw, "Subject: Re: lunch?\r\n") || !strings.Contains(raw, "In-Reply-To: <q@example.com>\r\n") {
		t.Errorf("%+v\n%s", out, raw)
	}
	if got := p.tmail("x", "send", "--queue", "--in-reply-to", "zzzz"); got.code != 2 || !strings.Contains(got.stderr, "--in-reply-to") {
		t.Errorf("%+v", got)
	}
}

func TestMailtoNeedsATerminal(t *testing.T) {
	p := newPlace(t, "")
	for args, want := range map[string]string{"mailto:ann@example.com?subject=x": "terminal", "mailto:": "unknown command", "ann@example.com": "unknown command"} {
		if got := p.tmail("", args); got.code != 2 || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: %+v", args, got)
		}
	}
	if _, err := os.Stat(filepath.Join(p.data, "tmail.db")); err == nil {
		t.Error("a store was made")
	}
}

// receive puts a message into the Inbox of "work".
func (p *place) receive(raw string) store.ID {
	p.t.Helper()
	st := p.open()
	if _, err := st.Remote.ListedUIDLs(p.t.Context(), "work", []store.POPListed{{UIDL: "1"}}); err != nil {
		p.t.Fatal(err)
	}
	envelope := message.ParseHeader([]byte(raw)).Envelope()
	ids, _, err := st.Remote.AddPOP(p.t.Context(), "work", []store.POPNew{{UIDL: "1", Raw: []byte(raw),
		Message: store.NewMessage{Date: time.Now(), Size: int64(len(raw)), Envelope: envelope}}})
	if err != nil {
		p.t.Fatal(err)
	}
	return ids[0]
}
