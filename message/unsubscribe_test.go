package message

import (
	"fmt"
	"testing"
)

func TestUnsubscribe(t *testing.T) {
	const post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
	for _, test := range []struct{ header, want string }{
		{"List-Unsubscribe: <https://l.example/u?a=1&b=2>\n" + post, "https://l.example/u?a=1&b=2 true"},
		{"List-Unsubscribe: <https://l.example/u>\n", "https://l.example/u false"},
		{"List-Unsubscribe: <http://l.example/u>\n" + post, "nothing"},
		{"List-Unsubscribe: (use mail)\n <mailto:leave@l.example?subject=leave%20me>,\n <https://l.example/u>\n" + post,
			"leave@l.example \"leave me\" https://l.example/u true"},
		{"List-Unsubscribe: <mailto:leave@l.example?subject=a%0d%0aBcc:%20x@y.z&bcc=b@c.d&attach=/etc/passwd&body=x%0Ay>\n", "leave@l.example \"a Bcc: x@y.z\" \"x\\ny\""},
		{"List-Unsubscribe: <mailto:>, <javascript:x>, <https:///>, <ftp://x/>\n" + post, "nothing"},
		{post, "nothing"},
	} {
		u, ok := ParseHeader([]byte(test.header + "\n")).Unsubscribe()
		got := "nothing"
		if ok {
			got = ""
			if u.Mail != nil {
				got = fmt.Sprintf("%s %q ", u.Mail.To[0].Addr, u.Mail.Subject)
				if u.Mail.Body != "" {
					got += fmt.Sprintf("%q ", u.Mail.Body)
				}
				if len(u.Mail.Bcc)+len(u.Mail.Files) > 0 {
					t.Errorf("%s: a link wrote to someone unseen or attached a file", test.header)
				}
			}
			if u.URL != "" {
				got += fmt.Sprint(u.URL, " ", u.OneClick, " ")
			}
			got = got[:len(got)-1]
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.header, got, test.want)
		}
	}
}

func TestParseMailto(t *testing.T) {
	d, ok := ParseMailto("MAILTO:ann@example.com,%22B%22%20%3Cbob@example.com%3E?cc=c@example.com&bcc=d@example.com&attach=/etc/passwd&from=x@example.com&subject=1+1%3D2&Body=%E4%BC%9A%E8%AE%AE&in-reply-to=%3Ca@b%3E")
	if !ok || len(d.To) != 2 || d.To[1] != (Address{Addr: "bob@example.com"}) || len(d.Cc) != 1 || len(d.Bcc) != 1 || len(d.From)+len(d.Files) != 0 || d.Subject != "1+1=2" || d.Body != "会议" || d.InReplyTo != "a@b" {
		t.Errorf("%+v", d)
	}
	for _, none := range []string{"mailto:", "mailto:?subject=x", "http://a@b.example/", "mail", "mailto:%"} {
		if d, ok := ParseMailto(none); ok {
			t.Errorf("%s: %+v", none, d)
		}
	}
}
