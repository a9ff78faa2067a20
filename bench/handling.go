package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	listKeys  = 30     // j, on rows of ASCII, none of which scrolls
	moved     = 10_000 // messages
	pageDown  = "\x1b[6~"
	plainRows = 300 // of the newest messages are ASCII
)

// handling measures what a person waits for after a key, in a list where all is known.
func (b *bench) handling(t *table) error {
	say("handling a list")
	p, err := b.sits(b.account(lister, "imap", b.server.IMAP, "headers"), "list")
	if err != nil {
		return err
	}
	defer p.end()
	times, sizes := p.repeated("j", listKeys)
	t.row("j in the list, rows of ASCII, median", milliseconds(middle(times))+fmt.Sprintf(", %d bytes", middle(sizes)))
	return b.moves(t, p)
}

// sits starts tmail and waits until it shows its list and is still.
func (b *bench) sits(config, data string) (*person, error) {
	p, err := startPerson(b.screen(config, data), b.dir)
	if err != nil {
		return nil, err
	}
	if err := p.await(newest); err != nil {
		p.end()
		return nil, err
	}
	time.Sleep(time.Second) // it looks after its mail
	p.still()
	return p, nil
}

// still waits until nothing more is drawn.
func (p *person) still() {
	for p.drawn() > 0 {
	}
}

// repeated presses a key again and again, each when all is drawn.
func (p *person) repeated(key string, n int) (times []time.Duration, sizes []int) {
	for range n {
		d, bytes := p.timed(key)
		times, sizes = append(times, d), append(sizes, bytes)
	}
	return times, sizes
}

func middle[T int | time.Duration](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// moves measures moving many messages, and j while the server is told.
func (b *bench) moves(t *table, p *person) error {
	p.timed("t") // messages, not conversations
	p.timed("g")
	p.timed("x")
	for range moved / 36 { // rows of a page; a few more or less do not matter
		p.timed(pageDown)
	}
	p.timed("X")
	p.still()
	begun := time.Now()
	p.press("e")
	if err := p.await("to Archive"); err != nil {
		return err
	}
	took := time.Since(begun)
	times, _ := p.repeated("j", listKeys)
	t.row(fmt.Sprintf("%d messages moved, on the screen", moved), milliseconds(took))
	t.row("j while the server is told, median", milliseconds(middle(times)))
	return nil
}

// opening measures opening a message that is stored, over the slow link.
func (b *bench) opening(t *table) error {
	say("opening a message")
	const text = "Subject: to be opened\r\nFrom: Ann <ann@bench.example>\r\nMessage-ID: <open@bench.example>\r\n\r\nThese are the words of the message.\r\n"
	if _, err := b.server.Admin([]byte(text), "save", "-u", lister, "-m", "INBOX"); err != nil {
		return err
	}
	config := b.account(lister, "imap", b.slow, "headers")
	if _, err := b.sync(config, "list"); err != nil {
		return err
	}
	p, err := startPerson(b.screen(config, "list"), b.dir)
	if err != nil {
		return err
	}
	defer p.end()
	if err := p.await("to be opened"); err != nil {
		return err
	}
	const words = "the words of the message"
	p.press("\r")
	if err := p.await(words); err != nil { // fetched, and stored from here on
		return err
	}
	var times []time.Duration
	for range 11 {
		p.still()
		p.timed("q")
		begun := time.Now()
		p.press("\r")
		if err := p.await(words); err != nil {
			return err
		}
		times = append(times, time.Since(begun))
	}
	t.row("a stored message opened, 100 ms round trip, median", milliseconds(middle(times)))
	return nil
}

// flags measures a synchronisation over the slow link after another client changed the flags of ten messages.
func (b *bench) flags(t *table) error {
	var uids []string
	for i := range 10 {
		uids = append(uids, fmt.Sprint(1+i*97))
	}
	if _, err := b.server.Admin(nil, "flags", "add", "-u", lister, `\Flagged $Bench`, "mailbox", "INBOX", "uid", strings.Join(uids, ",")); err != nil {
		return err
	}
	ten, err := b.sync(b.account(lister, "imap", b.slow, "headers"), "list")
	if err != nil {
		return err
	}
	t.row(fmt.Sprintf("sync, flags of %d messages changed, 100 ms round trip", ten.Changed), ten.String())
	return nil
}
