package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// shown is what a test expects of a message. Attachments are written
// "id type name content".
type shown struct {
	plain, html string
	attachments []string
	notes       []string
}

func read(t *testing.T, raw string) (*Message, shown) {
	t.Helper()
	m, err := Read(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	got := shown{plain: m.Plain, html: m.HTML, notes: m.Notes}
	for _, p := range m.Attachments {
		var content bytes.Buffer
		if err := CopyPart(&content, strings.NewReader(raw), p.ID); err != nil {
			t.Errorf("CopyPart %s: %v", p.ID, err)
		}
		sum := sha256.Sum256(content.Bytes())
		if p.Size != int64(content.Len()) || p.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("part %s: size %d and hash do not fit the content %q", p.ID, p.Size, content.Bytes())
		}
		got.attachments = append(got.attachments, fmt.Sprintf("%s %s %s %s", p.ID, p.Type, p.Name, content.String()))
	}
	return m, got
}

// mime builds a message from lines; the tests write \n, the wire has CRLF.
func mime(lines ...string) string {
	return strings.ReplaceAll("MIME-Version: 1.0\n"+strings.Join(lines, "\n"), "\n", "\r\n")
}

func TestRead(t *testing.T) {
	pdf := []string{"Content-Type: application/pdf; name=a.pdf", "Content-Transfer-Encoding: base64", "", "UERG"}
	mixedOf := func(parts ...string) string {
		lines := append([]string{"Content-Type: multipart/mixed; boundary=B", ""}, parts...)
		return mime(append(lines, "--B--", "")...)
	}
	tests := []struct {
		name, in string
		want     shown
	}{
		{"no MIME at all", "Subject: a\r\n\r\nHello\r\nBob\r\n", shown{plain: "Hello\nBob\n"}},
		{"no header", "Hello Bob,\r\nhow are you\r\n", shown{plain: "Hello Bob,\nhow are you\n"}},
		{"empty", "", shown{}},
		{"bare LF", "Subject: a\n\nHello\n", shown{plain: "Hello\n"}},
		{"bare CR", "Subject: a\r\rHello\rBob\r", shown{plain: "Hello\nBob\n"}},
		{"mbox line and empty lines first", "\n\nFrom ann Fri Nov 20 13:40:05 2026\nSubject: a\n\nHello\n", shown{plain: "Hello\n"}},
		{"text without an empty line", "Subject: a\nHello Bob\n\nhow are you\n", shown{plain: "Hello Bob\n\nhow are you\n"}},
		{"HTML", mime("Content-Type: text/html", "", "<b>hi</b>"), shown{html: "<b>hi</b>"}},
		{"undeclared GBK", "Subject: a\n\n\xbb\xe1\xd2\xe9\xbc\xcd\xd2\xaa\n", shown{plain: "会议纪要\n"}},
		{"charset in the HTML", mime("Content-Type: text/html", "", "<meta charset=gb2312>\xbb\xe1"),
			shown{html: "<meta charset=gb2312>会"}},
		{"quoted-printable", mime("Content-Transfer-Encoding: Quoted-Printable", "Content-Type: text/plain; charset=utf-8", "",
			"caf=C3=A9 =", "au lait  ", "1 + 1 =3D 2 =zz"), shown{plain: "café au lait\n1 + 1 = 2 =zz"}},
		{"base64", mime("Content-Transfer-Encoding: base64", "Content-Type: text/plain; charset=utf-8", "", "5Lya6K6u", ""),
			shown{plain: "会议"}},
		{"a whole message of one attachment", mime("Content-Type: application/pdf", "Content-Transfer-Encoding: base64", "", "UERG"),
			shown{attachments: []string{"1 application/pdf  PDF"}}},
		{"text and attachment", mixedOf(append([]string{"preamble", "--B", "", "text", "--B"}, pdf...)...),
			shown{plain: "text", attachments: []string{"2 application/pdf a.pdf PDF"}}},
		{"texts in order", mixedOf("--B", "", "one", "--B", "Content-Type: application/pdf", "", "PDF", "--B", "", "two"),
			shown{plain: "one\ntwo", attachments: []string{"2 application/pdf  PDF"}}},
		{"alternative", strings.Replace(mixedOf("--B", "Content-Type: text/plain", "", "plain", "--B", "Content-Type: text/html", "", "<p>html"),
			"mixed", "alternative", 1), shown{plain: "plain", html: "<p>html"}},
		{"alternative and footer", mixedOf("--B", "Content-Type: multipart/alternative; boundary=C", "", "--C", "", "plain",
			"--C", "Content-Type: text/html", "", "<p>html", "--C--", "", "--B", "", "footer < 2"),
			shown{plain: "plain\nfooter < 2", html: "<p>html<pre>footer &lt; 2</pre>\n"}},
		{"HTML with a plain footer has no plain form", mixedOf("--B", "Content-Type: text/html", "", "<p>html", "--B", "", "footer"),
			shown{html: "<p>html<pre>footer</pre>\n"}},
		{"related", mime("Content-Type: multipart/related; boundary=B", "", "--B", "Content-Type: text/html", "", "<img src=cid:1>",
			"--B", "Content-Type: image/png; name=a.png", "Content-ID: <1>", "", "PNG", "--B--"),
			shown{html: "<img src=cid:1>", attachments: []string{"2 image/png a.png PNG"}}},
		{"related with the root second", mime("Content-Type: multipart/related; boundary=B; start=\"<r>\"", "", "--B",
			"Content-Type: text/plain", "", "other", "--B", "Content-Type: text/html", "Content-ID: <r>", "", "root", "--B--"),
			shown{html: "root", attachments: []string{"1 text/plain  other"}}},
		{"text attached", mixedOf("--B", "", "text", "--B", "Content-Disposition: attachment; filename=a.txt", "", "file",
			"--B", "Content-Type: text/plain; name=b.txt", "", "named"),
			shown{plain: "text", attachments: []string{"2 text/plain a.txt file", "3 text/plain b.txt named"}}},
		{"a named text alone is the text", mixedOf("--B", "Content-Type: text/plain; name=body.txt", "", "text"), shown{plain: "text"}},
		{"message attached", mixedOf("--B", "", "text", "--B", "Content-Type: message/rfc822", "", "Subject: inner", "", "inner text"),
			shown{plain: "text", attachments: []string{"2 message/rfc822  Subject: inner\r\n\r\ninner text"}}},
		{"digest", mime("Content-Type: multipart/digest; boundary=B", "", "--B", "", "Subject: inner", "", "text", "--B--"),
			shown{attachments: []string{"1 message/rfc822  Subject: inner\r\n\r\ntext"}}},
		{"numbering", mixedOf("--B", "Content-Type: multipart/mixed; boundary=C", "", "--C", "", "one", "--C",
			"Content-Type: a/b", "", "x", "--C--", "--B", "Content-Type: a/b", "", "y"),
			shown{plain: "one", attachments: []string{"1.2 a/b  x", "2 a/b  y"}}},

		{"last delimiter missing", mime("Content-Type: multipart/mixed; boundary=B", "", "--B", "", "one", "--B", "", "two"),
			shown{plain: "one\ntwo", notes: []string{NoteCutOff}}},
		{"inner last delimiter missing", mixedOf("--B", "Content-Type: multipart/mixed; boundary=C", "", "--C", "", "one", "--B", "", "two"),
			shown{plain: "one\ntwo"}},
		{"boundary missing", mime("Content-Type: multipart/mixed", "", "--XYZ", "Content-Type: text/plain", "", "one", "--XYZ", "", "two", "--XYZ--"),
			shown{plain: "one\ntwo", notes: []string{NoteNoBoundary}}},
		{"boundary wrong", mime("Content-Type: multipart/mixed; boundary=B", "", "--b", "Content-Type: text/plain", "", "one", "--b--"),
			shown{plain: "one", notes: []string{NoteNoBoundary}}},
		{"no parts", mime("Content-Type: multipart/mixed; boundary=B", "", "just text"),
			shown{plain: "just text", notes: []string{NoteNoBoundary}}},
		{"boundary used twice", mixedOf("--B", "Content-Type: multipart/mixed; boundary=B", "", "--B", "", "one", "--B--", "--B", "", "two"),
			shown{plain: "one\ntwo"}},
		{"no empty line before the parts", mime("Content-Type: multipart/mixed; boundary=B", "preamble", "--B", "Content-Type: a/b", "", "x", "--B--"),
			shown{attachments: []string{"1 a/b  x"}}},
		{"parts after the last delimiter", mixedOf("--B", "", "one", "--B--", "--B", "", "two"), shown{plain: "one\ntwo"}},
		{"epilogue", mixedOf("--B", "", "one", "--B--", "epilogue"), shown{plain: "one"}},
		{"blanks after the delimiter", mixedOf("--B  \t", "", "one", "--B", "", "two"), shown{plain: "one\ntwo"}},
		{"a boundary that begins another", mixedOf("--B", "Content-Type: multipart/mixed; boundary=BB", "", "--BB", "", "one", "--BB--", "--B", "", "two"),
			shown{plain: "one\ntwo"}},
		{"empty part", mixedOf("--B", "--B", "", "one"), shown{plain: "one"}},
		{"header without a text", mixedOf("--B", "Content-Type: a/b", "--B", "", "one"), shown{plain: "one", attachments: []string{"1 a/b  "}}},
		{"text where the part header should be", mixedOf("--B", "Hello Bob,", "how are you"), shown{plain: "Hello Bob,\nhow are you"}},
		{"garbage in a part header", mixedOf("--B", "garbage", "Content-Type: a/b", "", "x"), shown{attachments: []string{"1 a/b  x"}}},
		{"bad parameters", mixedOf("--B", "Content-Type: text/plain; name=; charset=gbk;; charset=utf-8", "", "\xbb\xe1"), shown{plain: "会"}},
		{"no type at all", mixedOf("--B", "Content-Type: ???", "", "text"), shown{plain: "text"}},

		{"base64 cut off", mixedOf("--B", "Content-Type: a/b", "Content-Transfer-Encoding: base64", "", "SGVsbG8gQm9", ""),
			shown{attachments: []string{"1 a/b  Hello Bo"}, notes: []string{NoteBadEncoding}}},
		{"base64 with junk", mixedOf("--B", "Content-Type: a/b", "Content-Transfer-Encoding: base64", "", "SGVs!bG8g", "Qm9i"),
			shown{attachments: []string{"1 a/b  Hello Bob"}, notes: []string{NoteBadEncoding}}},
		{"base64 with an '=' in between", mixedOf("--B", "Content-Type: a/b", "Content-Transfer-Encoding: base64", "", "SGVsbG8=", "IEJvYg=="),
			shown{attachments: []string{"1 a/b  Hello Bob"}}},
		{"base64 with a footer", mixedOf("--B", "Content-Type: a/b", "Content-Transfer-Encoding: base64", "", "SGVsbG8=", "",
			"_____________", "a mailing list"),
			shown{attachments: []string{"1 a/b  Hello"}, notes: []string{NoteBadEncoding}}},
		{"base64 that is text", mime("Content-Transfer-Encoding: base64", "", "Hello Bob, this is no base64"),
			shown{plain: "Hello Bob, this is no base64", notes: []string{NoteBadEncoding}}},
		{"base64 in odd lines", mixedOf("--B", "Content-Type: a/b", "Content-Transfer-Encoding: \"BASE64\";", "", "SGVsb", "G8gQ", "m9i"),
			shown{attachments: []string{"1 a/b  Hello Bob"}}},
		{"unknown encoding", mime("Content-Transfer-Encoding: x-none", "", "Hello"),
			shown{plain: "Hello", notes: []string{NoteBadEncoding}}},
		{"8-bit", mime("Content-Transfer-Encoding: 8-bit", "Content-Type: text/plain; charset=utf-8", "", "café"), shown{plain: "café"}},

		{"uuencode in the text", "Subject: a\n\nSee:\nbegin 644 a file.txt\n#0V%T\n`\nend\nBye\n",
			shown{plain: "See:\nBye\n", attachments: []string{"1.u1 application/octet-stream a file.txt Cat"}}},
		{"uuencode cut off", "Subject: a\n\nSee:\nbegin 644 a.txt\n#0V%T\n",
			shown{plain: "See:\n", attachments: []string{"1.u1 application/octet-stream a.txt Cat"}}},
		{"no uuencode", "Subject: a\n\nbegin 644 days\nof summer\nbegin 1 x\n", shown{plain: "begin 644 days\nof summer\nbegin 1 x\n"}},
		{"uuencode as encoding", mime("Content-Type: a/b", "Content-Transfer-Encoding: x-uuencode", "", "begin 644 a.txt", "#0V%T", "`", "end"),
			shown{attachments: []string{"1 a/b  Cat"}}},
	}
	for _, test := range tests {
		_, got := read(t, test.in)
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.want)
		}
	}
}

func TestReadAnySplit(t *testing.T) {
	raw := mime("Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Transfer-Encoding: quoted-printable", "", "a=C3=A9 =", "b  ",
		"--B", "Content-Type: a/b", "Content-Transfer-Encoding: base64", "", "SGVsbG8=", "--B--")
	m, err := Read(iotest.OneByteReader(strings.NewReader(raw)))
	if err != nil || m.Plain != "aé b" || len(m.Attachments) != 1 || m.Attachments[0].Size != 5 {
		t.Errorf("one byte at a time: %+v, %v", m, err)
	}
}

func TestReadFailsOnlyWithItsReader(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, raw := range []string{"", "Subject: a", "Subject: a\n\ntext", mime("Content-Type: multipart/mixed; boundary=B", "", "--B", "", "x")} {
		r := io.MultiReader(strings.NewReader(raw), iotest.ErrReader(broken))
		if _, err := Read(r); !errors.Is(err, broken) {
			t.Errorf("%q: %v", raw, err)
		}
		r = io.MultiReader(strings.NewReader(raw), iotest.ErrReader(broken))
		if err := CopyPart(io.Discard, r, "7"); !errors.Is(err, broken) {
			t.Errorf("CopyPart of %q: %v", raw, err)
		}
	}
}

func TestCopyPart(t *testing.T) {
	raw := mime("Content-Type: multipart/mixed; boundary=B", "", "--B", "", "text", "--B", "", "more", "--B--")
	for _, id := range []string{"", "0", "3", "1.1", "1.u1", "x"} {
		if err := CopyPart(io.Discard, strings.NewReader(raw), id); !errors.Is(err, ErrNoPart) {
			t.Errorf("part %q: %v, want ErrNoPart", id, err)
		}
	}
	full := errors.New("disk full")
	if err := CopyPart(writerFunc(func([]byte) (int, error) { return 0, full }), strings.NewReader(raw), "1"); !errors.Is(err, full) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestReadProtection(t *testing.T) {
	tests := []struct {
		name, in          string
		signed, encrypted bool
	}{
		{"nothing", "Subject: a\n\ntext", false, false},
		{"PGP/MIME signed", mime("Content-Type: multipart/signed; boundary=B", "", "--B", "", "x", "--B--"), true, false},
		{"PGP/MIME encrypted", mime("Content-Type: multipart/encrypted; boundary=B", "", "--B--"), false, true},
		{"S/MIME signed", mime("Content-Type: application/pkcs7-mime; smime-type=signed-data", "", "x"), true, false},
		{"S/MIME encrypted", mime("Content-Type: application/x-pkcs7-mime; name=smime.p7m", "", "x"), false, true},
		{"inline signed", "Subject: a\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n", true, false},
		{"inline encrypted", "Subject: a\n\nhi\n-----BEGIN PGP MESSAGE-----\n", false, true},
		{"quoted", "Subject: a\n\n> -----BEGIN PGP MESSAGE-----\n", false, false},
	}
	for _, test := range tests {
		m, _ := read(t, test.in)
		if m.Signed != test.signed || m.Encrypted != test.encrypted {
			t.Errorf("%s: signed %v, encrypted %v", test.name, m.Signed, m.Encrypted)
		}
	}
}

func TestReadFlowed(t *testing.T) {
	m, _ := read(t, mime("Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Type: text/plain; format=Flowed; delsp=yes", "",
		"a b ", "c", "--B", "", "footer ", " indented", "--B--"))
	if !m.Flowed || !m.DelSp || m.Plain != "a b \nc\nfooter\n  indented" {
		t.Errorf("flowed %v, delsp %v, %q", m.Flowed, m.DelSp, m.Plain)
	}
}

func TestReadCalendar(t *testing.T) {
	m, got := read(t, mime("Content-Type: multipart/alternative; boundary=B", "", "--B", "", "Meeting", "--B",
		"Content-Type: text/calendar; method=REQUEST; charset=utf-8", "", "BEGIN:VCALENDAR", "SUMMARY:会议", "--B--"))
	if m.Calendar != "BEGIN:VCALENDAR\nSUMMARY:会议" || got.plain != "Meeting" || m.HasAttachments() {
		t.Errorf("calendar %q, %q", m.Calendar, got)
	}
}

func TestHasAttachments(t *testing.T) {
	picture := []string{"Content-Type: image/png", "Content-ID: <1>", "Content-Disposition: inline; filename=a.png"}
	tests := []struct {
		name string
		part []string
		want bool
	}{
		{"file", []string{"Content-Type: application/pdf"}, true},
		{"message", []string{"Content-Type: message/rfc822"}, true},
		{"picture of the text", picture, false},
		{"picture without an id", []string{"Content-Type: image/png", "Content-Disposition: inline; filename=a.png"}, true},
		{"signature", []string{"Content-Type: application/pgp-signature; name=signature.asc"}, false},
		{"delivery report", []string{"Content-Type: message/delivery-status"}, false},
	}
	for _, test := range tests {
		lines := append([]string{"Content-Type: multipart/mixed; boundary=B", "", "--B", "", "text", "--B"}, test.part...)
		m, _ := read(t, mime(append(lines, "", "content", "--B--")...))
		if m.HasAttachments() != test.want {
			t.Errorf("%s: %v", test.name, m.HasAttachments())
		}
	}
}

// TestReadIsBounded reads what is made to be too much, and holds the memory it
// takes to a limit.
func TestReadIsBounded(t *testing.T) {
	const mb = 1 << 20
	deep := func(depth int) io.Reader {
		var readers []io.Reader
		for i := range depth {
			readers = append(readers, strings.NewReader(fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)))
		}
		return io.MultiReader(append(readers, strings.NewReader("\ntext"))...)
	}
	repeat := func(head, body string, n int) io.Reader {
		return io.MultiReader(strings.NewReader(head), &repeater{s: body, n: n})
	}
	parts := "Content-Type: multipart/mixed; boundary=B\n\n"
	tests := []struct {
		name  string
		in    io.Reader
		note  string
		limit uint64 // bytes allocated in all
		check func(*Message) bool
	}{
		{"depth 10,000", deep(10_000), NoteTooDeep, 16 * mb, nil},
		{"100,000 parts", repeat(parts, "--B\n\nx\n", 100_000), NoteTooManyParts, 32 * mb,
			func(m *Message) bool { return len(m.Plain) == 2*maxParts-1 || len(m.Plain) == 2*maxParts }},
		{"a million header lines", repeat("", "X: y\n", 1_000_000), NoteHeaderCut, 16 * mb, nil},
		{"50 MB of part header", repeat(parts+"--B\n", "X: y\n", 10*mb), NoteHeaderCut, 16 * mb, nil},
		{"parts with large headers", repeat(parts, "--B\nX: "+strings.Repeat("y", 60_000)+"\n\n", 2_000), NoteHeaderCut, 128 * mb, nil},
		{"a line of 100 MB", repeat("Subject: a\n\n", strings.Repeat("x", 1_000), 100_000), NoteTextCut, 32 * mb,
			func(m *Message) bool { return len(m.Plain) == maxPlain }},
		{"a header line of 100 MB", repeat("Subject: ", strings.Repeat("x", 1_000), 100_000), NoteHeaderCut, 16 * mb, nil},
		{"HTML of 100 MB", repeat("Content-Type: text/html\n\n", strings.Repeat("<p>x", 250)+"\n", 100_000), NoteTextCut, 96 * mb,
			func(m *Message) bool { return len(m.HTML) == maxHTML }},
		{"2,000 texts of 100 KB", repeat(parts, "--B\n\n"+strings.Repeat("x", 100_000)+"\n", 2_000), NoteTextCut, 32 * mb, nil},
		{"2,000 calendars of 100 KB", repeat(parts, "--B\nContent-Type: text/calendar\n\n"+strings.Repeat("x", 100_000)+"\n", 2_000), "", 16 * mb, nil},
		{"an attachment of 100 MB", repeat("Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n",
			strings.Repeat("QUJD", 19)+"\n", 1_400_000), "", 2 * mb,
			func(m *Message) bool { return m.Attachments[0].Size == 57*1_400_000 }},
		{"a million recipients", repeat("To: ", "a@b, ", 1_000_000), NoteTooManyAddresses, 32 * mb,
			func(m *Message) bool { return len(m.Envelope.To) == maxAddresses }},
		{"100,000 uuencoded files", repeat("\n", "begin 644 a\n#0V%T\n`\nend\n", 100_000), NoteTooManyParts, 32 * mb, nil},
	}
	for _, test := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := Read(test.in)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if test.note != "" && !slices.Contains(m.Notes, test.note) {
			t.Errorf("%s: notes %q, want %q among them", test.name, m.Notes, test.note)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > test.limit {
			t.Errorf("%s: %d KB allocated, want %d at most", test.name, used>>10, test.limit>>10)
		}
		if test.check != nil && !test.check(m) {
			t.Errorf("%s: read wrongly: %d bytes of text, %d attachments", test.name, len(m.Plain)+len(m.HTML), len(m.Attachments))
		}
	}
}

// repeater reads s n times.
type repeater struct {
	s   string
	n   int
	pos int
}

func (r *repeater) Read(p []byte) (n int, err error) {
	for n < len(p) && r.n > 0 {
		c := copy(p[n:], r.s[r.pos:])
		n += c
		if r.pos += c; r.pos == len(r.s) {
			r.pos = 0
			r.n--
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
