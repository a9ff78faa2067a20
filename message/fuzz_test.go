package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tmail/mailtest/modest"
)

// checkLine fails when decoded header text is not one line of UTF-8.
func checkLine(t *testing.T, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") {
		t.Errorf("%s is not one line of UTF-8: %q", what, s)
	}
}

func checkAddresses(t *testing.T, list []Address) {
	t.Helper()
	if len(list) > maxAddresses {
		t.Errorf("%d addresses", len(list))
	}
	for _, a := range list {
		checkLine(t, "name", a.Name)
		checkLine(t, "address", a.Addr)
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(typicalHeader))
	f.Add([]byte("From x\n Subject: a\nb\n=?gbk?B?u+H?=:\xbb\xe1\nList-Post: <mailto:a%40b>\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer modest.Watch(t)()
		h := ParseHeader(raw)
		for name, text := range h.Fields() {
			checkLine(t, "name", name)
			checkLine(t, "text", text)
			if isASCII(name) && h.Values(name) == nil {
				t.Errorf("field %q is not found by its name", name)
			}
		}
		e := h.Envelope()
		for _, list := range [][]Address{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc, e.ListPost, e.MailFollowupTo} {
			checkAddresses(t, list)
		}
		for _, id := range append(append(e.References, e.InReplyTo...), e.MessageID, e.ListID, e.Subject) {
			checkLine(t, "identifier", id)
		}
		if again := ParseHeader([]byte(h.raw)); len(again.fields) != len(h.fields) {
			t.Errorf("the raw header has %d fields, not %d", len(again.fields), len(h.fields))
		}
	})
}

// checkReadText fails when the quick way, over bytes held in memory, reads something else.
func checkReadText(t *testing.T, m *Message, raw []byte) {
	t.Helper()
	quick, err := ReadText(bytes.NewBuffer(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := *m
	want.Attachments, want.Notes, quick.Notes = nil, nil, nil
	for _, p := range m.Attachments {
		p.Size, p.Content, p.SHA256 = 0, "", ""
		want.Attachments = append(want.Attachments, p)
	}
	if !reflect.DeepEqual(&want, quick) {
		t.Errorf("read as text it is\n%#v\nnot\n%#v", quick, &want)
	}
}

func FuzzMIME(f *testing.F) {
	f.Add([]byte(mime("Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Type: text/plain; charset=gbk", "", "\xbb\xe1",
		"--B", "Content-Type: multipart/alternative; boundary=C", "", "--C", "", "x", "--C", "Content-Type: text/html", "", "<p>", "--C--",
		"--B", "Content-Transfer-Encoding: base64", "Content-Type: a/b; name*=utf-8''%E4%BC%9A", "", "UERG", "--B--")))
	f.Add([]byte("Content-Type: multipart/related\n\n--x\nContent-Transfer-Encoding: quoted-printable\n\na=20=\nb\n--x\n\nbegin 644 a\n#0V%T\n`\nend\n"))
	f.Add([]byte("Content-Type: application/ms-tnef\n\n" + string(sampleTNEF()[:300])))
	shapes, err := filepath.Glob("testdata/shapes/*.eml")
	if err != nil || len(shapes) == 0 {
		f.Fatal("no shapes", err)
	}
	for _, path := range shapes {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer modest.Watch(t)()
		m, err := Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		checkReadText(t, m, raw)
		for _, text := range []string{m.Plain, m.HTML, m.Calendar} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\x00") {
				t.Errorf("text is not UTF-8 with \\n: %q", text)
			}
		}
		checkLine(t, "summary", Summary(m))
		for _, w := range m.Warnings(m.Document(true), "b.example") {
			checkLine(t, "claim", w.Claim)
			checkLine(t, "truth", w.Truth)
		}
		m.Verdict("b.example")
		if u, ok := m.Header.Unsubscribe(); ok && u.Mail == nil && u.URL == "" {
			t.Error("a way to leave a list that is none")
		}
		m.Page(false)
		if len(m.Attachments) > 2*maxParts {
			t.Fatalf("%d attachments", len(m.Attachments))
		}
		seen := map[string]bool{}
		for _, p := range m.Attachments {
			checkLine(t, "file name", p.Name)
			if seen[p.ID] {
				t.Errorf("part %s is listed twice", p.ID)
			}
			seen[p.ID] = true
			var content bytes.Buffer
			if err := CopyPart(&content, bytes.NewReader(raw), p.ID); err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(content.Bytes()); p.SHA256 != hex.EncodeToString(sum[:]) || p.Size != int64(content.Len()) {
				t.Errorf("part %s: CopyPart wrote something else than was measured", p.ID)
			}
		}
	})
}

func FuzzCharset(f *testing.F) {
	for _, label := range []string{"utf-8", "gb2312", "big5", "iso-2022-jp", "iso-2022-kr", "utf-7", "utf-16", "utf-32", "koi8-r", "x", ""} {
		f.Add([]byte("\xbb\xe1 a+ZeU-\x1b$B2q\x0e"), label)
	}
	f.Fuzz(func(t *testing.T, raw []byte, label string) {
		defer modest.Watch(t)()
		text, _ := decodeText(raw, label)
		if !utf8.ValidString(text) {
			t.Errorf("not UTF-8: %q", text)
		}
		if cs, ok := lookupCharset(label); ok && cs.shape == shapeUTF8 && utf8.Valid(raw) && !isISO2022JP(raw) {
			if _, _, marked := byteOrderMark(raw); !marked && text != string(raw) {
				t.Errorf("UTF-8 %q was changed to %q", raw, text)
			}
		}
		checkLine(t, "header", decodeHeader(string(raw)))
	})
}

func FuzzAddress(f *testing.F) {
	f.Add(`Ann <ann@example.com>, "B, \"b\"" <b@x.org>; g: c@x (C (c)), =?utf-8?Q?=E4=BC=9A?= <d@x>;, <@r:e@x>, f @ x . org`)
	f.Add("\"(<a@b")
	f.Fuzz(func(t *testing.T, s string) {
		defer modest.Watch(t)()
		list, _ := ParseAddressList(s)
		for _, a := range list {
			checkLine(t, "name", a.Name)
			checkLine(t, "address", a.Addr)
			again, err := ParseAddressList(a.String())
			if err != nil || len(again) != 1 || again[0].Addr != a.Addr {
				t.Errorf("%q of %q reads back as %q, %v", a, s, again, err)
			}
		}
		checkAddresses(t, receivedAddresses(s))
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Fri, 20 Nov 2026 13:40:05 +0800 (CST)", "2026-11-20T13:40:05Z", "11/20/26 1:40PM", "Nov-20-2026 GMT+8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		defer modest.Watch(t)()
		d := parseDate(s)
		if d.IsZero() {
			return
		}
		if y := d.Year(); y < 1899 || y > 10_000 {
			t.Errorf("%q: the year is %d", s, y)
		}
		if again := parseDate(d.Format(time.RFC1123Z)); d.Year() < 10_000 && !again.Equal(d) {
			t.Errorf("%q is %v, which reads back as %v", s, d, again)
		}
	})
}
