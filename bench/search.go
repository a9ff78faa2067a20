package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"tmail/account"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
)

// sought are queries as they come while one types and when one has typed: single letters, common words and rare ones,
// two characters of Chinese, fields, properties.
var sought = []string{
	"i", "in", "inv", "invoice", "b", "re", "s", "p", "meeting", "meeting budget", `"release schedule"`, "release OR backup", "invoice -patch", "zebra",
	"会议", "发票", "合", "预算 假期", "会议发票", "from:chen", "from:王", "from:a", "subject:plan", "subject:会议", "file:file1", "is:unread", "is:starred budget",
	"has:attachment travel", "date:2019-05", "before:2019-01 会议", "larger:5K", "order:best ticket",
}

// firstPageful is how many results a screen asks for at first.
const firstPageful = 200

// searches measures finding messages by their text, and compares with what the server finds.
func (b *bench) searches(t *table) error {
	say("search")
	config := b.account(lister, "imap", b.server.IMAP, "all")
	if _, err := b.sync(config, "search"); err != nil {
		return err
	}
	search := func(words string) (measured, error) {
		return toEnd(exec.Command(b.tmail, "--config", config, "--data", filepath.Join(b.dir, "data-search"), "search", "--limit", "200", words))
	}
	first, err := search("zebra")
	if err != nil {
		return err
	}
	t.row("texts indexed", seconds(first.took), megabytes(first.peak))
	again, err := search("invoice")
	if err != nil {
		return err
	}
	theirs, missed, err := b.sameAsServer(config)
	if err != nil {
		return err
	}
	t.row("words of which other messages are found than by the server", fmt.Sprint(missed))
	t.times("tmail search invoice", again, theirs, "SEARCH BODY")
	peer, err := b.neomuttBody()
	if err != nil {
		return err
	}
	t.times("the same", again, peer, "neomutt ~b")
	t.memory("peak memory of it", again, peer, "neomutt ~b")
	return errors.Join(b.keys(t), b.typedSearch(t, config))
}

// keys measures how long after a key its first results are there, and then all.
func (b *bench) keys(t *table) error {
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(b.dir, "data-search"), time.Now)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, pass := range []struct {
		what  string
		limit int
	}{{"first results", firstPageful}, {"all results", 0}} {
		var took []time.Duration
		slowest, which := time.Duration(0), ""
		for _, text := range sought {
			q, err := store.ParseQuery(text, time.Now())
			if err != nil {
				return err
			}
			began := time.Now()
			if _, err := s.Search.Find(ctx, q, store.Scope{}, pass.limit); err != nil {
				return err
			}
			d := time.Since(began)
			took = append(took, d)
			if d > slowest {
				slowest, which = d, text
			}
		}
		t.row(fmt.Sprintf("%s of %d queries, median", pass.what, len(sought)), milliseconds(middle(took)))
		t.row("the slowest of them: "+which, milliseconds(slowest))
	}
	return nil
}

// typedSearch measures the same on the screen: from a query to what the list says of it.
func (b *bench) typedSearch(t *table, config string) error {
	p, err := b.sits(config, "search")
	if err != nil {
		return err
	}
	defer p.end()
	p.timed("/")
	var took []time.Duration
	slowest, which := time.Duration(0), ""
	for _, text := range sought {
		p.press("\x15") // an empty line
		p.still()
		began := time.Now()
		p.press("\x1b[200~" + text + "\x1b[201~")
		if err := p.await("found", "Not in"); err != nil {
			return fmt.Errorf("search for %q: %w", text, err)
		}
		d := time.Since(began)
		took = append(took, d)
		if d > slowest {
			slowest, which = d, text
		}
	}
	t.row("first results on the screen, median", milliseconds(middle(took)))
	t.row("the slowest of them: "+which, milliseconds(slowest))
	return nil
}

// sameAsServer asks the server for whole words, and counts those of which it finds others than tmail does. It returns
// what one such search took.
func (b *bench) sameAsServer(config string) (theirs measured, missed int, err error) {
	ctx := context.Background()
	loaded, err := account.Load(config)
	if err != nil {
		return missing, 0, err
	}
	client, err := imap.Dial(ctx, &transport.Dialer{}, loaded.Accounts[0].Incoming)
	if err != nil {
		return missing, 0, err
	}
	defer client.Close()
	if _, err := client.Select(ctx, "INBOX"); err != nil {
		return missing, 0, err
	}
	s, err := store.Open(ctx, filepath.Join(b.dir, "data-search"), time.Now)
	if err != nil {
		return missing, 0, err
	}
	defer s.Close()
	inbox, err := s.Index.FolderByRole(ctx, "bench", account.RoleInbox)
	if err != nil {
		return missing, 0, err
	}
	for _, word := range []string{"invoice", "proposal", "会议", "预算"} {
		began := time.Now()
		uids, err := client.Search(ctx, imap.Words(imap.SearchBody, word))
		if err != nil {
			return missing, 0, err
		}
		if theirs == missing {
			theirs.took = time.Since(began)
		}
		q, err := store.ParseQuery(fmt.Sprintf("body:%q", word), time.Now())
		if err != nil {
			return missing, 0, err
		}
		ours, err := s.Search.Find(ctx, q, store.Scope{Folder: inbox.ID}, 0)
		if err != nil {
			return missing, 0, err
		}
		if len(uids) != len(ours.IDs) {
			say("%s: %d messages here, %d on the server", word, len(ours.IDs), len(uids))
			missed++
		}
	}
	return theirs, missed, nil
}

// bodyPatience is how long neomutt may look through the texts: it reads every message.
const bodyPatience = time.Minute

// neomuttBody lets neomutt look for a word in the texts of the Maildir itself.
func (b *bench) neomuttBody() (measured, error) {
	program, ok := find("neomutt")
	if !ok {
		return missing, nil
	}
	rc := b.file("neomuttrc-body", fmt.Sprintf("set header_cache = %q\nset sort = reverse-date\nset folder = %q\n",
		filepath.Join(b.dir, "neomutt-body.cache"), b.dir))
	p, err := startPerson(exec.Command(program, "-n", "-F", rc, "-f", filepath.Join(b.server.Mail, lister, "Maildir"),
		"-e", `set status_format = "%?M?limited to %M&everything?"`), b.dir)
	if err != nil {
		return missing, err
	}
	defer p.end()
	if err := p.await(newest); err != nil {
		return missing, err
	}
	p.drawn()
	began := time.Now()
	p.press("l")
	if err := p.await("matching:"); err != nil { // it forgets what is typed before it asks
		return missing, err
	}
	p.press("\x15~b invoice\r")
	err = p.awaitFor(bodyPatience, "limited to")
	took := measured{took: time.Since(began), cut: errors.Is(err, errNotShown)}
	if err != nil && !took.cut {
		return missing, err
	}
	p.end()
	took.peak = peak(p.cmd.ProcessState)
	return took, nil
}
