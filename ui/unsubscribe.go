package ui

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
)

// unsubscribe asks to leave the list the message came by, by the way that needs least of the person.
func (m *model) unsubscribe() tea.Cmd {
	c := m.reader.content
	if c == nil {
		return nil
	}
	way, ok := c.msg.Header.Unsubscribe()
	switch {
	case !ok:
		m.say(lang.T("unsubscribe.none"))
	case way.OneClick:
		m.ask(lang.T("unsubscribe.ask_request", "Host", hostOf(way.URL)), func(m *model) tea.Cmd { return m.requestRemoval(way.URL) })
	case way.Mail != nil:
		m.ask(lang.T("unsubscribe.ask_mail", "Address", way.Mail.To[0].Addr), func(m *model) tea.Cmd { return m.write(way.Mail) })
	default:
		m.ask(lang.T("unsubscribe.ask_page", "Host", hostOf(way.URL)), func(m *model) tea.Cmd { return m.openURL(way.URL) })
	}
	return nil
}

func (m *model) ask(text string, yes func(*model) tea.Cmd) { m.open(&question{text: text, yes: yes}) }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}

type removalAsked struct {
	host string
	err  error
}

func (r removalAsked) apply(m *model) tea.Cmd {
	if r.err != nil {
		m.failWith(lang.T("unsubscribe.failed", "Host", r.host), r.err.Error())
		return nil
	}
	m.say(lang.T("unsubscribe.done", "Host", r.host))
	return nil
}

func (m *model) requestRemoval(address string) tea.Cmd {
	ctx := m.ctx
	return func() tea.Msg { return removalAsked{hostOf(address), postRemoval(ctx, publicWeb(), address)} }
}

// postRemoval sends the one request of RFC 8058 §3.2: no cookies, nothing of the person, nowhere but where it says.
func postRemoval(ctx context.Context, web *http.Client, address string) error {
	form := strings.NewReader("List-Unsubscribe=One-Click")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, form)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("User-Agent", "")
	answer, err := web.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the server answered %s", answer.Status)
	}
	return nil
}

// publicWeb reaches public addresses over TLS only: a message must not make tmail talk to machines of the person's
// own network.
func publicWeb() *http.Client {
	const patience = 20 * time.Second
	dialer := &net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if ip := to.Addr().Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
			return fmt.Errorf("%s is not a public address", ip)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: patience, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the server sends elsewhere") },
	}
}
