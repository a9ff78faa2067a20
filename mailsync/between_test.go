package mailsync

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"tmail/mailtest"
)

// answers stands in front of an IMAP server and answers the commands that hold word itself.
func answers(t *testing.T, target int, word, answer string) int {
	return answersWhile(t, target, func() bool { return true }, word, answer)
}

// answersWhile does so while holds.
func answersWhile(t *testing.T, target int, holds func() bool, word, answer string) int {
	return between(t, target, func(c *mailtest.Conversation, line string) (string, bool) {
		if !holds() || !strings.Contains(line, word) {
			return line, true
		}
		tag, _, _ := strings.Cut(line, " ")
		c.Say(tag + " " + answer)
		return "", false
	}, asItIs).Port
}

func asItIs(line string) string { return line }

// between stands in front of a server and changes what each side says, line by line. What up does not want passed on
// it has answered itself.
func between(t *testing.T, target int, up func(c *mailtest.Conversation, line string) (string, bool), down func(line string) string) *mailtest.Scripted {
	return mailtest.Script(t, func(c *mailtest.Conversation) {
		server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", target))
		if err != nil {
			return
		}
		defer server.Close()
		go func() {
			answers := bufio.NewScanner(server)
			for answers.Scan() {
				c.Say(down(answers.Text()))
			}
			c.Reset()
		}()
		for {
			line, ok := c.Hear()
			if !ok {
				return
			}
			if line, ok = up(c, line); ok {
				fmt.Fprintf(server, "%s\r\n", line)
			}
		}
	})
}
