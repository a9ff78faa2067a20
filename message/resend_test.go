package message

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestResend(t *testing.T) {
	const kept = "From: Ann <ann@example.com>\r\nTo: list@example.com\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n folded\r\nMessage-ID: <1@example.com>\r\n"
	body := "\r\nDelivered-To: not a field\r\n.\r\n" + strings.Repeat("long ", 5000) + "\r\n\xff\r\nBcc: text\r\n"
	raw := "From ann@example.com Fri Nov 20 13:40:00 2026\r\nReturn-Path: <ann@example.com>\r\nDelivered-To: me@example.com\r\n" + kept +
		"Bcc: " + strings.Repeat("hidden@example.com,\r\n ", 1000) + "last@example.com\r\nX-Original-To : me@example.com\r\n"
	r := &Resent{From: Address{"我", "me@example.com"}, To: []Address{{"Bob, B.", "bob@例子.test"}}, ID: "2@example.com", Date: sentAt}
	for name, in := range map[string]io.Reader{"whole": strings.NewReader(raw + body), "in bytes": iotest.OneByteReader(strings.NewReader(raw + body))} {
		r.Open = func() (io.ReadCloser, error) { return io.NopCloser(in), nil }
		var out strings.Builder
		n, err := r.WriteTo(&out)
		want := "Resent-Date: Fri, 20 Nov 2026 13:40:00 +0800\r\nResent-From: =?UTF-8?B?5oiR?= <me@example.com>\r\n" +
			"Resent-To: \"Bob, B.\" <bob@xn--fsqu00a.test>\r\nResent-Message-ID: <2@example.com>\r\n" + kept + body
		if got := out.String(); err != nil || int(n) != len(got) || got != want {
			t.Errorf("%s: %d bytes, %v:\n%.1500q", name, n, err, got)
		}
	}
	broken := errors.New("broken")
	r.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("Subject: a\r\n"), iotest.ErrReader(broken))), nil
	}
	if _, err := r.WriteTo(io.Discard); !errors.Is(err, broken) {
		t.Errorf("a message that cannot be read: %v", err)
	}
}
