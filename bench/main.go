// Command bench measures tmail beside other programs on the same mailboxes in the same run, because machines differ and
// are seldom quiet: what counts is the ratio. It makes the mailboxes, starts a Dovecot over them and runs what is
// installed of neomutt, mbsync (isync) and mpop; it installs nothing, and says what is missing.
//
//	go run ./bench                        100,000 messages for lists, 20,000 for bodies: some minutes, 2 GB of disk
//	go run ./bench -list 2000 -bodies 500 a quick look
//	go run ./bench -only search           only that; see measures
//	go run ./bench -only messages         only messages that are hard to show; needs nothing installed
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tmail/mailtest/dovecot"
)

func main() {
	list := flag.Int("list", 100_000, "messages in the mailbox that is listed")
	bodies := flag.Int("bodies", 20_000, "messages in the mailbox that is fetched whole")
	only := flag.String("only", "", "measure only this")
	flag.Parse()
	if err := run(*list, *bodies, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// Whose the mailboxes are.
const (
	lister  = "list"
	fetcher = "bodies"
)

// roundTrip is that of the slow link.
const roundTrip = 100 * time.Millisecond

// bench is one run.
type bench struct {
	dir    string // for everything, removed at the end
	tmail  string // the program
	server *dovecot.Server
	slow   int // the port of a slow link to the server's IMAP
}

// measure is one of the things that are measured.
type measure struct {
	name   string
	do     func(*bench, *table) error
	server bool // it needs one
}

// measures are what is measured, in this order: flags and opening go on with what links fetched, and handling moves the
// newest message away, which others wait for.
var measures = []measure{
	{"lists", (*bench).lists, true}, {"links", (*bench).links, true}, {"flags", (*bench).flags, true}, {"opening", (*bench).opening, true},
	{"search", (*bench).searches, true}, {"handling", (*bench).handling, true}, {"imap", (*bench).imap, true}, {"pop3", (*bench).pop3, true},
	{"typing", (*bench).typing, true}, {"messages", (*bench).messages, false},
}

func run(list, bodies int, only string) (err error) {
	chosen := measures
	if only != "" {
		i := slices.IndexFunc(measures, func(m measure) bool { return m.name == only })
		if i < 0 {
			return fmt.Errorf("nothing is called %q", only)
		}
		chosen = measures[i : i+1]
	}
	b := &bench{}
	if b.dir, err = os.MkdirTemp("/tmp", "tmbench"); err != nil { // a short path: Unix sockets lie in it
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := os.Chmod(b.dir, 0o755); err != nil {
		return err
	}
	if err := b.build(); err != nil {
		return err
	}
	if chosen[0].server {
		say("making mailboxes of %d and %d messages", list, bodies)
		if err := b.serve(list, bodies); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.server.Stop()) }()
		if b.slow, err = slowLink(b.server.IMAP, roundTrip); err != nil {
			return err
		}
	}
	t := &table{}
	t.row("what", "tmail", "peer", "", "ratio")
	for _, m := range chosen {
		err = errors.Join(err, m.do(b, t)) // what else was measured is told all the same
	}
	t.print(os.Stdout)
	return err
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// build compiles tmail as it is in this module.
func (b *bench) build() error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	b.tmail = filepath.Join(b.dir, "tmail")
	cmd := exec.Command("go", "build", "-o", b.tmail, ".")
	cmd.Dir, cmd.Stderr = strings.TrimSpace(string(root)), os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build tmail: %w", err)
	}
	return nil
}

// serve starts a server over new mailboxes, and lets it read them once: its own caches are not what is measured.
func (b *bench) serve(list, bodies int) (err error) {
	if b.server, err = dovecot.Start(b.dir, dovecot.Options{Compress: true}); err != nil {
		return err
	}
	if err = makeMailbox(b.server, lister, list, 400); err == nil {
		err = makeMailbox(b.server, fetcher, bodies, 40_000)
	}
	for _, user := range []string{lister, fetcher} {
		if err == nil {
			_, err = b.sync(b.account(user, "imap", b.server.IMAP, "headers"), "warm-up-"+user)
		}
	}
	if err != nil {
		return errors.Join(err, b.server.Stop())
	}
	return nil
}

// lists measures the way to a list on the screen.
func (b *bench) lists(t *table) error {
	say("lists")
	account := b.account(lister, "imap", b.server.IMAP, "headers")
	cold, err := b.firstRows(b.screen(account, "cold"))
	if err != nil {
		return err
	}
	all, err := b.sync(account, "list")
	if err != nil {
		return err
	}
	shown, err := b.untilSynced(account)
	if err != nil {
		return err
	}
	warm, err := b.firstRows(b.screen(account, "list"))
	if err != nil {
		return err
	}
	far, err := b.firstRows(b.screen(b.account(lister, "imap", b.slow, "headers"), "list"))
	if err != nil {
		return err
	}
	dead, err := dovecot.FreePort() // nobody will listen there
	if err != nil {
		return err
	}
	off, err := b.firstRows(b.screen(b.account(lister, "imap", dead, "headers"), "list"))
	if err != nil {
		return err
	}
	peerCold, peerWarm, peerFar := missing, missing, missing
	if program, ok := find("neomutt"); ok {
		if peerCold, err = b.firstRows(b.neomutt(program, b.server.IMAP)); err != nil {
			return err
		}
		if peerWarm, err = b.firstRows(b.neomutt(program, b.server.IMAP)); err != nil {
			return err
		}
		if peerFar, err = b.firstRows(b.neomutt(program, b.slow)); err != nil {
			return err
		}
	}
	t.times("first rows, nothing known", cold, peerCold, "neomutt")
	t.times("all rows in the store (peer: on the screen)", all.measured, peerCold, "neomutt")
	t.times("the same, with the list on the screen", shown, peerCold, "neomutt")
	t.times("first rows, all known", warm, peerWarm, "neomutt")
	t.times("the same, 100 ms round trip", far, peerFar, "neomutt")
	t.times("the same, the server is off", off, peerWarm, "neomutt with its server")
	t.memory("peak memory, all rows fetched", all.measured, peerCold, "neomutt")
	t.memory("the same, with the list on the screen", shown, peerCold, "neomutt")
	t.memory("peak memory, all known", warm, peerWarm, "neomutt")
	return nil
}

// links measures what a synchronisation costs over a slow link.
func (b *bench) links(t *table) error {
	say("a slow link")
	account := b.account(lister, "imap", b.slow, "headers")
	nothing, err := b.sync(account, "list")
	if err != nil {
		return err
	}
	const news = "Subject: one more\r\nFrom: Ann <ann@bench.example>\r\nMessage-ID: <more@bench.example>\r\n\r\nHello.\r\n"
	if _, err := b.server.Admin([]byte(news), "save", "-u", lister, "-m", "INBOX"); err != nil {
		return err
	}
	one, err := b.sync(account, "list")
	if err != nil {
		return err
	}
	if nothing.New != 0 || one.New != 1 {
		return fmt.Errorf("%d new messages where there were none, %d where there was one", nothing.New, one.New)
	}
	t.row("sync, nothing new, 100 ms round trip", nothing.String())
	t.row("sync, one new message, 100 ms round trip", one.String())
	return nil
}

// imap measures fetching everything over IMAP.
func (b *bench) imap(t *table) error { return b.whole(t, "imap", b.server.IMAP, b.mbsync, "mbsync") }

// pop3 measures fetching everything over POP3.
func (b *bench) pop3(t *table) error { return b.whole(t, "pop3", b.server.POP3, b.mpop, "mpop") }

// whole measures fetching everything over a protocol.
func (b *bench) whole(t *table, protocol string, port int, peer func() (*exec.Cmd, bool), by string) error {
	say("whole messages over %s", protocol)
	account := b.account(fetcher, protocol, port, "all")
	first, err := b.sync(account, protocol)
	if err != nil {
		return err
	}
	again, err := b.sync(account, protocol)
	if err != nil {
		return err
	}
	peerFirst, peerAgain := missing, missing
	if cmd, ok := peer(); ok {
		if peerFirst, err = toEnd(cmd); err != nil {
			return err
		}
		cmd, _ = peer()
		if peerAgain, err = toEnd(cmd); err != nil {
			return err
		}
	}
	t.times(fmt.Sprintf("%d whole messages, %s", first.New, protocol), first.measured, peerFirst, by)
	t.times("again, nothing new", again.measured, peerAgain, by)
	t.memory("peak memory of the first", first.measured, peerFirst, by)
	return nil
}
