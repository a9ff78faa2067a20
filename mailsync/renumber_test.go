package mailsync

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// renumberings are what servers do with the UIDLs of messages that stay the same.
var renumberings = []struct {
	name     string
	renumber func(list []popMail)
}{
	{"permuted", func(list []popMail) {
		uidls := uidlsOf(list)
		for i, j := range rand.New(rand.NewPCG(1, 2)).Perm(len(list)) {
			list[i].uidl = uidls[j]
		}
	}},
	{"rotated", func(list []popMail) {
		uidls := uidlsOf(list)
		for i := range list {
			list[i].uidl = uidls[(i+1)%len(list)]
		}
	}},
	{"numbered by place", func(list []popMail) {
		slices.Reverse(list)
		for i, uidl := range slices.Sorted(slices.Values(uidlsOf(list))) {
			list[i].uidl = uidl
		}
	}},
	{"all renumbered", func(list []popMail) {
		for i := range list {
			list[i].uidl = fmt.Sprintf("other-%d", i)
		}
	}},
	{"half renumbered", func(list []popMail) {
		for i := range list[:len(list)/2] {
			list[i].uidl = fmt.Sprintf("other-%d", i)
		}
	}},
	{"half permuted, half renumbered", func(list []popMail) {
		uidls := uidlsOf(list)
		for i := range list {
			list[i].uidl = uidls[len(list)-1-i]
			if i%2 == 0 {
				list[i].uidl = fmt.Sprintf("other-%d", i)
			}
		}
	}},
	{"repeated", func(list []popMail) {
		uidls := uidlsOf(list)
		for i := range list {
			list[i].uidl = uidls[i%3]
		}
	}},
	{"all the same", func(list []popMail) {
		for i := range list {
			list[i].uidl = "one"
		}
	}},
	{"repeated, and as we number them", func(list []popMail) {
		for i := range list {
			list[i].uidl = []string{"one", "one#2"}[i%2]
		}
	}},
	{"none", func(list []popMail) {
		for i := range list {
			list[i].uidl = ""
		}
	}},
}

func uidlsOf(list []popMail) (uidls []string) {
	for _, m := range list {
		uidls = append(uidls, m.uidl)
	}
	return uidls
}

// renumbered is an account whose server has 20 messages: some are marked, some filed, two are equal, and one was deleted
// here.
type renumbered struct {
	*world
	server *mailtest.Scripted
	mails  *popMails
	before map[store.ID]string // where each message is and how marked
}

func newRenumbered(t *testing.T, leave account.LeavePolicy) *renumbered {
	w := &renumbered{world: newWorld(t, mailtest.DovecotOptions{}), mails: &popMails{}}
	for i := range w.accounts {
		w.accounts[i].LeaveOnServer = leave
	}
	var list []popMail
	for i := range 20 {
		list = append(list, popMail{uidl: fmt.Sprintf("uidl-%02d", i), raw: testMessage(fmt.Sprintf("subject %02d", i), strings.Repeat("line\r\n", i))})
	}
	list[7].raw = list[6].raw
	w.mails.set(list)
	w.server = popServer(t, w.mails)
	w.useAsHome(w.server)
	w.mails.cutWhen(func(command string) bool { return command == "DELE" }) // else it keeps none when it leaves none there
	report, err := w.engine.SyncOnce(background, "home", nil)
	if (err == nil) != leave.Keep || report.New != len(list) {
		t.Fatalf("first: %+v, %v", report, err)
	}
	w.mails.cutWhen(nil)
	if err := w.store.Changes.Delete(background, []store.ID{w.row("subject 13").ID}); err != nil {
		t.Fatal(err)
	}
	for n, subject := range []string{"subject 02", "subject 03", "subject 11", "subject 19"} {
		id := []store.ID{w.row(subject).ID}
		if _, err := w.store.Changes.Flag(background, id, []message.Flags{message.Seen, message.Flagged}[n%2], 0); err != nil {
			t.Fatal(err)
		}
		if n < 2 {
			if _, err := w.store.Changes.Move(background, id, w.folder("home", account.RoleArchive).ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.before = w.all()
	return w
}

// all are the messages that are here, with subject, flags and folder.
func (w *renumbered) all() map[store.ID]string {
	all := map[store.ID]string{}
	for _, role := range []account.Role{account.RoleInbox, account.RoleArchive, account.RoleTrash} {
		for _, r := range w.rows("home", role) {
			all[r.ID] = fmt.Sprintf("%s %v %s", r.Subject, r.Flags, role)
		}
	}
	return all
}

// renumber does so on the server, where one more message comes.
func (w *renumbered) renumber(how func([]popMail)) {
	list := w.mails.list()
	how(list)
	w.mails.set(append(list, popMail{uidl: "new", raw: testMessage("new", "and one more.\r\n")}))
}

// want checks that only the new message came, that nothing became of the others, and that the server has what it should.
func (w *renumbered) want(leave account.LeavePolicy) {
	w.t.Helper()
	after := w.all()
	for id, is := range after {
		if strings.HasPrefix(is, "new ") {
			delete(after, id)
		}
	}
	if len(w.withSubject("new")) != 1 {
		w.t.Errorf("the new message is here %d times", len(w.withSubject("new")))
	}
	if !maps.Equal(after, w.before) {
		w.t.Errorf("there are %d messages\n%v\nand were %d\n%v", len(after), after, len(w.before), w.before)
	}
	left := w.mails.list()
	if want := map[bool]int{true: 20}[leave.Keep]; len(left) != want {
		w.t.Errorf("%d messages are left on the server, want %d", len(left), want)
	}
	for _, m := range left {
		if strings.Contains(string(m.raw), "subject 13") {
			w.t.Error("what was deleted here is left on the server")
		}
	}
}

var leavePolicies = map[string]account.LeavePolicy{
	"left there": {Keep: true}, "left there for a month": {Keep: true, For: 30 * 24 * time.Hour}, "not left there": {},
}

// However a server renumbers what it has, no message is doubled, taken for another or loses what was done to it here, and
// only what is new counts as such.
func TestRenumbered(t *testing.T) {
	t.Parallel()
	for _, how := range renumberings {
		for name, leave := range leavePolicies {
			t.Run(how.name+", "+name, func(t *testing.T) {
				w := newRenumbered(t, leave)
				w.renumber(how.renumber)
				if report := w.sync("home"); report.New != 1 {
					t.Errorf("%d are said to be new", report.New)
				}
				w.want(leave)
				heard := len(w.server.Heard())
				if report := w.sync("home"); report.New != 0 {
					t.Errorf("then %d are said to be new", report.New)
				}
				if again := w.server.Heard()[heard:]; strings.Contains(again, "RETR") || strings.Contains(again, "TOP") {
					t.Errorf("then it was asked %q", again)
				}
				w.want(leave)
			})
		}
	}
}

// The same, while the link dies again and again, or the program.
func TestRenumberedAndCut(t *testing.T) {
	t.Parallel()
	for _, how := range renumberings {
		for name, leave := range leavePolicies {
			if leave.For > 0 {
				continue
			}
			t.Run(how.name+", "+name, func(t *testing.T) {
				w := newRenumbered(t, leave)
				w.renumber(how.renumber)
				added, done := 0, false
				for patience := 5; !done; patience += 4 {
					ctx, cancel := context.WithCancel(background)
					heard := 0
					w.mails.cutWhen(func(string) bool {
						heard++
						if heard > patience && patience%8 == 1 {
							cancel()
						}
						return heard > patience
					})
					report, err := w.engine.SyncOnce(ctx, "home", nil)
					cancel()
					added, done = added+report.New, err == nil
					if err != nil && patience > 500 {
						t.Fatal(err)
					}
				}
				w.mails.cutWhen(nil)
				w.sync("home")
				if added != 1 {
					t.Errorf("%d are said to be new", added)
				}
				w.want(leave)
			})
		}
	}
}
