package account

import (
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// ports are the usual ones by protocol and security.
var ports = map[string]map[Security]int{
	ProtocolIMAP: {SecurityTLS: 993, SecurityStartTLS: 143, SecurityNone: 143},
	ProtocolPOP3: {SecurityTLS: 995, SecurityStartTLS: 110, SecurityNone: 110},
	ProtocolSMTP: {SecurityTLS: 465, SecurityStartTLS: 587, SecurityNone: 587},
	ProtocolLMTP: {SecurityTLS: 24, SecurityStartTLS: 24, SecurityNone: 24},
}

// incoming reads [account.incoming].
func (l *loading) incoming(s *section, a Account) Endpoint {
	e := Endpoint{Protocol: s.protocol(ProtocolIMAP, ProtocolPOP3)}
	l.server(s, &e)
	e.Username = s.line("username", a.Email)
	if !l.secret(s, &e, a.Name) {
		s.found.add(s.table.place, "wrong.no_secret", "Key", "incoming")
	}
	return e
}

// outgoing reads [account.outgoing]. Its credentials are the incoming ones
// unless it has its own; username = "" means that no sign-in is wanted.
func (l *loading) outgoing(s *section, a Account) Endpoint {
	e := Endpoint{Protocol: s.protocol(ProtocolSMTP, ProtocolLMTP, ProtocolSendmail)}
	e.Command = s.words("command")
	if e.Protocol == ProtocolSendmail {
		sendmail(s, &e)
		return e
	}
	if s.has("command") {
		s.wrong("command", "wrong.only_with", "Protocol", ProtocolSendmail)
	}
	l.server(s, &e)
	e.Username = s.line("username", a.Incoming.Username)
	given := l.secret(s, &e, a.Name+" outgoing")
	switch {
	case given:
	case s.has("username") && e.Username == "":
	case e.Protocol == ProtocolLMTP && !s.has("username"):
	default:
		e.Secret, e.renewed, e.OAuth2, e.shared = a.Incoming.Secret, a.Incoming.renewed, a.Incoming.OAuth2, true
	}
	return e
}

// sendmail checks what belongs to a program instead of a server.
func sendmail(s *section, e *Endpoint) {
	const example = `command = ["/usr/sbin/sendmail", "-t"]`
	v, given := s.find("command")
	_, isText := v.(string)
	switch {
	case !given:
		s.wrong("command", "wrong.missing", "Example", example)
	case isText:
		s.wrong("command", "wrong.command_text", "Example", example)
	case e.Command != nil && (len(e.Command) == 0 || e.Command[0] == ""):
		s.wrong("command", "wrong.no_program", "Example", example)
	}
	for _, key := range serverKeys {
		if s.has(key) {
			s.wrong(key, "wrong.no_meaning", "Protocol", ProtocolSendmail)
		}
	}
}

// serverKeys are the settings that tell a server and the sign-in to it.
var serverKeys = []string{"host", "port", "security", "allow_cleartext", "tls_ca_file", "tls_fingerprint",
	"username", "password", "password_command", "keyring", "password_file", "oauth2"}

// protocol reads the protocol, which must be one of those given.
func (s *section) protocol(of ...string) string {
	if !s.has("protocol") {
		s.wrong("protocol", "wrong.missing_choice", "Words", quoted(of))
		return of[0]
	}
	return s.choice("protocol", of[0], of...)
}

// server reads where e is and how the way there is protected.
func (l *loading) server(s *section, e *Endpoint) {
	e.Host = s.host()
	port := s.port("port", 0)
	e.Security = Security(s.choice("security", string(usualSecurity(port)),
		string(SecurityTLS), string(SecurityStartTLS), string(SecurityNone)))
	if e.Port = port; port == 0 {
		e.Port = UsualPort(e.Protocol, e.Security)
	}
	e.AllowCleartext = s.yes("allow_cleartext", false)
	if e.Security == SecurityNone && !e.AllowCleartext && e.Host != "" && !isLoopback(e.Host) {
		s.wrong("security", "wrong.cleartext", "Host", e.Host)
	}
	e.TLSFingerprint = s.fingerprint()
	e.TLSCAFile = l.file(s, "tls_ca_file")
}

// UsualPort returns the port a server has with a protocol and a security; 0 for
// what has none.
func UsualPort(protocol string, security Security) int { return ports[protocol][security] }

// usualSecurity is what servers offer on a port: STARTTLS on those that began
// without protection, TLS on all others.
func usualSecurity(port int) Security {
	switch port {
	case 25, 110, 143, 587:
		return SecurityStartTLS
	}
	return SecurityTLS
}

const hostExample = `host = "mail.example.com"`

// host reads a host name or an IP address.
func (s *section) host() string {
	host := s.line("host", "")
	name, port, split := cutLast(host, ":")
	_, portErr := strconv.Atoi(port)
	switch {
	case !s.has("host"):
		s.wrong("host", "wrong.missing", "Example", hostExample)
	case s.empty("host"):
		s.wrong("host", "wrong.empty", "Example", hostExample)
	case host == "":
	case net.ParseIP(host) != nil:
	case split && portErr == nil && !strings.Contains(name, ":"):
		s.wrong("host", "wrong.host_port", "Value", strconv.Quote(host), "Host", strconv.Quote(name), "Port", port)
	case !IsHost(host):
		s.wrong("host", "wrong.not_host", "Value", strconv.Quote(host))
	}
	return host
}

// IsHost reports whether text can be the name or number of a server.
func IsHost(text string) bool {
	if net.ParseIP(text) != nil {
		return true
	}
	return text != "" && isLine(text) && !strings.ContainsAny(text, " /:@\\[]") && !strings.HasPrefix(text, ".") && len(text) <= 253
}

// isLine reports whether text has no control characters.
func isLine(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }

// isLoopback reports whether a host is this machine, by its name or number
// alone.
func isLoopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// fingerprint reads the SHA-256 of a certificate, with or without the colons
// that other programs print.
func (s *section) fingerprint() string {
	text := s.line("tls_fingerprint", "")
	if text == "" {
		return ""
	}
	digest, prefixed := strings.CutPrefix(strings.ToLower(text), "sha256:")
	digest = strings.ReplaceAll(digest, ":", "")
	if sum, err := hex.DecodeString(digest); err != nil || len(sum) != 32 || !prefixed {
		s.wrong("tls_fingerprint", "wrong.not_fingerprint", "Value", strconv.Quote(text))
		return ""
	}
	return digest
}

// file reads the path of a file that must be there. A relative one starts at
// the configuration file, "~/" at home.
func (l *loading) file(s *section, key string) string {
	path := s.line(key, "")
	if path == "" {
		return ""
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(l.dir, path)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		s.wrong(key, "wrong.not_file", "Value", strconv.Quote(path))
	}
	return path
}
