package demo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	mail "tmail/message"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.FixedZone("", 3600))

func loadSamples(t *testing.T, now time.Time) *kept {
	t.Helper()
	all, err := samples(now)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func everyMessage(all *kept) []*message {
	var list []*message
	for _, drop := range []*maildrop{all.Work, all.Personal} {
		for _, box := range drop.sorted() {
			list = append(list, box.Messages...)
		}
	}
	return list
}

// named returns the sample with this Message-ID.
func named(t *testing.T, all *kept, id string) *message {
	t.Helper()
	for _, m := range everyMessage(all) {
		if bytes.Contains(m.Raw, []byte("\r\nMessage-ID: <"+id+">\r\n")) {
			return m
		}
	}
	t.Fatalf("no sample has the Message-ID %s", id)
	return nil
}

func TestInboxLooksLivedIn(t *testing.T) {
	for _, now := range []time.Time{noon, noon.Add(-11 * time.Hour), noon.Add(11 * time.Hour)} {
		all := loadSamples(t, now)
		box := all.Work.Mailboxes[inbox]
		seen, _ := box.count(imap.FlagSeen)
		starred, _ := box.count(imap.FlagFlagged)
		answered, _ := box.count(imap.FlagAnswered)
		unread := len(box.Messages) - int(seen)
		if len(box.Messages) < 40 || unread < 6 || unread > 8 || starred != 3 || answered < 3 {
			t.Errorf("%d messages, %d unread, %d starred, %d answered", len(box.Messages), unread, starred, answered)
		}
		var last time.Time
		for _, m := range box.Messages {
			if m.Date.Before(last) || m.Date.After(now) {
				t.Errorf("UID %d of %v comes after one of %v", m.UID, m.Date, last)
			}
			last = m.Date
		}
		if now.Sub(last) > 10*time.Minute || now.Sub(box.Messages[0].Date) < 60*24*time.Hour {
			t.Errorf("the inbox reaches from %v to %v", box.Messages[0].Date, last)
		}
	}
}

func TestEverySampleIsRead(t *testing.T) {
	all := loadSamples(t, noon)
	ids := map[string]int{}
	for _, m := range everyMessage(all) {
		parsed, err := mail.Read(bytes.NewReader(m.Raw))
		if err != nil {
			t.Errorf("%.80q: %v", m.Raw, err)
			continue
		}
		e := parsed.Envelope
		ids[e.MessageID]++
		if !e.Date.Equal(m.Date) || e.MessageID == "" || len(e.From) != 1 || e.Subject == "" {
			t.Errorf("%s: date %v (arrived %v), from %v, subject %q", e.MessageID, e.Date, m.Date, e.From, e.Subject)
		}
		if strings.TrimSpace(parsed.Plain) == "" && !parsed.HasHTML() {
			t.Errorf("%s: no text", e.MessageID)
		}
		if strings.ContainsRune(e.Subject+e.From[0].Name+parsed.Plain+parsed.HTML, '\uFFFD') && e.MessageID != "escape@hostile.example" {
			t.Errorf("%s: text that could not be decoded", e.MessageID)
		}
		if bytes.Contains(m.Raw, []byte("X-Demo")) || bytes.Contains(m.Raw, []byte("{{")) || bytes.Contains(m.Raw, []byte("\n\n")) {
			t.Errorf("%s: the file is not what a server would hold", e.MessageID)
		}
	}
	for id, n := range ids {
		if n != 1 && id != "note-1@demo.example" { // sent from one account to the other
			t.Errorf("%d messages have the ID %s", n, id)
		}
	}
}

func TestAttachmentsHaveTheirNames(t *testing.T) {
	all := loadSamples(t, noon)
	for id, want := range map[string][]string{
		"budget-2027.41c@demo.example":  {"budget-2027.csv", "计划.pdf"},
		"bay.77@demo.example":           {"bay.png"},
		"q3-report@demo.example":        {"第三季度工作报告（终稿）.pdf"},
		"20061110102600@qingyu.example": {"差旅费明细.csv"},
		"orchid@family.example":         {"兰花.png"},
	} {
		parsed, err := mail.Read(bytes.NewReader(named(t, all, id).Raw))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, part := range parsed.Attachments {
			names = append(names, part.Name)
			var content bytes.Buffer
			if err := mail.CopyPart(&content, bytes.NewReader(named(t, all, id).Raw), part.ID); err != nil {
				t.Errorf("%s: %v", part.Name, err)
			}
			for ending, magic := range map[string]string{".pdf": "%PDF-", ".png": "\x89PNG\r\n\x1a\n"} {
				if strings.HasSuffix(part.Name, ending) && !strings.HasPrefix(content.String(), magic) {
					t.Errorf("%s begins with %.10q", part.Name, content.String())
				}
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: attachments %q, want %q", id, names, want)
		}
	}
}

func TestRawBytesComeThrough(t *testing.T) {
	all := loadSamples(t, noon)
	subject, err := simplifiedchinese.GBK.NewEncoder().String("关于上海出差的报销单")
	if err != nil {
		t.Fatal(err)
	}
	if raw := named(t, all, "200611201120334567890@qingyu.example").Raw; !bytes.Contains(raw, []byte("\r\nSubject: "+subject+"\r\n")) {
		t.Error("the raw GBK subject has changed")
	}
	hostile := named(t, all, "escape@hostile.example").Raw
	for _, bytesOf := range []string{"\x1b]52;c;", "\x1b[2J\x1b[H", "\x1b]0;owned\x07", "\u202e", "\u009b31m", "Ann\rSend", "\x08\x08", "\xff\xfe\xc0\x80"} {
		if !bytes.Contains(hostile, []byte(bytesOf)) {
			t.Errorf("the hostile message has lost %q", bytesOf)
		}
	}
	long := named(t, all, "nightly-4127@demo.example").Raw
	if n := bytes.Count(long, []byte("\r\n")); n < 3000 {
		t.Errorf("the long message has %d lines", n)
	}
}

func TestParseSample(t *testing.T) {
	file := "X-Demo: box=personal folder=A/B age=2d@23:30 zone=+0800 flags=seen,starred\nDate: {{date}}\n\nIn a week: {{2006-01-02 15:04|168h}}.\rX\n"
	s, err := parseSample([]byte(file), noon)
	if err != nil {
		t.Fatal(err)
	}
	want := "Date: Thu, 19 Nov 2026 06:30:00 +0800\r\n\r\nIn a week: 2026-11-26 06:30.\rX\r\n"
	if string(s.raw) != want {
		t.Errorf("%q, want %q", s.raw, want)
	}
	if s.box != "personal" || s.folder != "A/B" || !slices.Equal(s.flags, []imap.Flag{imap.FlagSeen, imap.FlagFlagged}) {
		t.Errorf("%+v", s)
	}
	for _, wrong := range []string{
		"Subject: x\n", "X-Demo: age=yesterday\n", "X-Demo: age=xd@10:00\n", "X-Demo: age=1d@25:00\n",
		"X-Demo: age=1h zone=east\n", "X-Demo: age=1h colour=red\n", "X-Demo: age=1h flags=shiny\n",
		"X-Demo: age=1h\n{{2006\n", "X-Demo: age=1h\n{{2006|soon}}\n",
	} {
		if _, err := parseSample([]byte(wrong), noon); err == nil {
			t.Errorf("%q: no error", wrong)
		}
	}
}
