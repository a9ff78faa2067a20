package message

import (
	"strings"
	"testing"
	"time"
)

func TestSubmission(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	me := Address{Name: "Ann", Addr: "ann@example.test"}
	const added = "From: Ann <ann@example.test>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <id@example.test>\r\n"
	for name, c := range map[string][2]string{
		"hidden recipients go": {"To: a@x.test\nBcc: b@x.test,\n c@x.test\nbcc : d@x.test\nSubject: hi\n\nBcc: stays\n",
			"To: a@x.test\r\nSubject: hi\r\n" + added + "\r\nBcc: stays\r\n"},
		"nothing is said twice": {"From: x@x.test\r\nDate: today\r\nmessage-id: <1@x>\r\n\r\nbody",
			"From: x@x.test\r\nDate: today\r\nmessage-id: <1@x>\r\n\r\nbody"},
		"an mbox's line goes":       {"From ann Fri Nov 20\nTo: a@x.test\n\nb\n", "To: a@x.test\r\n" + added + "\r\nb\r\n"},
		"text without a blank line": {"To: a@x.test\nhello there\n", "To: a@x.test\r\n" + added + "\r\nhello there\r\n"},
		"text alone":                {"\nhello\n", added + "\r\nhello\r\n"},
		"bare UTF-8": {"To: 王 <w@x.test>\nSubject: 会议\n\n你好\n",
			"To: =?utf-8?b?546L?= <w@x.test>\r\nSubject: =?utf-8?b?5Lya6K6u?=\r\n" + added +
				"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n你好\r\n"},
		"MIME is left alone": {"Content-Type: text/html\nContent-Transfer-Encoding: 8bit\nX-Long: a\n\tb\n\n\xff.\n",
			"Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\nX-Long: a\r\n\tb\r\n" + added + "\r\n\xff.\r\n"},
		"those of a message sent on": {"Resent-To: a@x.test\nResent-Bcc: b@x.test\n\nb\n", "Resent-To: a@x.test\r\n" + added + "\r\nb\r\n"},
		"a long line": {"To: a@x.test\nContent-Transfer-Encoding: 7bit\n\nshort=\n" + strings.Repeat("x", 999) + "\n",
			"To: a@x.test\r\n" + added + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
				"short=3D\r\n" + strings.Repeat(strings.Repeat("x", 75)+"=\r\n", 13) + strings.Repeat("x", 24) + "\r\n"},
		"NUL": {"Content-Type: text/plain; charset=gbk\nMIME-Version: 1.0\n\na\x00\xc4\xe3\n",
			"Content-Type: text/plain; charset=gbk\r\nMIME-Version: 1.0\r\n" + added + "Content-Transfer-Encoding: quoted-printable\r\n\r\na=00=C4=E3\r\n"},
		"a long line in a part": {"Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("x", 997) + "王x\n",
			"Content-Type: multipart/mixed; boundary=b\r\n" + added + "\r\n" + strings.Repeat("x", 997) + "\r\n 王x\r\n"},
		"nothing": {"", added + "\r\n"},
	} {
		if got := string(Submission([]byte(c[0]), me, "id@example.test", now)); !strings.EqualFold(got, c[1]) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c[1])
		}
	}
}

func FuzzSubmission(f *testing.F) {
	f.Add([]byte("To: a@x\nBcc: secret@x\n\nx"))
	f.Add([]byte("\xe4\xbd: \n \n"))
	f.Add([]byte("Subject: " + strings.Repeat("x", 1200) + "\nTo: a@x\n\n" + strings.Repeat("王", 600)))
	f.Add([]byte("Content-Type: multipart/x\nX: " + strings.Repeat("\xff ", 700) + "\n\n" + strings.Repeat("\x80", 2600)))
	f.Add([]byte("From: " + strings.Repeat("a@x, ", 400) + "\n\n"))
	f.Add([]byte(strings.Repeat("N", 1300) + ": x\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := Submission(raw, Address{Addr: "a@x.test"}, "id@x.test", time.Unix(0, 0))
		text := strings.ReplaceAll(string(got), "\r\n", "")
		for line := range strings.SplitSeq(string(got), "\r\n") {
			if len(line) > 998 {
				t.Errorf("a line of %d bytes", len(line))
			}
		}
		if strings.ContainsAny(text, "\r\n") {
			t.Errorf("a lone CR or LF in %q", got)
		}
		header, _, ok := strings.Cut("\r\n"+string(got), "\r\n\r\n")
		if !ok || strings.Contains(strings.ToLower(header), "\r\nbcc:") {
			t.Errorf("a header of its own kind: %q", got)
		}
	})
}

func TestMarkdown(t *testing.T) {
	d := Draft{From: []Address{{Addr: "a@x.test"}}, To: []Address{{Addr: "b@x.test"}}, MessageID: "1@x.test", Date: time.Unix(0, 0),
		Subject: "s", Markdown: true, Body: "# Title\n\n**bold** <script>alert(1)</script> [x](javascript:alert(1))\nnext\n-- \n**me**\n"}
	raw := wire(t, &d)
	m, err := Read(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(m.Plain, "# Title\n\n**bold**") || len(m.Attachments) != 0 {
		t.Errorf("the plain text is %q, attached is %v", m.Plain, m.Attachments)
	}
	for _, want := range []string{"<h1", "Title</h1>", "<strong>bold</strong>", "<br", "<pre>-- \n**me**"} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("no %q in %q", want, m.HTML)
		}
	}
	for _, wrong := range []string{"<script", "javascript:"} {
		if strings.Contains(m.HTML, wrong) {
			t.Errorf("%q is in %q", wrong, m.HTML)
		}
	}
	if strings.Index(raw, "text/plain") > strings.Index(raw, "text/html") {
		t.Error("HTML comes first")
	}
}

func TestReturnPath(t *testing.T) {
	ann, me := Address{Addr: "ann@例子.test"}, Address{Addr: "me@example.com"}
	for want, d := range map[string]*Draft{
		"ann@xn--fsqu00a.test": {From: []Address{ann}},
		"me@example.com":       {From: []Address{ann, me}, Sender: &me},
		"":                     {},
	} {
		if got := d.ReturnPath(); got != want {
			t.Errorf("%+v: %q, want %q", d, got, want)
		}
	}
}
