package imap_test

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tmail/message"
	"tmail/transport"
	"tmail/transport/imap"
)

func TestSearchCommands(t *testing.T) {
	day := time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC)
	criteria := imap.All(imap.Words(imap.SearchText, `pl"an\`), imap.Any(imap.Words(imap.SearchFrom, "ann"), imap.Not(imap.Flag(message.Seen))),
		imap.Since(day), imap.Larger(5))
	for capability, want := range map[string]string{
		"":           `UID SEARCH SENTSINCE "3-May-2024" TEXT "pl an " LARGER 5 OR (FROM "ann") (NOT (SEEN))`,
		"ESEARCH":    `UID SEARCH RETURN (ALL) SENTSINCE "3-May-2024" TEXT "pl an "`,
		"X-GM-EXT-1": `UID SEARCH X-GM-RAW "\"pl an \" {(from:\"ann\") (-(is:read))} after:2024/05/03 larger:5"`,
	} {
		ep, heard := replies(t, capability, "UID SEARCH", "* SEARCH 3 1 3\n%s OK")
		uids, err := open(t, ep).Search(t.Context(), criteria)
		if err != nil || !slices.Equal(uids, []imap.UID{1, 3}) {
			t.Errorf("%q: %v %v", capability, uids, err)
		}
		if said := heard(); !strings.Contains(said, want) {
			t.Errorf("%q: said %s, want %s", capability, said, want)
		}
	}
}

// Words that are not ASCII go to Gmail as they are, when it has said that it waits for them.
func TestSearchGmailChinese(t *testing.T) {
	ep, _ := script(t, func(s *server) {
		s.serve("X-GM-EXT-1", func(tag, command string) bool {
			size, literal := strings.CutPrefix(command, "UID SEARCH CHARSET UTF-8 X-GM-RAW {")
			if !literal {
				return false
			}
			n, err := strconv.Atoi(strings.TrimSuffix(size, "}"))
			if err != nil {
				s.say("%s BAD %s", tag, size)
				return true
			}
			s.say("+ go ahead")
			text := make([]byte, n+len("\r\n"))
			if _, err := io.ReadFull(s.r, text); err != nil || string(text) != "\"会议\" -(subject:\"预算\")\r\n" {
				s.say("%s BAD %q", tag, text)
				return true
			}
			s.say("* SEARCH 2 3\n%s OK done", tag)
			return true
		})
	})
	c := open(t, ep)
	for range 2 { // and the connection is in step afterwards
		uids, err := c.Search(t.Context(), imap.All(imap.Words(imap.SearchText, "会议"), imap.Not(imap.Words(imap.SearchSubject, "预算"))))
		if err != nil || !slices.Equal(uids, []imap.UID{2, 3}) {
			t.Errorf("%v %v", uids, err)
		}
	}
}

// Where Gmail's words are refused, it is asked as any server.
func TestSearchGmailRefused(t *testing.T) {
	for _, words := range []string{"plan", "会议"} {
		ep, _ := script(t, func(s *server) {
			refused := s.on("UID SEARCH CHARSET UTF-8 X-GM-RAW", "%s NO [BADCHARSET] no")
			plain := s.on("UID SEARCH X-GM-RAW", "%s BAD no")
			s.serve("X-GM-EXT-1 LITERAL+", func(tag, command string) bool {
				if refused(tag, command) || plain(tag, command) {
					return true
				}
				if strings.HasSuffix(command, "}") && strings.HasPrefix(command, "UID SEARCH") {
					s.say("+ go ahead")
					_, _, _ = s.command()
				}
				return s.on("UID SEARCH", "* SEARCH 1\n%s OK")(tag, command)
			})
		})
		uids, err := open(t, ep).Search(t.Context(), imap.Words(imap.SearchText, words))
		if err != nil || !slices.Equal(uids, []imap.UID{1}) {
			t.Errorf("%s: %v %v", words, uids, err)
		}
	}
}

// A server that does not know UTF-8 says no before the words come, or calls them bad.
func TestSearchRefused(t *testing.T) {
	for text, kind := range map[string]transport.Kind{"%s NO [BADCHARSET] no": transport.KindRefused, "%s BAD no": transport.KindProtocol} {
		ep, _ := replies(t, "X-GM-EXT-1", "UID SEARCH", text)
		_, err := open(t, ep).Search(t.Context(), imap.Words(imap.SearchBody, "会议"))
		var te *transport.Error
		if !errors.As(err, &te) || te.Kind != kind || te.Words != "no" {
			t.Errorf("%s: %v", text, err)
		}
	}
}
