package mailsync

import (
	"strings"
	"testing"

	"tmail/mailtest"
	"tmail/store"
)

// What a server wants the person to read is told, once, though it says it at each sign-in.
func TestAlertIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = between(t, w.imap.Port, func(_ *mailtest.Conversation, line string) (string, bool) {
				return line, true
			}, func(line string) string {
				if strings.Contains(line, "Logged in") {
					return "* OK [ALERT] Maintenance at noon\r\n" + line
				}
				return line
			}).Port
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	w.sync("work")
	w.sync("work")
	list, err := w.store.Notices(background)
	if err != nil || len(list) != 1 || list[0].Problem.Kind != store.ProblemAlert || !strings.Contains(list[0].Problem.Words, "at noon") {
		t.Errorf("notices %+v, %v", list, err)
	}
}
