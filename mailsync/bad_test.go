package mailsync

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
)

// saysBad stands in front of an IMAP server and answers the commands that hold word with BAD.
func saysBad(t *testing.T, target int, word string) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", target))
			if err != nil {
				client.Close()
				return
			}
			go func() { io.Copy(client, server); client.Close() }()
			go func() {
				defer server.Close()
				in := bufio.NewReader(client)
				for {
					line, err := in.ReadString('\n')
					if err != nil {
						return
					}
					if strings.Contains(line, word) {
						tag, _, _ := strings.Cut(line, " ")
						io.WriteString(client, tag+" BAD Command Argument Error\r\n")
						continue
					}
					io.WriteString(server, line)
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// What a server calls BAD is given back like what it refuses: mail is read all the same.
func TestBadChangeIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE"})
	w.sync("work")
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = saysBad(t, w.dovecot.IMAP, "CREATE")
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	if _, err := w.store.Changes.CreateFolder(background, "work", "odd*name", ""); err != nil {
		t.Fatal(err)
	}
	w.arrive(w.ann, "INBOX", "new")
	w.sync("work")
	w.wantShown("work", account.RoleInbox, "new")
	if list, err := w.store.Notices(background); err != nil || len(list) != 1 || !strings.Contains(list[0].Problem.Words, "Argument") {
		t.Errorf("notices %+v, error %v", list, err)
	}
}

// A folder whose opening a server calls BAD does not keep the others from being read.
func TestBadFolderIsPassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE"})
	w.arrive(w.ann, "Archive", "in the bad one")
	w.arrive(w.ann, "Trash", "in another")
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = saysBad(t, w.dovecot.IMAP, `SELECT "Archive"`)
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	w.sync("work")
	w.wantShown("work", account.RoleTrash, "in another")
}
