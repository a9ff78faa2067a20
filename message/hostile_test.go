package message

import (
	"io"
	"strings"
	"testing"
)

// TestHostileRepetition reads fields and bodies made of one small thing over and
// over. It does nothing but end soon, as long as all of it is linear.
func TestHostileRepetition(t *testing.T) {
	units := []string{
		"=?a?q?", "=?a?q? ", "x=?a?q?b c", "=?utf-8?q?a?= ", "=?gbk?b?u+==?=", "=?", "?=", "\"", "\"<", "\"a\" ", "\"\\", "(", "()", "(a)b",
		"<", "<a", "<a@b ", "<\"", "a@b ", ",", ";", ":", "a:;", "@", "@:", "a, ", "a,b <c@d>,", "\x80", "\xbb\xe1", "\x1b$B ", "=", " \n", "a\n b",
		"a=b;", "name*0=x;", "a*1*=%41;", "name=a b charset=c ", "garbage\n", "garbage\nFrom: x\n", "From x\n", "--\n", "--x\nContent-Type: y\n",
		"--x\nContent-Type: multipart/mixed\n\n", "begin 644 a\n#0V%T\n", "=\n", "= ", "<meta charset=",
	}
	const size = 256 << 10
	for _, unit := range units {
		s := strings.Repeat(unit, size/len(unit))
		for _, name := range []string{"Subject", "To", "Date", "References", "List-Post", "Received"} {
			envelope := ParseHeader([]byte(name + ": ;" + s + "\n\n")).Envelope()
			envelope.Topic()
		}
		for _, head := range []string{
			"", "Content-Type: a/b; name=", "Content-Type: a/b; name*=", "Content-Disposition: x; filename=\"", "Content-Type: text/plain\n\n",
			"Content-Type: text/html\n\n", "Content-Type: multipart/mixed; boundary=x\n\n", "Content-Type: multipart/mixed\n\n",
			"Content-Transfer-Encoding: base64\n\n", "Content-Transfer-Encoding: quoted-printable\n\n",
		} {
			m, err := Read(strings.NewReader(head + s))
			if err != nil {
				t.Fatal(err)
			}
			Summary(m)
			_ = CopyPart(io.Discard, strings.NewReader(head+s), "1.u9") // whether it is there does not matter
		}
	}
}

// TestHostileNames has names that are read piece by piece, of which only the
// first count.
func TestHostileNames(t *testing.T) {
	for _, unit := range []string{"x-", "x_", "x-_"} {
		if _, known := lookupCharset(strings.Repeat(unit, 500_000) + "gbk"); known {
			t.Errorf("a charset of a megabyte of %s is known", unit)
		}
	}
	for _, unit := range []string{"[a]", "【a】", "Re: [a] ", "r: [a] "} {
		e := Envelope{Subject: strings.Repeat(unit, 500_000) + "plan"}
		if topic, _ := e.Topic(); topic == "plan" {
			t.Errorf("half a million of %q are taken off", unit)
		}
	}
	fields := "A: b\n" + strings.Repeat(" =?u?B?YQ?=\n", 100_000) + "C: d\n"
	if got, body := splitFields([]byte(fields + "\ntext")); len(got) != 2 || got[0].name+got[0].rest+"\n"+"C: d\n" != fields || string(body) != "text" {
		t.Errorf("%d fields, and %d bytes of text", len(got), len(body))
	}
}
