package mailsync

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// A server that gives the UIDL of a message that was deleted here to another one is not asked about it again and again.
func TestUIDLGivenToAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	mail := string(testMessage("old", "first.\r\n"))
	server := mailtest.Script(t, func(c *mailtest.Conversation) {
		c.Say("+OK ready")
		for {
			line, ok := c.Hear()
			switch {
			case !ok:
				return
			case line == "CAPA":
				c.Say("-ERR no")
			case line == "STAT":
				c.Say(fmt.Sprintf("+OK 1 %d", len(mail)))
			case line == "LIST":
				c.Say(fmt.Sprintf("+OK\r\n1 %d\r\n.", len(mail)))
			case line == "UIDL":
				c.Say("+OK\r\n1 same\r\n.")
			case strings.HasPrefix(line, "RETR"):
				c.Say("+OK\r\n" + mail + ".")
			default:
				c.Say("+OK")
			}
		}
	})
	i := slices.IndexFunc(w.accounts, func(a account.Account) bool { return a.Name == "home" })
	w.accounts[i].Incoming.Port = server.Port
	w.engine = New(w.store, w.accounts[i:i+1], Options{Dir: w.dir, Timeout: 10 * time.Second})
	w.sync("home")
	if err := w.store.Changes.Delete(background, []store.ID{w.row("old").ID}); err != nil {
		t.Fatal(err)
	}
	mail = string(testMessage("new", "quite another one.\r\n"))
	w.run()
	mailtest.Until(t, "the new message", func() bool { return w.has("new") })
	time.Sleep(2 * time.Second) // that no more come cannot be awaited: a machine too slow sees fewer
	if n := server.Conversations(); n > 5 {
		t.Errorf("%d sign-ins", n)
	}
	w.wantShown("home", account.RoleInbox, "new")
}
