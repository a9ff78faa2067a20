package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"tmail/account"
	"tmail/transport"
)

var toBob = Envelope{From: "ann@example.test", To: []string{"bob@example.test"}}

const message = "Subject: hello\r\n\r\nHello\r\n"

func TestConversation(t *testing.T) {
	for _, test := range []struct {
		name    string
		offers  []string
		env     Envelope
		body    string
		want    string
		sign    bool
		answers map[string]string
	}{
		{"plain", nil, toBob, message,
			"EHLO [127.0.0.1]\nMAIL FROM:<ann@example.test>\nRCPT TO:<bob@example.test>\nDATA\nSubject: hello\n\nHello\n.\nQUIT\n", false, nil},
		{"extensions in any case", []string{"size 1000", "8bitmime", "SmtpUtf8"}, Envelope{From: "ann@example.test", To: []string{"bob@example.test"}, Size: 10}, "x",
			"EHLO [127.0.0.1]\nMAIL FROM:<ann@example.test> BODY=8BITMIME SIZE=10\nRCPT TO:<bob@example.test>\nDATA\nx\n.\nQUIT\n", false, nil},
		{"SMTPUTF8 for a recipient", []string{"SMTPUTF8"}, Envelope{From: "ann@example.test", To: []string{"王@example.test"}}, "x",
			"EHLO [127.0.0.1]\nMAIL FROM:<ann@example.test> SMTPUTF8\nRCPT TO:<王@example.test>\nDATA\nx\n.\nQUIT\n", false, nil},
		{"SMTPUTF8 for the header", []string{"SMTPUTF8"}, Envelope{From: "ann@example.test", To: []string{"bob@example.test"}, UTF8: true}, "x",
			"EHLO [127.0.0.1]\nMAIL FROM:<ann@example.test> SMTPUTF8\nRCPT TO:<bob@example.test>\nDATA\nx\n.\nQUIT\n", false, nil},
		{"duplicates, null sender", nil, Envelope{To: []string{"bob@example.test", "bob@example.test"}}, "x",
			"EHLO [127.0.0.1]\nMAIL FROM:<>\nRCPT TO:<bob@example.test>\nDATA\nx\n.\nQUIT\n", false, nil},
		{"dots and line ends", nil, toBob, ".\r\n..\n.x\ra\r.\r\nb\n.\n",
			"EHLO [127.0.0.1]\nMAIL FROM:<ann@example.test>\nRCPT TO:<bob@example.test>\nDATA\n..\n...\n..x\na\n..\nb\n..\n.\nQUIT\n", false, nil},
		{"server without EHLO", nil, toBob, "x",
			"EHLO [127.0.0.1]\nHELO [127.0.0.1]\nMAIL FROM:<ann@example.test>\nRCPT TO:<bob@example.test>\nDATA\nx\n.\nQUIT\n", false,
			map[string]string{"EHLO": "502 what?\r\n"}},
		{"AUTH PLAIN, lower case", []string{"auth login plain"}, toBob, "x",
			"EHLO [127.0.0.1]\nAUTH PLAIN AGFubgBwdw==\nMAIL FROM:<ann@example.test>\nRCPT TO:<bob@example.test>\nDATA\nx\n.\nQUIT\n", true, nil},
		{"AUTH LOGIN", []string{"AUTH LOGIN"}, toBob, "x",
			"EHLO [127.0.0.1]\nAUTH LOGIN\nYW5u\ncHc=\nMAIL FROM:<ann@example.test>\nRCPT TO:<bob@example.test>\nDATA\nx\n.\nQUIT\n", true,
			map[string]string{"AUTH": "334 VXNlcm5hbWU6\r\n", "YW5u": "334 UGFzc3dvcmQ6\r\n", "cHc=": "235 welcome\r\n"}},
		{"replies without text", nil, toBob, "x",
			"EHLO [127.0.0.1]\nMAIL FROM:<ann@example.test>\nRCPT TO:<bob@example.test>\nDATA\nx\n.\nQUIT\n", false,
			map[string]string{"": "220\r\n", "EHLO": "250\r\n", "MAIL": "250\r\n", "RCPT": "250\r\n", "DATA": "354\r\n", ".": "250\r\n", "QUIT": "221\r\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, heard := serve(t, account.SecurityNone, relay{test.offers, test.answers}.script)
			if test.sign {
				ep.Secret = secret("pw")
			}
			result, err := Send(t.Context(), patient(), ep, test.env, text(test.body), anyStep)
			if err != nil || len(result.Accepted) != 1 || len(result.Refused) != 0 {
				t.Errorf("got %+v, %v", result, err)
			}
			if want := strings.ReplaceAll(test.want, "\n", "\r\n"); heard() != want {
				t.Errorf("the server heard\n%q, want\n%q", heard(), want)
			}
		})
	}
}

func TestRecipientsHaveTheirOwnAnswers(t *testing.T) {
	ep, heard := serve(t, account.SecurityNone, relay{answers: map[string]string{
		"RCPT TO:<b@x>": "550 5.1.1 no such user\r\n",
		"RCPT TO:<c@x>": "450 4.2.1 come later\r\n",
		"RCPT TO:<e@x>": "552 too many\r\n",
		"RCPT TO:<f@x>": "552 5.2.2 mailbox\r\n",
		"RCPT TO:<g@x>": "251 will forward\r\n",
		"RCPT TO:<h@x>": "550-5.7.1 no\r\n550 5.7.1 way\r\n",
	}}.script)
	env := Envelope{From: "ann@x", To: []string{"a@x", "b@x", "c@x", "evil> SIZE=1@x", "d@x", "e@x", "f@x", "g@x", "h@x", "王@x"}}
	result, err := Send(t.Context(), patient(), ep, env, text(message), anyStep)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(result.Accepted); got != "[a@x d@x g@x]" {
		t.Errorf("accepted %v", got)
	}
	got := map[string]string{}
	for _, r := range result.Refused {
		got[r.Addr] = fmt.Sprintf("%v %s %q", r.Err.Kind, r.Err.Code, r.Err.Words)
	}
	for addr, want := range map[string]string{
		"b@x":            `refused 5.1.1 "550 5.1.1 no such user"`,
		"c@x":            `temporary 4.2.1 "450 4.2.1 come later"`,
		"evil> SIZE=1@x": `refused 5.1.3 ""`,
		"e@x":            `temporary 552 "552 too many"`,
		"f@x":            `refused 5.2.2 "552 5.2.2 mailbox"`,
		"h@x":            `refused 5.7.1 "550 5.7.1 no\nway"`,
		"王@x":            `refused 5.6.7 ""`,
	} {
		if got[addr] != want {
			t.Errorf("%s: got %s, want %s", addr, got[addr], want)
		}
	}
	if len(got) != 7 || strings.Contains(heard(), "evil") {
		t.Errorf("refused %v; the server heard %q", got, heard())
	}
}

func TestNothingIsSentWhen(t *testing.T) {
	for _, test := range []struct {
		name    string
		env     Envelope
		offers  []string
		answers map[string]string
		kind    transport.Kind
		code    string
	}{
		{"every recipient is refused", Envelope{From: "a@x", To: []string{"b@x", "c@x"}}, nil, map[string]string{"RCPT": "550 5.1.1 no\r\n"}, transport.KindRefused, "5.1.1"},
		{"the only recipient is over quota", toBob, nil, map[string]string{"RCPT": "552 full\r\n"}, transport.KindRefused, "552"},
		{"there is no recipient", Envelope{From: "a@x"}, nil, nil, transport.KindRefused, "5.1.3"},
		{"no recipient is an address", Envelope{From: "a@x", To: []string{"", "b@x\r\nDATA"}}, nil, nil, transport.KindRefused, "5.1.3"},
		{"the sender injects", Envelope{From: "a@x> BODY=8BITMIME", To: []string{"b@x"}}, nil, nil, transport.KindRefused, "5.1.3"},
		{"the sender is refused", toBob, nil, map[string]string{"MAIL": "553 5.7.1 not yours\r\n"}, transport.KindRefused, "5.7.1"},
		{"sign-in is wanted", toBob, nil, map[string]string{"MAIL": "530 5.7.0 sign in first\r\n"}, transport.KindAuth, "5.7.0"},
		{"greylisted", toBob, nil, map[string]string{"RCPT": "450 4.7.1 later\r\n"}, transport.KindTemporary, "4.7.1"},
		{"shutting down at the greeting", toBob, nil, map[string]string{"": "421 4.3.2 bye\r\n"}, transport.KindTemporary, "4.3.2"},
		{"shutting down at a recipient", Envelope{From: "a@x", To: []string{"b@x", "c@x"}}, nil, map[string]string{"RCPT TO:<c@x>": "421 bye\r\n"}, transport.KindTemporary, "421"},
		{"turned away", toBob, nil, map[string]string{"": "554 no\r\n"}, transport.KindRefused, "554"},
		{"DATA is refused", toBob, nil, map[string]string{"DATA": "554 5.5.1 no\r\n"}, transport.KindRefused, "5.5.1"},
		{"DATA makes no sense", toBob, nil, map[string]string{"DATA": "250 ok\r\n"}, transport.KindProtocol, "250"},
		{"too big", Envelope{From: "a@x", To: []string{"b@x"}, Size: 1001}, []string{"SIZE 1000"}, nil, transport.KindRefused, CodeSize},
		{"non-ASCII sender", Envelope{From: "王@x", To: []string{"b@x"}}, nil, nil, transport.KindRefused, "5.6.7"},
		{"non-ASCII recipient", Envelope{From: "a@x", To: []string{"王@x"}}, nil, nil, transport.KindRefused, "5.6.7"},
		{"non-ASCII header", Envelope{From: "a@x", To: []string{"b@x"}, UTF8: true}, nil, nil, transport.KindRefused, "5.6.7"},
		{"hung up at the greeting", toBob, nil, map[string]string{"": ""}, transport.KindNetwork, ""},
		{"hung up at a recipient", toBob, nil, map[string]string{"RCPT": ""}, transport.KindNetwork, ""},
		{"greeting of another protocol", toBob, nil, map[string]string{"": "+OK POP3\r\n"}, transport.KindProtocol, ""},
		{"empty answer", toBob, nil, map[string]string{"MAIL": "\r\n"}, transport.KindProtocol, ""},
		{"two codes in one answer", toBob, nil, map[string]string{"RCPT": "250-ok\r\n550 no\r\n"}, transport.KindProtocol, ""},
		{"answer without end", toBob, nil, map[string]string{"RCPT": strings.Repeat("250-ok\r\n", 9999)}, transport.KindProtocol, ""},
		{"line without end", toBob, nil, map[string]string{"RCPT": "250 " + strings.Repeat("x", 99_999)}, transport.KindProtocol, ""},
		{"long line", toBob, nil, map[string]string{"RCPT": "250 " + strings.Repeat("x", 3000) + "\r\n"}, transport.KindProtocol, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, heard := serve(t, account.SecurityNone, relay{test.offers, test.answers}.script)
			result, err := Send(t.Context(), patient(), ep, test.env, text(message), anyStep)
			if e := problem(t, err); e.Kind != test.kind || e.Code != test.code {
				t.Errorf("got %v %q: %v", e.Kind, e.Code, e)
			}
			if len(result.Accepted) > 0 || strings.Contains(heard(), "Subject") || errors.Is(err, ErrUnconfirmed) {
				t.Errorf("got %+v, %v, and the server heard %q", result, err, heard())
			}
		})
	}
}

func TestTooBigSaysBothNumbers(t *testing.T) {
	ep, _ := serve(t, account.SecurityNone, relay{offers: []string{"SIZE 1000"}}.script)
	_, err := Send(t.Context(), patient(), ep, Envelope{From: "a@x", To: []string{"b@x"}, Size: 2000}, text(message), anyStep)
	if words := problem(t, err).Words; !strings.Contains(words, "2000") || !strings.Contains(words, "1000") {
		t.Errorf("got %q", words)
	}
}

func TestFinalDot(t *testing.T) {
	for _, test := range []struct {
		answer string
		want   string // "accepted", "unconfirmed" or the kind of a refusal
	}{
		{"250 2.0.0 queued as 1\r\n", "accepted"},
		{"250-queued\r\n250 as 1\r\n", "accepted"},
		{"251 queued\r\n", "accepted"},
		{"250\r\n", "accepted"},
		{"250 queued\n", "accepted"},
		{"451 4.3.0 disk full\r\n", "temporary"},
		{"452 come later\r\n", "temporary"},
		{"550 5.7.1 spam\r\n", "refused"},
		{"554-5.7.1 spam\r\n554 5.7.1 and worse\r\n", "refused"},
		{"552 5.3.4 too big\r\n", "refused"},
		{"", "unconfirmed"},
		{"421 4.3.2 shutting down\r\n", "unconfirmed"},
		{"354 go on\r\n", "unconfirmed"},
		{"150 what\r\n", "unconfirmed"},
		{"999 what\r\n", "unconfirmed"},
		{"25", "unconfirmed"},
		{"2500 ok\r\n", "unconfirmed"},
		{"OK queued\r\n", "unconfirmed"},
		{"\r\n", "unconfirmed"},
		{"250-queued\r\n", "unconfirmed"},
		{"250-queued\r\n550 not\r\n", "unconfirmed"},
		{"250 " + strings.Repeat("x", 20_000) + "\r\n", "unconfirmed"},
		{strings.Repeat("250-x\r\n", 9999), "unconfirmed"},
		{"\x15\x03\x01\x00\x02\x02\x0a", "unconfirmed"},
	} {
		t.Run(fmt.Sprintf("%.30q", test.answer), func(t *testing.T) {
			t.Parallel()
			ep, _ := serve(t, account.SecurityNone, relay{answers: map[string]string{".": test.answer}}.script)
			var steps []Step
			result, err := Send(t.Context(), hurried(), ep, toBob, text(message), func(s Step, _ Result) error {
				steps = append(steps, s)
				return nil
			})
			got := "accepted"
			if errors.Is(err, ErrUnconfirmed) {
				got = "unconfirmed"
				problem(t, err)
			} else if err != nil {
				got = problem(t, err).Kind.String()
			}
			if got != test.want || (got == "accepted") != (len(result.Accepted) == 1) {
				t.Errorf("got %s: %+v, %v, want %s", got, result, err, test.want)
			}
			wantSteps := "[0 1 2 3]"
			if got == "accepted" {
				wantSteps = "[0 1 2 3 4]"
			}
			if fmt.Sprint(steps) != wantSteps {
				t.Errorf("told the steps %v, want %s", steps, wantSteps)
			}
		})
	}
}

func TestUnconfirmedKeepsTheServersWords(t *testing.T) {
	ep, _ := serve(t, account.SecurityNone, relay{answers: map[string]string{".": "421 4.3.2 shutting down\r\n"}}.script)
	_, err := Send(t.Context(), patient(), ep, toBob, text(message), anyStep)
	if e := problem(t, err); e.Words != "421 4.3.2 shutting down" || e.Code != "4.3.2" {
		t.Errorf("got %+v", e)
	}
}

func TestStepsStop(t *testing.T) {
	full := errors.New("disk full")
	for at := StepConnecting; at <= StepAccepted; at++ {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			ended := make(chan bool, 1)
			ep, heard := serve(t, account.SecurityNone, func(s *talk) {
				relay{}.script(s)
				ended <- true
			})
			result, err := Send(t.Context(), patient(), ep, toBob, text(message), func(s Step, _ Result) error {
				if s == at {
					return full
				}
				return nil
			})
			if !errors.Is(err, full) {
				t.Errorf("got %v", err)
			}
			if at > StepConnecting {
				<-ended
			}
			if said := heard(); strings.Contains(said, "\r\n.\r\n") != (at == StepAccepted) {
				t.Errorf("the server heard %q", said)
			}
			if (len(result.Accepted) == 1) != (at == StepAccepted) {
				t.Errorf("got %+v", result)
			}
		})
	}
}

func TestSourceThatFailsSendsNothing(t *testing.T) {
	broken := errors.New("damaged block")
	for name, body := range map[string]func() (io.ReadCloser, error){
		"open": func() (io.ReadCloser, error) { return nil, broken },
		"read": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat(message, 9999)), iotest.ErrReader(broken))), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan bool, 1)
			ep, heard := serve(t, account.SecurityNone, func(s *talk) {
				relay{}.script(s)
				ended <- true
			})
			_, err := Send(t.Context(), patient(), ep, toBob, body, anyStep)
			if !errors.Is(err, broken) || errors.Is(err, ErrUnconfirmed) {
				t.Errorf("got %v", err)
			}
			<-ended
			if strings.Contains(heard(), "\r\n.\r\n") {
				t.Error("the message was ended")
			}
		})
	}
}

// endless is a message that does not end.
func endless() (io.ReadCloser, error) { return io.NopCloser(repeated{}), nil }

type repeated struct{}

func (repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "0123456789\r\n"[i%12]
	}
	return len(p) - len(p)%12, nil
}

func TestLinkLostInTheMessage(t *testing.T) {
	for _, stalls := range []bool{false, true} {
		t.Run(fmt.Sprint("stalls ", stalls), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			ep, _ := serve(t, account.SecurityNone, func(s *talk) {
				s.say("220 ready\r\n")
				for command := s.hear(); command != ""; command = s.hear() {
					s.say(relay{}.answer(command, "250 ok\r\n"))
					if command == "DATA" {
						break
					}
				}
				io.CopyN(io.Discard, s.In, 100_000)
				if stalls {
					<-ctx.Done()
				}
			})
			_, err := Send(t.Context(), hurried(), ep, toBob, endless, anyStep)
			cancel()
			if e := problem(t, err); e.Kind != transport.KindNetwork || errors.Is(err, ErrUnconfirmed) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSilentServer(t *testing.T) {
	for _, at := range []string{"", "EHLO", "MAIL", "DATA", "."} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			ep, _ := serve(t, account.SecurityNone, func(s *talk) {
				answers := map[string]string{at: ""}
				relay{answers: answers}.script(s)
				<-ctx.Done()
			})
			_, err := Send(t.Context(), hurried(), ep, toBob, text(message), anyStep)
			cancel()
			if e := problem(t, err); e.Kind != transport.KindNetwork || errors.Is(err, ErrUnconfirmed) != (at == ".") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	for _, at := range []string{"", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ep, _ := serve(t, account.SecurityNone, func(s *talk) {
				relay{[]string{"AUTH PLAIN"}, map[string]string{at: ""}}.script(s)
				cancel()
				s.drain()
			})
			ep.Secret = secret("pw")
			_, err := Send(ctx, &transport.Dialer{Timeout: time.Hour}, ep, toBob, text(message), anyStep)
			if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnconfirmed) != (at == ".") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestBigMessageTakesNoMemory sends 25 MB.
func TestBigMessageTakesNoMemory(t *testing.T) {
	const size = 25 << 20 / 12 * 12
	ep, _ := serve(t, account.SecurityNone, func(s *talk) {
		s.say("220 ready\r\n")
		for command := s.hear(); command != ""; command = s.hear() {
			s.say(relay{}.answer(command, "250 ok\r\n"))
			if command == "DATA" {
				s.In.Discard(size + len(".\r\n"))
				s.say("250 queued\r\n")
			}
		}
	})
	body := func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(repeated{}, size)), nil }
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Send(t.Context(), patient(), ep, toBob, body, anyStep)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated for a message of %d", used, size)
	}
}
