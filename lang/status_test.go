package lang

import (
	"strings"
	"testing"
)

func TestStatusCodesBecomeSentences(t *testing.T) {
	Use("en")
	for _, c := range []struct{ kind, words, want string }{
		{"recipient", "550 5.1.1 <x@example.test>: Recipient address rejected", "knows no such recipient"},
		{"recipient", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "behind the @"},
		{"temporary", "452 4.2.2 The recipient's inbox is out of storage", "The recipient's mailbox is full"},
		{"temporary", "450 4.7.1 Greylisted", "try again later"},
		{"temporary", "450 4.2.1 The user you are trying to contact is receiving mail at a rate that", "try again later"},
		{"temporary", "452 4.5.3 Error: too many recipients", "try again later"},
		{"temporary", "421 4.3.2 shutting down", "try again later"},
		{"refused", "550 5.7.26 Unauthenticated mail is prohibited", "by its rules"},
		{"refused", "554 5.7.1 Relay access denied", "does not let you send"},
		{"refused", "554 delivery from 5.1.1.7 is blocked", "said no"}, // an address, no code
		{"refused", "550 5.9.9 whatever", "said no"},
		{"temporary", "450 later", "try again later"},
		{"quota", "552 5.2.2 over quota", "recipient's mailbox is full"},
		{"quota", "[OVERQUOTA] Quota exceeded", "The mailbox is full"},
		{"auth", "535 5.7.8 no", "does not accept"},
	} {
		if got := Problem(c.kind, "send", "smtp.example.test", c.words); !strings.Contains(got, c.want) {
			t.Errorf("%s %q: %q does not say %q", c.kind, c.words, got, c.want)
		}
	}
}
