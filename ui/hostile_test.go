package ui

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// What a message may bring into its words: everything a terminal obeys, and what deceives the eye.
var payloads = []string{
	"\x1b]52;c;cm0gLXJmIH4=\x07", "\x1b]52;p;?\x1b\\", "\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\",
	"\x1b]4;1;rgb:00/00/00\x07", "\x1b]7;file:///etc\x07", "\x1b]10;?\x07", "\x1b]1337;File=inline=1:AAAA\x07", "\x1b]777;notify;a;b\x07", "\x1b]9;x\x07",
	"\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\", "\x1bP0;1q\"1;1;1;1#0;2;0;0;0~\x1b\\", "\x1b_Ga=T,f=100;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\",
	"\x1b[2J\x1b[H", "\x1b[1;1Howned", "\x1b[31m", "\x1b[?1049l", "\x1b[?1000h", "\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[21t", "\x1b[8;1;1t", "\x1b[?2026h", "\x1b[5i",
	"\x1b[201~", "\x1bc", "\x1b(0lqk", "\x1b)0\x0e", "\x1b#8", "\x1b7\x1b8", "\x1bD\x1bM\x1bE", "\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b[38;5", "\x1b[999999999999C",
	"\x9b2J", "\x9d0;owned\x9c", "\x90q\x9c", "\u009b2J", "\u009d0;owned\u009c", "\u0090q\u009c", "\u0085", "\u008d",
	"\x00", "\x07", "\x08\x08\x08", "\r", "\rSent by: boss", "\v", "\f", "\x0e\x0f", "\x05", "\x11\x13", "\x18\x1a", "\x7f\x7f", "\t\t\t",
	"\u202egpj.exe", "\u202d", "\u202a\u202b\u202c", "\u2066\u2067\u2068\u2069", "\u200e\u200f\u061c", "\u200b\u200c\u200d\u2060\ufeff", "\u2028\u2029",
	"\U000e0041\U000e007f", "\ufff9\ufffa\ufffb", "\u0600\u06dd", "\u115f\u3164\uffa0", "Z" + strings.Repeat("\u0335", 60), "\u0301\u0301", "\ufdd0\uffff",
	"\xff\xfe\xc0\x80\xed\xa0\x80\xf5\x80", "\xc2", "\xe4\xbc", "\xf0\x9f\x91\xa8\u200d\U0001f469\u200d\U0001f467", "\U0001f1e8\U0001f1f3\U0001f1e8", "ﷺ", "ทำ์้",
	"\n.\r\n", "\r\nBcc: x@y.z", "%s%n%x", "{{.}}", "\\x1b[31m", "&#27;[31m&#x9b;2J&#8238;&#155;&#7;", "<script>alert(1)</script>", "<img src=http://evil.example/x>",
	strings.Repeat("\x1b[", 2000), strings.Repeat("会", 3000), strings.Repeat("x", 5000),
}

// How text can be written in a field.
var fieldForms = []func(string) string{
	func(s string) string { return s },
	func(s string) string {
		return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
	},
	func(s string) string { return "=?utf-8?Q?" + percent(s, '=') + "?=" },
	func(s string) string { return "=?iso-8859-1?Q?" + percent(s, '=') + "?=" },
	func(s string) string {
		return "=?gb18030?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
	},
	func(s string) string { return "=?utf-7?Q?" + percent(utf7(s), '=') + "?=" },
	func(s string) string {
		return "=?utf-16be?B?" + base64.StdEncoding.EncodeToString(utf16be(s)) + "?="
	},
	func(s string) string { return "=?iso-2022-jp?Q?=1B$B" + percent(s, '=') + "?=" },
	func(s string) string { return "\"" + s + "\"" },
}

// percent writes every byte as two digits behind a sign.
func percent(s string, sign byte) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%c%02X", sign, s[i])
	}
	return b.String()
}

func utf16be(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r>>8), byte(r))
	}
	return b
}

func utf7(s string) string {
	return "+" + strings.TrimRight(base64.StdEncoding.EncodeToString(utf16be(s)), "=") + "-"
}

// How text can be written in a body: the fields of its part and the content.
var bodyForms = []func(string) (fields, content string){
	func(s string) (string, string) { return "Content-Type: text/plain; charset=utf-8\r\n", s },
	func(s string) (string, string) { return "", s },
	func(s string) (string, string) {
		return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", base64.StdEncoding.EncodeToString([]byte(s))
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n", percent(s, '=')
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain; charset=utf-7\r\n", utf7(s)
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain; charset=utf-16be\r\nContent-Transfer-Encoding: base64\r\n", base64.StdEncoding.EncodeToString(utf16be(s))
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain; format=flowed; delsp=yes\r\n", "> " + s + " \r\n> > " + s + " \r\n-- \r\n" + s
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain; charset=hz-gb-2312\r\n", "~{" + s + "~}" + s
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain; charset=iso-2022-kr\r\n", "\x1b$)C\x0e" + s + "\x0f" + s
	},
	func(s string) (string, string) {
		return "Content-Type: text/html; charset=utf-8\r\n", "<title>" + s + "</title><h1>" + s + "</h1><table><tr><th>" + s + "<td>" + s + "<tr><td>a<td>" + s +
			"</table><a href=\"http://evil.example/" + s + "\">" + s + "</a><a href='http://" + s + "/'>x</a><img alt=\"" + s + "\"><pre>" + s + "</pre><ul><li>" + s + "</ul><q>" + s
	},
	func(s string) (string, string) {
		var refs strings.Builder
		for _, r := range s {
			fmt.Fprintf(&refs, "&#%d;&#x%x;", r, r)
		}
		return "Content-Type: text/html\r\n", "<p>" + refs.String() + "<a href=\"" + refs.String() + "\">" + refs.String() + "</a>"
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain\r\n", "diff --git a/" + s + " b/" + s + "\r\n--- " + s + "\r\n+++ " + s + "\r\n@@ -1 +1 @@ " + s + "\r\n-" + s + "\r\n+" + s
	},
	func(s string) (string, string) {
		return "Content-Type: text/plain\r\n", "http://evil.example/" + s + " <mailto:" + s + "@x> begin\r\nbegin 644 " + s + "\r\n#0V%T\r\n`\r\nend"
	},
	func(s string) (string, string) {
		return "Content-Type: text/calendar; method=" + s + "\r\n", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:" + s + "\r\nLOCATION:" + s + "\r\nORGANIZER;CN=\"" + s + "\":mailto:" + s +
			"\r\nATTENDEE;CN=" + s + ":mailto:a@b\r\nDTSTART;TZID=" + s + ":20261120T100000\r\nRRULE:" + s + "\r\nEND:VEVENT\r\nEND:VCALENDAR"
	},
	func(s string) (string, string) {
		return "Content-Type: message/rfc822\r\n", "Subject: " + s + "\r\n\r\n" + s
	},
}

// hostileMessage puts payloads into every place of a message, a few at a time.
func hostileMessage(r *rand.Rand, n int) []byte {
	evil := func() string {
		if r.IntN(3) > 0 {
			return "plain words"
		}
		s := payloads[(n+r.IntN(1+n))%len(payloads)]
		if r.IntN(4) == 0 {
			s += payloads[r.IntN(len(payloads))]
		}
		return "a" + s + "b"
	}
	field := func() string { return fieldForms[r.IntN(len(fieldForms))](evil()) }
	var b bytes.Buffer
	for _, name := range []string{"From", "To", "Cc", "Reply-To", "Sender"} {
		fmt.Fprintf(&b, "%s: %s <%s@%s>, %s\r\n", name, field(), evil(), evil(), field())
	}
	for _, name := range []string{"Subject", "Message-ID", "In-Reply-To", "References", "List-Id", "X-" + evil(), "Authentication-Results", "List-Unsubscribe", "Content-ID"} {
		fmt.Fprintf(&b, "%s: %s\r\n", name, field())
	}
	fmt.Fprintf(&b, "Date: Fri, 20 Nov 2026 13:40:05 +0800 (%s)\r\nReceived: from %s by %s; %s\r\n", evil(), evil(), evil(), evil())
	fields, content := bodyForms[n%len(bodyForms)]("a" + payloads[n/len(bodyForms)%len(payloads)] + "b")
	if r.IntN(3) == 0 {
		b.WriteString(fields + "\r\n" + content)
		return b.Bytes()
	}
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=BB\r\n\r\n--BB\r\n%s\r\n%s\r\n", fields, content)
	for range 1 + r.IntN(3) {
		fields, content = bodyForms[r.IntN(len(bodyForms))](evil())
		names := []string{
			"Content-Disposition: attachment; filename=\"" + evil() + ".pdf\"\r\n", "Content-Disposition: attachment; filename*=utf-8''" + percent(evil(), '%') + "\r\n",
			"Content-Disposition: inline; filename=\"" + field() + "\"\r\n", "Content-Type: " + evil() + "/" + evil() + "; name=" + evil() + "\r\n", "",
		}
		fmt.Fprintf(&b, "--BB\r\n%s%s\r\n%s\r\n", names[r.IntN(len(names))], fields, content)
	}
	b.WriteString("--BB--\r\n")
	return b.Bytes()
}

// onlyAllowed returns what of a drawn screen is neither printable text nor a change of style (SGR).
func onlyAllowed(drawn string) string {
	for i := 0; i < len(drawn); {
		if seq, ok := strings.CutPrefix(drawn[i:], "\x1b["); ok {
			end := strings.IndexFunc(seq, func(r rune) bool { return r != ';' && r != ':' && (r < '0' || r > '9') })
			if end < 0 || seq[end] != 'm' {
				return fmt.Sprintf("%q", drawn[i:min(len(drawn), i+20)])
			}
			i += 2 + end + 1
			continue
		}
		r, n := utf8.DecodeRuneInString(drawn[i:])
		switch {
		case r == utf8.RuneError && n == 1, r < ' ' && r != '\n', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
			r == 0x2028, r == 0x2029, r == 0x200b, r == 0xfeff, r >= 0xe0000 && r <= 0xe0fff:
			return fmt.Sprintf("%q", drawn[i:min(len(drawn), i+20)])
		}
		i += n
	}
	return ""
}

// quietTerminal is a virtual terminal that notes everything but text and styles.
type quietTerminal struct {
	em    *vt.Emulator
	noise []string
}

func newQuietTerminal(t *testing.T, width, height int) *quietTerminal {
	q := &quietTerminal{em: vt.NewEmulator(width, height)}
	note := func(what string) { q.noise = append(q.noise, what) }
	q.em.SetCallbacks(vt.Callbacks{
		Bell: func() { note("bell") }, Title: func(s string) { note("title " + s) }, IconName: func(s string) { note("icon " + s) },
		AltScreen: func(bool) { note("other screen") }, WorkingDirectory: func(s string) { note("directory " + s) },
	})
	go func() { _, _ = io.Copy(io.Discard, q.em) }() // else its answers stop it
	t.Cleanup(func() { _ = q.em.Close() })
	return q
}

// draw shows a screen and returns what the terminal shows then.
func (q *quietTerminal) draw(content string) string {
	_, _ = q.em.WriteString("\x1b[0m\x1b[2J\x1b[H" + strings.ReplaceAll(content, "\n", "\r\n"))
	return q.em.String()
}

// TestHostileMessages draws hostile and malformed messages in every way the screen shows one: nothing but text and
// styles reaches the terminal, and what the terminal makes of it is what was meant.
func TestHostileMessages(t *testing.T) {
	count := 600
	if os.Getenv("TMAIL_TEST_LONG") != "" {
		count = 12_000
	}
	const width, height = 78, 24
	s := start(t, width, height, nil)
	terminal := newQuietTerminal(t, width, height)
	m := s.m
	look := func(n int, what string) {
		t.Helper()
		content, _ := m.screen()
		if bad := onlyAllowed(content); bad != "" {
			t.Fatalf("message %d, %s: %s leaves", n, what, bad)
		}
		shown := terminal.draw(content)
		if len(terminal.noise) > 0 {
			t.Fatalf("message %d, %s: the terminal was told %q", n, what, terminal.noise)
		}
		if n%10 == 0 && trimmed(shown) != trimmed(ansi.Strip(content)) && !strings.ContainsFunc(content, joined) {
			t.Fatalf("message %d, %s: the terminal shows\n%s\nnot\n%s", n, what, shown, ansi.Strip(content))
		}
	}
	r := rand.New(rand.NewPCG(2026, 11))
	for n := range count {
		raw := hostileMessage(r, n)
		msg, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		e := msg.Envelope
		row := store.Row{ID: 1, From: e.From, To: e.To, Subject: e.Subject, Preview: message.Summary(msg), Date: e.Date, HasAttachments: msg.HasAttachments()}
		m.list.ids, m.list.rows = []store.ID{1}, map[store.ID]store.Row{1: row}
		m.list.folder = store.Folder{ID: 1, Account: "work", Name: e.Subject, Role: account.RoleInbox}
		m.focus = onList
		look(n, "list")

		m.focus = onMessage
		m.reader = readerOf(&post{id: 1, gen: n, row: row, unfolded: n%2 == 0, headers: n%3 == 0, content: m.viewpoint().content(1, "", msg)})
		m.reader.doc = msg.Document(n%2 == 0)
		m.layOut()
		for pages := 0; pages < 3; pages++ {
			look(n, "message")
			if !m.reader.pager.page(1) {
				break
			}
		}
		m.reader.pager.toEnd()
		look(n, "end of the message")
		for what, open := range map[string]func() any{"links": func() any { return m.openLink() }, "copying": func() any { return m.copyText() }, "saving": func() any { return m.save() }} {
			open()
			look(n, what)
			m.overlays = nil
		}
		source := string(raw)
		m.reader.source, m.reader.pager = &source, nil
		m.layOut()
		look(n, "source")
	}
}

// trimmed is a screen without what is blank at the ends of its rows.
func trimmed(screen string) string {
	rows := strings.Split(screen, "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}

// joined reports characters that a terminal may put into one cell with others.
func joined(r rune) bool {
	return r == 0x200d || r == 0x200c || r >= 0xfe00 && r <= 0xfe0f || r >= 0x300 && r < 0x370 || r >= 0x483 && r < 0x2000 || r >= 0x1f1e6 && r <= 0x1f1ff || r >= 0xfb00 && r < 0xff00
}
