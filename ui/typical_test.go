package ui

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tmail/message"
	"tmail/store"
)

// typical is mail as everybody gets it, out of the samples of the demo.
var typical = []string{
	"newsletter", "receipt", "flight", "bank-statement", "forge-review", "forge-ci", "list-reply", "patch", "digest", "invitation",
	"forwarded", "format-flowed", "minutes", "parcel", "password", "conference", "phishing", "hostile-escapes", "foxmail-raw-gbk", "nested",
	"budget", "photo", "offsite", "coffee", "order", "itinerary", "outlook-chain", "gmail-reply", "wechat-bill", "home-marathon",
}

// TestTypicalMail keeps typical mail as readable as it is, at 80 and 120 columns.
func TestTypicalMail(t *testing.T) {
	s := start(t, 80, 60, nil, func(o *Options) {
		o.Config.Accounts[0].Identities[0].Email = "me@demo.example" // whose mail the demo's is
	})
	for _, name := range typical {
		raw := demoMail(t, name)
		msg, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		c := s.m.viewpoint().content(1, "", msg)
		e := msg.Envelope
		s.m.focus = onMessage
		s.m.reader = readerOf(&post{id: 1, row: store.Row{ID: 1, From: e.From, To: e.To, Subject: e.Subject, Date: e.Date, Account: "work"}, content: c, doc: c.doc})
		s.m.layOut()
		for _, width := range []int{80, 120} {
			s.Resize(width, 60)
			s.Looks(filepath.Join("mail", name))
		}
	}
}

var demoDate = regexp.MustCompile(`\{\{([^|}]*)(?:\|([^}]*))?\}\}`)

// demoMail is a sample of the demo as it would arrive now.
func demoMail(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "demo", "mail", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	_, raw, _ := bytes.Cut(file, []byte("\n"))
	return demoDate.ReplaceAllFunc(raw, func(match []byte) []byte {
		parts := demoDate.FindSubmatch(match)
		later, _ := time.ParseDuration(string(parts[2])) // none is no time later
		return []byte(clock.Add(later).Format(strings.Replace(string(parts[1]), "date", time.RFC1123Z, 1)))
	})
}
