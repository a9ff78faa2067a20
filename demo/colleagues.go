package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"time"

	mail "tmail/message"
)

// colleague is somebody in the demo who answers mail by themselves, so that a
// reply sent from the demo goes somewhere and comes back.
type colleague struct {
	name, address, answer string
}

var colleagues = []colleague{
	{"Ann Archer", "ann@demo.example", "Thanks, that helps. I'll put it on the agenda for Friday.\n\nAnn"},
	{"Bob Baker", "bob@demo.example", "Got it. Will have a proper look after lunch.\n\nBob"},
	{"Dora Díaz", "dora@demo.example", "+1 from me. ¡Gracias!\n\nDora"},
	{"王小明", "wang@demo.example", "收到，谢谢！我下午看一下，有问题再找你。\n\n小明"},
	{"陈静", "chen@demo.example", "好的，没问题。明天上午给你回复。\n\n陈静"},
	{"Yuki Mori", "yuki@demo.example", "Perfect timing, I was about to ask. Thank you!\n\nYuki"},
}

func findColleague(address string) *colleague {
	for i := range colleagues {
		if strings.EqualFold(colleagues[i].address, address) {
			return &colleagues[i]
		}
	}
	return nil
}

// answer lets the colleague reply to a message from one of the accounts, a few
// seconds later unless the demo has ended by then.
func (s *Server) answer(ctx context.Context, c *colleague, to string, raw []byte) {
	time.AfterFunc(s.answerAfter, func() {
		if ctx.Err() != nil {
			return
		}
		if reply, err := c.reply(raw, s.clock()); err == nil {
			s.maildropOf(to).deliver(reply, s.clock())
		}
	})
}

// reply writes the answer to a message.
func (c *colleague) reply(raw []byte, now time.Time) ([]byte, error) {
	m, err := mail.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	me := mail.Address{Name: c.name, Addr: c.address}
	reply := mail.Draft{
		From: []mail.Address{me}, To: m.Envelope.From,
		Subject: "Re: " + strings.TrimPrefix(m.Envelope.Subject, "Re: "),
		Body:    c.answer + "\n" + quote(m),
		Date:    now, MessageID: mail.NewMessageID(me, rand.Reader, now),
		InReplyTo: m.Envelope.MessageID, References: append(m.Envelope.References, m.Envelope.MessageID),
	}
	var out bytes.Buffer
	_, err = reply.WriteTo(&out)
	return out.Bytes(), err
}

// quote repeats what is answered to.
func quote(m *mail.Message) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimSpace(m.Plain)) {
		out.WriteString("> " + strings.TrimRight(line, "\r\n") + "\n")
	}
	return "\n" + out.String()
}
