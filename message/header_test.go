package message

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseHeader(t *testing.T) {
	type pair struct{ name, text string }
	tests := []struct {
		name, in string
		want     []pair
	}{
		{"simple", "Subject: a\r\nTo: b\r\n\r\nbody: x\r\n", []pair{{"Subject", "a"}, {"To", "b"}}},
		{"bare LF", "Subject: a\nTo: b\n\nbody: x\n", []pair{{"Subject", "a"}, {"To", "b"}}},
		{"bare CR", "Subject: a\rTo: b\r\rbody: x\r", []pair{{"Subject", "a"}, {"To", "b"}}},
		{"no end", "Subject: a", []pair{{"Subject", "a"}}},
		{"folds", "Subject: a\r\n b\r\n\tc\r\nTo: d\r\n", []pair{{"Subject", "a b c"}, {"To", "d"}}},
		{"fold of blanks only", "Subject: a\r\n \r\n b\r\nTo: d\r\n", []pair{{"Subject", "a  b"}, {"To", "d"}}},
		{"no blank after the colon", "Subject:a\r\n", []pair{{"Subject", "a"}}},
		{"blank before the colon (RFC 5322 §4.5)", "Subject : a\r\n", []pair{{"Subject", "a"}}},
		{"empty value", "Subject:\r\nTo: b\r\n", []pair{{"Subject", ""}, {"To", "b"}}},
		{"mbox line first", "From ann@x Fri Nov 20 13:40:05 2026\r\nSubject: a\r\n", []pair{{"Subject", "a"}}},
		{"quoted mbox line", ">From ann@x Fri Nov 20 13:40:05 2026\r\nSubject: a\r\n", []pair{{"Subject", "a"}}},
		{"mbox line within", "Subject: a\r\nFrom ann@x Fri Nov 20 13:40:05 2026\r\nTo: b\r\n", []pair{{"Subject", "a"}, {"To", "b"}}},
		{"empty lines first", "\r\n\r\nSubject: a\r\n", []pair{{"Subject", "a"}}},
		{"byte order mark", "\xef\xbb\xbfSubject: a\r\n", []pair{{"Subject", "a"}}},
		{"broken fold", "Subject: a\r\nb c\r\nTo: d\r\n", []pair{{"Subject", "a b c"}, {"To", "d"}}},
		{"text before any field", "what is this\r\nSubject: a\r\n", []pair{{"Subject", "a"}}},
		{"indented first field", " Subject: a\r\nTo: b\r\n", []pair{{"Subject", "a"}, {"To", "b"}}},
		{"text without an empty line", "Subject: a\r\nHello Bob\r\nhow: are you\r\n", []pair{{"Subject", "a"}}},
		{"8-bit name", "Subject: a\r\nX-\xc3\xa9: b\r\nTo: c\r\n", []pair{{"Subject", "a"}, {"X-é", "b"}, {"To", "c"}}},
		{"NUL", "Subject: a\x00b\r\n", []pair{{"Subject", "ab"}}},
		{"nothing", "", nil},
		{"only an empty line", "\r\n", nil},
	}
	for _, test := range tests {
		var got []pair
		for name, text := range ParseHeader([]byte(test.in)).Fields() {
			got = append(got, pair{name, text})
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestHeaderAccess(t *testing.T) {
	raw := "Received: one\r\nreceived: =?utf-8?q?tw=C3=B6?=\r\nSubject: a\r\n b\r\n"
	in := []byte(raw + "\r\nbody")
	h := ParseHeader(in)
	clear(in) // the header must not depend on it
	if got := h.Get("SUBJECT"); got != "a b" {
		t.Errorf("Get: %q", got)
	}
	if got := h.Get("Missing"); got != "" {
		t.Errorf("Get of nothing: %q", got)
	}
	if got := h.Values("Received"); !slices.Equal(got, []string{"one", "twö"}) {
		t.Errorf("Values: %q", got)
	}
	if got := h.raw; got != raw {
		t.Errorf("as received: %q", got)
	}
	if (Header{}).Get("Subject") != "" {
		t.Error("the zero header has a subject")
	}
}

func TestHeaderIsBounded(t *testing.T) {
	lines := ParseHeader([]byte(strings.Repeat("X: y\n", 1_000_000)))
	if got := len(lines.Values("X")); got != maxFields {
		t.Errorf("a million fields: %d kept, want %d", got, maxFields)
	}
	long := ParseHeader([]byte("Subject: " + strings.Repeat("a", 10<<20)))
	if got := len(long.Get("Subject")); got == 0 || got > maxHeader {
		t.Errorf("a long field: %d bytes kept", got)
	}
}

func TestEnvelope(t *testing.T) {
	h := ParseHeader([]byte(strings.ReplaceAll(`Received: from b by c; Fri, 20 Nov 2026 13:40:05 +0800
Received: from a by b; Fri, 20 Nov 2026 13:00:00 +0800
Date: Fri, 20 Nov 2026 05:39:00 +0000
From: Ann Archer <ann@example.com>
Sender: sec@example.com
Reply-To: ann@example.org
To: bob@example.com
To: carl@example.com; dora@example.com
Cc: "=?utf-8?B?546L5bCP5piO?=" <wxm@example.com>
Bcc: eve@example.com
Subject: =?gb2312?B?u+HS6Q==?=
Message-ID: <1@example.com>
In-Reply-To: <0@example.com>
References: <-1@example.com>
 <0@example.com>
List-Id: Development <dev.lists.example.com>
List-Post: <https://lists.example.com>, <mailto:dev%40lists.example.com?subject=x>
Mail-Followup-To: dev@lists.example.com
Content-Type: Multipart/Mixed; boundary=x
`, "\n", "\r\n")))
	want := Envelope{
		Date:           time.Date(2026, 11, 20, 5, 39, 0, 0, time.UTC),
		Received:       time.Date(2026, 11, 20, 13, 40, 5, 0, time.FixedZone("", 8*3600)),
		Subject:        "会议",
		From:           []Address{{"Ann Archer", "ann@example.com"}},
		Sender:         []Address{{"", "sec@example.com"}},
		ReplyTo:        []Address{{"", "ann@example.org"}},
		To:             []Address{{"", "bob@example.com"}, {"", "carl@example.com"}, {"", "dora@example.com"}},
		Cc:             []Address{{"王小明", "wxm@example.com"}},
		Bcc:            []Address{{"", "eve@example.com"}},
		MessageID:      "1@example.com",
		InReplyTo:      []string{"0@example.com"},
		References:     []string{"-1@example.com", "0@example.com"},
		ListID:         "dev.lists.example.com",
		ListPost:       []Address{{"", "dev@lists.example.com"}},
		MailFollowupTo: []Address{{"", "dev@lists.example.com"}},
		Multipart:      true,
	}
	if got := h.Envelope(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEnvelopeDateFallsBack(t *testing.T) {
	received := "Received: by x; Fri, 20 Nov 2026 13:40:05 +0000\r\n"
	for _, date := range []string{"", "Date: unknown\r\n", "Date:\r\n"} {
		if got := ParseHeader([]byte(date + received)).Envelope().Date; got.Unix() != 1795182005 {
			t.Errorf("%q: %v", date, got)
		}
	}
	if got := ParseHeader([]byte("Received: no date\r\n")).Envelope().Date; !got.IsZero() {
		t.Errorf("no date at all: %v", got)
	}
}
