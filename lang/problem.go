package lang

import (
	"cmp"
	"strings"
)

// symptom recognises a problem by its kind and by what the server or the system said.
type symptom struct {
	kind  string   // "" is any kind
	words []string // any of these, lower case; none: the kind alone decides
	id    string
}

// symptoms are tried in order: what says most comes first.
var symptoms = []symptom{
	{"alert", nil, "problem.alert"},
	{"", []string{"certificate has expired", "certificate is not yet valid", "not yet valid"}, "problem.certificate_expired"},
	{"", []string{"is valid for", "not valid for any names", "doesn't contain any ip sans", "cannot validate certificate for"}, "problem.certificate_name"},
	{"", []string{"unknown authority", "certificate is not trusted", "self-signed", "self signed", "not standards compliant"}, "problem.certificate_unknown"},
	{"", []string{"fingerprint"}, "problem.certificate_fingerprint"},
	{"", []string{"network is unreachable", "no route to host", "network is down"}, "problem.offline"},
	{"", []string{"read udp", "dial udp", "server misbehaving"}, "problem.no_dns"},
	{"", []string{"no such host", "name or service not known"}, "problem.no_such_host"},
	{"", []string{"connection refused"}, "problem.connection_refused"},
	{"unconfirmed", nil, "problem.unconfirmed"},
	{"", []string{"unsafe login"}, "problem.unsafe_login"},
	{"auth", []string{"the server offers none of"}, "problem.no_method"},
	{"auth", []string{"application-specific", "app password", "app-specific"}, "problem.auth_app_password"},
	{"auth", []string{"授权码", "authorization code", "authorisation code"}, "problem.auth_code"},
	{"auth", []string{"oauthbearer", "basicauthblocked", "basic authentication is disabled"}, "problem.auth_oauth"},
	{"auth", []string{"temporar", "try again later", "too many", "[unavailable]", "rate limit", "rate-limit", "ratelimit"}, "problem.auth_later"},
	{"auth", nil, "problem.auth"},
	{"quota", nil, "problem.quota"},
	{"", []string{"overquota", "over quota", "quota exceeded", "mailbox full", "mailbox is full", "5.2.2"}, "problem.quota"},
	{"size", nil, "problem.size"},
	{"", []string{"5.3.4", "message too large", "message size exceeds", "toobig"}, "problem.size"},
	{"recipient", nil, "problem.recipient"},
	{"tls", []string{"cleartext", "allow_cleartext"}, "problem.cleartext"},
	{"tls", []string{"starttls", "stls"}, "problem.no_starttls"},
	{"tls", nil, "problem.tls"},
	{"network", []string{"timeout", "deadline exceeded", "timed out"}, "problem.timeout"},
	{"network", []string{"eof", "reset by peer", "broken pipe", "closed"}, "problem.link_dropped"},
	{"network", nil, "problem.network"},
	{"", []string{"no space left", "disk full", "database or disk is full"}, "problem.disk_full"},
	{"disk", nil, "problem.disk_full"},
	{"temporary", nil, "problem.temporary"},
	{"refused", nil, "problem.refused"},
	{"protocol", nil, "problem.protocol"},
	{"conflict", nil, "problem.conflict"},
	{"gone", nil, "problem.gone"},
	{"damaged", nil, "problem.damaged"},
	{"config", nil, "problem.config"},
	{"", []string{"timeout", "deadline exceeded", "timed out"}, "problem.timeout"},
}

// codeHosts are the mail services (by the end of the host's name) whose programs sign in with a code, a 授权码,
// made in the webmail's settings instead of the login password.
var codeHosts = []string{
	"163.com", "126.com", "yeah.net", "188.com", "qq.com", "foxmail.com", "sina.com", "sina.cn",
	"139.com",
}

// clientPasswordHosts want a password made for mail programs (客户端密码), some only of those who asked for it.
var clientPasswordHosts = []string{"exmail.qq.com", "qiye.aliyun.com", "sohu.com"}

// appPasswordHosts want a password made for this program where two-step sign-in is on.
var appPasswordHosts = []string{
	"gmail.com", "google.com", "yahoo.com", "me.com", "icloud.com", "fastmail.com", "zoho.com", "yandex.com", "mail.ru",
}

// Problem says in one plain sentence what went wrong and what to do next.
// kind is a store.ProblemKind ("auth", "tls", …), op what was being done, host the server (with or without its
// port), and words what the server (or the system) said.
func Problem(kind, op, host, words string) string {
	id := byOp[op]
	if id == "" {
		id = diagnose(kind, host, words)
	}
	return say(id, op, host, words)
}

// byOp are the sentences that depend on what was being done alone.
var byOp = map[string]string{"fetch": "problem.not_given", "retrieve": "problem.left_there", "read folder": "problem.folder_closed"}

// inSetup are the sentences whose next step is another one while an account is being set up: the settings are on the
// screen then, and nothing is tried again by itself.
var inSetup = map[string]string{
	"problem.auth":                "try.auth",
	"problem.auth_oauth":          "try.auth_oauth",
	"problem.auth_later":          "try.auth_later",
	"problem.unsafe_login":        "try.unsafe_login",
	"problem.no_method":           "try.no_method",
	"problem.no_dns":              "try.no_dns",
	"problem.certificate_name":    "try.certificate_name",
	"problem.certificate_unknown": "try.certificate_unknown",
	"problem.cleartext":           "try.cleartext",
	"problem.no_starttls":         "try.no_starttls",
	"problem.tls":                 "try.tls",
	"problem.no_such_host":        "try.no_such_host",
	"problem.connection_refused":  "try.connection_refused",
	"problem.offline":             "try.offline",
	"problem.timeout":             "try.timeout",
	"problem.link_dropped":        "try.link_dropped",
	"problem.network":             "try.network",
	"problem.temporary":           "try.temporary",
	"problem.protocol":            "try.protocol",
}

// inCheck are the sentences whose next step is another one when servers are tried once, at the command line.
var inCheck = map[string]string{
	"problem.auth_later":   "check.auth_later",
	"problem.unsafe_login": "check.unsafe_login",
	"problem.no_dns":       "check.no_dns",
	"problem.offline":      "check.offline",
	"problem.timeout":      "check.timeout",
	"problem.link_dropped": "check.link_dropped",
	"problem.network":      "check.network",
	"problem.temporary":    "try.temporary",
}

// SetupProblem is Problem for what goes wrong while an account is being set up.
func SetupProblem(kind, op, host, words string) string {
	return sayAmong(inSetup, kind, op, host, words)
}

// CheckProblem is Problem for what goes wrong when an account is tried once.
func CheckProblem(kind, op, host, words string) string {
	return sayAmong(inCheck, kind, op, host, words)
}

func sayAmong(others map[string]string, kind, op, host, words string) string {
	id := diagnose(kind, host, words)
	return say(cmp.Or(others[id], id), op, host, words)
}

// WantsOAuth2 reports whether a problem is that the server takes no passwords.
func WantsOAuth2(kind, host, words string) bool {
	return diagnose(kind, host, words) == "problem.auth_oauth"
}

// diagnose finds the sentence for a problem.
func diagnose(kind, host, words string) string {
	name := hostName(host)
	id := statusPhrase(kind, words)
	if id == "" {
		id = symptomPhrase(kind, words)
	}
	if id == "problem.auth" {
		switch {
		case endsWithAny(name, clientPasswordHosts):
			id = "problem.auth_client"
		case endsWithAny(name, codeHosts):
			id = "problem.auth_code"
		case endsWithAny(name, []string{"office365.com", "outlook.com"}):
			id = "problem.auth_oauth"
		case endsWithAny(name, appPasswordHosts):
			id = "problem.auth_app_password"
		}
	}
	return id
}

func say(id, op, host, words string) string {
	name := hostName(host)
	if name == "" {
		name = T("problem.the_server")
	}
	return T(id, "Host", name, "Address", strings.ToLower(host), "Op", op, "Words", shorten(words))
}

func symptomPhrase(kind, words string) string {
	low := strings.ToLower(words)
	for _, s := range symptoms {
		if (s.kind == "" || s.kind == kind) && (s.words == nil || containsAny(low, s.words)) {
			return s.id
		}
	}
	return "problem.unknown"
}

// hostName is host without its port, lower case.
func hostName(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.Contains(host[i:], "]") && strings.Count(host, ":") == 1 {
		host = host[:i]
	}
	return strings.ToLower(host)
}

// shorten keeps a server's long speech out of the one sentence; the whole of it is one key away on the screen.
func shorten(words string) string {
	words = strings.Join(strings.Fields(words), " ")
	if r := []rune(words); len(r) > 120 {
		return string(r[:119]) + "…"
	}
	return words
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// endsWithAny matches whole labels: "imap.163.com" ends with "163.com", "notqq.com" does not end with "qq.com".
func endsWithAny(name string, ends []string) bool {
	for _, end := range ends {
		if name == end || strings.HasSuffix(name, "."+end) {
			return true
		}
	}
	return false
}
