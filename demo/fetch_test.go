package demo

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

func TestReadingABodyMarksItSeenUnlessPeeking(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	sel(t, c, "INBOX")
	unseen, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	must(t, err)
	uids := imap.UIDSetNum(unseen.AllUIDs()[0])
	for _, peek := range []bool{true, false} {
		fetchOne(t, c, uids, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: peek}}})
		seen := slices.Contains(fetchOne(t, c, uids, &imap.FetchOptions{Flags: true}).Flags, imap.FlagSeen)
		if seen == peek {
			t.Errorf("peek %v, seen %v", peek, seen)
		}
	}
}

func TestAppendKeepsEveryByte(t *testing.T) {
	s := start(t, "")
	c, _ := connect(t, s)
	raw := []byte("Subject: \xb9\xd8\xd3\xda\r\nno colon here\r\nX: a\r\n\tfolded\r\n\r\nbody\rwith \x1b[2J\x00 and \xff\r\n.\r\n")
	date := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 8*3600))
	append := c.Append("Sent", int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{`\SEEN`, "$Forwarded"}, Time: date})
	_, err := append.Write(raw)
	must(t, err)
	must(t, append.Close())
	data, err := append.Wait()
	must(t, err)
	if sent := sel(t, c, "Sent"); data.UIDValidity != sent.UIDValidity || data.UID != sent.UIDNext-1 {
		t.Errorf("APPENDUID %d %d, the mailbox has %d and next %d", data.UIDValidity, data.UID, sent.UIDValidity, sent.UIDNext)
	}
	options := whole()
	options.InternalDate, options.RFC822Size = true, true
	m := fetchOne(t, c, imap.UIDSetNum(data.UID), options)
	if !bytes.Equal(m.BodySection[0].Bytes, raw) || m.RFC822Size != int64(len(raw)) {
		t.Errorf("got %q", m.BodySection[0].Bytes)
	}
	if !m.InternalDate.Equal(date) || !slices.Equal(m.Flags, []imap.Flag{imap.FlagSeen, imap.FlagForwarded}) {
		t.Errorf("date %v, flags %v", m.InternalDate, m.Flags)
	}
	for _, part := range []struct {
		name    string
		section imap.FetchItemBodySection
		want    string
	}{
		{"fields", imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"x"}}, "X: a\r\n\tfolded\r\n\r\n"},
		{"other fields", imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFieldsNot: []string{"SUBJECT"}}, "X: a\r\n\tfolded\r\n\r\n"},
		{"text", imap.FetchItemBodySection{Specifier: imap.PartSpecifierText}, "body\rwith \x1b[2J\x00 and \xff\r\n.\r\n"},
		{"middle", imap.FetchItemBodySection{Partial: &imap.SectionPartial{Offset: 9, Size: 4}}, "\xb9\xd8\xd3\xda"},
		{"beyond the end", imap.FetchItemBodySection{Partial: &imap.SectionPartial{Offset: 5000, Size: 4}}, ""},
	} {
		part.section.Peek = true
		m := fetchOne(t, c, imap.UIDSetNum(data.UID), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{&part.section}})
		if got := string(m.BodySection[0].Bytes); got != part.want {
			t.Errorf("%s: %q, want %q", part.name, got, part.want)
		}
	}
}

func TestStructureAndEnvelopeOfEveryMessage(t *testing.T) {
	s := start(t, "")
	for _, raw := range []string{
		"Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
		"Content-Type: multipart/mixed; boundary=a\r\n\r\nno part\r\n",
		"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/alternative\r\n\r\n",
		"Content-Type: text/plain; name=my file; charset=\r\n\r\nx",
		"no colon\r\n\r\n", "", "\r\n",
	} {
		s.work.deliver([]byte(raw), time.Now())
	}
	c, _ := connect(t, s)
	n := sel(t, c, "INBOX").NumMessages
	options := &imap.FetchOptions{Envelope: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}
	messages, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, options).Collect()
	must(t, err)
	if uint32(len(messages)) != n {
		t.Errorf("%d of %d messages", len(messages), n)
	}
	for _, m := range messages {
		if m.BodyStructure == nil || m.Envelope == nil {
			t.Errorf("number %d: structure %v, envelope %v", m.SeqNum, m.BodyStructure, m.Envelope)
		}
	}
}
