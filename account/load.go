package account

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// account reads one [[account]]. The accounts before it have taken their
// names already.
func (l *loading) account(s *section, before []Account) Account {
	a := Account{Name: accountName(s, before)}
	a.Email = s.address("email")
	a.FullName = s.line("full_name", "")
	a.Signature = s.text("signature", "")
	a.Identities = l.identities(s, a)
	a.Offline = s.choice("offline", OfflineRecent, OfflineHeaders, OfflineRecent, OfflineAll)
	a.Poll = s.duration("poll", DefaultPoll, time.Second, 24*time.Hour)
	if s.has("color") {
		a.Color = s.choice("color", "", colors...)
	}
	a.Roles = l.roles(s)
	a.Notify = l.notifyOf(s)

	incoming := s.below("incoming", "[account.incoming]", "incoming.")
	switch {
	case incoming != nil:
		a.Incoming = l.incoming(l.open(incoming), a)
		a.LeaveOnServer = leavePolicy(incoming, a.Incoming.Protocol)
	case !s.has("incoming"):
		s.wrong("[account.incoming]", "wrong.no_incoming")
	}
	if outgoing := s.below("outgoing", "[account.outgoing]", "outgoing."); outgoing != nil {
		e := l.outgoing(l.open(outgoing), a)
		a.Outgoing = &e
		a.CopyToSent = outgoing.yes("copy_to_sent", !filesOwnCopy(e.Host))
	}
	return a
}

// maxName is how long the name of an account may be, in bytes.
const maxName = 100

// accountName reads the name of an account, by which its problems are then told.
func accountName(s *section, before []Account) string {
	name := s.line("name", "")
	switch {
	case !s.has("name"):
		s.wrong("name", "wrong.missing", "Example", `name = "work"`)
	case name == "" && !s.empty("name"): // told already
	case name == "" || strings.TrimSpace(name) != name:
		s.wrong("name", "wrong.not_name", "Value", strconv.Quote(name))
	case len(name) > maxName:
		s.wrong("name", "wrong.long_name", "Most", maxName)
	}
	if name != "" {
		s.found.account = name
	}
	if name != "" && slices.ContainsFunc(before, func(a Account) bool { return a.Name == name }) {
		s.wrong("name", "wrong.name_taken")
	}
	return name
}

// address reads an email address that must be there.
func (s *section) address(key string) string {
	address := s.line(key, "")
	switch {
	case !s.has(key):
		s.wrong(key, "wrong.missing", "Example", key+` = "me@example.com"`)
	case address != "" && !IsAddress(address):
		s.wrong(key, "wrong.not_address", "Value", strconv.Quote(address))
	case s.empty(key):
		s.wrong(key, "wrong.empty", "Example", key+` = "me@example.com"`)
	}
	return address
}

// IsAddress reports whether text is a bare address, without a name: an atom
// or quoted-looking local part and a domain.
func IsAddress(text string) bool {
	local, domain, ok := cutLast(text, "@")
	if !ok || local == "" || domain == "" || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return false
	}
	return !strings.ContainsFunc(text, unicode.IsSpace) && !strings.ContainsAny(text, "<>,;()") && !strings.Contains(local, "@")
}

// cutLast is strings.Cut at the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// identities returns the account's own address and those listed, which take
// its name and signature where they have none.
func (l *loading) identities(s *section, a Account) []Identity {
	all := []Identity{{Email: a.Email, FullName: a.FullName, Signature: a.Signature}}
	for _, t := range s.each("identities", `identities = [{ email = "…" }]`, "identities.") {
		l.open(t)
		all = append(all, Identity{
			Email:     t.address("email"),
			FullName:  t.line("full_name", a.FullName),
			Signature: t.text("signature", a.Signature),
			Sent:      t.line("sent", ""),
		})
	}
	return all
}

// roles reads which mailbox has which role.
func (l *loading) roles(s *section) map[Role]string {
	roles := map[Role]string{}
	t := s.below("roles", `roles = { archive = "…" }`, "roles.")
	if t == nil {
		return roles
	}
	l.open(t)
	for _, role := range []Role{RoleArchive, RoleDrafts, RoleJunk, RoleSent, RoleTrash} {
		mailbox := t.line(string(role), "")
		if mailbox != "" {
			roles[role] = mailbox
		} else if t.empty(string(role)) {
			t.wrong(string(role), "wrong.empty_role")
		}
	}
	return roles
}

// leavePolicy reads leave_on_server: true, false, or for how long.
func leavePolicy(s *section, protocol string) LeavePolicy {
	const key = "leave_on_server"
	policy := LeavePolicy{Keep: true}
	value, given := s.find(key)
	if !given {
		return policy
	}
	switch v := value.(type) {
	case bool:
		policy.Keep = v
	case string:
		d, ok := parseDuration(v)
		if policy.For = d; !ok || d <= 0 {
			s.wrong(key, "wrong.not_leaving", "Value", strconv.Quote(v))
		}
	default:
		s.wrong(key, "wrong.no_leaving", "Type", typeOf(v))
	}
	if protocol != ProtocolPOP3 {
		s.wrong(key, "wrong.only_with", "Protocol", ProtocolPOP3)
	}
	return policy
}

// filesOwnCopy reports whether the provider behind an SMTP host is known to
// put a copy of what it sends into Sent by itself.
func filesOwnCopy(host string) bool {
	return strings.EqualFold(host, "smtp.gmail.com") || strings.EqualFold(host, "smtp-relay.gmail.com")
}
