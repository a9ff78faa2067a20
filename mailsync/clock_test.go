package mailsync

import (
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
)

// Whatever the two clocks show, the age of a message tells how far they are apart, to two seconds.
func TestSearchedClock(t *testing.T) {
	for _, age := range []time.Duration{time.Second, time.Minute, 3 * time.Hour, 400 * 24 * time.Hour} {
		for _, ahead := range []time.Duration{0, time.Second, -time.Second, 3 * time.Minute, -50 * time.Second, 8 * time.Hour, -90 * time.Minute, 10 * 365 * 24 * time.Hour} {
			asked := 0
			clock, err := searchedClock(age, func(most time.Duration) (bool, error) {
				asked++
				return age+ahead <= most, nil
			})
			switch {
			case age+ahead < 0: // then the server would have a message from its own future
			case err != nil || clock == nil || (clock.Ahead-ahead).Abs() > clock.Within:
				t.Errorf("%v old and %v ahead: %+v, %v", age, ahead, clock, err)
			case asked > 60:
				t.Errorf("%v old and %v ahead: %d questions", age, ahead, asked)
			}
		}
	}
	for _, always := range []bool{false, true} {
		if clock, err := searchedClock(time.Hour, func(time.Duration) (bool, error) { return always, nil }); err != nil || clock != nil && !always {
			t.Errorf("a server that says %v to all: %+v, %v", always, clock, err)
		}
	}
}

func TestGreetingClock(t *testing.T) {
	now := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	for line, want := range map[string]time.Duration{
		"220 mx.own.test ESMTP Exim 4.96 Sat, 21 Nov 2026 03:00:07 +0100":                               7 * time.Second,
		"220 AM0.outlook.com Microsoft ESMTP MAIL Service ready at Sat, 21 Nov 2026 01:57:00 +0000 [x]": -3 * time.Minute,
		"+OK POP3 ready <1896.1795226460@own.test>":                                                     time.Minute,
	} {
		if clock := greetingClock(line, now); clock == nil || clock.Ahead != want {
			t.Errorf("%q: %+v, want %v", line, clock, want)
		}
	}
	for _, line := range []string{"", "* OK ready", "220 163.com Anti-spam GT for Coremail System (163com[20141201])", "+OK <1.123456789@own.test>",
		"+OK <6a.5.9f3b@own.test>", "220 Sat, 99 Nov 2026 03:00:07 +0100"} {
		if clock := greetingClock(line, now); clock != nil {
			t.Errorf("%q: %+v", line, clock)
		}
	}
}

// A server that has a message says by its age what time it is.
func TestExamine(t *testing.T) {
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	user := mailtest.User("ann")
	d.Save(user, "INBOX", []byte("From: a@own.test\r\nSubject: x\r\n\r\nx\r\n"))
	for _, wrong := range []time.Duration{0, 90 * time.Minute} {
		var last, signedIn Checked
		a := account.Account{Name: "x", Incoming: account.Endpoint{Protocol: "imap", Host: "127.0.0.1", Port: d.IMAPS, Security: account.SecurityTLS, Username: user,
			Secret: secret(mailtest.Password), TLSFingerprint: d.Cert.Fingerprint}}
		now := func() time.Time { return time.Now().Add(-wrong) }
		ok := Examine(t.Context(), a, Options{Timeout: 10 * time.Second, Now: now}, func(c Checked) {
			last = c
			if c.Stage == CheckSignIn {
				signedIn = c
			}
		})
		if !ok || last.Stage != CheckClock || last.Clock == nil || (last.Clock.Ahead-wrong).Abs() > last.Clock.Within+5*time.Second {
			t.Errorf("our clock %v slow: %v, %+v, %+v", wrong, ok, last, last.Clock)
		}
		if len(signedIn.Uses) == 0 || len(signedIn.Uses) == len(signedIn.Offers) {
			t.Errorf("uses %q of %q", signedIn.Uses, signedIn.Offers)
		}
	}
}
