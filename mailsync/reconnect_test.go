package mailsync

import (
	"strings"
	"testing"
	"time"

	"tmail/mailtest"
)

// A server that signs us in and then will not do what it promised, or hangs up, is not signed in to every second.
func TestUnsteadyServer(t *testing.T) {
	t.Parallel()
	for name, hangUp := range map[string]bool{"refuses IDLE": false, "hangs up": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE IDLE"})
			server := between(t, w.dovecot.IMAP, func(c *mailtest.Conversation, line string) (string, bool) {
				tag, command, _ := strings.Cut(line, " ")
				switch {
				case command != "IDLE":
					return line, true
				case hangUp:
					w.dovecot.Kick(w.ann) // both connections
				default:
					c.Say(tag + " BAD what?")
				}
				return "", false
			}, asItIs)
			for i := range w.accounts {
				if w.accounts[i].Name == "work" {
					w.accounts[i].Incoming.Port = server.Port
				}
			}
			w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
			w.run()
			time.Sleep(7 * time.Second) // that no more come cannot be awaited: a machine too slow sees fewer
			if n := server.Conversations(); n > 6 {
				t.Errorf("%d connections in seven seconds", n)
			}
		})
	}
}
