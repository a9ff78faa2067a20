package cli

import (
	"testing"
)

// Who leaves while a message could not be sent is told that it waits.
func TestLeavingWithMailInTheOutbox(t *testing.T) {
	n := newNewcomer(t, zone{}).writes(`undo_delay = "1s"
[[account]]
name = "home"
email = "ann@example.com"
[account.incoming]
protocol = "pop3"
host = "localhost"
port = 1
username = "ann"
password = "pw"
[account.outgoing]
protocol = "smtp"
host = "localhost"
port = 1
security = "tls"
username = "ann"
password = "pw"
`)
	screen := n.runs(100, 30, "mailto:carl@example.com?subject=Hello&body=Are+you+there")
	screen.Shows("Hello", "carl@example.com").Press("ctrl+x").ShowsNot("carl@example.com").Shows("Outbox").Press("q")
	screen.Shows("1 message still waits in the Outbox")
	if code := screen.Ends(); code != 0 {
		t.Errorf("tmail ended with %d", code)
	}
	n.runs(100, 30).Shows("Outbox").Press("ctrl+c").Shows("1 message still waits in the Outbox")
}
