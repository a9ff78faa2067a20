package mailsync

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
)

// None of the words is part of another one, nor of anything else in a message: for a server a word is any piece of text.
var searchedWords = strings.Fields("budget invoice zürich größe kraków release 预算 会议 合同 発表 привет москва")

// searchedMessage is a message of these words in one of the ways that text is written in mail.
func searchedMessage(r *rand.Rand, n int) []byte {
	some := func(n int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = searchedWords[r.IntN(len(searchedWords))]
		}
		return strings.Join(words, " ")
	}
	text := some(r.IntN(10)) + "\r\n" // on one line: to a server, words on two lines do not stand beside each other
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s <s%d@sender.test>\r\nTo: %s <r@receiver.test>\r\nCc: %s <c@copied.test>\r\nSubject: %s\r\nMessage-ID: <%d@search.test>\r\n"+
		"Date: %s\r\nMIME-Version: 1.0\r\n", mime.QEncoding.Encode("utf-8", some(1)), n, mime.BEncoding.Encode("utf-8", some(1)),
		mime.QEncoding.Encode("utf-8", some(1)), mime.BEncoding.Encode("utf-8", fmt.Sprint(n, " ", some(r.IntN(3)))), n, randomDate(r).Format(time.RFC1123Z))
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) + "\r\n" }
	switch r.IntN(5) {
	case 0:
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text)
	case 1:
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(&b)
		w.Write([]byte(text))
		w.Close()
	case 2:
		gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
		if err != nil {
			panic(err)
		}
		b.WriteString("Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(gb))
	case 3:
		b.WriteString("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded("<html><body><p>"+text+"</p></body></html>"))
	case 4:
		b.WriteString("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text +
			"\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b>" + text + "</b>\r\n--b--\r\n")
	}
	return b.Bytes()
}

// firstDay is the day from which searched messages are.
var firstDay = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)

// randomDate is in the month behind firstDay, somewhere on earth.
func randomDate(r *rand.Rand) time.Time {
	return firstDay.Add(time.Duration(r.IntN(30*24*3600)) * time.Second).In(time.FixedZone("", (r.IntN(27)-12)*3600))
}

// server is a connection of ann's to the server, with a folder open.
func (w *world) server(folder string) *imap.Client {
	w.t.Helper()
	client, err := imap.Dial(w.t.Context(), &transport.Dialer{}, w.accounts[0].Incoming)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { client.Close() })
	if _, err := client.Select(w.t.Context(), folder); err != nil {
		w.t.Fatal(err)
	}
	return client
}

func (w *world) query(text string) store.Query {
	w.t.Helper()
	q, err := store.ParseQuery(text, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return q
}

// Every query of whole words finds here what it finds on the server.
func TestSearchEqualsServer(t *testing.T) {
	t.Parallel()
	w := worldOn(t, mailtest.SharedDovecot(t, mailtest.DovecotOptions{}))
	w.start(`offline = "all"`)
	ctx := t.Context()
	client := w.server("INBOX")
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 80 {
		raw := searchedMessage(r, n)
		if _, _, err := client.Append(ctx, "INBOX", 0, time.Time{}, int64(len(raw)), bytes.NewReader(raw)); err != nil {
			t.Fatal(err)
		}
	}
	w.sync("work")
	inbox := w.folder("work", account.RoleInbox)
	for left := 1; left > 0; {
		var err error
		if left, err = w.store.Search.Index(ctx, 0); err != nil {
			t.Fatal(err)
		}
	}
	flags, err := w.store.Remote.UIDFlags(ctx, inbox.ID)
	if err != nil || len(flags) != 80 {
		t.Fatal(len(flags), err)
	}
	bySubject := map[string]imap.UID{} // messages are numbered in it
	err = client.Headers(ctx, uidsOf(flags), func(h imap.Header) error {
		bySubject[newMessage(h).Envelope.Subject] = h.UID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	word := func() string { return searchedWords[r.IntN(len(searchedWords))] }
	var queries []string
	for _, op := range []string{"", "from:", "to:", "cc:", "subject:", "body:"} {
		for _, word := range searchedWords {
			queries = append(queries, op+word)
		}
	}
	for range 60 {
		queries = append(queries, word()+" "+word(), `"`+word()+` `+word()+`"`, word()+" OR body:"+word(), word()+" -"+word(),
			"(subject:"+word()+" OR from:"+word()+") is:unread larger:"+fmt.Sprint(r.IntN(700)))
	}
	asked := map[string]imap.Criteria{}
	for n := range 32 { // the days are the sender's, there and here
		day := firstDay.AddDate(0, 0, n)
		asked["before:"+day.Format(time.DateOnly)], asked["after:"+day.Format(time.DateOnly)] = imap.Before(day), imap.Since(day)
	}
	queries = slices.AppendSeq(queries, maps.Keys(asked))
	somewhere := 0
	for _, text := range queries {
		q := w.query(text)
		criteria, special := asked[text]
		if !special {
			criteria, _ = criteriaOf(q)
		}
		theirs, err := client.Search(ctx, criteria)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		found, err := w.store.Search.Find(ctx, q, store.Scope{Folder: inbox.ID}, 0)
		if err != nil || found.Unindexed > 0 {
			t.Fatal(found.Unindexed, err)
		}
		rows, err := w.store.Index.Rows(ctx, found.IDs)
		if err != nil {
			t.Fatal(err)
		}
		var ours []imap.UID
		for _, row := range rows {
			ours = append(ours, bySubject[row.Subject])
		}
		slices.Sort(ours)
		if !slices.Equal(ours, theirs) {
			t.Errorf("%s: %v here, %v on the server", text, ours, theirs)
		}
		somewhere += min(1, len(ours))
	}
	if somewhere < len(queries)/2 {
		t.Errorf("only %d of %d queries find anything", somewhere, len(queries))
	}
}

func uidsOf(flags []store.UIDFlags) []imap.UID {
	uids := make([]imap.UID, len(flags))
	for i, f := range flags {
		uids[i] = imap.UID(f.UID)
	}
	return uids
}

// What is not stored here, the server finds; what contradicts the query is not believed.
func TestSearchAsksServer(t *testing.T) {
	t.Parallel()
	w := worldOn(t, mailtest.SharedDovecot(t, mailtest.DovecotOptions{}))
	w.start(`offline = "headers"`)
	w.dovecot.Save(w.ann, "INBOX", testMessage("one", "the word is xylophone\r\n"))
	w.dovecot.Save(w.ann, "INBOX", testMessage("two", "的确是木琴演奏\r\n"))
	w.dovecot.Save(w.ann, "INBOX", testMessage("three", "nothing of the kind\r\n"))
	w.sync("work")
	inbox := w.folder("work", account.RoleInbox)
	for text, want := range map[string]string{
		"xylophone": "one", "木琴": "two", "body:xylophone subject:one": "one", "xylophone subject:two": "", "-xylophone": "",
		"xylophone is:starred": "", "subject:three": "", "(xylophone OR 木琴) before:2026-11-20": "", "木琴 date:2026-11-20": "two",
	} {
		found, err := w.engine.Search(t.Context(), "work", inbox.ID, w.query(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := w.subjects(found.IDs); got != want || found.Left() > 0 {
			t.Errorf("%s: the server finds %q and %d more, want %q", text, got, found.Left(), want)
		}
	}
}

// subjects are those of some messages, in order.
func (w *world) subjects(ids []store.ID) string {
	w.t.Helper()
	rows, err := w.store.Index.Rows(w.t.Context(), ids)
	if err != nil {
		w.t.Fatal(err)
	}
	var subjects []string
	for _, row := range rows {
		subjects = append(subjects, row.Subject)
	}
	slices.Sort(subjects)
	return strings.Join(subjects, " ")
}

// What the server finds and nobody has fetched yet is told, fetched, and found.
func TestSearchFetchesWhatItFinds(t *testing.T) {
	t.Parallel()
	w := worldOn(t, mailtest.SharedDovecot(t, mailtest.DovecotOptions{}))
	w.start(`offline = "headers"`)
	w.dovecot.Save(w.ann, "INBOX", testMessage("one", "the word is xylophone\r\n"))
	w.sync("work")
	inbox := w.folder("work", account.RoleInbox)
	w.dovecot.Save(w.ann, "INBOX", testMessage("two", "another xylophone\r\n"))
	w.dovecot.Save(w.ann, "INBOX", testMessage("three", "a piano\r\n"))
	q := w.query("xylophone")
	found, err := w.engine.Search(t.Context(), "work", inbox.ID, q)
	if err != nil || w.subjects(found.IDs) != "one" || found.Left() != 1 {
		t.Fatal(w.subjects(found.IDs), found.Left(), err)
	}
	w.run()
	found, err = w.engine.FetchFound(t.Context(), "work", q, found.Missing)
	if err != nil || w.subjects(found.IDs) != "two" || found.Left() != 0 {
		t.Fatal(w.subjects(found.IDs), found.Left(), err)
	}
	gone := []Finds{{inbox.ID, []uint32{999}}} // deleted meanwhile
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if found, err = w.engine.FetchFound(ctx, "work", q, gone); err != nil || len(found.IDs) > 0 || found.Left() != 1 {
		t.Fatal(found, err)
	}
}
