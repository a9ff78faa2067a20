package smtp

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"tmail/transport"
)

// maxAddress bounds an address in bytes: RFC 5321 §4.5.3.1.3 says 256, and
// non-ASCII ones may be longer.
const maxAddress = 512

// checkAddresses takes what cannot be an address out of the envelope, before
// anybody is told of it, and duplicates. Such a sender is an error, such
// recipients are refused.
func (m *handover) checkAddresses() error {
	if m.env.From != "" {
		if err := checkAddress(m.env.From); err != nil {
			err.Op = "send from " + m.env.From
			return err
		}
	}
	var to []string
	for _, addr := range m.env.To {
		if slices.Contains(to, addr) {
			continue
		}
		if err := checkAddress(addr); err != nil {
			m.refuse(addr, err)
			continue
		}
		to = append(to, addr)
	}
	m.env.To = to
	return m.anyLeft()
}

// checkAddress refuses what would say something else to the server than one
// address: RFC 5321's grammar is left to the server but for what ends a path.
func checkAddress(addr string) *transport.Error {
	unfit := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '<' || r == '>' || r == utf8.RuneError }
	var wrong string
	switch {
	case addr == "":
		wrong = "the address is empty"
	case len(addr) > maxAddress:
		wrong = fmt.Sprintf("the address has more than %d bytes", maxAddress)
	case strings.ContainsFunc(addr, unfit):
		wrong = fmt.Sprintf("%q is no mail address: it holds a space, an angle bracket or a control character", addr)
	case strings.HasSuffix(addr, "@"), strings.HasPrefix(addr, "@"):
		wrong = fmt.Sprintf("%q is no mail address", addr)
	default:
		return nil
	}
	return &transport.Error{Kind: transport.KindRefused, Code: codeBadAddress, Err: fmt.Errorf("%s", wrong)}
}

// onWire is an address as servers without SMTPUTF8 take it too: its domain in
// ASCII (RFC 5891) where it has such a form.
func onWire(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	if isASCII(addr[at+1:]) {
		return addr
	}
	domain, err := idna.Lookup.ToASCII(addr[at+1:])
	if err != nil {
		return addr
	}
	return addr[:at+1] + domain
}

// isASCII says whether an address can do without SMTPUTF8.
func isASCII(addr string) bool {
	return !strings.ContainsFunc(addr, func(r rune) bool { return r >= utf8.RuneSelf })
}
