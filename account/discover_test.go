package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// zone is a DNS that knows what the test says, and notes what it was asked.
type zone struct {
	srv   map[string]string // "imaps._tcp" to "host:port"
	mx    []string
	hosts []string
	hangs bool

	mu    sync.Mutex
	asked []string
}

var errNoSuch = errors.New("no such name")

func (z *zone) ask(ctx context.Context, what string) error {
	z.mu.Lock()
	z.asked = append(z.asked, what)
	z.mu.Unlock()
	if z.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (z *zone) LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if err := z.ask(ctx, "SRV"); err != nil {
		return "", nil, err
	}
	host, port, ok := strings.Cut(z.srv[service], ":")
	if !ok {
		return "", nil, errNoSuch
	}
	r := &net.SRV{Target: host + "."}
	fmt.Sscan(port, &r.Port)
	return "", []*net.SRV{r}, nil
}

func (z *zone) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	if err := z.ask(ctx, "MX"); err != nil {
		return nil, err
	}
	var all []*net.MX
	for _, host := range z.mx {
		all = append(all, &net.MX{Host: host})
	}
	return all, nil
}

func (z *zone) LookupHost(ctx context.Context, host string) ([]string, error) {
	if err := z.ask(ctx, "host"); err != nil {
		return nil, err
	}
	for _, known := range z.hosts {
		if known == host {
			return []string{"192.0.2.1"}, nil
		}
	}
	return nil, errNoSuch
}

// site answers every https address on loopback; it notes what was asked for.
type site struct {
	client *http.Client
	mu     sync.Mutex
	asked  []string
}

func newSite(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *site {
	s := &site{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Host+r.URL.String())
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	s.client = server.Client()
	transport := s.client.Transport.(*http.Transport)
	transport.TLSClientConfig.ServerName = "example.com" // the name in the certificate of httptest
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !strings.HasSuffix(address, ":443") {
			return nil, fmt.Errorf("%s is not https", address)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, server.Listener.Addr().String())
	}
	return s
}

const publishedFile = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1"><emailProvider id="own.test">
<incomingServer type="imap"><hostname>plain.own.test</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>mail.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>
<incomingServer type="imap"><hostname>second.own.test</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="pop3"><hostname>bad host</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<outgoingServer type="smtp"><hostname>out.own.test</hostname><port>587</port><socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username><authentication>OAuth2</authentication></outgoingServer>
</emailProvider></clientConfig>`

func TestFind(t *testing.T) {
	nothing := func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
	tests := []struct {
		name, address    string
		zone             *zone
		site             func(http.ResponseWriter, *http.Request)
		imap, pop3, smtp string
		source           Source
		dns, web         int   // how often each may have been asked; -1 any
		open             []int // the ports on which something answers
	}{
		{name: "table", address: "wang@163.com", source: FromTable,
			imap: "wang@163.com imap.163.com:993 tls", pop3: "wang@163.com pop.163.com:995 tls", smtp: "wang@163.com smtp.163.com:465 tls"},
		{name: "table, case", address: "Ann@ICloud.com", source: FromTable,
			imap: "Ann imap.mail.me.com:993 tls", smtp: "Ann@ICloud.com smtp.mail.me.com:587 starttls"},
		{name: "srv", address: "me@own.test", source: FromSRV, dns: 6,
			zone: &zone{srv: map[string]string{"imap": "imap.own.test:143", "imaps": "imap.own.test:1993", "pop3": ".:0", "submission": "out.own.test:587"}},
			imap: "me@own.test imap.own.test:1993 tls", smtp: "me@own.test out.own.test:587 starttls"},
		{name: "srv without sending", address: "me@own.test", source: FromSRV, dns: 9,
			zone: &zone{srv: map[string]string{"pop3s": "pop.own.test:995"}, hosts: []string{"mail.own.test"}}, open: []int{587},
			pop3: "me@own.test pop.own.test:995 tls", smtp: "me@own.test mail.own.test:587 starttls"},
		{name: "srv without sending, and no such host", address: "me@own.test", source: FromSRV, dns: 8,
			zone: &zone{srv: map[string]string{"imaps": "imap.own.test:993"}}, imap: "me@own.test imap.own.test:993 tls"},
		{name: "srv without receiving", address: "me@own.test", source: FromAutoconfig, dns: 6, web: 1,
			zone: &zone{srv: map[string]string{"submission": "out.own.test:587"}},
			site: func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, publishedFile) },
			imap: "me mail.own.test:993 tls", smtp: "me@own.test out.own.test:587 starttls oauth2"},
		{name: "autoconfig, second place", address: "me@own.test", source: FromAutoconfig, dns: 6, web: 2,
			site: func(w http.ResponseWriter, r *http.Request) {
				if r.Host != "own.test" {
					http.NotFound(w, r)
					return
				}
				io.WriteString(w, publishedFile)
			},
			imap: "me mail.own.test:993 tls", smtp: "me@own.test out.own.test:587 starttls oauth2"},
		{name: "redirect to http is not followed", address: "me@own.test", source: FromGuess, dns: -1, web: 2,
			site: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://own.test/config.xml", http.StatusFound)
			},
			imap: "me@own.test imap.own.test:993 tls", pop3: "me@own.test pop.own.test:995 tls", smtp: "me@own.test smtp.own.test:465 tls"},
		{name: "mx", address: "me@own.test", source: FromMX, dns: 7, web: 2, zone: &zone{mx: []string{"mx.other.test.", "mxbiz1.qq.com."}},
			imap: "me@own.test imap.exmail.qq.com:993 tls", pop3: "me@own.test pop.exmail.qq.com:995 tls", smtp: "me@own.test smtp.exmail.qq.com:465 tls"},
		{name: "guess", address: "me@own.test", source: FromGuess, dns: -1, web: 2, zone: &zone{mx: []string{"notqq.com."}, hosts: []string{"mail.own.test"}},
			imap: "me@own.test mail.own.test:993 tls", pop3: "me@own.test mail.own.test:995 tls", smtp: "me@own.test mail.own.test:465 tls"},
		{name: "guess, all there", address: "me@own.test", source: FromGuess, dns: -1, web: 2, zone: &zone{hosts: []string{"mail.own.test"}}, open: []int{993, 143, 995, 110, 465, 587},
			imap: "me@own.test mail.own.test:993 tls", pop3: "me@own.test mail.own.test:995 tls", smtp: "me@own.test mail.own.test:465 tls"},
		{name: "guess, STARTTLS only", address: "me@own.test", source: FromGuess, dns: -1, web: 2, zone: &zone{hosts: []string{"imap.own.test", "mail.own.test"}}, open: []int{143, 587},
			imap: "me@own.test imap.own.test:143 starttls", smtp: "me@own.test mail.own.test:587 starttls"},
		{name: "guess, POP3 only", address: "me@own.test", source: FromGuess, dns: -1, web: 2, zone: &zone{hosts: []string{"pop3.own.test"}}, open: []int{995},
			pop3: "me@own.test pop3.own.test:995 tls", smtp: "me@own.test smtp.own.test:465 tls"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.zone == nil {
				tt.zone = &zone{}
			}
			if tt.site == nil {
				tt.site = nothing
			}
			web := newSite(t, tt.site)
			f := Finder{Resolver: tt.zone, HTTP: web.client, Dial: doors(tt.open...)}
			found, err := f.Find(t.Context(), tt.address)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range []struct {
				got  *Endpoint
				want string
			}{{found.IMAP, tt.imap}, {found.POP3, tt.pop3}, {found.SMTP, tt.smtp}} {
				got := ""
				if e.got != nil {
					got = strings.Join([]string{e.got.Username, e.got.Addr(), string(e.got.Security)}, " ")
					if e.got.OAuth2 {
						got += " oauth2"
					}
				}
				if got != e.want {
					t.Errorf("%q, want %q", got, e.want)
				}
			}
			if found.Source != tt.source {
				t.Errorf("from %s, want %s", found.Source, tt.source)
			}
			if n := len(tt.zone.asked); tt.dns >= 0 && n != tt.dns {
				t.Errorf("asked the DNS %d times: %v", n, tt.zone.asked)
			}
			if n := len(web.asked); n != tt.web {
				t.Errorf("asked the web %d times: %v", n, web.asked)
			}
		})
	}
}

// doors are servers that answer on these ports and no others.
func doors(open ...int) Dial {
	return func(_ context.Context, _, address string) (net.Conn, error) {
		_, port, _ := net.SplitHostPort(address)
		if n, _ := strconv.Atoi(port); !slices.Contains(open, n) {
			return nil, errors.New("connection refused")
		}
		conn, _ := net.Pipe()
		return conn, nil
	}
}

// A domain that takes no passwords publishes where one signs in.
func TestPublishedSignIn(t *testing.T) {
	const service = `<oAuth2><issuer>own.test</issuer><scope> mail  offline </scope><authURL>https://login.own.test/auth</authURL><tokenURL>%s</tokenURL></oAuth2>`
	for token, want := range map[string]string{
		"https://login.own.test/token": "https://login.own.test/auth https://login.own.test/token [mail offline]",
		"http://login.own.test/token":  "", // anybody could read the tokens
	} {
		file := strings.ReplaceAll(strings.Replace(publishedFile, "</clientConfig>", fmt.Sprintf(service, token)+"</clientConfig>", 1), "password-cleartext", "OAuth2")
		web := newSite(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, file) })
		f := Finder{Resolver: &zone{}, HTTP: web.client}
		found, err := f.Find(t.Context(), "me@own.test")
		got := ""
		if found.SignIn != nil {
			got = fmt.Sprint(found.SignIn.AuthURL, " ", found.SignIn.TokenURL, " ", found.SignIn.Scopes)
		}
		if err != nil || got != want || found.IMAP == nil || !found.IMAP.OAuth2 {
			t.Errorf("%q, want %q (%+v, %v)", got, want, found, err)
		}
	}
}

func TestFindEnds(t *testing.T) {
	silent := newSite(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	f := Finder{Resolver: &zone{hangs: true}, HTTP: silent.client, Limit: 10 * time.Millisecond}
	found, err := f.Find(t.Context(), "me@own.test")
	if err != nil || found.Source != FromGuess || found.IMAP.Host != "imap.own.test" {
		t.Errorf("with nothing that answers: %+v, %v", found, err)
	}
	f.Limit = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := f.Find(ctx, "me@own.test"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, wrong := range []string{"", "me", "@own.test", "me@", "a b@own.test", "<me@own.test>"} {
		if _, err := f.Find(t.Context(), wrong); !errors.Is(err, errAddress) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// The table is data that nobody compiles: each row has to be usable.
func TestProviders(t *testing.T) {
	givers, exchangers := map[string]string{}, map[string]string{}
	for _, p := range providers {
		if len(p.Domains)+len(p.MX) == 0 {
			t.Errorf("%s: nobody can have it", p.Name)
		}
		once := func(seen map[string]string, domains []string) {
			for _, domain := range domains {
				if seen[domain] != "" || domain != strings.ToLower(domain) || !strings.Contains(domain, ".") {
					t.Errorf("%s: %q stands in %s too, or is no domain", p.Name, domain, seen[domain])
				}
				seen[domain] = p.Name
			}
		}
		once(givers, p.Domains)
		once(exchangers, p.MX)
		if p.Secret != SecretPassword && p.Secret != SecretOAuth2 && p.Where == "" {
			t.Errorf("%s: it does not say where the secret is made", p.Name)
		}
		if p.Secret == SecretOAuth2 && p.OAuth2 == "" {
			t.Errorf("%s: it wants OAuth 2 and does not say whose", p.Name)
		}
		if p.IMAP.Host == "" || p.SMTP.Host == "" {
			t.Errorf("%s: no servers", p.Name)
		}
		for _, s := range []Server{p.IMAP, p.POP3, p.SMTP} {
			if s.Host != "" && (!IsHost(s.Host) || s.Port == 0 || s.Security == SecurityNone || s.Security == "") {
				t.Errorf("%s: %+v", p.Name, s)
			}
		}
	}
}

// Whatever a domain publishes, what is taken of it can be dialed.
func FuzzAutoconfig(f *testing.F) {
	f.Add(publishedFile)
	f.Add("<clientConfig><emailProvider><incomingServer type=\"imap\"><hostname>%EMAILDOMAIN%</hostname><port>-1</port></incomingServer></emailProvider></clientConfig>")
	f.Fuzz(func(t *testing.T, text string) {
		found := readAutoconfig(strings.NewReader(text), "me@own.test")
		for _, e := range []*Endpoint{found.IMAP, found.POP3, found.SMTP} {
			if e != nil && (!IsHost(e.Host) || e.Port < 1 || e.Port > 65535 || e.Security == SecurityNone || !isLine(e.Username) || e.Username == "") {
				t.Errorf("%+v", e)
			}
		}
	})
}

// Where a forged DNS could lead a password, the host is told.
func TestForeign(t *testing.T) {
	at := func(host string) *Endpoint { return &Endpoint{Host: host} }
	for _, tt := range []struct {
		found Found
		want  string
	}{
		{Found{Source: FromSRV, IMAP: at("imap.own.test"), SMTP: at("Own.Test")}, ""},
		{Found{Source: FromSRV, IMAP: at("imap.evil.test"), POP3: at("imap.evil.test"), SMTP: at("smtp.other.test")}, "imap.evil.test smtp.other.test"},
		{Found{Source: FromSRV, IMAP: at("imap.notown.test")}, "imap.notown.test"},
		{Found{Source: FromSRV, IMAP: at("own.test.evil.test")}, "own.test.evil.test"},
		{Found{Source: FromSRV, IMAP: at("imap.fastmail.com"), SMTP: at("localhost")}, ""},
		{Found{Source: FromAutoconfig, IMAP: at("imap.evil.test")}, ""}, // the domain's own certificate vouches for it
	} {
		if got := strings.Join(tt.found.Foreign("me@OWN.test"), " "); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.found, got, tt.want)
		}
	}
}
