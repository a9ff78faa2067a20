package mailsync

import (
	"bufio"
	"fmt"
	"net"
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
			server := mailtest.Script(t, func(c *mailtest.Conversation) {
				behind, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", w.dovecot.IMAP))
				if err != nil {
					return
				}
				defer behind.Close()
				go func() {
					answers := bufio.NewScanner(behind)
					for answers.Scan() {
						c.Say(answers.Text())
					}
					c.Reset()
				}()
				for {
					line, ok := c.Hear()
					if !ok {
						return
					}
					if tag, _, _ := strings.Cut(line, " "); !strings.HasSuffix(line, " IDLE") {
						fmt.Fprintf(behind, "%s\r\n", line)
					} else if hangUp {
						w.dovecot.Kick(w.ann) // both connections
					} else {
						c.Say(tag + " BAD what?")
					}
				}
			})
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
