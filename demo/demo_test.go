package demo

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tmail/account"
)

// start runs a demo server for one test.
func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), dir, time.Now())
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestAccountsCanBeUsedAsTheyAre(t *testing.T) {
	accounts := start(t, "").Accounts()
	if len(accounts) != 2 {
		t.Fatalf("%d accounts, want 2", len(accounts))
	}
	for i, want := range []struct{ name, protocol string }{
		{"work", account.ProtocolIMAP}, {"personal", account.ProtocolPOP3},
	} {
		a := accounts[i]
		if a.Name != want.name || a.Incoming.Protocol != want.protocol {
			t.Errorf("account %d is %s over %s, want %s over %s", i, a.Name, a.Incoming.Protocol, want.name, want.protocol)
		}
		if len(a.Identities) == 0 || a.Identities[0].Email != a.Email {
			t.Errorf("%s: the first identity is not its own address", a.Name)
		}
		if a.Incoming.Security != account.SecurityNone || a.Incoming.AllowCleartext {
			t.Errorf("%s: cleartext must be allowed by being loopback alone", a.Name)
		}
		for _, e := range []account.Endpoint{a.Incoming, *a.Outgoing} {
			host, _, _ := net.SplitHostPort(e.Addr())
			if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
				t.Errorf("%s: %s is not on this machine", a.Name, e.Addr())
			}
			if secret, err := e.Secret(t.Context()); secret == "" || err != nil {
				t.Errorf("%s: secret %q, %v", a.Name, secret, err)
			}
		}
	}
}

func TestEveryPortIsClosedWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address(s.imapPort))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Close(); err != nil { // waits for what the end of the context began
		t.Errorf("Close: %v", err)
	}
	buffer := make([]byte, 4096)
	for err == nil { // the greeting may come first
		_, err = conn.Read(buffer)
	}
	for _, port := range []int{s.imapPort, s.smtpPort, s.popPort} {
		if conn, err := net.Dial("tcp", address(port)); err == nil {
			_ = conn.Close()
			t.Errorf("port %d is still open", port)
		}
	}
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func TestMailIsKeptFromRunToRun(t *testing.T) {
	dir := t.TempDir()
	first := start(t, dir)
	first.work.deliver([]byte("Subject: kept\r\n\r\nbody\r\n"), time.Now())
	before := first.work.Mailboxes[inbox].status()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := start(t, dir)
	after := second.work.Mailboxes[inbox].status()
	if after.UIDValidity != before.UIDValidity || after.UIDNext != before.UIDNext || *after.NumMessages != *before.NumMessages {
		t.Errorf("after a restart %+v, before %+v", after, before)
	}
	if _, err := os.Stat(filepath.Join(dir, keptName)); err == nil {
		t.Error("the file is still there: a killed run would go back to it")
	}
}

func TestKilledRunDoesNotHandOutUIDsTwice(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	killed, err := Start(t.Context(), dir, now)
	if err != nil {
		t.Fatal(err)
	}
	killed.dir = "" // as if it were killed: nothing is written
	next, err := Start(t.Context(), dir, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	defer killed.Close()
	if old, fresh := killed.work.Mailboxes[inbox].Validity, next.work.Mailboxes[inbox].Validity; fresh <= old {
		t.Errorf("UIDVALIDITY %d after %d", fresh, old)
	}
}

func TestDamagedKeptMailIsAnErrorAndStays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, keptName)
	if err := os.WriteFile(path, []byte("not what it should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Start(t.Context(), dir, time.Now()); err == nil {
		s.Close()
		t.Error("started on a damaged file")
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
}
