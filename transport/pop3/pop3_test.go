package pop3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tmail/account"
	"tmail/transport"
)

// fetchAll lists and fetches everything.
func fetchAll(t *testing.T, c *Client) []string {
	t.Helper()
	items, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, 0, len(items))
	err = c.Fetch(t.Context(), items, func(item Item, r io.Reader) error {
		if item != items[len(got)] {
			t.Errorf("got %+v in place of %+v", item, items[len(got)])
		}
		raw, err := io.ReadAll(r)
		got = append(got, string(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFetchGivesTheBytesOfTheServer(t *testing.T) {
	messages := []string{
		"", "a\r\n", "a\nb\n.\nc\r\n", "a\n.\r\nb\r\n", ".\r\n..\r\n.x\r\n", "a\r.\r\r\n", "\x00\xff\r\n",
		strings.Repeat("y", 100_000) + "\r\n", strings.Repeat(".", 4096) + "\r\n",
	}
	for _, caps := range []string{"", signInOnly, signInOnly + "PIPELINING\r\n"} {
		t.Run(caps, func(t *testing.T) {
			ep, _ := serve(t, account.SecurityNone, mailbox{messages: messages, caps: caps}.script)
			for i, got := range fetchAll(t, dial(t, patient(), ep)) {
				if got != messages[i] {
					t.Errorf("message %d: got %.60q, want %.60q", i+1, got, messages[i])
				}
			}
		})
	}
}

func TestServerThatEndsLinesWithLF(t *testing.T) {
	ep, _ := serve(t, account.SecurityNone, func(s *talk) {
		box := mailbox{messages: []string{"a\r\n.b\r\n"}, caps: signInOnly}
		s.say("+OK ready\n")
		for command := s.hear(); command != ""; command = s.hear() {
			verb, argument, _ := strings.Cut(command, " ")
			s.say(strings.ReplaceAll(box.answer(verb, argument), "\r\n", "\n"))
		}
	})
	if got := fetchAll(t, dial(t, patient(), ep)); len(got) != 1 || got[0] != "a\n.b\n" {
		t.Errorf("got %q", got)
	}
}

func TestList(t *testing.T) {
	const two, three = "+OK\r\n1 10\r\n2 20\r\n.\r\n", "+OK\r\n1 10\r\n2 20\r\n3 30\r\n.\r\n"
	for _, test := range []struct {
		name             string
		stat, list, uidl string
		want             string // of the items, or of the error
	}{
		{"all", "+OK 2 30\r\n", two, "+OK\r\n1 a\r\n2 b\r\n.\r\n", "[{1 a 10} {2 b 20}]"},
		{"no messages", "+OK 0 0\r\n", "+OK\r\n.\r\n", "+OK\r\n.\r\n", "[]"},
		{"no messages, nothing to list", "+OK 0 0\r\n", "-ERR no messages\r\n", "-ERR no messages\r\n", "[]"},
		{"out of order, with gaps", "+OK 2 30 extra\r\n", "+OK\r\n7 20\r\n3 10 extra\r\n.\r\n", "+OK\r\n3 a\r\n7 b\r\n.\r\n", "[{3 a 10} {7 b 20}]"},
		{"duplicate ids", "+OK 2 30\r\n", two, "+OK\r\n1 a\r\n2 a\r\n.\r\n", "[{1 a 10} {2 a 20}]"},
		{"a message without id", "+OK 2 30\r\n", two, "+OK\r\n1\r\n2 b\r\n.\r\n", "[{1  10} {2 b 20}]"},
		{"no UIDL", "+OK 2 30\r\n", two, "-ERR unknown command\r\n", "[{1  10} {2  20}]"},
		{"no space behind +OK", "+OK2 30\r\n", two, "+OK\r\n1 a\r\n2 b\r\n.\r\n", "[{1 a 10} {2 b 20}]"},
		{"short UIDL", "+OK 2 30\r\n", two, "+OK\r\n1 a\r\n.\r\n", "gives 1 of them an id"},
		{"UIDL stopped by an empty line", "+OK 2 30\r\n", two, "+OK\r\n1 a\r\n\r\n.\r\n", "no message number"},
		{"UIDL of what is not listed", "+OK 2 30\r\n", two, "+OK\r\n1 a\r\n3 b\r\n.\r\n", "message 3 is not listed"},
		{"one message's id twice", "+OK 2 30\r\n", two, "+OK\r\n1 a\r\n1 b\r\n.\r\n", "message 1 is not listed, or twice"},
		{"short LIST", "+OK 3 30\r\n", two, "", "has 3 messages and lists 2"},
		{"long LIST", "+OK 2 30\r\n", three, "", "more than 2 lines"},
		{"message listed twice", "+OK 2 30\r\n", "+OK\r\n1 10\r\n1 10\r\n.\r\n", "", "listed twice"},
		{"negative size", "+OK 1 30\r\n", "+OK\r\n1 -10\r\n.\r\n", "", "no size"},
		{"size beyond all bounds", "+OK 1 30\r\n", "+OK\r\n1 99999999999999999999\r\n.\r\n", "", "no size"},
		{"message 0", "+OK 1 30\r\n", "+OK\r\n0 10\r\n.\r\n", "", "no message number"},
		{"negative count", "+OK -1 30\r\n", "", "", "no number of messages"},
		{"absurd count", "+OK 4294967296 30\r\n", "", "", "no number of messages"},
		{"no count", "+OK\r\n", "", "", "no number of messages"},
		{"refused", "-ERR [SYS/TEMP] come later\r\n", "", "", "come later"},
		{"empty status line", "\r\n", "", "", "no POP3 answer"},
		{"garbage", "OK 1 10\r\n", "", "", "no POP3 answer"},
		{"challenge out of place", "+ abc\r\n", "", "", "no POP3 answer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, caps := range []string{signInOnly, "PIPELINING\r\n"} {
				ep, _ := serve(t, account.SecurityNone, mailbox{caps: caps,
					answers: map[string]string{"STAT": test.stat, "LIST": test.list, "UIDL": test.uidl}}.script)
				items, err := dial(t, patient(), ep).List(t.Context())
				if err == nil && fmt.Sprint(items) != test.want {
					t.Errorf("got %v, want %v", items, test.want)
				}
				if err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				if err != nil {
					problem(t, err)
				}
			}
		})
	}
}

// flood says the same for ever, or until the client has had enough.
func flood(s *talk, first, again string) {
	s.say(first)
	again = strings.Repeat(again, 1+4096/len(again))
	for {
		if _, err := s.Write([]byte(again)); err != nil {
			return
		}
	}
}

func TestFloods(t *testing.T) {
	for _, test := range []struct{ at, first, again string }{
		{"", "", "x"},
		{"", "+OK ", "x"},
		{"CAPA", "+OK\r\n", "x"},
		{"CAPA", "+OK\r\n", "KEYWORD\r\n"},
		{"PASS", "-ERR ", "x"},
		{"LIST", "+OK\r\n", "1 1\r\n"},
		{"LIST", "+OK\r\n1 10\r\n.\r\n", "x"},
	} {
		t.Run(test.at+test.first+test.again, func(t *testing.T) {
			ep, _ := serve(t, account.SecurityNone, func(s *talk) {
				if test.at == "" {
					flood(s, test.first, test.again)
					return
				}
				box := mailbox{messages: []string{"0123456789"}, caps: signInOnly}
				s.say("+OK ready\r\n")
				for command := s.hear(); command != ""; command = s.hear() {
					verb, argument, _ := strings.Cut(command, " ")
					if verb == test.at {
						flood(s, test.first, test.again)
						return
					}
					s.say(box.answer(verb, argument))
				}
			})
			c, err := Dial(t.Context(), patient(), ep)
			if err == nil {
				_, err = c.List(t.Context())
				c.Close()
			}
			if e := problem(t, err); e.Kind != transport.KindProtocol {
				t.Errorf("got %v error, want protocol: %v", e.Kind, e)
			}
		})
	}
}

func TestRefusedMessageDoesNotStopTheOthers(t *testing.T) {
	ep, _ := serve(t, account.SecurityNone, mailbox{messages: []string{"one\r\n", "two\r\n", "three\r\n"}, caps: "PIPELINING\r\n",
		answers: map[string]string{"RETR 2": "-ERR it is damaged\r\n"}}.script)
	c := dial(t, patient(), ep)
	var got []string
	err := c.Fetch(t.Context(), []Item{{Number: 1}, {Number: 2}, {Number: 3}}, func(item Item, r io.Reader) error {
		raw, err := io.ReadAll(r)
		if err != nil {
			if e := problem(t, err); e.Kind != transport.KindRefused || e.Words != "it is damaged" {
				t.Errorf("got %+v", e)
			}
		}
		got = append(got, string(raw))
		return nil
	})
	if err != nil || fmt.Sprintf("%q", got) != `["one\r\n" "" "three\r\n"]` {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestMessageNotReadToItsEndIsSkipped(t *testing.T) {
	ep, _ := serve(t, account.SecurityNone, mailbox{messages: []string{strings.Repeat("x\r\n", 10_000), "two\r\n"}, caps: signInOnly}.script)
	var got string
	err := dial(t, patient(), ep).Fetch(t.Context(), []Item{{Number: 1}, {Number: 2}}, func(item Item, r io.Reader) error {
		b := make([]byte, 3)
		_, err := io.ReadFull(r, b)
		got += string(b)
		return err
	})
	if err != nil || got != "x\r\ntwo" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFetchStopsAtAnErrorOfItsCaller(t *testing.T) {
	ep, _ := serve(t, account.SecurityNone, mailbox{messages: []string{"one\r\n", "two\r\n"}, caps: "PIPELINING\r\n"}.script)
	c := dial(t, patient(), ep)
	full := errors.New("disk full")
	calls := 0
	err := c.Fetch(t.Context(), []Item{{Number: 1}, {Number: 2}}, func(Item, io.Reader) error { calls++; return full })
	if err != full || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	if _, err := c.List(t.Context()); err == nil {
		t.Error("the connection is used after answers were left unread")
	}
}

func TestConnectionLostOrStalledInAMessage(t *testing.T) {
	for _, stalls := range []bool{false, true} {
		ep, _ := serve(t, account.SecurityNone, func(s *talk) {
			s.say("+OK ready\r\n")
			for range 3 { // CAPA, USER, PASS
				command := s.hear()
				s.say(mailbox{caps: signInOnly}.answer(strings.Fields(command)[0], ""))
			}
			s.hear()
			s.say("+OK\r\nhalf a mess")
			if stalls {
				s.drain()
			}
		})
		c, err := Dial(t.Context(), hurried(), ep)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Fetch(t.Context(), []Item{{Number: 1}}, func(_ Item, r io.Reader) error {
			_, err := io.ReadAll(r)
			return err
		})
		if e := problem(t, err); e.Kind != transport.KindNetwork {
			t.Errorf("stalls %v: got %v", stalls, err)
		} else if stalls != errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("stalls %v: got %v", stalls, err)
		}
	}
}

func TestPipelineIsBounded(t *testing.T) {
	const messages = 500
	var asked, answered, most atomic.Int64
	ep, _ := serve(t, account.SecurityNone, func(s *talk) {
		s.say("+OK ready\r\n")
		box := mailbox{messages: make([]string, messages), caps: signInOnly + "PIPELINING\r\n"}
		commands := make(chan string, messages)
		go func() {
			defer close(commands)
			for command := s.hear(); command != ""; command = s.hear() {
				if strings.HasPrefix(command, "RETR") {
					waiting := asked.Add(1) - answered.Load()
					most.Store(max(most.Load(), waiting))
				}
				commands <- command
			}
		}()
		for command := range commands {
			verb, argument, _ := strings.Cut(command, " ")
			if verb == "RETR" {
				answered.Add(1)
			}
			s.say(box.answer(verb, argument))
		}
	})
	if got := len(fetchAll(t, dial(t, patient(), ep))); got != messages {
		t.Errorf("got %d messages", got)
	}
	if n := most.Load(); n < 2 || n > maxUnanswered {
		t.Errorf("up to %d commands were unanswered, want 2 to %d", n, maxUnanswered)
	}
}

func TestDeleteTellsWhatWasRefused(t *testing.T) {
	ep, said := serve(t, account.SecurityNone, mailbox{messages: make([]string, 3), caps: "PIPELINING\r\n",
		answers: map[string]string{"DELE 2": "-ERR no such message\r\n"}}.script)
	c := dial(t, patient(), ep)
	err := c.Delete(t.Context(), []Item{{Number: 1}, {Number: 2}, {Number: 3}})
	if err == nil || !strings.Contains(err.Error(), "delete message 2") {
		t.Errorf("got %v", err)
	}
	if err := c.Quit(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.HasSuffix(said(), "DELE 1\r\nDELE 2\r\nDELE 3\r\nQUIT\r\n") {
		t.Errorf("the server heard %q", said())
	}
}

func TestQuitThatFails(t *testing.T) {
	for answer, want := range map[string]transport.Kind{
		"-ERR [SYS/PERM] some messages were not removed\r\n": transport.KindRefused,
		"":              transport.KindNetwork,
		"bye\r\n":       transport.KindProtocol,
		"\r\n+OK bye\n": transport.KindProtocol,
	} {
		ep, _ := serve(t, account.SecurityNone, mailbox{caps: signInOnly, answers: map[string]string{"QUIT": answer}}.script)
		err := dial(t, patient(), ep).Quit(t.Context())
		if e := problem(t, err); e.Kind != want {
			t.Errorf("%q: got %v", answer, err)
		}
	}
}

func TestCancel(t *testing.T) {
	for at, verb := range []string{"", "CAPA", "STAT", "RETR", "QUIT"} {
		t.Run(verb, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ep, _ := serve(t, account.SecurityNone, func(s *talk) {
				if at > 0 {
					s.say("+OK ready\r\n")
				}
				box := mailbox{messages: []string{"one\r\n"}, caps: signInOnly}
				for at > 0 {
					command, argument, _ := strings.Cut(s.hear(), " ")
					if command == verb || command == "" {
						break
					}
					s.say(box.answer(command, argument))
				}
				cancel()
				s.drain()
			})
			c, err := Dial(ctx, &transport.Dialer{Timeout: time.Hour}, ep)
			if err == nil {
				defer c.Close()
				switch verb {
				case "STAT":
					_, err = c.List(ctx)
				case "RETR":
					err = c.Fetch(ctx, []Item{{Number: 1}}, func(_ Item, r io.Reader) error {
						_, err := io.ReadAll(r)
						return err
					})
				case "QUIT":
					err = c.Quit(ctx)
				}
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestBigMessageTakesNoMemory fetches 25 MB of long lines and dots. The server
// sends the same piece again and again, so that all that could be allocated in
// proportion is the client's.
func TestBigMessageTakesNoMemory(t *testing.T) {
	const pieces = 25 << 20 / 20_000
	piece := strings.Repeat(".", 9_998) + "\r\n" + strings.Repeat("z", 9_998) + "\r\n"
	ep, _ := serve(t, account.SecurityNone, func(s *talk) {
		s.say("+OK ready\r\n")
		for command := s.hear(); command != ""; command = s.hear() {
			if !strings.HasPrefix(command, "RETR") {
				s.say(mailbox{caps: signInOnly}.answer(strings.Fields(command)[0], ""))
				continue
			}
			s.say("+OK\r\n")
			sent := []byte("." + piece)
			for range pieces {
				s.Write(sent)
			}
			s.say(".\r\n")
		}
	})
	c := dial(t, patient(), ep)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var size int64
	err := c.Fetch(t.Context(), []Item{{Number: 1, Size: 25 << 20}}, func(_ Item, r io.Reader) (err error) {
		size, err = io.Copy(io.Discard, r)
		return err
	})
	runtime.ReadMemStats(&after)
	if err != nil || size != int64(pieces*len(piece)) {
		t.Errorf("got %d bytes, %v", size, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated for a message of %d", used, size)
	}
}
