package smtp

import (
	"bytes"
	"errors"
	"strings"

	"tmail/transport"
)

const (
	maxReplyLine  = 1990 // bytes; RFC 5321 says 512, go-smtp stands 2000
	maxReplyLines = 500  // of one reply
)

// wire is the connection as go-smtp sees it: one line of a reply at a time,
// each checked against the grammar of RFC 5321 §4.2, and in the form that
// go-smtp and net/textproto take. Nothing of a reply is read before it is
// asked for, so that Conn.StartTLS sees whatever came along.
type wire struct {
	*transport.Conn
	unread   string // of the reply line read last
	code     string // of the reply being read, or read last
	lines    int    // of that reply
	more     bool   // its last line is yet to come
	greeting bool   // the reply is to EHLO or LHLO
}

// abort is what go-smtp says when a sign-in failed, wrongly so when the server
// ended it already (RFC 4954 §4).
var abort = []byte("*\r\n")

// Write notes what a reply will be to.
func (w *wire) Write(p []byte) (int, error) {
	if bytes.Equal(p, abort) && w.code != "334" {
		w.unread = "501 the sign-in is over\r\n"
		return len(p), nil
	}
	w.greeting = bytes.HasPrefix(p, []byte("EHLO ")) || bytes.HasPrefix(p, []byte("LHLO "))
	return w.Conn.Write(p)
}

// Read gives the next line of a reply. With what is none the talk is over.
func (w *wire) Read(p []byte) (int, error) {
	if w.unread == "" {
		line, err := w.ReadLine()
		if err == nil {
			w.unread, err = w.replyLine(line)
		}
		if err != nil {
			w.Close()
			return 0, err
		}
	}
	n := copy(p, w.unread)
	w.unread = w.unread[n:]
	return n, nil
}

// replyLine checks one line: three digits, the same on all lines of a reply,
// then "-" when more are to come. A reply may be its digits alone.
func (w *wire) replyLine(line string) (string, error) {
	if len(line) == 3 {
		line += " "
	}
	if !w.more {
		w.code, w.lines = "", 0
	}
	w.lines++
	switch {
	case len(line) > maxReplyLine || w.lines > maxReplyLines:
		return "", nonsense(line, "the server's answer has no end")
	case len(line) < 4 || !isCode(line[:3]) || line[3] != ' ' && line[3] != '-', w.more && line[:3] != w.code:
		return "", nonsense(line, "this is no SMTP answer")
	}
	w.code, w.more = line[:3], line[3] == '-'
	if w.greeting && w.lines > 1 {
		keyword, _, _ := strings.Cut(line[4:], " ")
		line = line[:4] + strings.ToUpper(keyword) + line[4+len(keyword):]
	}
	return line + "\r\n", nil
}

// isCode says whether s is a reply code: 200 to 599.
func isCode(s string) bool {
	return '2' <= s[0] && s[0] <= '5' && '0' <= s[1] && s[1] <= '9' && '0' <= s[2] && s[2] <= '9'
}

func nonsense(words, what string) error {
	return &transport.Error{Kind: transport.KindProtocol, Words: words[:min(len(words), maxReplyLine)], Err: errors.New(what)}
}
