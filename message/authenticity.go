package message

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Verdict is what one's own server found out about the sender of a message.
type Verdict uint8

const (
	VerdictNone   Verdict = iota // it said nothing that can be trusted
	VerdictPassed                // the message comes from the domain in From
	VerdictFailed                // it does not
)

// Verdict reads the Authentication-Results (RFC 8601) of one's own server.
// Anybody can write such a field, so only the newest counts, and only when it
// names one's own server as its author: the site of one of the domains in own
// (the host the mail is fetched from, the domain of one's address), or the host
// that says in the newest Received field that it took the message in.
// RFC 8601 §5 has such servers remove what others write in their name.
func (m *Message) Verdict(own ...string) Verdict {
	if len(m.Envelope.From) != 1 {
		return VerdictNone
	}
	from := siteOf(domainOf(m.Envelope.From[0].Addr))
	return judge(m.Header.ownResults(own), from)
}

// ownResults are the results in the newest Authentication-Results fields, if
// one's own server wrote them.
func (h Header) ownResults(own []string) []authResult {
	const most = 100
	var trusted []string
	for _, domain := range append(slices.Clip(own), h.receiver()) {
		if domain != "" {
			trusted = append(trusted, siteOf(domain))
		}
	}
	var results []authResult
	author := ""
	for _, f := range h.fields {
		switch strings.ToLower(f.name) {
		case "received":
			if author != "" {
				return results
			}
		case "authentication-results":
			id, found := parseAuthResults(unfold(f.value))
			if author == "" && !slices.Contains(trusted, siteOf(id)) || author != "" && id != author || len(results) > most {
				return results
			}
			author = id
			results = append(results, found...)
		}
	}
	return results
}

// receiver is the host that took the message in, as the newest Received field
// with a name says.
func (h Header) receiver() string {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, "received") {
			if by := receivedBy(unfold(f.value)); by != "" {
				return by
			}
		}
	}
	return ""
}

// receivedBy is the host in the "by" clause of a Received field (RFC 5321
// §4.4), "" when it is an address only.
func receivedBy(value string) string {
	words := strings.Fields(structureOf(value))
	for i, word := range words[:max(0, len(words)-1)] {
		if host := words[i+1]; strings.EqualFold(word, "by") {
			if _, err := netip.ParseAddr(strings.Trim(host, "[];")); err == nil {
				return ""
			}
			return strings.Trim(host, ";")
		}
	}
	return ""
}

// authResult is one method and what it found (RFC 8601 §2.2).
type authResult struct {
	method, result string
	properties     map[string]string // "header.d" and the like, in lower case
}

// parseAuthResults reads an Authentication-Results field. Microsoft's servers
// leave out their name.
func parseAuthResults(value string) (id string, results []authResult) {
	for i, part := range strings.Split(strings.ToLower(structureOf(value)), ";") {
		words := strings.Fields(part)
		if i == 0 && len(words) > 0 && !strings.Contains(words[0], "=") {
			id = strings.Trim(words[0], `"`)
			continue
		}
		if i == 0 {
			id = "outlook.com"
		}
		var r authResult
		for n, word := range words {
			key, value, ok := strings.Cut(word, "=")
			value = strings.Trim(value, `"`)
			switch {
			case !ok:
			case n == 0:
				r.method, _, _ = strings.Cut(key, "/")
				r.result = value
				r.properties = make(map[string]string)
			case r.properties != nil:
				r.properties[key] = value
			}
		}
		if r.method != "" {
			results = append(results, r)
		}
	}
	return id, results
}

// structureOf is a field without its comments (RFC 5322 §3.2.2), and with
// nothing in its quoted strings that could pass for structure.
func structureOf(s string) string {
	if !strings.ContainsAny(s, "(\"") {
		return s
	}
	out := make([]byte, 0, len(s))
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
		case c == ')' && depth > 0:
			depth--
			out = append(out, ' ')
		case depth > 0:
		case quoted && strings.IndexByte("; =", c) >= 0:
			out = append(out, '_')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// judge weighs the results: DMARC (RFC 7489) asks what we ask; without it, a
// signature or a sending host of the author's own site passes.
func judge(results []authResult, from string) Verdict {
	failed := false
	for _, r := range results {
		if r.method != "dmarc" {
			continue
		}
		if about := r.properties["header.from"]; about != "" && siteOf(about) != from {
			continue
		}
		switch r.result {
		case "pass", "bestguesspass":
			return VerdictPassed
		case "fail":
			return VerdictFailed
		}
	}
	for _, r := range results {
		domain := ""
		switch r.method {
		case "dkim":
			domain = firstOf(r.properties["header.d"], domainOf(r.properties["header.i"]))
		case "spf":
			domain = domainOf(firstOf(r.properties["smtp.mailfrom"], r.properties["smtp.helo"]))
		default:
			continue
		}
		if r.result == "pass" && from != "" && siteOf(domain) == from {
			return VerdictPassed
		}
		failed = failed || r.result == "fail"
	}
	if failed && !slices.ContainsFunc(results, func(r authResult) bool { return r.result == "pass" }) {
		return VerdictFailed
	}
	return VerdictNone
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// domainOf is the domain of an address, or the address itself when it is one.
func domainOf(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }

// siteOf is the domain a name belongs to as one can register it, in lower case
// ASCII: example.co.uk of mx.example.co.uk. Providers that write under several
// domains count as one.
func siteOf(domain string) string {
	site := registered(domain)
	if provider := providers[site]; provider != "" {
		return provider
	}
	return site
}

// registered is the part of a domain that its owner has registered.
func registered(domain string) string {
	domain = strings.ToLower(strings.Trim(domain, ". "))
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		site = domain
	}
	return site
}

// providers are sites whose servers go by the name of another one.
var providers = map[string]string{
	"gmail.com": "google.com", "googlemail.com": "google.com", "fastmail.com": "messagingengine.com",
	"hotmail.com": "outlook.com", "live.com": "outlook.com", "office365.com": "outlook.com", "msn.com": "outlook.com",
	"foxmail.com": "qq.com", "126.com": "163.com", "yeah.net": "163.com", "netease.com": "163.com",
	"icloud.com": "apple.com", "me.com": "apple.com", "mac.com": "apple.com", "yahoo.com": "yahoodns.net",
}
