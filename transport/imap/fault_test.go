package imap_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/transport"
	"tmail/transport/imap"
)

// fails checks that err is of a kind and that the server's words, if any, are in it.
func fails(t *testing.T, err error, kind transport.Kind, code, words string) {
	t.Helper()
	var e *transport.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	if e.Kind != kind || e.Code != code || !strings.Contains(e.Words, words) || e.Op == "" {
		t.Errorf("kind %v, code %q, words %q, op %q: %v", e.Kind, e.Code, e.Words, e.Op, err)
	}
}

func TestGreetingAndSTARTTLS(t *testing.T) {
	greeting := func(text string) func(*server) {
		return func(s *server) { s.say("%s", text); s.hangUp() }
	}
	afterStartTLS := func(text string) func(*server) {
		return func(s *server) {
			s.say("* OK ready")
			tag, _, _ := s.command()
			s.say("%s", strings.ReplaceAll(text, "%s", tag))
			s.hangUp()
		}
	}
	for _, test := range []struct {
		name     string
		play     func(*server)
		security account.Security
		kind     transport.Kind
		code     string
		words    string
	}{
		{"BYE", greeting("* BYE [UNAVAILABLE] too many connections"), account.SecurityNone, transport.KindTemporary, "UNAVAILABLE", "too many connections"},
		{"another protocol", greeting("220 mail.example ESMTP"), account.SecurityNone, transport.KindProtocol, "", ""},
		{"endless line", greeting(strings.Repeat("x", 1<<20)), account.SecurityNone, transport.KindProtocol, "", ""},
		{"hangs up", func(*server) {}, account.SecurityNone, transport.KindNetwork, "", ""},
		{"PREAUTH before STARTTLS", greeting("* PREAUTH welcome"), account.SecurityStartTLS, transport.KindTLS, transport.CodeNoStartTLS, ""},
		{"STARTTLS stripped", afterStartTLS("%s BAD unknown command"), account.SecurityStartTLS, transport.KindTLS, transport.CodeNoStartTLS, "unknown command"},
		{"plain text after STARTTLS", afterStartTLS("%s OK go\n* CAPABILITY IMAP4rev1\n* 1 EXISTS"), account.SecurityStartTLS, transport.KindTLS, transport.CodeInjected, ""},
		{"no TLS after STARTTLS", afterStartTLS("%s OK go"), account.SecurityStartTLS, transport.KindNetwork, "", ""},
		{"untagged for ever", func(s *server) {
			s.say("* OK ready\n%s", strings.Repeat("* OK still here\n", 200))
			s.hangUp()
		}, account.SecurityStartTLS, transport.KindTLS, transport.CodeNoStartTLS, ""},
		{"no TLS at all", greeting("* OK hello"), account.SecurityTLS, transport.KindTLS, transport.CodeNotTLS, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, heard := script(t, test.play)
			ep.Security = test.security
			_, err := imap.Dial(t.Context(), &transport.Dialer{Timeout: 2 * time.Second}, ep)
			fails(t, err, test.kind, test.code, test.words)
			if test.security != account.SecurityTLS && strings.Contains(heard(), "secret") {
				t.Errorf("the password was sent:\n%s", heard())
			}
		})
	}
}

func TestPREAUTHWithoutTLSToThisMachine(t *testing.T) {
	ep, heard := script(t, func(s *server) {
		s.say("* PREAUTH welcome")
		for {
			tag, _, ok := s.command()
			if !ok {
				return
			}
			s.say("%s OK", tag)
		}
	})
	dialWithin(t, ep, time.Minute)
	if strings.Contains(heard(), "LOGIN") {
		t.Error("signed in though the server said it knows us")
	}
}

func TestIDBeforeSelect(t *testing.T) {
	ep, heard := script(t, func(s *server) {
		known := false
		s.serve("ID", func(tag, command string) bool {
			switch {
			case strings.HasPrefix(command, "ID "):
				known = true
				s.say(`* ID ("name" NIL "trans-id" nil)`)
			case strings.HasPrefix(command, "SELECT") && !known:
				s.say("%s NO SELECT Unsafe Login. Please contact kefu@188.com for help", tag)
				return true
			}
			return false
		})
	})
	open(t, ep)
	for _, want := range []string{`"name" "tmail"`, `"version" "`, `"vendor" "tmail"`, `"support-email" "`} {
		if !strings.Contains(heard(), want) {
			t.Errorf("no %s in\n%s", want, heard())
		}
	}
}

func TestLoginDisabled(t *testing.T) {
	for _, challenge := range []string{"+ ", "+", "+ go ahead"} {
		ep, heard := script(t, func(s *server) {
			s.serve("LOGINDISABLED AUTH=PLAIN SASL-IR", func(tag, command string) bool {
				if !strings.HasPrefix(command, "AUTHENTICATE") {
					return false
				}
				s.say("%s", challenge)
				s.command()
				return false
			})
		})
		dialWithin(t, ep, time.Minute)
		if !strings.Contains(heard(), "AUTHENTICATE PLAIN\n") || strings.Contains(heard(), "LOGIN") {
			t.Errorf("commands:\n%s", heard())
		}
	}
	ep, _ := script(t, func(s *server) {
		s.serve("LOGINDISABLED AUTH=LOGIN", func(tag, command string) bool {
			if command == "AUTHENTICATE LOGIN" {
				s.say("+ VXNlciBOYW1lAA==")
				s.command()
				s.say("+ UGFzc3dvcmQA")
				s.command()
			}
			return false
		})
	})
	dialWithin(t, ep, time.Minute)
	ep, heard := script(t, func(s *server) { s.serve("LOGINDISABLED", nil) })
	_, err := imap.Dial(t.Context(), &transport.Dialer{}, ep)
	fails(t, err, transport.KindAuth, "", "")
	if strings.Contains(heard(), "secret") {
		t.Errorf("commands:\n%s", heard())
	}
}

func TestSilence(t *testing.T) {
	ep, _ := script(t, func(s *server) {
		s.serve("", func(_, command string) bool { return strings.HasPrefix(command, "SELECT") })
	})
	c := dialWithin(t, ep, time.Second)
	_, err := c.Select(t.Context(), "INBOX")
	fails(t, err, transport.KindNetwork, "", "")
	if !strings.Contains(err.Error(), "for 1s") {
		t.Errorf("the error does not say for how long: %v", err)
	}
	<-c.Done()
	_, err = c.Noop(t.Context())
	fails(t, err, transport.KindNetwork, "", "")
}

func TestSilenceIsAllowedWhenNothingIsOwed(t *testing.T) {
	quiet := make(chan struct{})
	ep, _ := script(t, func(s *server) {
		s.serve("IDLE", func(_, command string) bool {
			if command != "IDLE" {
				return false
			}
			s.say("+ idling")
			<-quiet
			s.say("* 4 EXISTS")
			s.command()
			return false
		})
	})
	const silence = 500 * time.Millisecond
	c := dialWithin(t, ep, silence)
	selectBox(t, c, "INBOX")
	time.AfterFunc(3*silence, func() { close(quiet) })
	if err := c.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-time.After(3 * silence) // not even a command is under way
	if _, err := c.Noop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCancelEndsACall(t *testing.T) {
	waiting := make(chan struct{})
	ep, _ := script(t, func(s *server) {
		s.serve("", func(_, command string) bool {
			if strings.HasPrefix(command, "UID") {
				close(waiting)
				return true
			}
			return false
		})
	})
	c := open(t, ep)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-waiting; cancel() }()
	if _, err := c.UIDs(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-c.Done()
}

func TestCloseEndsACall(t *testing.T) {
	waiting := make(chan struct{})
	ep, _ := script(t, func(s *server) {
		s.serve("", func(_, command string) bool {
			if strings.HasPrefix(command, "UID FETCH") {
				s.Write([]byte("* 1 FETCH (UID 1 BODY[]<0> {1000}\r\nhalf of it"))
				close(waiting)
				return true
			}
			return false
		})
	})
	c := open(t, ep)
	go func() { <-waiting; c.Close() }()
	if err := c.Body(t.Context(), 1, 1000, io.Discard); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// What is more than was asked for must end the connection before it is waited for, let alone kept.
func TestTooMuch(t *testing.T) {
	for name, text := range map[string]string{
		"literal":           "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (DATE)] {4294967296}",
		"overflown literal": "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (DATE)] {99999999999999999999999999}",
		"line":              "* 1 FETCH (UID 1 " + strings.Repeat("x", 5<<20),
		"many literals":     "* 1 FETCH (UID 1 " + strings.Repeat("X {10}\n0123456789 ", 500_000),
	} {
		t.Run(name, func(t *testing.T) {
			ep, _ := replies(t, "", "UID FETCH", text)
			c := open(t, ep)
			err := c.Headers(t.Context(), []imap.UID{1}, func(imap.Header) error { return nil })
			fails(t, err, transport.KindProtocol, "", "")
			<-c.Done()
		})
	}
	t.Run("body", func(t *testing.T) {
		ep, _ := replies(t, "", "UID FETCH", "* 1 FETCH (UID 1 BODY[]<0> {1048576}")
		fails(t, open(t, ep).Body(t.Context(), 1, 100, io.Discard), transport.KindProtocol, "", "")
	})
	t.Run("UIDs", func(t *testing.T) {
		ep, _ := replies(t, "ESEARCH", "UID SEARCH", "* ESEARCH (TAG \"x\") UID ALL 1:4294967295\n%s OK")
		_, err := open(t, ep).UIDs(t.Context())
		fails(t, err, transport.KindProtocol, "", "") // and no empty mailbox either: 3 EXISTS
	})
}

func TestBodyIsCompleteOrAnError(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		kind transport.Kind
	}{
		"link drops":   {"", transport.KindNetwork},
		"NIL":          {"* 1 FETCH (UID 1 BODY[]<0> NIL)\n%s OK", transport.KindRefused},
		"another's":    {"* 1 FETCH (UID 2 BODY[]<0> {4}\nabcd)\n%s OK", transport.KindRefused},
		"refused":      {"%s NO [EXPUNGEISSUED] gone", transport.KindRefused},
		"never ending": {"* 1 FETCH (UID 1 BODY[]<0> {100}\n" + strings.Repeat("x", 100) + ")\n%s OK", transport.KindProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			ep, _ := script(t, func(s *server) {
				s.serve("", func(tag, command string) bool {
					if strings.HasPrefix(command, "UID FETCH") && test.text == "" {
						s.Write([]byte("* 1 FETCH (UID 1 BODY[]<0> {1000}\r\nthe first of it"))
						s.Close()
						return true
					}
					return s.on("UID FETCH", test.text)(tag, command)
				})
			})
			fails(t, open(t, ep).Body(t.Context(), 1, 1000, io.Discard), test.kind, codeOf(test.text), "")
		})
	}
}

// codeOf is the code that an answer with this text should leave in the error.
func codeOf(text string) string {
	switch {
	case strings.Contains(text, "EXPUNGEISSUED"):
		return "EXPUNGEISSUED"
	case strings.Contains(text, "NIL"), strings.Contains(text, "UID 2"):
		return "NONEXISTENT"
	}
	return ""
}

func TestBodyFromServerWithSmallPieces(t *testing.T) {
	const whole = "Subject: x\n\n0123456789"
	ep, _ := script(t, func(s *server) {
		rest := whole
		s.serve("", func(tag, command string) bool {
			if !strings.HasPrefix(command, "UID FETCH") {
				return false
			}
			n := min(7, len(rest)) // never more, whatever is asked for
			fmt.Fprintf(s, "* 1 FETCH (BODY[]<%d> {%d}\r\n%s FLAGS (\\Seen) UID 1)\r\n%s OK\r\n", len(whole)-len(rest), n, rest[:n], tag)
			rest = rest[n:]
			return true
		})
	})
	var got bytes.Buffer
	if err := open(t, ep).Body(t.Context(), 1, int64(len(whole)), &got); err != nil || got.String() != whole {
		t.Errorf("%q, error %v", got.String(), err)
	}
}

func TestOddFetchResponses(t *testing.T) {
	text := strings.Join([]string{
		`* 1 fetch (uid 1 flags (\Seen $forwarded foo] Ж) internaldate "17-Jul-1996 02:44:25 -0700" rfc822.size 12 body[header.fields ("DATE" (x))] {12}`,
		"Subject: a\n",
		")",
		`* 2 FETCH (BODY[HEADER.FIELDS (DATE)] "Subject: \"b\" \\" X-GM-LABELS ("\\Inbox" (deep (deeper))) EMAILID (M1) INTERNALDATE "nonsense" RFC822.SIZE -1 FLAGS (\Recent) UID 2)`,
		``,
		`* 3 FETCH (UID 3  RFC822.SIZE 99999999999999999999 INTERNALDATE nil MODSEQ (12) PREVIEW {3}`,
		`}})BODY[HEADER.FIELDS (DATE)] "")`,
		`* 4 FETCH (UID 4 FLAGS (\Flagged))`,
		`* 5 FETCH (UID 99999999999 BODY[] "x")`,
		`* 6 FETCH`,
		`* 7 FETCH (((((`,
		`* XYZZY`,
		`* 3 FETCH (FLAGS (\Deleted))`,
		`* VANISHED 2`,
		`+ what`,
		`T999 OK not to this`,
		`* OK [ALERT] the server goes down at noon {5}`,
		`%s OK`,
	}, "\n")
	ep, heard := replies(t, "", "UID FETCH", text)
	c := open(t, ep)
	var got []imap.Header
	err := c.Headers(t.Context(), []imap.UID{4, 3, 2, 1}, func(h imap.Header) error { got = append(got, h); return nil })
	if err != nil {
		t.Fatal(err)
	}
	want := []imap.Header{
		{UID: 3},
		{UID: 2, Raw: []byte(`Subject: "b" \`)},
		{UID: 1, Raw: []byte("Subject: a\r\n"), Size: 12, Flags: message.Seen | message.Forwarded, Date: time.Date(1996, 7, 17, 9, 44, 25, 0, time.UTC)},
	}
	if !slices.EqualFunc(got, want, func(a, b imap.Header) bool {
		return a.UID == b.UID && a.Flags == b.Flags && a.Size == b.Size && a.Date.Equal(b.Date) && bytes.Equal(a.Raw, b.Raw)
	}) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !strings.Contains(heard(), "UID FETCH 4 (") {
		t.Errorf("what was missing was not asked for again:\n%s", heard())
	}
	if changed, err := c.Noop(t.Context()); err != nil || !changed {
		t.Errorf("changed %v, error %v", changed, err)
	}
	if alert := c.Alert(); !strings.Contains(alert, "at noon") || c.Alert() != "" {
		t.Errorf("alert %q", alert)
	}
}

func TestOddMailboxNames(t *testing.T) {
	const gbk = "\xb2\xe2\xca\xd4" // 测试
	text := strings.Join([]string{
		`* LIST (\HasNoChildren) "/" R&D`,
		`* LIST () "/" "&BBAEMQQyACYEMwQ0BDU-"`,
		`* LIST () "/" "` + gbk + `"`,
		`* LIST () "/" {7}`, `a "b" c`,
		`* LIST () nil Not quoted at all`,
		`* LIST (\Noselect) "/" "[Gmail]"`,
		`* LIST () "/" "../../etc/passwd"`,
		`* LIST () "/" inbox`,
		`* LIST () "/"`,
		`* LIST nonsense`,
		`* LIST () "/" ""`,
		`* LIST () "/" "&g0l6P3ux-"`,
		`* LIST () "/" "&XfJT0ZAB-"`,
		`%s OK`,
	}, "\n")
	ep, heard := replies(t, "", "LIST", text)
	c := open(t, ep)
	list, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range list {
		names = append(names, m.Name)
	}
	want := []string{"R&D", "Абв&где", "测试", `a "b" c`, "Not quoted at all", "[Gmail]", "../../etc/passwd", "INBOX", "草稿箱", "已发送"}
	if !slices.Equal(names, want) {
		t.Errorf("names %q\nwant  %q", names, want)
	}
	if list[7].Role != account.RoleInbox || list[8].Role != account.RoleDrafts || list[9].Role != account.RoleSent || !list[5].NoSelect || list[4].Delim != "" {
		t.Errorf("%+v", list)
	}
	for name, spelled := range map[string]string{
		"R&D": `"R&D"`, "Абв&где": `"&BBAEMQQyACYEMwQ0BDU-"`, "测试": `"` + gbk + `"`, "草稿箱": `"&g0l6P3ux-"`, "新": `"&ZbA-"`, "Q&A": `"Q&-A"`,
	} {
		selectBox(t, c, name)
		if !strings.Contains(heard(), "SELECT "+spelled+"\n") {
			t.Errorf("%s was not called %s in\n%s", name, spelled, heard())
		}
	}
	if err := c.Rename(t.Context(), "R&D", "测试"); err != nil || !strings.Contains(heard(), `RENAME "R&D" "`+gbk+`"`) {
		t.Errorf("error %v in\n%s", err, heard())
	}
}

func TestListWithoutWhatWasPromised(t *testing.T) {
	ep, heard := script(t, func(s *server) {
		s.serve("LIST-EXTENDED SPECIAL-USE", func(tag, command string) bool {
			switch {
			case strings.Contains(command, "RETURN"), strings.HasPrefix(command, "LSUB"):
				s.say("%s BAD syntax", tag)
				return true
			case strings.HasPrefix(command, "LIST"):
				s.say(`* LIST (\Sent) "." INBOX.Outgoing`)
			}
			return false
		})
	})
	list, err := open(t, ep).List(t.Context())
	if err != nil || len(list) != 1 || list[0].Role != account.RoleSent || list[0].Delim != "." {
		t.Errorf("%+v, error %v\n%s", list, err, heard())
	}
}

func TestXLIST(t *testing.T) {
	text := `* XLIST (\HasNoChildren \Inbox) "/" "&ZTZO9nux-"
* XLIST (\AllMail) "/" "[Gmail]/&YkBnCZCuTvY-"
* XLIST (\Spam) "/" "x"
* XLIST () "/" "Spam"
%s OK`
	ep, _ := replies(t, "XLIST", "XLIST", text)
	list, err := open(t, ep).List(t.Context())
	if err != nil || len(list) != 4 {
		t.Fatalf("%+v, error %v", list, err)
	}
	if list[0].Name != "INBOX" || list[0].Role != account.RoleInbox || list[1].Role != account.RoleArchive || list[2].Role != account.RoleJunk || list[3].Role != "" {
		t.Errorf("%+v", list)
	}
}

func TestNothingFollowsARefusedCopy(t *testing.T) {
	ep, heard := replies(t, "UIDPLUS", "UID COPY", "%s NO [OVERQUOTA] Quota exceeded (mailbox is full)")
	c := open(t, ep)
	moved, err := c.Move(t.Context(), []imap.UID{1, 2}, "Archive")
	fails(t, err, transport.KindRefused, "OVERQUOTA", "mailbox is full")
	if len(moved.From) != 0 {
		t.Errorf("moved %+v", moved)
	}
	if _, err := c.Noop(t.Context()); err != nil {
		t.Error(err)
	}
	if h := heard(); strings.Contains(h, "STORE") || strings.Contains(h, "EXPUNGE") {
		t.Errorf("commands:\n%s", h)
	}
}

func TestOnlyWhatWasCopiedIsDeleted(t *testing.T) {
	ep, heard := replies(t, "UIDPLUS", "UID COPY", "%s OK [COPYUID 9 1,3 10:11] done")
	moved, err := open(t, ep).Move(t.Context(), []imap.UID{1, 2, 3}, "Archive")
	if err != nil || moved.UIDValidity != 9 || !slices.Equal(moved.From, []imap.UID{1, 3}) || !slices.Equal(moved.To, []imap.UID{10, 11}) {
		t.Errorf("moved %+v, error %v", moved, err)
	}
	if h := heard(); !strings.Contains(h, `UID STORE 1,3 +FLAGS.SILENT (\Deleted)`) || !strings.Contains(h, "UID EXPUNGE 1,3\n") {
		t.Errorf("commands:\n%s", h)
	}
}

func TestOddCOPYUID(t *testing.T) {
	for _, code := range []string{"COPYUID", "COPYUID 9", "COPYUID 9 1:* 2:*", "COPYUID 9 1:4294967295 1:4294967295", "COPYUID 9 1:2 5", "COPYUID 0 1 1", "COPYUID 9 0 0", "COPYUID x y z"} {
		ep, _ := replies(t, "UIDPLUS MOVE", "UID MOVE", "* OK ["+code+"] moved\n%s OK done")
		moved, err := open(t, ep).Move(t.Context(), []imap.UID{1, 2}, "Archive")
		if err != nil || !slices.Equal(moved.From, []imap.UID{1, 2}) || moved.To != nil || moved.UIDValidity != 0 {
			t.Errorf("%s: moved %+v, error %v", code, moved, err)
		}
	}
}

func TestBYE(t *testing.T) {
	ep, _ := script(t, func(s *server) {
		s.serve("", func(_, command string) bool {
			if command != "NOOP" {
				return false
			}
			s.say("* BYE [UNAVAILABLE] restarting, back in a minute")
			s.Close()
			return true
		})
	})
	_, err := open(t, ep).Noop(t.Context())
	fails(t, err, transport.KindNetwork, "UNAVAILABLE", "back in a minute")
}

func TestRefusalsWithoutWords(t *testing.T) {
	ep, _ := replies(t, "", "NOOP", "* NO [ALERT] your mailbox is locked\n%s NO")
	_, err := open(t, ep).Noop(t.Context())
	fails(t, err, transport.KindRefused, "", "locked")
	for text, kind := range map[string]transport.Kind{"%s NO": transport.KindRefused, "%s BAD": transport.KindProtocol, "%s": transport.KindProtocol, "%s XYZ what": transport.KindProtocol} {
		ep, _ := replies(t, "", "NOOP", text)
		c := open(t, ep)
		_, err := c.Noop(t.Context())
		fails(t, err, kind, "", "")
		selectBox(t, c, "INBOX") // it was an answer: the connection stands
	}
}

// An answer that comes before its command (CVE-2026-42246) is no answer.
func TestAnswersAheadAreNotBelieved(t *testing.T) {
	ep, _ := replies(t, "", "SELECT", "%s OK\nT5 OK\nT6 OK\nT7 OK\nR2 OK")
	c := dialWithin(t, ep, time.Minute)
	selectBox(t, c, "INBOX")
	if _, err := c.Noop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSearchThatFindsEverything(t *testing.T) {
	ep, _ := script(t, func(s *server) {
		s.serve("", func(tag, command string) bool {
			switch {
			case strings.HasPrefix(command, "UID SEARCH"):
				s.say("* SEARCH 3 1 2 2")
			case strings.HasPrefix(command, "UID FETCH"):
				for i, id := range []string{"one@x", "two@x", "two@x.y"} {
					s.say("* %d FETCH (UID %d BODY[HEADER.FIELDS (DATE)] \"Message-ID: <%s>\")", i+1, i+1, id)
				}
			}
			return false
		})
	})
	found, err := open(t, ep).FindMessageID(t.Context(), "two@x")
	if err != nil || !slices.Equal(found, []imap.UID{2}) {
		t.Errorf("found %v, error %v", found, err)
	}
}

func TestUIDsWithoutSearch(t *testing.T) {
	ep, _ := script(t, func(s *server) {
		s.serve("", func(tag, command string) bool {
			if command == "UID FETCH 1:* (UID FLAGS)" {
				s.say("* 1 FETCH (UID 5 FLAGS ())\n* 2 FETCH (UID 7 FLAGS (\\Seen))\n* 3 FETCH (UID 9 FLAGS ())\n* 2 FETCH (UID 7 FLAGS ())")
			}
			return s.on("UID SEARCH", "%s BAD no such command")(tag, command)
		})
	})
	uids, err := open(t, ep).UIDs(t.Context())
	if err != nil || !slices.Equal(uids, []imap.UID{5, 7, 9}) {
		t.Errorf("UIDs %v, error %v", uids, err)
	}
}

func TestKeywordsTheMailboxCannotKeep(t *testing.T) {
	ep, heard := replies(t, "", "SELECT", "* OK [PERMANENTFLAGS (\\Seen \\Flagged $Junk)] limited\n%s OK")
	if err := open(t, ep).Store(t.Context(), []imap.UID{1}, message.Forwarded|message.Junk|message.Seen, message.NotJunk); err != nil {
		t.Fatal(err)
	}
	if h := heard(); !strings.Contains(h, `+FLAGS.SILENT (\Seen $Junk)`) || strings.Contains(h, "-FLAGS") {
		t.Errorf("commands:\n%s", h)
	}
}

func TestServerEndsIdle(t *testing.T) {
	ep, heard := script(t, func(s *server) {
		times := 0
		s.serve("IDLE", func(tag, command string) bool {
			switch command {
			case "IDLE":
				s.say("+ ")
				if times++; times == 1 {
					s.say("%s OK enough of this", tag)
				} else {
					s.say("* OK still here\n* 2 FETCH (UID 2 FLAGS (\\Seen))")
					s.command()
					s.say("%s OK", tag)
				}
				return true
			case "":
				s.say("DONE BAD no such command")
				return true
			}
			return false
		})
	})
	if err := open(t, ep).Idle(t.Context()); err != nil {
		t.Error(err)
	}
	if strings.Count(heard(), "IDLE") < 2 {
		t.Errorf("commands:\n%s", heard())
	}
}
