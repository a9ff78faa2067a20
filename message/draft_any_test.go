package message

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/mailtest"
)

// fragments are what text of every kind is made of, and what would break a header or a screen.
var fragments = []string{
	"Ann", "O'Brien", "王小明", "会议纪要", "Доктор Живаго", "علي", "שלום", "สวัสดี", "Zoë", "e\u0301", "👩‍👩‍👧", "ß",
	`Quote "q"`, `back\slash`, "comma, name", "semi; colon:", "<angle@x.test>", "(comment)", "[list]", "=?utf-8?q?x?=", "=?", "?=", "100%", "a=b&c",
	"\r\nBcc: evil@x.test", "\nX-Evil: 1", "\r", "\x00", "\x1b[31m", "\x7f", "\u202eevil", "\u2028", "\u0085", "\t", "  ", "\xff\xfe", "\xe4\xbd",
	strings.Repeat("long", 60), strings.Repeat("长", 90), strings.Repeat("many words ", 30), ".", "..", "From here", "> quoted", "-- ",
}

// maker makes drafts of anything a person could type or paste.
type maker struct{ *rand.Rand }

func (g maker) text(most int) string {
	var b strings.Builder
	for range g.IntN(most + 1) {
		b.WriteString(fragments[g.IntN(len(fragments))])
		b.WriteString([]string{"", " ", " ", "  "}[g.IntN(4)])
	}
	return b.String()
}

func (g maker) address(n int) Address {
	local := []string{"ann%d", "a.b%d", "o'brien%d", "x+tag%d", "A%d", "_%d", "dots..%d", `"with space %d"`}[g.IntN(8)]
	domain := []string{"example.test", "例子.test", "münchen.example", "[127.0.0.1]", "x-y.example"}[g.IntN(5)]
	return Address{g.text(3), fmt.Sprintf(local, n) + "@" + domain}
}

func (g maker) addresses(most int, next *int) (list []Address) {
	for range g.IntN(most + 1) {
		*next++
		list = append(list, g.address(*next))
	}
	return list
}

func (g maker) draft() *Draft {
	next := 0
	d := &Draft{From: []Address{g.address(0)}, Subject: g.text(6), Date: sentAt, Markdown: g.IntN(8) == 0}
	d.MessageID = NewMessageID(d.From[0], fixedRandom(g), time.Unix(g.Int64N(1<<31), 0))
	d.To, d.Cc, d.Bcc = g.addresses(4, &next), g.addresses(3, &next), g.addresses(3, &next)
	if next == 0 {
		d.To = []Address{g.address(1)}
	}
	if g.IntN(2) == 0 {
		d.InReplyTo, d.References = "a@b.example", []string{"root@b.example", "a@b.example"}
	}
	for range g.IntN(12) {
		d.Body += g.text(8) + []string{"\n", "\r\n", "\r"}[g.IntN(3)]
	}
	for range g.IntN(4) {
		content := make([]byte, g.IntN(3000))
		for i := range content {
			content[i] = byte(g.Uint32())
		}
		typ := []string{"application/pdf", "text/plain", "image/png; name=x", "nonsense", "a/b\r\nX-Evil: 1", ""}[g.IntN(6)]
		d.Files = append(d.Files, fileOf(g.text(4)+[]string{"", ".pdf", "/", "\\", ".tar.gz"}[g.IntN(5)], typ, string(content)))
	}
	return d
}

type fixedRandom struct{ *rand.Rand }

func (r fixedRandom) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return len(p), nil
}

// asRead is a name or subject as a reader of the message gets it.
func asRead(s string) string { return strings.Join(strings.Fields(cleanText(s)), " ") }

// Whatever is typed into a draft, the message has exactly the fields and recipients that were meant, and Python reads
// names, subject and attachments as they were.
func TestAnythingCanBeSent(t *testing.T) {
	count := 250
	if mailtest.Long() {
		count = 5000
	}
	seed := uint64(time.Now().UnixNano())
	g := maker{rand.New(rand.NewPCG(seed, 0))}
	t.Logf("seed %d", seed)
	var drafts []*Draft
	var raws []string
	for range count {
		d := g.draft()
		raw := wire(t, d)
		checkWire(t, raw)
		checkFields(t, d, raw)
		drafts, raws = append(drafts, d), append(raws, raw)
		if t.Failed() {
			t.Fatalf("%+v\n%s", d, raw)
		}
	}
	for i, got := range readAgain(t, raws) {
		d := drafts[i]
		if asRead(got.Subject) != asRead(d.Subject) && !(got.Subject == "None" && asRead(d.Subject) == "") {
			t.Errorf("Subject %q is %q", d.Subject, got.Subject)
		}
		for _, lists := range []struct {
			want []Address
			got  [][2]string
		}{{d.From, got.From}, {d.To, got.To}, {d.Cc, got.Cc}} {
			var want, read [][2]string
			for _, a := range lists.want {
				addr, _ := wireAddr(a.Addr)
				want = append(want, [2]string{asRead(a.Name), addr})
			}
			for _, a := range lists.got {
				if a[1] != "" {
					read = append(read, [2]string{asRead(a[0]), a[1]})
				}
			}
			if !reflect.DeepEqual(read, want) {
				t.Errorf("addresses %q are %q", want, read)
			}
		}
		if len(got.Files) != len(d.Files) {
			t.Errorf("%d files are %q", len(d.Files), got.Files)
			continue
		}
		for j, f := range d.Files {
			name := baseName(f.Name)
			if strings.HasPrefix(name, "<") && strings.HasSuffix(name, ">") {
				name = name[1 : len(name)-1] // Python's get_filename takes them off
			}
			if asRead(got.Files[j][0]) != asRead(name) || got.Files[j][1] != hashOf(t, f) {
				t.Errorf("file %q is %q", f.Name, got.Files[j][0])
			}
		}
		if t.Failed() {
			t.Fatalf("%+v\n%s", d, raws[i])
		}
	}
}

// checkFields makes sure that the header has the fields of the draft and no others, and that nobody is missing in the
// envelope or told in the message who should not be.
func checkFields(t *testing.T, d *Draft, raw string) {
	t.Helper()
	want := []string{"Date", "From"}
	for _, field := range []struct {
		name  string
		there bool
	}{{"To", len(d.To) > 0}, {"Cc", len(d.Cc) > 0}, {"Subject", cleanText(d.Subject) != ""}, {"Message-ID", true},
		{"In-Reply-To", d.InReplyTo != ""}, {"References", len(d.References) > 0}, {"MIME-Version", true}, {"Content-Type", true},
		{"Content-Transfer-Encoding", len(d.Files) == 0 && !d.Markdown}} {
		if field.there {
			want = append(want, field.name)
		}
	}
	if got := fieldNames(raw); got != strings.Join(want, " ") {
		t.Errorf("fields %q, want %q", got, want)
	}
	var meant, got []string
	for _, a := range slices.Concat(d.To, d.Cc, d.Bcc) {
		addr, ok := wireAddr(a.Addr)
		if !ok || !isASCII(addr) {
			t.Errorf("%q is %q on the wire", a.Addr, addr)
		}
		meant = append(meant, addr)
	}
	for _, a := range d.Recipients() {
		got = append(got, a.Addr)
	}
	if !slices.Equal(got, meant) {
		t.Errorf("recipients %q, want %q", got, meant)
	}
	for _, a := range d.Bcc {
		if addr, _ := wireAddr(a.Addr); strings.Contains(raw, addr) {
			t.Errorf("the hidden recipient %s is in the message", addr)
		}
	}
}
