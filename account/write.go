package account

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tmail/account/oauth"
)

// Addition is an account as it is written into the configuration file: what
// Account says of names and servers, and where its secret is.
type Addition struct {
	Account
	Kept Kept
	// SignIn is how access tokens are made, nil for a password. Service names
	// its service; "" writes the addresses one by one.
	SignIn  *oauth.Client
	Service string
}

// AddAccount writes an account at the end of the configuration file, which it
// makes when there is none, with the language unless that is "". What stands
// there already stays as it is, byte for byte. A file that would not load
// afterwards is left alone.
func AddAccount(path, language string, e Addition) error {
	before, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
		before = newFile(language)
	case err != nil:
		return fmt.Errorf("read configuration: %w", err)
	}
	after := appended(before, e.text())
	c, err := read(path, after, 0o600)
	if err == nil {
		i := slices.IndexFunc(c.Accounts, func(a Account) bool { return a.Name == e.Name })
		if i < 0 || i != len(c.Accounts)-1 {
			err = fmt.Errorf("write configuration: account %q does not fit into %s", e.Name, path)
		} else {
			err = c.Accounts[i].Err
		}
	}
	if err != nil {
		return err
	}
	return writeFile(path, after)
}

// newFile is what a new configuration file begins with.
func newFile(language string) []byte {
	text := "# The configuration of tmail. All there is to set: tmail help config\n"
	if language != "" {
		text += "\nlanguage = " + quote(language) + "\n"
	}
	return []byte(text)
}

// appended returns the file with the text behind what it holds, in lines that
// end as those before.
func appended(before []byte, text string) []byte {
	if len(before) > 0 && !bytes.HasSuffix(before, []byte("\n")) {
		text = "\n" + text
	}
	text = strings.ReplaceAll("\n"+text, "\n", lineEnd(before))
	return append(slices.Clip(before), text...)
}

func lineEnd(file []byte) string {
	if bytes.Contains(file, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// text is the account as it stands in the file.
func (a Addition) text() string {
	b := &settings{}
	b.head("[[account]]")
	b.set("name", quote(a.Name))
	b.set("email", quote(a.Email))
	if a.FullName != "" {
		b.set("full_name", quote(a.FullName))
	}
	b.head("[account.incoming]")
	b.server(a.Incoming)
	if a.Incoming.Username != a.Email {
		b.set("username", quote(a.Incoming.Username))
	}
	b.secret(a)
	if a.Outgoing != nil {
		b.head("[account.outgoing]")
		b.server(*a.Outgoing)
		if a.Outgoing.Username != a.Incoming.Username {
			b.set("username", quote(a.Outgoing.Username))
		}
	}
	return b.String()
}

// settings is the text of some tables, with the values below each other.
type settings struct {
	strings.Builder
	keys, values []string
}

func (b *settings) set(key, value string) {
	b.keys, b.values = append(b.keys, key), append(b.values, value)
}

// head begins a table and lays out the one before.
func (b *settings) head(title string) {
	if b.flush(); b.Len() > 0 {
		b.WriteString("\n")
	}
	b.WriteString(title + "\n")
}

func (b *settings) flush() {
	width := 0
	for _, key := range b.keys {
		width = max(width, len(key))
	}
	for i, key := range b.keys {
		fmt.Fprintf(b, "%-*s = %s\n", width, key, b.values[i])
	}
	b.keys, b.values = nil, nil
}

func (b *settings) String() string {
	b.flush()
	return b.Builder.String()
}

func (b *settings) server(e Endpoint) {
	b.set("protocol", quote(e.Protocol))
	b.set("host", quote(e.Host))
	b.set("port", fmt.Sprint(e.Port))
	b.set("security", quote(string(e.Security)))
	if e.TLSFingerprint != "" {
		b.set("tls_fingerprint", quote("sha256:"+e.TLSFingerprint))
	}
}

// secret says where the secret is, and never the secret.
func (b *settings) secret(a Addition) {
	switch {
	case a.Kept.Command != "":
		b.set("password_command", quote(a.Kept.Command))
	case a.Kept.File != "":
		b.set("password_file", quote(FromHome(a.Kept.File))+"   # encrypted")
	default:
		b.set("keyring", "true")
	}
	if a.SignIn == nil {
		return
	}
	fields := []string{"client_id = " + quote(a.SignIn.ID)}
	if a.SignIn.Secret != "" {
		fields = append(fields, "client_secret = "+quote(a.SignIn.Secret))
	}
	if s := a.SignIn.Service; a.Service != "" {
		fields = append([]string{"provider = " + quote(a.Service)}, fields...)
	} else {
		for _, f := range []struct{ key, value string }{{"auth_url", s.AuthURL}, {"device_url", s.DeviceURL}, {"token_url", s.TokenURL}} {
			if f.value != "" {
				fields = append(fields, f.key+" = "+quote(f.value))
			}
		}
		fields = append(fields, "scopes = "+"["+quoted(s.Scopes)+"]")
	}
	b.set("oauth2", "{ "+strings.Join(fields, ", ")+" }")
}

// FromHome writes a path below the home directory as a person would.
func FromHome(path string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	if rest, err := filepath.Rel(home, path); err == nil && filepath.IsLocal(rest) {
		return "~/" + filepath.ToSlash(rest)
	}
	return path
}

// quote writes text as a basic string of TOML.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// FreeName returns a name for the account of an address, that none of the
// accounts has.
func FreeName(address string, accounts []Account) string {
	local, domain, _ := cutLast(address, "@")
	site, _, _ := strings.Cut(domain, ".")
	taken := func(name string) bool {
		return slices.ContainsFunc(accounts, func(a Account) bool { return a.Name == name })
	}
	for _, name := range []string{site, local + "-" + site, address} {
		if !taken(name) {
			return name
		}
	}
	for n := 2; ; n++ {
		if name := fmt.Sprintf("%s-%d", address, n); !taken(name) {
			return name
		}
	}
}
