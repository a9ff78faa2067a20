package mailsync

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tmail/mailtest"
)

// popMail is a message of a popServer.
type popMail struct {
	uidl    string
	raw     []byte // ends with CRLF
	refused string // said instead of giving it
	noTop   bool   // the header alone is not to be had
	top     []byte // the header is said to be that of this one
}

// popMails are those that a popServer has. Deleting takes effect when a session ends with QUIT.
type popMails struct {
	mu    sync.Mutex
	mails []popMail
	cut   func(command string) bool // whether the link dies before this is answered; nil: never
}

func (m *popMails) list() []popMail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

func (m *popMails) remove(gone []popMail) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range gone {
		if i := slices.IndexFunc(m.mails, func(m popMail) bool { return m.uidl == g.uidl && bytes.Equal(m.raw, g.raw) }); i >= 0 {
			m.mails = slices.Delete(m.mails, i, i+1)
		}
	}
}

func (m *popMails) cutWhen(cut func(command string) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cut = cut
}

func (m *popMails) cuts(command string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cut != nil && m.cut(command)
}

func (m *popMails) set(list []popMail) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = slices.Clone(list)
}

// popServer is a POP3 server without extensions.
func popServer(t *testing.T, mails *popMails) *mailtest.Scripted {
	return mailtest.Script(t, func(c *mailtest.Conversation) {
		c.Say("+OK ready")
		list, gone := mails.list(), []popMail(nil)
		for {
			line, ok := c.Hear()
			if !ok {
				return
			}
			command, arguments, _ := strings.Cut(line, " ")
			if mails.cuts(command) {
				return
			}
			n := 0
			if command == "RETR" || command == "TOP" || command == "DELE" {
				if _, err := fmt.Sscan(arguments, &n); err != nil || n < 1 || n > len(list) {
					c.Say("-ERR no such message")
					continue
				}
			}
			switch command {
			case "CAPA":
				c.Say("-ERR no")
			case "STAT":
				c.Say(fmt.Sprintf("+OK %d 1", len(list)))
			case "LIST", "UIDL":
				c.Say("+OK")
				for i, m := range list {
					c.Say(fmt.Sprintf("%d %s", i+1, map[string]string{"LIST": fmt.Sprint(len(m.raw)), "UIDL": m.uidl}[command]))
				}
				c.Say(".")
			case "RETR", "TOP":
				m := list[n-1]
				if command == "TOP" && m.noTop {
					m.refused = "no TOP"
				}
				if m.refused != "" {
					c.Say("-ERR " + m.refused)
					continue
				}
				raw := string(m.raw)
				if command == "TOP" && m.top != nil {
					raw = string(m.top)
				}
				if head, _, whole := strings.Cut(raw, "\r\n\r\n"); command == "TOP" && whole {
					raw = head + "\r\n\r\n"
				}
				c.Say("+OK\r\n" + raw + ".")
			case "DELE":
				gone = append(gone, list[n-1])
				c.Say("+OK")
			case "QUIT":
				mails.remove(gone)
				c.Say("+OK")
				return
			default:
				c.Say("+OK")
			}
		}
	})
}

// useAsHome makes a scripted server that of the account "home".
func (w *world) useAsHome(server *mailtest.Scripted) {
	for i := range w.accounts {
		if w.accounts[i].Name == "home" {
			w.accounts[i].Incoming.Port = server.Port
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir, Timeout: 10 * time.Second})
}
