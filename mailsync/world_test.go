package mailsync

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// world is a person's machine and the servers it talks to.
type world struct {
	t        *testing.T
	ann, bob string // the users' names on the server, this test's own
	dovecot  *mailtest.Dovecot
	imap     *mailtest.Proxy // in front of the IMAP server, cleartext
	smtpPort int             // where outgoing mail goes; 0: nowhere
	caFile   string
	dir      string
	store    *store.Store
	engine   *Engine
	accounts []account.Account
}

// newWorld has an IMAP account "work" (user w.ann) and a POP3 account "home" (user w.bob) on a Dovecot.
func newWorld(t *testing.T, o mailtest.DovecotOptions) *world {
	t.Helper()
	w := worldOn(t, mailtest.SharedDovecot(t, o))
	w.start("")
	return w
}

// worldOn has them on this Dovecot, and has yet to start.
func worldOn(t *testing.T, d *mailtest.Dovecot) *world {
	w := &world{t: t, ann: mailtest.User("ann"), bob: mailtest.User("bob"), dovecot: d, dir: t.TempDir()}
	w.imap = mailtest.NewProxy(t, w.dovecot.IMAP)
	return w
}

func TestMain(m *testing.M) { os.Exit(mailtest.Run(m)) }

// start opens the store and makes an engine, as a program that starts does. extra is added to both accounts'
// configuration.
func (w *world) start(extra string) {
	w.t.Helper()
	outgoing := ""
	if w.smtpPort != 0 {
		outgoing = fmt.Sprintf("[account.outgoing]\nprotocol=\"smtp\"\nhost=\"localhost\"\nport=%d\nsecurity=\"starttls\"\ntls_ca_file=%q\n", w.smtpPort, w.caFile)
	}
	config := fmt.Sprintf(`
[[account]]
name = "work"
email = "%[6]s@%[1]s"
full_name = "Ann Archer"
%[4]s
[account.incoming]
protocol = "imap"
host = "127.0.0.1"
port = %[2]d
security = "none"
username = "%[6]s"
password = "pw"
%[5]s
[[account]]
name = "home"
email = "%[7]s@%[1]s"
full_name = "Bob Baker"
poll = "1m"
%[4]s
[account.incoming]
protocol = "pop3"
host = "127.0.0.1"
port = %[3]d
security = "none"
username = "%[7]s"
password = "pw"
%[5]s
`, mailtest.Domain, w.imap.Port, w.dovecot.POP3, extra, outgoing, w.ann, w.bob)
	path := filepath.Join(w.dir, "config.toml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		w.t.Fatal(err)
	}
	loaded, err := account.Load(path)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range loaded.Accounts {
		if a.Err != nil {
			w.t.Fatal(a.Err)
		}
	}
	w.accounts = loaded.Accounts
	w.open()
}

// open opens the store anew, after Close or the first time.
func (w *world) open() {
	w.t.Helper()
	st, err := store.Open(context.Background(), w.dir, time.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { st.Close() })
	w.store = st
	if err := st.Accounts.Register(context.Background(), w.accounts...); err != nil {
		w.t.Fatal(err)
	}
	w.engine = New(st, w.accounts, Options{Dir: w.dir, Timeout: 20 * time.Second, Log: slog.New(slog.NewTextHandler(w.t.Output(), nil))})
}

// disk is the database file itself, behind the store's back.
func (w *world) disk() *sql.DB {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "mail.db")+"?_pragma=busy_timeout(60000)")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { db.Close() })
	return db
}

// sync synchronises an account once and fails the test when that does not succeed.
func (w *world) sync(name string) Report {
	w.t.Helper()
	report, err := w.engine.SyncOnce(context.Background(), name, nil)
	if err != nil {
		w.t.Fatalf("sync %s: %v", name, err)
	}
	return report
}

// run keeps everything in step in the background until the test ends.
func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.engine.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) folder(name string, role account.Role) store.Folder {
	w.t.Helper()
	f, err := w.store.Index.FolderByRole(context.Background(), name, role)
	if err != nil {
		w.t.Fatalf("%s of %s: %v", role, name, err)
	}
	return f
}

// rows are the messages shown in a folder, newest first.
func (w *world) rows(name string, role account.Role) []store.Row {
	w.t.Helper()
	rows, err := w.store.Index.Newest(context.Background(), w.folder(name, role).ID, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// shown are the subjects shown in a folder, sorted.
func (w *world) shown(name string, role account.Role) []string {
	var subjects []string
	for _, r := range w.rows(name, role) {
		subjects = append(subjects, r.Subject)
	}
	slices.Sort(subjects)
	return subjects
}

// row is the message with this subject, wherever it is shown.
func (w *world) row(subject string) store.Row {
	w.t.Helper()
	rows, err := w.store.Index.Rows(context.Background(), w.withSubject(subject))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Subject == subject {
			return r
		}
	}
	w.t.Fatalf("no message %q in the store", subject)
	return store.Row{}
}

func (w *world) has(subject string) bool { return len(w.withSubject(subject)) > 0 }

// withSubject are the messages in whose subject these words stand.
func (w *world) withSubject(subject string) []store.ID {
	w.t.Helper()
	found, err := w.store.Search.Find(context.Background(), w.query(fmt.Sprintf("subject:%q", subject)), store.Scope{}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return found.IDs
}

// arrive delivers a message to a user's mailbox on the server.
func (w *world) arrive(user, mailbox, subject string) {
	w.t.Helper()
	w.dovecot.Save(user, mailbox, testMessage(subject, "The body of "+subject+".\r\n"))
}

// onServer are the subjects in a mailbox on the server, sorted.
func (w *world) onServer(user, mailbox string) []string {
	list := w.dovecot.Subjects(user, mailbox)
	slices.Sort(list)
	return list
}

func (w *world) wantShown(name string, role account.Role, subjects ...string) {
	w.t.Helper()
	if got := w.shown(name, role); !slices.Equal(got, subjects) {
		w.t.Errorf("%s of %s shows %q, want %q", role, name, got, subjects)
	}
}

func (w *world) wantOnServer(user, mailbox string, subjects ...string) {
	w.t.Helper()
	if got := w.onServer(user, mailbox); !slices.Equal(got, subjects) {
		w.t.Errorf("on the server, %s of %s has %q, want %q", mailbox, user, got, subjects)
	}
}

func (w *world) waiting(name string) int {
	w.t.Helper()
	n, err := w.store.Changes.Waiting(context.Background(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func testMessage(subject, body string) []byte {
	id := strings.Map(func(r rune) rune {
		if r > ' ' && r < 127 && r != '<' && r != '>' {
			return r
		}
		return '.'
	}, subject)
	return fmt.Appendf(nil, "From: Carl Cook <carl@other.test>\r\nTo: ann@%s\r\nSubject: %s\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <%s@other.test>\r\n\r\n%s",
		mailtest.Domain, subject, id, body)
}

// queue puts a message into the Outbox, due now, and returns its id.
func (w *world) queue(name string, answers store.ID, subject string, to ...string) store.ID {
	w.t.Helper()
	return w.queueDraft(&store.Draft{Account: name, Subject: subject, Body: "Hello from the test.\n", Answers: answers}, to)
}

func (w *world) queueBody(name, subject, body string, to ...string) store.ID {
	w.t.Helper()
	return w.queueDraft(&store.Draft{Account: name, Subject: subject, Body: body}, to)
}

func (w *world) queueDraft(d *store.Draft, to []string) store.ID {
	w.t.Helper()
	ctx := context.Background()
	i := slices.IndexFunc(w.accounts, func(a account.Account) bool { return a.Name == d.Account })
	if d.From == nil {
		d.From = []message.Address{{Name: w.accounts[i].FullName, Addr: w.accounts[i].Email}}
	}
	d.Date = time.Now()
	d.MessageID = fmt.Sprintf("%s.%d@%s", d.Account, time.Now().UnixNano(), mailtest.Domain)
	for _, addr := range to {
		d.To = append(d.To, message.Address{Addr: addr})
	}
	out := message.Draft{From: d.From, To: d.To, Subject: d.Subject, Body: d.Body, MessageID: d.MessageID, Date: d.Date}
	if err := w.store.Drafts.Save(ctx, d); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.Outbox.Queue(ctx, d.ID, &out, store.Envelope{From: d.From[0].Addr, To: to}, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	return d.ID
}
