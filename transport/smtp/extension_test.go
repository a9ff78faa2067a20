package smtp

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"tmail/account"
	"tmail/transport"
)

func TestDeliveryReports(t *testing.T) {
	env := Envelope{From: "ann@example.test", To: []string{"bob+x@example.test"}, Notify: true, ID: "a+1@example.test"}
	for name, test := range map[string]struct {
		offers []string
		want   []string
	}{
		"offered": {[]string{"DSN"}, []string{
			"MAIL FROM:<ann@example.test> RET=HDRS ENVID=a+2B1@example.test\r\n",
			"RCPT TO:<bob+x@example.test> NOTIFY=SUCCESS,DELAY,FAILURE ORCPT=RFC822;bob+2Bx@example.test\r\n"}},
		"not offered": {nil, []string{"MAIL FROM:<ann@example.test>\r\n", "RCPT TO:<bob+x@example.test>\r\n"}},
	} {
		ep, heard := serve(t, account.SecurityNone, relay{offers: test.offers}.script)
		if _, err := Send(t.Context(), patient(), ep, env, text(message), anyStep); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, line := range test.want {
			if !strings.Contains(heard(), line) {
				t.Errorf("%s: the server heard %q, not %q", name, heard(), line)
			}
		}
	}
}

// A domain in Chinese is sent in ASCII, so that any server can deliver to it; the result names what was asked for.
func TestInternationalDomains(t *testing.T) {
	const addr, wire = "王@例子.test", "bob@例子.test"
	for name, test := range map[string]struct {
		offers         []string
		heard, refused string
	}{
		"SMTPUTF8":    {[]string{"SMTPUTF8"}, "RCPT TO:<王@xn--fsqu00a.test>\r\n", "[]"},
		"no SMTPUTF8": {nil, "RCPT TO:<bob@xn--fsqu00a.test>\r\n", "[" + addr + "]"},
	} {
		ep, heard := serve(t, account.SecurityNone, relay{offers: test.offers}.script)
		result, err := Send(t.Context(), patient(), ep, Envelope{From: "ann@例子.test", To: []string{wire, addr}}, text(message), anyStep)
		if err != nil || !strings.Contains(heard(), test.heard) || !strings.Contains(heard(), "MAIL FROM:<ann@xn--fsqu00a.test>") {
			t.Errorf("%s: %v, and the server heard %q", name, err, heard())
		}
		var refused []string
		for _, r := range result.Refused {
			refused = append(refused, r.Addr)
		}
		if got := "[" + strings.Join(refused, " ") + "]"; got != test.refused || result.Accepted[0] != wire {
			t.Errorf("%s: refused %s, accepted %q", name, got, result.Accepted)
		}
	}
}

// A server that stops reading is waited for as long as RFC 5321 says, then the message counts as not sent.
func TestServerStopsReading(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	ep, _ := serve(t, account.SecurityNone, func(s *talk) {
		s.say("220 ready\r\n")
		for command := s.hear(); command != ""; command = s.hear() {
			if command == "DATA" {
				s.say("354 go\r\n")
				<-stop
				return
			}
			s.say("250 ok\r\n")
		}
	})
	t.Cleanup(func() { close(stop) })
	endless := func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(lines{}, 256<<20)), nil }
	_, err := Send(t.Context(), hurried(), ep, toBob, endless, anyStep)
	e := problem(t, err)
	if e.Kind != transport.KindNetwork || !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ErrUnconfirmed) ||
		!strings.Contains(e.Error(), "took nothing for 1.2s") {
		t.Errorf("got %v", err)
	}
}

type lines struct{}

func (lines) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "0123456789012345678901234567890123456789012345678901234567890\r\n"[i%63]
	}
	return len(p), nil
}
