package account

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tmail/account/oauth"
)

// maxAutoconfig is far above any such file, in bytes.
const maxAutoconfig = 256 << 10

// autoconfig reads the file in which a domain publishes its settings, in the
// format Thunderbird began. It is asked for by https only: who could change it
// on the way could choose where the password goes.
func (f *Finder) autoconfig(ctx context.Context, address, domain string) Found {
	const path = "/mail/config-v1.1.xml"
	for _, place := range []string{
		"https://autoconfig." + domain + path + "?emailaddress=" + url.QueryEscape(address),
		"https://" + domain + "/.well-known/autoconfig" + path,
	} {
		if found := f.published(ctx, place, address); found.receives() {
			return found
		}
	}
	return Found{}
}

// published reads the file at one place.
func (f *Finder) published(ctx context.Context, place, address string) Found {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
	if err != nil {
		return Found{}
	}
	answer, err := f.client().Do(request)
	if err != nil {
		return Found{}
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return Found{}
	}
	return readAutoconfig(io.LimitReader(answer.Body, maxAutoconfig), address)
}

// client returns an HTTP client that never leaves https.
func (f *Finder) client() *http.Client {
	client := http.Client{}
	if f.HTTP != nil {
		client = *f.HTTP
	}
	client.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		if next.URL.Scheme != "https" || len(before) >= 4 {
			return errors.New("not followed")
		}
		return nil
	}
	return &client
}

// clientConfig is the part of the file that matters.
type clientConfig struct {
	Provider struct {
		Incoming []announced `xml:"incomingServer"`
		Outgoing []announced `xml:"outgoingServer"`
	} `xml:"emailProvider"`
	SignIn struct {
		AuthURL  string `xml:"authURL"`
		TokenURL string `xml:"tokenURL"`
		Scope    string `xml:"scope"`
	} `xml:"oAuth2"`
}

// announced is one server of the file.
type announced struct {
	Type     string   `xml:"type,attr"`
	Host     string   `xml:"hostname"`
	Port     int      `xml:"port"`
	Socket   string   `xml:"socketType"`
	Username string   `xml:"username"`
	SignIn   []string `xml:"authentication"`
}

// readAutoconfig returns the first usable server of each protocol. Those
// without TLS are passed over.
func readAutoconfig(r io.Reader, address string) Found {
	var config clientConfig
	if err := xml.NewDecoder(r).Decode(&config); err != nil {
		return Found{}
	}
	found := Found{Source: FromAutoconfig}
	for _, s := range append(config.Provider.Incoming, config.Provider.Outgoing...) {
		place := map[string]**Endpoint{ProtocolIMAP: &found.IMAP, ProtocolPOP3: &found.POP3, ProtocolSMTP: &found.SMTP}[s.Type]
		if place == nil || *place != nil {
			continue
		}
		*place = s.endpoint(address)
	}
	found.SignIn = config.service()
	return found
}

// service is where one signs in for access tokens, nil when the file does not say or would have them sent in clear.
func (c *clientConfig) service() *oauth.Service {
	s := oauth.Service{AuthURL: strings.TrimSpace(c.SignIn.AuthURL), TokenURL: strings.TrimSpace(c.SignIn.TokenURL),
		Scopes: strings.Fields(c.SignIn.Scope)}
	if !isLine(s.AuthURL+s.TokenURL+strings.Join(s.Scopes, " ")) || !IsSafeURL(s.AuthURL) || !IsSafeURL(s.TokenURL) {
		return nil
	}
	return &s
}

// endpoint returns the server as an Endpoint, nil when it is of no use.
func (s *announced) endpoint(address string) *Endpoint {
	security, ok := map[string]Security{"SSL": SecurityTLS, "STARTTLS": SecurityStartTLS}[strings.TrimSpace(s.Socket)]
	local, domain, _ := cutLast(address, "@")
	fill := strings.NewReplacer("%EMAILADDRESS%", address, "%EMAILLOCALPART%", local, "%EMAILDOMAIN%", domain)
	host, user := fill.Replace(strings.TrimSpace(s.Host)), fill.Replace(strings.TrimSpace(s.Username))
	if !ok || !IsHost(host) || s.Port < 1 || s.Port > 65535 {
		return nil
	}
	if user == "" || !isLine(user) {
		user = address
	}
	e := &Endpoint{Protocol: s.Type, Host: host, Port: s.Port, Security: security, Username: user}
	says := func(way string) bool {
		return slices.ContainsFunc(s.SignIn, func(one string) bool { return strings.HasPrefix(strings.TrimSpace(one), way) })
	}
	e.OAuth2 = says("OAuth2") && !says("password")
	return e
}
