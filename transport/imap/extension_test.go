package imap_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/transport"
	"tmail/transport/imap"
)

// Over a slow link both directions are compressed, and nothing else changes; over a fast one nothing is.
func TestCompression(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t, mailtest.DovecotOptions{Compress: true})
	ep := endpoint(t, d, account.SecurityNone)
	put(t, dial(t, ep), "INBOX", 3)
	raw := append(text("large"), bytes.Repeat([]byte("all the same, line by line\r\n"), 20_000)...)
	for _, delay := range []time.Duration{0, 5 * time.Millisecond} {
		ep.Port = mailtest.NewSlowLink(t, d.IMAP, delay).Port
		meter := &transport.Meter{}
		c, err := imap.Dial(t.Context(), &transport.Dialer{Meter: meter}, ep)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		uid, _, err := c.Append(t.Context(), "INBOX", 0, time.Time{}, int64(len(raw)), bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		status := selectBox(t, c, "INBOX")
		if uids := uidsOf(t, c); len(uids) != int(status.Messages) {
			t.Errorf("%d UIDs of %d", len(uids), status.Messages)
		}
		var body bytes.Buffer
		if err := c.Body(t.Context(), uid, int64(len(raw)), &body); err != nil || !bytes.Equal(body.Bytes(), raw) {
			t.Errorf("with delay %v the body differs, error %v", delay, err)
		}
		in, out := meter.In.Load(), meter.Out.Load()
		if compressed := in < int64(len(raw)/2) && out < int64(len(raw)/2); compressed != (delay > 0) {
			t.Errorf("with delay %v: %d bytes in, %d out for a message of %d", delay, in, out, len(raw))
		}
		d.Kick(user(t))
		<-c.Done()
		if _, err := c.Noop(t.Context()); kindOf(t, err) != transport.KindNetwork {
			t.Error(err)
		}
	}
}

// What happened since is told in the same words whether the server has QRESYNC, CONDSTORE or neither.
func TestSelectSince(t *testing.T) {
	t.Parallel()
	for name, capability := range map[string]string{
		"QRESYNC": "", "CONDSTORE": "IMAP4rev1 CONDSTORE UIDPLUS MOVE", "neither": "IMAP4rev1 UIDPLUS MOVE",
	} {
		t.Run(name, func(t *testing.T) {
			d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{Capability: capability})
			ep := endpoint(t, d, account.SecurityNone)
			c, other := dial(t, ep), dial(t, ep)
			uids := put(t, other, "INBOX", 10)
			before := selectBox(t, c, "INBOX")
			known := imap.Known{UIDValidity: before.UIDValidity, ModSeq: before.HighestModSeq}
			selectBox(t, other, "INBOX")
			if err := other.Store(t.Context(), uids[:2], message.Flagged, 0); err != nil {
				t.Fatal(err)
			}
			if err := other.Delete(t.Context(), uids[5:8]); err != nil {
				t.Fatal(err)
			}
			uids = append(uids, put(t, other, "INBOX", 1)...)
			status, delta, err := c.SelectSince(t.Context(), "INBOX", known)
			if err != nil || status.Messages != 8 {
				t.Fatalf("%+v, error %v", status, err)
			}
			if name == "neither" {
				if delta != nil {
					t.Errorf("a server that cannot tell told %+v", delta)
				}
				return
			}
			var told []imap.UID
			for _, f := range delta.Flags {
				told = append(told, f.UID)
			}
			if want := []imap.UID{uids[0], uids[1], uids[10]}; !slices.Equal(told, want) || delta.Flags[0].Flags != message.Flagged {
				t.Errorf("flags told of %v, want those of %v", delta.Flags, want)
			}
			if name == "QRESYNC" && !slices.Equal(delta.Gone, []imap.Range{{First: uids[5], Last: uids[7]}}) {
				t.Errorf("gone: %v", delta.Gone)
			}
			known.ModSeq = status.HighestModSeq
			if _, delta, err = c.SelectSince(t.Context(), "INBOX", known); err != nil || len(delta.Flags)+len(delta.Gone) > 0 {
				t.Errorf("nothing happened, and told is %+v, error %v", delta, err)
			}
			known.UIDValidity++
			if _, delta, err = c.SelectSince(t.Context(), "INBOX", known); err != nil || delta != nil {
				t.Errorf("of another mailbox it tells %+v, error %v", delta, err)
			}
		})
	}
}

// resuming is a server that answers SELECT with QRESYNC in its own way.
func resuming(t *testing.T, answer string) (*imap.Client, func() string) {
	ep, heard := script(t, func(s *server) {
		s.serve("ENABLE CONDSTORE QRESYNC", func(tag, command string) bool {
			switch {
			case command == "ENABLE QRESYNC":
				s.say("* ENABLED QRESYNC")
			case strings.Contains(command, "(QRESYNC"):
				s.say("* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 10] ok\n%s", strings.ReplaceAll(answer, "%s", tag))
				return true
			}
			return false
		})
	})
	return dialWithin(t, ep, time.Minute), heard
}

func TestOddVanished(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		gone   string // "none": nothing was told
	}{
		"plain":           {"* OK [HIGHESTMODSEQ 20] ok\n* VANISHED (EARLIER) 4,6:8\n%s OK", "[{4 4} {6 8}]"},
		"in pieces":       {"* OK [HIGHESTMODSEQ 20] ok\n* vanished (earlier) 4\n* VANISHED (EARLIER) 8:6\n%s OK", "[{4 4} {6 8}]"},
		"everything":      {"* OK [HIGHESTMODSEQ 20] ok\n* VANISHED (EARLIER) 1:4294967295\n%s OK", "[{1 4294967295}]"},
		"nonsense":        {"* OK [HIGHESTMODSEQ 20] ok\n* VANISHED (EARLIER) 4:*\n%s OK", "none"},
		"empty":           {"* OK [HIGHESTMODSEQ 20] ok\n* VANISHED (EARLIER)\n%s OK", "none"},
		"zero":            {"* OK [HIGHESTMODSEQ 20] ok\n* VANISHED (EARLIER) 0\n%s OK", "none"},
		"out of range":    {"* OK [HIGHESTMODSEQ 20] ok\n* VANISHED (EARLIER) 99999999999\n%s OK", "none"},
		"NOMODSEQ":        {"* OK [NOMODSEQ] sorry\n%s OK", "none"},
		"went back":       {"* OK [HIGHESTMODSEQ 3] restored\n%s OK", "none"},
		"nothing at all":  {"* OK [HIGHESTMODSEQ 20] ok\n%s OK", "[]"},
		"other data, too": {"* OK [HIGHESTMODSEQ 20] ok\n* 2 FETCH (MODSEQ (18))\n* 3 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (19))\n* ESEARCH UID\n%s OK", "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			c, heard := resuming(t, test.answer)
			_, delta, err := c.SelectSince(t.Context(), `odd "box"`, imap.Known{UIDValidity: 7, ModSeq: 12})
			if err != nil {
				t.Fatal(err)
			}
			got := "none"
			if delta != nil {
				got = fmt.Sprint(delta.Gone)
			}
			if got != test.gone {
				t.Errorf("gone: %s, want %s", got, test.gone)
			}
			if !strings.Contains(heard(), `SELECT "odd \"box\"" (QRESYNC (7 12))`) {
				t.Errorf("asked was:\n%s", heard())
			}
		})
	}
}

// Once QRESYNC is enabled messages vanish instead of being expunged; what is left has to be counted right, for a list
// of UIDs that is shorter is not believed.
func TestVanishedIsCounted(t *testing.T) {
	ep, _ := script(t, func(s *server) {
		s.serve("ENABLE CONDSTORE QRESYNC ESEARCH", func(tag, command string) bool {
			switch {
			case command == "ENABLE QRESYNC":
				s.say("* ENABLED QRESYNC")
			case command == "NOOP":
				s.say("* VANISHED 1:2")
			case strings.HasPrefix(command, "UID SEARCH"):
				s.say("* ESEARCH (TAG %q) UID ALL 3", tag)
			}
			return false
		})
	})
	c := open(t, ep)
	if changed, err := c.Noop(t.Context()); err != nil || !changed {
		t.Errorf("changed: %v, error %v", changed, err)
	}
	if uids, err := c.UIDs(t.Context()); err != nil || !slices.Equal(uids, []imap.UID{3}) {
		t.Errorf("UIDs %v, error %v", uids, err)
	}
}

// A server that promises QRESYNC or COMPRESS and then refuses is worked with all the same.
func TestRefusedExtensions(t *testing.T) {
	ep, heard := script(t, func(s *server) {
		s.serve("ENABLE CONDSTORE QRESYNC COMPRESS=DEFLATE ID", func(tag, command string) bool {
			word, _, _ := strings.Cut(command, " ")
			if word == "ID" {
				time.Sleep(10 * time.Millisecond) // a slow link
			}
			if word == "ENABLE" || word == "COMPRESS" || word == "ID" {
				s.say("%s BAD what?", tag)
				return true
			}
			return false
		})
	})
	c := open(t, ep)
	if _, _, err := c.SelectSince(t.Context(), "INBOX", imap.Known{UIDValidity: 7, ModSeq: 12}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(heard(), "COMPRESS") || strings.Contains(heard(), "(QRESYNC") {
		t.Errorf("commands:\n%s", heard())
	}
}

// Where LIST does not tell, all mailboxes are asked after at once, whatever order the answers come in.
func TestStatusesAreAskedForAtOnce(t *testing.T) {
	ep, _ := script(t, func(s *server) {
		var tags []string
		s.serve("", func(tag, command string) bool {
			switch word, _, _ := strings.Cut(command, " "); word {
			case "LIST":
				s.say("* LIST () \"/\" INBOX\n* LIST () \"/\" a\n* LIST (\\Noselect) \"/\" b\n* LIST () \"/\" c")
			case "STATUS":
				if tags = append(tags, tag); len(tags) == 3 {
					s.say("* STATUS c (MESSAGES 3 UIDNEXT 30)\n%s NO [NONEXISTENT] gone\n* STATUS INBOX (MESSAGES 1 UIDNEXT 10)\n%s OK\n%s OK", tags[1], tags[2], tags[0])
				}
				return true
			}
			return false
		})
	})
	boxes, err := dialWithin(t, ep, time.Minute).List(t.Context())
	if err != nil || len(boxes) != 4 {
		t.Fatalf("%+v, error %v", boxes, err)
	}
	if boxes[0].Status == nil || boxes[0].Status.UIDNext != 10 || boxes[1].Status != nil || boxes[2].Status != nil || boxes[3].Status == nil || boxes[3].Status.UIDNext != 30 {
		t.Errorf("%+v", boxes)
	}
}

// Several bodies come with one command, and which did not come is known.
func TestBodiesTogether(t *testing.T) {
	ep, heard := replies(t, "", "UID FETCH", strings.Join([]string{
		"* 1 FETCH (UID 2 BODY[] {4}", "a", "b)", "* 2 FETCH (FLAGS (\\Seen))", "* 3 FETCH (BODY[] \"whole\" UID 4)",
		"* 4 FETCH (UID 9 BODY[] \"not asked for\")", "* 5 FETCH (UID 3 BODY[]<7> \"a piece\")", "%s OK"}, "\n"))
	c := open(t, ep)
	got := map[imap.UID]string{}
	asked, err := c.Bodies(t.Context(), []imap.Want{{UID: 4, Size: 5}, {UID: 3}, {UID: 2, Size: 4}, {UID: 1, Size: 1 << 30}}, nil, func(uid imap.UID, raw []byte) error {
		got[uid] = string(raw)
		return nil
	})
	if err != nil || asked != 3 || len(got) != 2 || got[2] != "a\r\nb" || got[4] != "whole" {
		t.Errorf("asked %d, got %v, error %v\n%s", asked, got, err, heard())
	}
}
