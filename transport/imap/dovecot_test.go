package imap_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/transport"
	"tmail/transport/imap"
)

// A Dovecot takes seconds to start and stop, so tests share those with the same capabilities; each has a user of its
// own.

func TestDovecot(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	for name, test := range map[string]func(*testing.T, *mailtest.Dovecot){
		"SignIn": signIn, "List": list, "HeadersFlagsAndBody": headersFlagsAndBody,
		"LargeBody": largeBody, "Move": move, "MoveMany": moveMany, "AppendWithoutItsBytes": appendWithoutItsBytes,
		"IdleAndNoop": idleAndNoop, "KickedDuringIdle": kickedDuringIdle, "NothingStaysAfterClose": nothingStaysAfterClose,
	} {
		t.Run(name, func(t *testing.T) { test(t, d) })
	}
}

func TestDovecotWithUIDPLUS(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS SPECIAL-USE"})
	t.Run("List", func(t *testing.T) { list(t, d) })
	t.Run("Move", func(t *testing.T) { move(t, d) })
}

func TestPlainDovecot(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{Capability: "IMAP4rev1"})
	t.Run("List", func(t *testing.T) { list(t, d) })
	t.Run("Move", func(t *testing.T) { move(t, d) })
	t.Run("HeadersFlagsAndBody", func(t *testing.T) { headersFlagsAndBody(t, d) })
	t.Run("Idle", func(t *testing.T) {
		c := dial(t, endpoint(t, d, account.SecurityTLS))
		selectBox(t, c, "INBOX")
		if err := c.Idle(t.Context()); !errors.Is(err, imap.ErrNoIdle) {
			t.Error(err)
		}
	})
}

func TestMain(m *testing.M) { os.Exit(mailtest.Run(m)) }

var users sync.Map // by test

// user is the name of the test's own user.
func user(t testing.TB) string {
	name, ok := users.Load(t)
	if !ok {
		name, _ = users.LoadOrStore(t, mailtest.User("ann"))
	}
	return name.(string)
}

// endpoint is the account of the test's user.
func endpoint(t testing.TB, d *mailtest.Dovecot, security account.Security) account.Endpoint {
	ep := account.Endpoint{
		Protocol: account.ProtocolIMAP, Host: "localhost", Port: d.IMAP, Security: security, Username: user(t),
		Secret:    func(context.Context) (string, error) { return mailtest.Password, nil },
		TLSCAFile: d.Cert.CAFile,
	}
	if security == account.SecurityTLS {
		ep.Port = d.IMAPS
	}
	return ep
}

func dial(t testing.TB, ep account.Endpoint) *imap.Client {
	t.Helper()
	c, err := imap.Dial(t.Context(), &transport.Dialer{}, ep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func selectBox(t testing.TB, c *imap.Client, name string) imap.Status {
	t.Helper()
	status, err := c.Select(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func text(subject string) []byte {
	return []byte("From: Bob <bob@example.test>\r\nTo: ann@example.test\r\nSubject: " + subject +
		"\r\nMessage-ID: <" + subject + "@example.test>\r\nX-Noise: not asked for\r\n\r\nHello.\r\n")
}

// put appends n messages to a mailbox and returns their UIDs.
func put(t testing.TB, c *imap.Client, mailbox string, n int) []imap.UID {
	t.Helper()
	var uids []imap.UID
	for i := range n {
		raw := text(fmt.Sprintf("%s-%d", mailbox, i))
		uid, _, err := c.Append(t.Context(), mailbox, 0, time.Time{}, int64(len(raw)), bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		uids = append(uids, uid)
	}
	return uids
}

func uidsOf(t testing.TB, c *imap.Client) []imap.UID {
	t.Helper()
	uids, err := c.UIDs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return uids
}

func kindOf(t *testing.T, err error) transport.Kind {
	t.Helper()
	var e *transport.Error
	if !errors.As(err, &e) {
		t.Fatalf("not a *transport.Error: %v", err)
	}
	return e.Kind
}

func signIn(t *testing.T, d *mailtest.Dovecot) {
	for _, security := range []account.Security{account.SecurityTLS, account.SecurityStartTLS, account.SecurityNone} {
		t.Run(string(security), func(t *testing.T) {
			c := dial(t, endpoint(t, d, security))
			if !c.Has("move") || !c.Has("UIDPLUS") {
				t.Error("the capabilities after signing in were not read")
			}
			if status := selectBox(t, c, "INBOX"); status.UIDValidity == 0 || status.UIDNext == 0 {
				t.Errorf("status %+v", status)
			}
		})
	}
}

// After each failure Dovecot makes this machine wait longer: a server of its own, and few of them.
func TestRefusedSignIn(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t, mailtest.DovecotOptions{})
	for _, secret := range []string{"kanärie\"4711", `canary"\4711`, mailtest.Password} { // the first goes by AUTHENTICATE
		var trace safeBuffer
		ep := endpoint(t, d, account.SecurityTLS)
		ep.Secret = func(context.Context) (string, error) { return secret, nil }
		c, err := imap.Dial(t.Context(), &transport.Dialer{Trace: &trace}, ep)
		if secret == mailtest.Password {
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		} else {
			fails(t, err, transport.KindAuth, "AUTHENTICATIONFAILED", "failed")
		}
		got := trace.String()
		if !strings.Contains(got, "CAPABILITY") || !strings.Contains(got, "***") {
			t.Errorf("the trace misses the talk:\n%s", got)
		}
		for _, form := range []string{secret, "4711", base64.StdEncoding.EncodeToString([]byte("\x00" + ep.Username + "\x00" + secret))} {
			if strings.Contains(got, form) {
				t.Errorf("the trace holds %q:\n%s", form, got)
			}
		}
	}
}

func list(t *testing.T, d *mailtest.Dovecot) {
	c := dial(t, endpoint(t, d, account.SecurityTLS))
	for _, name := range []string{"会议/2026", `odd "name" \ & more`, "Lists"} {
		if err := c.Create(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Subscribe(t.Context(), "Lists"); err != nil {
		t.Fatal(err)
	}
	if err := c.Rename(t.Context(), "会议/2026", "会议/二〇二六"); err != nil {
		t.Fatal(err)
	}
	put(t, c, "会议/二〇二六", 2)
	boxList, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	boxes := map[string]imap.Mailbox{}
	for _, m := range boxList {
		boxes[m.Name] = m
	}
	for name, role := range map[string]account.Role{
		"INBOX": account.RoleInbox, "Drafts": account.RoleDrafts, "Sent": account.RoleSent, "Archive": account.RoleArchive,
		"Trash": account.RoleTrash, "Junk": account.RoleJunk, "会议/二〇二六": "", `odd "name" \ & more`: "", "Lists": "",
	} {
		if m, ok := boxes[name]; !ok || m.Role != role || m.Delim != "/" {
			t.Errorf("%s: %+v, there: %v", name, m, ok)
		}
	}
	if _, ok := boxes["会议/2026"]; ok {
		t.Error("renamed mailbox still has its old name")
	}
	if !boxes["Lists"].Subscribed || boxes["会议/二〇二六"].Subscribed {
		t.Error("subscriptions are wrong")
	}
	status, err := c.Status(t.Context(), "会议/二〇二六")
	if err != nil || status.Messages != 2 || status.UIDNext != 3 {
		t.Errorf("status %+v, error %v", status, err)
	}
	if with := boxes["会议/二〇二六"].Status; c.Has("LIST-STATUS") && (with == nil || *with != status) {
		t.Errorf("LIST-STATUS told %+v, STATUS %+v", with, status)
	}
	if err := c.Remove(t.Context(), "Lists"); err != nil {
		t.Error(err)
	}
	if _, err := c.Select(t.Context(), "Lists"); kindOf(t, err) != transport.KindRefused {
		t.Error(err)
	}
}

func headersFlagsAndBody(t *testing.T, d *mailtest.Dovecot) {
	c := dial(t, endpoint(t, d, account.SecurityTLS))
	date := time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 8*3600))
	raw := text("first")
	uid, validity, err := c.Append(t.Context(), "INBOX", message.Seen|message.Forwarded, date, int64(len(raw)), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	status := selectBox(t, c, "INBOX")
	if status.Messages != 1 || status.UIDValidity != validity || uid == 0 {
		t.Errorf("status %+v after storing as %d/%d", status, uid, validity)
	}
	uids := append(put(t, c, "INBOX", 5), uid)
	if got := uidsOf(t, c); len(got) != 6 || !slices.IsSorted(got) {
		t.Fatalf("UIDs %v", got)
	}
	slices.Reverse(uids)
	asked := append(slices.Clone(uids), 99999) // one that is not there
	var headers []imap.Header
	err = c.Headers(t.Context(), asked, func(h imap.Header) error { headers = append(headers, h); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if len(headers) != 6 {
		t.Fatalf("%d headers", len(headers))
	}
	for i, h := range headers {
		if h.UID != uids[i] {
			t.Errorf("header %d is of %d, not of %d", i, h.UID, uids[i])
		}
	}
	h := headers[0]
	if !h.Date.Equal(date) || h.Size != int64(len(raw)) || h.Flags != message.Seen|message.Forwarded {
		t.Errorf("header %+v", h)
	}
	if env := message.ParseHeader(h.Raw).Envelope(); env.Subject != "first" || bytes.Contains(h.Raw, []byte("Noise")) {
		t.Errorf("raw header %q", h.Raw)
	}

	if err := c.Store(t.Context(), uids, message.Flagged|message.Junk, message.Seen); err != nil {
		t.Fatal(err)
	}
	all, err := c.Flags(t.Context(), nil)
	if err != nil || len(all) != 6 {
		t.Fatalf("flags %v, error %v", all, err)
	}
	for _, f := range all {
		want := message.Flagged | message.Junk
		if f.UID == uid {
			want |= message.Forwarded
		}
		if f.Flags != want {
			t.Errorf("%+v, want flags %v", f, want)
		}
	}
	some, err := c.Flags(t.Context(), uids[2:4])
	if err != nil || len(some) != 2 {
		t.Errorf("flags of two: %v, error %v", some, err)
	}

	var body bytes.Buffer
	if err := c.Body(t.Context(), uid, h.Size, &body); err != nil || !bytes.Equal(body.Bytes(), raw) {
		t.Errorf("body %q, error %v", body.Bytes(), err)
	}
	if err := c.Body(t.Context(), 4711, 0, &body); kindOf(t, err) != transport.KindRefused {
		t.Error(err)
	}
	found, err := c.FindMessageID(t.Context(), "first@example.test")
	if err != nil || !slices.Equal(found, []imap.UID{uid}) {
		t.Errorf("found %v, error %v", found, err)
	}
	if found, err := c.FindMessageID(t.Context(), "rst@example.test"); err != nil || found != nil {
		t.Errorf("found %v for part of an id, error %v", found, err)
	}
}

func largeBody(t *testing.T, d *mailtest.Dovecot) {
	c := dial(t, endpoint(t, d, account.SecurityTLS))
	random := rand.New(rand.NewPCG(1, 2))
	raw := bytes.NewBuffer(text("large"))
	for raw.Len() < 7<<20 {
		line := make([]byte, 1+random.IntN(10_000))
		for i := range line {
			line[i] = byte(' ' + random.IntN(200))
		}
		raw.Write(line)
		raw.WriteString("\r\n.\r\n)\r\n")
	}
	uid, _, err := c.Append(t.Context(), "INBOX", 0, time.Time{}, int64(raw.Len()), bytes.NewReader(raw.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	selectBox(t, c, "INBOX")
	// The size is a hint only: right, unknown, too small, too large, or just at the end of a piece.
	for _, size := range []int64{int64(raw.Len()), 0, 100, 64 << 10, 50 << 20} {
		sum := sha256.New()
		if err := c.Body(t.Context(), uid, size, sum); err != nil {
			t.Fatal(err)
		}
		if got, want := sum.Sum(nil), sha256.Sum256(raw.Bytes()); !bytes.Equal(got, want[:]) {
			t.Errorf("with size %d another message came", size)
		}
	}
}

func move(t *testing.T, d *mailtest.Dovecot) {
	c := dial(t, endpoint(t, d, account.SecurityTLS))
	put(t, c, "INBOX", 6)
	selectBox(t, c, "INBOX")
	uids := uidsOf(t, c)
	theirs := uids[5] // marked by somebody else: never to go with ours
	if err := c.Store(t.Context(), []imap.UID{theirs}, message.Deleted, 0); err != nil {
		t.Fatal(err)
	}
	ours := []imap.UID{uids[4], uids[0], uids[2]}
	moved, err := c.Move(t.Context(), ours, "Archive")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(moved.From)
	if !slices.Equal(moved.From, []imap.UID{uids[0], uids[2], uids[4]}) {
		t.Errorf("moved %+v", moved)
	}
	if c.Has("UIDPLUS") && (moved.UIDValidity == 0 || len(moved.To) != 3) {
		t.Errorf("moved %+v", moved)
	}
	if got := d.Subjects(user(t), "Archive"); len(got) != 3 {
		t.Errorf("in Archive: %v", got)
	}
	left, err := c.Flags(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	deleted := 0
	for _, f := range left {
		if f.Flags.Has(message.Deleted) {
			deleted++
		}
	}
	if keeps := !c.Has("UIDPLUS"); keeps && (len(left) != 6 || deleted != 4) || !keeps && (len(left) != 3 || deleted != 1) {
		t.Errorf("left %v", left)
	}

	copied, err := c.Copy(t.Context(), []imap.UID{uids[1]}, "Junk")
	if err != nil || c.Has("UIDPLUS") && len(copied.To) != 1 {
		t.Errorf("copied %+v, error %v", copied, err)
	}
	before := uidsOf(t, c)
	if _, err := c.Move(t.Context(), []imap.UID{uids[3]}, "Nowhere"); kindOf(t, err) != transport.KindRefused {
		t.Error(err)
	} else if e := new(transport.Error); errors.As(err, &e) && e.Code != "TRYCREATE" {
		t.Errorf("code %q", e.Code)
	}
	if after := uidsOf(t, c); !slices.Equal(before, after) {
		t.Errorf("a refused move changed %v to %v", before, after)
	}
}

func moveMany(t *testing.T, d *mailtest.Dovecot) {
	c := dial(t, endpoint(t, d, account.SecurityNone))
	put(t, c, "INBOX", 6)
	selectBox(t, c, "INBOX")
	uids := uidsOf(t, c)
	for len(uids) < 3000 {
		if _, err := c.Copy(t.Context(), uids, "INBOX"); err != nil {
			t.Fatal(err)
		}
		uids = uidsOf(t, c)
	}
	n := len(uids)
	var odd []imap.UID // no two in a row: the worst of sets
	for i := 0; i < n; i += 2 {
		odd = append(odd, uids[i])
	}
	moved, err := c.Move(t.Context(), odd, "Archive")
	if err != nil || len(moved.From) != n/2 || len(moved.To) != n/2 {
		t.Fatalf("moved %d to %d: %v", len(moved.From), len(moved.To), err)
	}
	left := uidsOf(t, c)
	if len(left) != n/2 {
		t.Errorf("%d left", len(left))
	}
	// In the order asked for, across what one command can carry.
	slices.Reverse(left)
	var got []imap.UID
	err = c.Headers(t.Context(), left, func(h imap.Header) error { got = append(got, h.UID); return nil })
	if err != nil || !slices.Equal(got, left) {
		t.Errorf("%d headers, error %v", len(got), err)
	}
	stop := errors.New("enough")
	if err := c.Headers(t.Context(), left, func(imap.Header) error { return stop }); err != stop {
		t.Error(err)
	}
	if _, err := c.Noop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAppendRefused(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t, mailtest.DovecotOptions{Quota: 20_000})
	raw := append(text("too large"), bytes.Repeat([]byte("0123456789\r\n"), 5000)...)
	for _, refused := range []struct{ mailbox, code string }{{"INBOX", "OVERQUOTA"}, {"Nowhere", "TRYCREATE"}} {
		c := dial(t, endpoint(t, d, account.SecurityTLS))
		_, _, err := c.Append(t.Context(), refused.mailbox, 0, time.Time{}, int64(len(raw)), bytes.NewReader(raw))
		var e *transport.Error
		if !errors.As(err, &e) || e.Kind != transport.KindRefused || e.Code != refused.code || e.Words == "" {
			t.Errorf("error %#v", err)
		}
		c.Close()
	}
}

func appendWithoutItsBytes(t *testing.T, d *mailtest.Dovecot) {
	c := dial(t, endpoint(t, d, account.SecurityTLS))
	raw := text("cut off")
	if _, _, err := c.Append(t.Context(), "INBOX", 0, time.Time{}, int64(len(raw)+1), bytes.NewReader(raw)); err == nil {
		t.Fatal("a message that lacks a byte was taken")
	}
	<-c.Done()
	c = dial(t, endpoint(t, d, account.SecurityTLS))
	selectBox(t, c, "INBOX")
	if uids := uidsOf(t, c); len(uids) != 0 {
		t.Errorf("the server has %v", uids)
	}
}

func idleAndNoop(t *testing.T, d *mailtest.Dovecot) {
	watching, working := dial(t, endpoint(t, d, account.SecurityTLS)), dial(t, endpoint(t, d, account.SecurityTLS))
	selectBox(t, watching, "INBOX")
	selectBox(t, working, "INBOX")
	steps := []struct {
		name string
		do   func() error
	}{
		{"new message", func() error { put(t, working, "INBOX", 1); return nil }},
		{"flag", func() error { return working.Store(t.Context(), uidsOf(t, working), message.Flagged, 0) }},
		{"deleted", func() error { return working.Delete(t.Context(), uidsOf(t, working)) }},
	}
	for _, step := range steps {
		news := make(chan error, 1)
		go func() { news <- watching.Idle(t.Context()) }()
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if err := <-news; err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	if _, err := watching.Noop(t.Context()); err != nil { // what Idle has not told yet
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		mailtest.Until(t, step.name+" to be seen by Noop", func() bool {
			changed, err := watching.Noop(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return changed
		})
	}

	// Told to stop, the connection stands.
	ctx, stop := context.WithCancel(t.Context())
	news := make(chan error, 1)
	go func() { news <- watching.Idle(ctx) }()
	stop()
	if err := <-news; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := watching.Noop(t.Context()); err != nil {
		t.Error(err)
	}
}

func kickedDuringIdle(t *testing.T, d *mailtest.Dovecot) {
	watching := dial(t, endpoint(t, d, account.SecurityTLS))
	selectBox(t, watching, "INBOX")
	news := make(chan error, 1)
	go func() { news <- watching.Idle(t.Context()) }()
	d.Kick(user(t))
	if err := <-news; err == nil {
		t.Error("Idle does not tell that the server has gone")
	} else if kindOf(t, err) != transport.KindNetwork {
		t.Error(err)
	}
	<-watching.Done()
}

func nothingStaysAfterClose(t *testing.T, d *mailtest.Dovecot) {
	before := runtime.NumGoroutine()
	for range 5 {
		c := dial(t, endpoint(t, d, account.SecurityTLS))
		selectBox(t, c, "INBOX")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.UIDs(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := c.UIDs(t.Context()); err == nil {
			t.Error("a cancelled connection works on")
		}
		c.Close()
		c.Close()
	}
	mailtest.Until(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}
