package ui

import (
	"regexp"
	"strings"
	"testing"

	"tmail/account"
	"tmail/message/safe"
	"tmail/store"
)

// colours are the only sequences the screen writes by itself.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

const poison = "\x1b[2J\x1b]52;c;AAAA\x07\x1b]0;owned\x07\u009b31m\u202e\r\x08\x00<evil>"

// Nothing a message says reaches the terminal as anything but text.
func TestHostileMail(t *testing.T) {
	s := start(t, 100, 40, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 500, letter{
			from: "\"Eve " + poison + "\" <eve@example.net>", to: poison + " <me@example.com>", subject: "Trap " + poison,
			extra: "X-Evil: " + poison + "\r\nContent-Type: multipart/mixed; boundary=b\r\n",
			body: "--b\nContent-Type: text/html\n\n<p>" + poison + "<a href=\"https://example.net/" + poison + "\">" + poison + "</a>" +
				"\n--b\nContent-Type: text/plain; name=\"" + poison + ".txt\"\nContent-Disposition: attachment; filename=\"../../" + poison + ".txt\"\n\nx\n--b--\n",
		})
	})
	s.Shows("Trap").Press("g").clean("list")
	s.Press("enter").Shows("Eve", "[a]").clean("message")
	s.Press("h").clean("headers")
	s.Press("h", "v").Shows("boundary=b").clean("source")
	s.Press("v", "o").clean("links")
	s.Press("esc", "y").clean("copy")
	s.Press("esc", "S").clean("save")
	s.Press("a").clean("save in")
	s.Press("esc", "r").Shows("Re: Trap").clean("reply")
}

func (s *screen) clean(where string) *screen {
	s.t.Helper()
	content, _ := s.m.screen()
	rest := colours.ReplaceAllString(content, "")
	for _, r := range rest {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
			s.t.Errorf("%s: %U reaches the terminal: %q", where, r, rowWith(rest, r))
			break
		}
	}
	s.lines()
	return s
}

func rowWith(text string, r rune) string {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.ContainsRune(line, r) {
			return string(safe.Line(line))
		}
	}
	return ""
}
