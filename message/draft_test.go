package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/mailtest"
)

var sentAt = time.Date(2026, 11, 20, 13, 40, 0, 0, time.FixedZone("", 8*3600))

// simpleDraft is a draft that can be sent.
func simpleDraft() *Draft {
	return &Draft{
		From:      []Address{{"Ann Archer", "ann@example.com"}},
		To:        []Address{{"", "bob@example.org"}},
		Subject:   "Budget",
		Body:      "Hi Bob\n",
		MessageID: "1.abc@example.com",
		Date:      sentAt,
	}
}

func fileOf(name, typ, content string) File {
	return File{Name: name, Type: typ, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

// wire writes a draft and checks what holds for every message.
func wire(t *testing.T, d *Draft) string {
	t.Helper()
	var out bytes.Buffer
	n, err := d.WriteTo(&out)
	if err != nil {
		t.Fatal(err)
	}
	if int(n) != out.Len() {
		t.Fatalf("WriteTo says %d bytes, wrote %d", n, out.Len())
	}
	checkWire(t, out.String())
	return out.String()
}

func checkWire(t *testing.T, raw string) {
	t.Helper()
	for line := range strings.SplitSeq(raw, "\r\n") {
		if strings.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("lone CR, LF or NUL in %q", line)
		}
		if len(line) > 998 {
			t.Fatalf("line of %d octets", len(line))
		}
	}
	if !strings.HasSuffix(raw, "\r\n") {
		t.Fatalf("does not end with a line end: %q", raw[max(0, len(raw)-20):])
	}
}

// fieldNames lists the fields of the header as they stand on the wire.
func fieldNames(raw string) string {
	header, _, _ := strings.Cut(raw, "\r\n\r\n")
	var names []string
	for line := range strings.SplitSeq(header, "\r\n") {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(line, ":")
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func TestWireForm(t *testing.T) {
	raw := wire(t, simpleDraft())
	want := strings.ReplaceAll(`Date: Fri, 20 Nov 2026 13:40:00 +0800
From: Ann Archer <ann@example.com>
To: bob@example.org
Subject: Budget
Message-ID: <1.abc@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Hi Bob
`, "\n", "\r\n")
	if raw != want {
		t.Errorf("got\n%s\nwant\n%s", raw, want)
	}
}

func TestHeaderLinesFold(t *testing.T) {
	d := simpleDraft()
	for range 30 {
		d.To = append(d.To, Address{"王小明", "wxm@example.cn"}, Address{`Bob "the" Baker, Jr.`, "bob@example.com"})
		d.References = append(d.References, "a.very.long.identifier.of.a.message@mail.example.com")
	}
	d.Subject = strings.Repeat("会议纪要，周五下午三点 Friday ", 20)
	header, _, _ := strings.Cut(wire(t, d), "\r\n\r\n")
	for line := range strings.SplitSeq(header, "\r\n") {
		if len(line) > 78 {
			t.Errorf("%d columns: %s", len(line), line)
		}
		for word := range strings.FieldsSeq(line) {
			if strings.HasPrefix(word, "=?") && len(strings.Trim(word, ",")) > 75 {
				t.Errorf("encoded word of %d octets", len(word))
			}
		}
	}
	if n := strings.Count(header, "a.very.long.identifier"); n != maxThread {
		t.Errorf("%d references, want %d", n, maxThread)
	}
}

// hardSubjects are texts that have been sent wrongly by somebody.
var hardSubjects = []string{
	"Budget 2027",
	"Grüße aus Köln",
	"会议纪要：周五下午三点，二号会议室",
	strings.Repeat("长主题", 200),
	"two  spaces   and three",
	" leading and trailing ",
	strings.Repeat("x", 2000),
	strings.Repeat("word ", 100) + "end",
	"literal =?utf-8?q?x?= stays",
	"=?", "?=", "a =? b", "a=b_c?d",
	"emoji 👨\u200d👩\u200d👧 family",
	"Re: \"quoted\" <angle> (comment) \\ back; a: b, c",
	strings.Repeat("a", 69), strings.Repeat("a", 70), strings.Repeat("a", 77), strings.Repeat("a", 78) + " b",
}

var hardNames = []string{
	"", "Ann", "Ann Archer", "Archer, Ann", `Ann "A" Archer`, `back\slash`, "O'Neil", "Dora Díaz", "王小明", "王 小明",
	"Ann  Archer", "a.b", "=?utf-8?q?x?=", "(comment)", "名" + strings.Repeat("字", 100), strings.Repeat("long name ", 20) + "x", "x@y.z",
}

var hardBodies = []string{
	"", "Hi\n", "no end", "Hi\r\nDOS\rMac\n", "会议纪要\n周五下午三点\n", "Grüße\n",
	"trailing spaces   \n\n-- \nAnn\n",
	".\n..\n.dot\nFrom here\n>From there\n",
	strings.Repeat("a paragraph on one line ", 40) + "end.\n\n> " + strings.Repeat("quoted at length ", 20) + "end\n-- \nAnn\n",
	strings.Repeat("长段落没有空格，", 200) + "\n",
	strings.Repeat("x", 5000) + "\n",
	"  indented\n\ttab\n" + strings.Repeat("From time to time ", 10) + "x\n >not a quote " + strings.Repeat("y ", 60) + "z\n",
	"control \x1b[2J \x00 \x7f\n",
	"=3D ==\n",
	strings.Repeat("mostly ascii text with one é in it. ", 30) + "\n",
	"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-" + strings.Repeat("old ", 50) + "\n+new \n",
}

// hardDrafts combines them.
func hardDrafts() []*Draft {
	var drafts []*Draft
	for i := range max(len(hardSubjects), len(hardNames), len(hardBodies)) {
		name := hardNames[i%len(hardNames)]
		d := &Draft{
			From:       []Address{{name, "ann@example.com"}},
			To:         []Address{{name, "bob@example.org"}, {"Carol", `"odd local"@example.org`}},
			Cc:         []Address{{hardNames[(i+3)%len(hardNames)], "dora@example.net"}},
			Subject:    hardSubjects[i%len(hardSubjects)],
			Body:       hardBodies[i%len(hardBodies)],
			MessageID:  "1.abc@example.com",
			InReplyTo:  "parent@example.org",
			References: []string{"root@example.org", "parent@example.org"},
			Date:       sentAt,
		}
		if i%2 == 1 {
			d.Files = []File{
				fileOf("plan.pdf", "application/pdf", strings.Repeat("\x00\xff%PDF\r\n", 1000)),
				fileOf("预算 2027 (最终版)"+strings.Repeat("很长的名字", 10)+".xlsx", "", ""),
				fileOf(`a "quoted"; name='x'.txt`, "text/plain; charset=x", "text\n"),
				fileOf(strings.Repeat("long", 30)+".eml", "message/rfc822", "From: x\n\ny\n"),
			}
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// wantBody is how a body comes back: with LF ends, the last one added, flowed
// text without the spaces that ended its lines.
func wantBody(body string, flowed bool) string {
	body = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(body)
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	if !flowed {
		return body
	}
	var out strings.Builder
	for line := range strings.Lines(body) {
		if line != "-- \n" {
			line = strings.TrimRight(line, " \n") + "\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

func TestReadBack(t *testing.T) {
	for _, d := range hardDrafts() {
		raw := wire(t, d)
		m, err := Read(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		back := DraftFrom(m, nil)
		if back.Subject != d.Subject {
			t.Errorf("Subject %q came back as %q", d.Subject, back.Subject)
		}
		for _, lists := range [][2][]Address{{d.From, back.From}, {d.To, back.To}, {d.Cc, back.Cc}} {
			if !reflect.DeepEqual(lists[0], lists[1]) {
				t.Errorf("addresses %q came back as %q", lists[0], lists[1])
			}
		}
		if want := wantBody(d.Body, m.Flowed); strings.TrimRight(back.Body, "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("body %q\ncame back as %q\nwire %s", want, back.Body, raw)
		}
		if back.MessageID != d.MessageID || back.InReplyTo != d.InReplyTo || !slices.Equal(back.References, d.References) || !back.Date.Equal(d.Date) {
			t.Errorf("thread or date came back as %+v", back)
		}
		checkFiles(t, d, m)
	}
}

func checkFiles(t *testing.T, d *Draft, m *Message) {
	t.Helper()
	if len(m.Attachments) != len(d.Files) {
		t.Fatalf("%d attachments of %d", len(m.Attachments), len(d.Files))
	}
	for i, f := range d.Files {
		p := m.Attachments[i]
		if p.SHA256 != hashOf(t, f) || p.Size != f.Size {
			t.Errorf("content of %q changed", f.Name)
		}
		if p.Name != f.Name {
			t.Errorf("name %q came back as %q", f.Name, p.Name)
		}
	}
}

func hashOf(t *testing.T, f File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

const pythonReader = `
import sys, json, base64, hashlib, email, email.policy, email.utils
from email.header import decode_header, make_header
out = []
for raw in json.load(sys.stdin):
    m = email.message_from_bytes(base64.b64decode(raw), policy=email.policy.default)
    text = m.get_body(('plain',))
    old = email.message_from_bytes(base64.b64decode(raw)) # the new policy puts blanks between encoded words of a name
    def people(name):
        return [[str(make_header(decode_header(n))), a] for n, a in email.utils.getaddresses([(old[name] or '').replace('\r\n', '')])]
    out.append({
        'names': m.keys(), 'subject': str(m['subject']), 'from': people('from'), 'to': people('to'), 'cc': people('cc'),
        'id': str(m['message-id']), 'references': str(m['references']), 'date': str(m['date'].datetime.isoformat()),
        'body': text.get_content().replace('\r\n', '\n'), 'type': str(text['content-type']),
        'files': [[p.get_filename(), hashlib.sha256(p.get_payload(decode=True)).hexdigest()] for p in m.iter_attachments() if p.is_attachment()],
        'defects': [str(x) for p in m.walk() for x in p.defects] + [str(x) for v in m.values() for x in v.defects],
    })
json.dump(out, sys.stdout)
`

// pythonMessage is what Python's email package reads in a message.
type pythonMessage struct {
	Names, Defects                            []string
	Subject, ID, References, Date, Body, Type string
	From, To, Cc, Files                       [][2]string
}

// readAgain lets another implementation read messages.
func readAgain(t *testing.T, raws []string) []pythonMessage {
	t.Helper()
	python := mailtest.Need(t, "python3")
	encoded := make([]string, len(raws))
	for i, raw := range raws {
		encoded[i] = base64.StdEncoding.EncodeToString([]byte(raw))
	}
	input, err := json.Marshal(encoded)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", pythonReader)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.String())
	}
	var read []pythonMessage
	if err := json.Unmarshal(output, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// Another implementation reads the same from what we write.
func TestPythonReadsTheSame(t *testing.T) {
	drafts := hardDrafts()
	var raws []string
	for _, d := range drafts {
		raws = append(raws, wire(t, d))
	}
	read := readAgain(t, raws)
	for i, d := range drafts {
		got := read[i]
		if got.Subject != d.Subject {
			t.Errorf("Subject %q is %q", d.Subject, got.Subject)
		}
		for _, lists := range []struct {
			want []Address
			got  [][2]string
		}{{d.From, got.From}, {d.To, got.To}, {d.Cc, got.Cc}} {
			var list []Address
			for _, a := range lists.got {
				list = append(list, Address{a[0], a[1]})
			}
			if !reflect.DeepEqual(list, lists.want) {
				t.Errorf("addresses %q are %q", lists.want, list)
			}
		}
		if got.ID != "<"+d.MessageID+">" || got.References != "<root@example.org> <parent@example.org>" || got.Date != "2026-11-20T13:40:00+08:00" {
			t.Errorf("id %s, references %s, date %s", got.ID, got.References, got.Date)
		}
		flowed := strings.Contains(got.Type, "flowed")
		if flowed {
			var out strings.Builder
			unflow(got.Body, false, func(level int, content string) {
				if level > 0 {
					content = quoteMarks(level) + " " + content
				}
				out.WriteString(content + "\n")
			})
			got.Body = out.String()
		}
		if want := wantBody(d.Body, flowed); got.Body != want {
			t.Errorf("body %q\nis %q", want, got.Body)
		}
		for j, f := range d.Files {
			if got.Files[j] != [2]string{f.Name, hashOf(t, f)} {
				t.Errorf("file %q is %q", f.Name, got.Files[j])
			}
		}
		if len(got.Defects) > 0 {
			t.Errorf("defects %q in\n%s", got.Defects, wire(t, d))
		}
	}
}

func TestOnlyTheFileNameGoesOut(t *testing.T) {
	for in, want := range map[string]string{
		"/home/ann/secret plans/a.txt": "a.txt", `C:\Users\ann\b.txt`: "b.txt", ".profile": ".profile", "": "unnamed", "/": "unnamed", "x\r\ny": "x y",
	} {
		d := simpleDraft()
		d.Files = []File{fileOf(in, "text/plain", "x")}
		m, err := Read(strings.NewReader(wire(t, d)))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Attachments[0].Name; got != want {
			t.Errorf("%q went out as %q, want %q", in, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Draft)
		want   error
		bad    []string
	}{
		{"good", func(d *Draft) {}, nil, nil},
		{"no From", func(d *Draft) { d.From = nil }, ErrNoFrom, nil},
		{"no recipients", func(d *Draft) { d.To = nil }, ErrNoRecipients, nil},
		{"only Bcc", func(d *Draft) { d.Bcc, d.To = d.To, nil }, nil, nil},
		{"two From", func(d *Draft) { d.From = append(d.From, Address{"", "x@y.z"}) }, ErrNoSender, nil},
		{"two From and Sender", func(d *Draft) { d.From, d.Sender = append(d.From, Address{"", "x@y.z"}), &d.From[0] }, nil, nil},
		{"no domain", func(d *Draft) { d.To[0].Addr = "bob" }, nil, []string{"bob"}},
		{"all bad ones", func(d *Draft) { d.To[0].Addr, d.Cc = "bob@", []Address{{"C", "@c"}} }, nil, []string{"bob@", "C <@c>"}},
		{"injection", func(d *Draft) { d.To[0].Addr = "a@b.c>\r\nX: y" }, nil, []string{"a@b.c>\r\nX: y"}},
		{"spaces", func(d *Draft) { d.To[0].Addr = "a b@c.d" }, nil, []string{"a b@c.d"}},
		{"quoted spaces", func(d *Draft) { d.To[0].Addr = `"a b"@c.d` }, nil, nil},
		{"open quote", func(d *Draft) { d.To[0].Addr = `"a"b"@c.d` }, nil, []string{`"a"b"@c.d`}},
		{"IP address", func(d *Draft) { d.To[0].Addr = `a@[IPv6:::1]` }, nil, nil},
		{"international", func(d *Draft) { d.To[0].Addr = `用户@例子.中国` }, nil, nil},
	} {
		d := simpleDraft()
		tt.change(d)
		err := d.Check()
		var bad *AddressError
		switch {
		case errors.As(err, &bad):
			if !slices.Equal(bad.Bad, tt.bad) {
				t.Errorf("%s: bad %q, want %q", tt.name, bad.Bad, tt.bad)
			}
		case tt.bad != nil || !errors.Is(err, tt.want):
			t.Errorf("%s: %v, want %v %q", tt.name, err, tt.want, tt.bad)
		}
		if _, writeErr := d.WriteTo(io.Discard); (writeErr == nil) != (err == nil) {
			t.Errorf("%s: WriteTo says %v", tt.name, writeErr)
		}
	}
}

// An address copied from the end of a sentence, or with its name in full, is written without the dot.
func TestDotBehindAnAddress(t *testing.T) {
	d := simpleDraft()
	d.To = []Address{{"", "ann@example.org."}, {"", "c@例子.中国."}}
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	if raw := wire(t, d); !strings.Contains(raw, "To: ann@example.org, c@xn--fsqu00a.xn--fiqs8s\r\n") {
		t.Errorf("%s", raw)
	}
	if to := d.Recipients(); to[0].Addr != "ann@example.org" {
		t.Errorf("%v", to)
	}
}

func TestBcc(t *testing.T) {
	d := simpleDraft()
	d.Cc = []Address{{"", "Bob@Example.org"}, {"", "c@例子.中国"}}
	d.Bcc = []Address{{"Secret", "secret@example.net"}}
	if raw := wire(t, d); strings.Contains(strings.ToLower(raw), "bcc") || strings.Contains(raw, "secret") {
		t.Errorf("Bcc on the wire:\n%s", raw)
	}
	var out bytes.Buffer
	if _, err := d.WriteDraft(&out); err != nil {
		t.Fatal(err)
	}
	m, err := Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	if back := DraftFrom(m, nil); !reflect.DeepEqual(back.Bcc, d.Bcc) {
		t.Errorf("Bcc of the draft came back as %q", back.Bcc)
	}
	var to []string
	for _, a := range d.Recipients() {
		to = append(to, a.Addr)
	}
	if want := []string{"bob@example.org", "c@xn--fsqu00a.xn--fiqs8s", "secret@example.net"}; !slices.Equal(to, want) {
		t.Errorf("Recipients %q, want %q", to, want)
	}
}

func TestWriteDraftTakesAnything(t *testing.T) {
	for _, d := range []*Draft{{}, {To: []Address{{"half", "bo"}}, Body: "x"}, {From: []Address{{}, {}}}} {
		var out bytes.Buffer
		if _, err := d.WriteDraft(&out); err != nil {
			t.Error(err)
		}
		checkWire(t, out.String())
	}
}

func TestNeedsUTF8(t *testing.T) {
	for addr, want := range map[string]bool{"a@b.c": false, "a@例子.中国": false, "用户@例子.中国": true, "用户@b.c": true} {
		d := simpleDraft()
		d.To[0].Addr = addr
		if got := d.NeedsUTF8(); got != want {
			t.Errorf("NeedsUTF8 for %s is %v", addr, got)
		}
	}
}

func TestFileErrors(t *testing.T) {
	broken := errors.New("disk gone")
	for _, open := range []func() (io.ReadCloser, error){
		func() (io.ReadCloser, error) { return nil, broken },
		func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("x"), errReader{broken})), nil
		},
	} {
		d := simpleDraft()
		d.Files = []File{{Name: "plan.pdf", Open: open}}
		if _, err := d.WriteTo(io.Discard); !errors.Is(err, broken) || !strings.Contains(err.Error(), "plan.pdf") {
			t.Errorf("error %v", err)
		}
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestNewMessageID(t *testing.T) {
	random := strings.NewReader(strings.Repeat("0123456789abcde", 3))
	got := NewMessageID(Address{"Ann", "ann@Example.com"}, random, sentAt)
	if !strings.HasSuffix(got, "@Example.com") || !isWireID(got) {
		t.Errorf("Message-ID %q", got)
	}
	if got := NewMessageID(Address{}, random, sentAt); !strings.HasSuffix(got, "@mail.invalid") {
		t.Errorf("Message-ID without a domain %q", got)
	}
}

func FuzzWriteTo(f *testing.F) {
	for i, d := range hardDrafts() {
		f.Add(d.From[0].Name, d.To[0].Addr, d.Subject, d.Body, "plan.pdf", "application/pdf", d.MessageID, i%2 == 0)
	}
	f.Add("a\r\nBcc: x", "a@b.c>\r\nTo: x", "s\nX-Evil: 1", "\r\n.\r\n", "a\"\r\nX: y", "text/html\r\nX: y", "id>\r\nX: y", true)
	f.Fuzz(func(t *testing.T, name, addr, subject, body, fileName, fileType, id string, attach bool) {
		d := &Draft{
			From: []Address{{name, "ann@example.com"}}, To: []Address{{name, addr}, {"", "bob@example.org"}},
			Subject: subject, Body: body, MessageID: id, InReplyTo: id, References: []string{id, "x@y"}, Date: sentAt,
		}
		want := "Date From To Subject Message-ID In-Reply-To References MIME-Version Content-Type"
		if attach {
			d.Files = []File{fileOf(fileName, fileType, body)}
		} else {
			want += " Content-Transfer-Encoding"
		}
		if cleanText(subject) == "" {
			want = strings.Replace(want, "Subject ", "", 1)
		}
		var out bytes.Buffer
		if _, err := d.WriteTo(&out); err != nil {
			return // refused: nothing goes out
		}
		raw := out.String()
		if strings.TrimRight(body, "\x00") == "" && !attach {
			raw += "\r\n" // an empty body has no line end of its own
		}
		checkWire(t, raw)
		if got := fieldNames(raw); got != want {
			t.Fatalf("fields %q, want %q in\n%s", got, want, raw)
		}
		m, err := Read(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := DraftFrom(m, nil); got.Subject != strings.TrimSpace(cleanText(subject)) && got.Subject != cleanText(subject) {
			t.Fatalf("Subject %q came back as %q", subject, got.Subject)
		}
		if attach && (len(m.Attachments) != 1 || m.Attachments[0].SHA256 != hashOf(t, d.Files[0])) {
			t.Fatalf("attachments came back as %+v", m.Attachments)
		}
	})
}

func TestOneHugeParagraph(t *testing.T) {
	d := simpleDraft()
	for _, unit := range []string{"word ", "会议 ", "x", " ", "a- "} {
		d.Body = strings.Repeat(unit, 50_000)
		d.Subject = d.Body[:20_000]
		wire(t, d)
	}
}

func BenchmarkWriteTo(b *testing.B) {
	content := strings.Repeat("x", 10<<20)
	d := simpleDraft()
	d.Files = []File{fileOf("big.bin", "", content)}
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
