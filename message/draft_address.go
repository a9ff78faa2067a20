package message

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxAddr is how long an address may be (RFC 5321 §4.5.3.1).
const maxAddr = 320

// wireAddr returns the address as it is written into headers and envelopes:
// an international domain in ASCII (RFC 5891), a local part in quotes if it
// needs them. ok is false if it is no address.
func wireAddr(addr string) (wire string, ok bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 || len(addr) > maxAddr || strings.Contains(addr, "=?") || !utf8.ValidString(addr) {
		return "", false
	}
	local, okLocal := wireLocal(addr[:at])
	domain, okDomain := wireDomain(addr[at+1:])
	return local + "@" + domain, okLocal && okDomain
}

func wireLocal(local string) (string, bool) {
	if len(local) > 1 && local[0] == '"' && local[len(local)-1] == '"' {
		return local, isQuoted(local[1 : len(local)-1])
	}
	quote := strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..")
	for _, r := range local {
		switch {
		case strings.ContainsRune(`:\[]`, r):
			quote = true
		case r <= ' ' || r == 0x7f || strings.ContainsRune(`,;<>"()@`, r) || r >= utf8.RuneSelf && !isWordRune(r):
			return "", false
		}
	}
	if quote {
		local = quoted(local)
	}
	return local, local != ""
}

// isQuoted checks the inside of a quoted-string (RFC 5322 §3.2.4).
func isQuoted(s string) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] < ' ' || s[i] >= 0x7f || s[i] == '"':
			return false
		case s[i] == '\\':
			if i++; i == len(s) || s[i] < ' ' || s[i] >= 0x7f {
				return false
			}
		}
	}
	return true
}

// quoted writes s as a quoted-string.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// isWordRune accepts what letters of any script need and nothing that hides.
func isWordRune(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.S) }

func wireDomain(domain string) (string, bool) {
	if strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]") { // an IP address
		inside := domain[1 : len(domain)-1]
		return domain, inside != "" && strings.Trim(inside, "0123456789abcdefABCDEFIPv:.") == ""
	}
	domain = strings.TrimSuffix(domain, ".") // of a full name, or of the sentence it was copied from
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil && !isASCII(domain) {
		domain = ascii
	}
	for _, r := range domain {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '.', r == '_':
		case r >= utf8.RuneSelf && isWordRune(r):
		default:
			return "", false
		}
	}
	return domain, domain != "" && domain[0] != '.' && !strings.Contains(domain, "..")
}

// addrKey is the same for addresses that reach the same mailbox, as far as one
// can tell from outside.
func addrKey(addr string) string { return strings.ToLower(addr) }
