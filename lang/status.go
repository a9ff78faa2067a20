package lang

import (
	"regexp"
	"strings"
)

// statusPhrases are sentences for the enhanced status codes (RFC 3463, with the registry of RFC 5248) that servers
// refuse mail with, by what stands behind the first digit. Those of the sign-in and of size and quota are told by
// their kind.
var statusPhrases = map[string]string{
	"1.0": "problem.no_mailbox", "1.1": "problem.no_mailbox", "1.6": "problem.mailbox_moved",
	"1.2": "problem.no_domain", "1.10": "problem.no_domain",
	"1.3": "problem.bad_address", "1.7": "problem.bad_sender", "1.8": "problem.bad_sender",
	"2.1": "problem.mailbox_disabled", "2.2": "problem.mailbox_full", "2.3": "problem.size_recipient", "2.4": "problem.list_broken",
	"3.1": "problem.mailbox_full", "3.4": "problem.size",
	"4.1": "problem.far_side_down", "4.2": "problem.far_side_down", "4.3": "problem.no_route", "4.4": "problem.no_route",
	"4.6": "problem.no_route", "4.7": "problem.far_side_down",
	"5.3": "problem.too_many_recipients", "6.7": "problem.not_ascii", "6.1": "problem.content", "6.3": "problem.content",
	"7.1": "problem.not_allowed", "7.2": "problem.list_closed", "7.0": "problem.policy",
	"7.20": "problem.policy", "7.23": "problem.policy", "7.25": "problem.policy", "7.26": "problem.policy", "7.28": "problem.too_much",
}

// statusCode finds a code in what the server said, not the beginning of an IP address.
var statusCode = regexp.MustCompile(`(?:^|[^\d.])[45]\.([0-7]\.\d{1,3})(?:[^\d.]|\.?\s|\.?$)`)

// statusPhrase is the sentence for the code a server refused mail with, "" when there is none.
func statusPhrase(kind, words string) string {
	switch kind {
	case "recipient", "refused", "temporary", "quota":
	default:
		return ""
	}
	m := statusCode.FindStringSubmatch(words)
	switch {
	case m == nil, kind == "quota" && m[1] != "2.2":
		return ""
	case kind == "temporary" && (m[1] == "2.1" || m[1] == "5.3" || strings.HasPrefix(m[1], "7.") && m[1] != "7.28"): // it goes by itself
		return ""
	}
	return statusPhrases[m[1]]
}
