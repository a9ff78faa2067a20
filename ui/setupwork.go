package ui

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/account/oauth"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/store"
)

// What setup does outside of Update: find settings, sign in, try, keep.

// find looks for the settings of the address, unless it was done for this one.
func (s *setup) find() tea.Cmd {
	address := s.form.typedAddress()
	if s.Renew != nil || address == "" || address == s.foundFor {
		return nil
	}
	s.checked, s.sentence, s.confirmed, s.foundFor = nil, "", "", address
	clear(s.pins)
	ctx, gen := s.finding.begin(s.ctx)
	finder := s.Finder
	return func() tea.Msg {
		found, err := finder.Find(ctx, address)
		return settingsFound{gen, found, err}
	}
}

type settingsFound struct {
	gen   int
	found account.Found
	err   error
}

func (f settingsFound) arrive(s *setup) tea.Cmd {
	if !s.finding.end(f.gen) {
		return nil
	}
	if f.err != nil {
		s.foundFor, s.eager, s.focus = "", false, s.form.address
		s.sentence = lang.T("setup.bad_address", "Words", s.form.address.value())
		return nil
	}
	token := s.form.byToken()
	s.form.fill(f.found)
	if s.form.byToken() != token {
		s.focus = s.form.afterAddress()
	}
	if p := f.found.Provider; p != nil && p.Chinese && s.Language == "" && s.language == "" {
		s.speak("zh")
	}
	if s.eager {
		s.eager = false
		return s.try()
	}
	return nil
}

// try begins the live test, after the sign-in at the provider where that is the way.
func (s *setup) try() tea.Cmd {
	addition, err := s.form.entry(s.Accounts)
	var wrong *mistake
	if errors.As(err, &wrong) {
		s.focus = wrong.field
		s.sentence = lang.T(wrong.id, "Words", wrong.field.value())
		return nil
	}
	if pin := s.pins[false]; pin != "" {
		addition.Incoming.TLSFingerprint = pin
	}
	if pin := s.pins[true]; pin != "" && addition.Outgoing != nil {
		addition.Outgoing.TLSFingerprint = pin
	}
	s.addition, s.checked, s.sentence, s.details = addition, nil, "", ""
	if hosts := s.doubtful(); hosts != s.confirmed {
		_, domain, _ := strings.Cut(addition.Email, "@")
		s.confirmed, s.sentence = hosts, lang.T("setup.foreign", "Domain", domain, "Hosts", hosts)
		return nil
	}
	if addition.SignIn != nil && s.token.Refresh == "" {
		return s.signIn()
	}
	return s.check()
}

// doubtful are the servers of the account that the DNS alone named, in another domain.
func (s *setup) doubtful() string {
	var hosts []string
	for _, host := range s.form.found.Foreign(s.addition.Email) {
		if s.addition.Incoming.Host == host || s.addition.Outgoing != nil && s.addition.Outgoing.Host == host {
			hosts = append(hosts, host)
		}
	}
	return strings.Join(hosts, ", ")
}

// check runs the live test, of which the stages come one by one.
func (s *setup) check() tea.Cmd {
	s.phase = trying
	ctx, gen := s.work.begin(s.ctx)
	tried, options := signingIn(s.addition, s.form.given(s.token)), s.Check
	news := make(chan tea.Msg)
	return tea.Batch(hear(ctx, news), func() tea.Msg {
		ok := mailsync.Check(ctx, tried, options, func(c mailsync.Checked) { tell(ctx, news, stageDone{gen, c, news, ctx}) })
		tell(ctx, news, checkDone{gen, ok}) // behind the stages
		return nil
	})
}

// hear waits for the next of several messages; what brings it asks for the one after.
func hear(ctx context.Context, news <-chan tea.Msg) tea.Cmd {
	return func() tea.Msg {
		select {
		case msg := <-news:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
}

func tell(ctx context.Context, news chan<- tea.Msg, msg tea.Msg) {
	select {
	case news <- msg:
	case <-ctx.Done():
	}
}

type stageDone struct {
	gen  int
	c    mailsync.Checked
	news chan tea.Msg
	ctx  context.Context
}

func (d stageDone) arrive(s *setup) tea.Cmd {
	if d.gen != s.work.gen || s.phase != trying {
		return nil
	}
	s.checked = append(s.checked, d.c)
	if d.c.Problem != nil {
		s.explain(d.c)
	}
	return hear(d.ctx, d.news)
}

type checkDone struct {
	gen int
	ok  bool
}

func (d checkDone) arrive(s *setup) tea.Cmd {
	if !s.work.end(d.gen) {
		return nil
	}
	s.phase = asking
	if d.ok {
		return s.keep()
	}
	return nil
}

// explain says what failed and puts the cursor where it can be put right.
func (s *setup) explain(c mailsync.Checked) {
	p := c.Problem
	if s.sentence = lang.SetupProblem(string(p.Kind), p.Op, p.Host, p.Words); p.Says != "" {
		s.sentence = lang.Say(p)
	}
	if s.details = p.Words; strings.Contains(s.sentence, p.Words) {
		s.details = ""
	}
	switch {
	case lang.WantsOAuth2(string(p.Kind), p.Host, p.Words) && s.form.wantsTokens():
		s.focus = s.form.clientID
	case s.Renew == nil && (p.Kind == store.ProblemNetwork || p.Kind == store.ProblemProtocol || p.Kind == store.ProblemTLS):
		s.focus = s.form.server // whatever stage it was: the settings may be wrong
		if c.Outgoing {
			s.focus = s.form.sendServer
		}
	case c.Stage == mailsync.CheckSignIn && s.form.byCommand():
		s.focus = s.form.command
	case c.Stage == mailsync.CheckSignIn && !s.form.byToken():
		s.focus = s.form.secret
	}
}

// offered is the certificate the person may choose to trust.
func (s *setup) offered() *mailsync.Certificate {
	if n := len(s.checked); s.Renew == nil && n > 0 && s.checked[n-1].Problem != nil {
		return s.checked[n-1].Certificate
	}
	return nil
}

func (s *setup) trust() tea.Cmd {
	c := s.offered()
	if c == nil {
		return nil
	}
	s.pins[s.checked[len(s.checked)-1].Outgoing] = c.Fingerprint
	return s.try()
}

// failed reports whether the last test did.
func (s *setup) failed() bool {
	n := len(s.checked)
	return n > 0 && s.checked[n-1].Problem != nil
}

// keepLimit is how long keeping may take; the keyring may ask the person for its own password.
const keepLimit = 2 * time.Minute

// keep writes the account down.
func (s *setup) keep() tea.Cmd {
	s.phase, s.sentence = keeping, ""
	parent, gen := s.work.begin(s.ctx)
	path, secrets, addition, language := s.Path, s.Secrets, s.addition, s.Language
	if language == "" {
		language = s.language
	}
	secret, how := s.form.password(), s.form.keeping()
	if addition.SignIn != nil {
		secret = s.token.Refresh
	}
	renew := s.Renew
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, keepLimit)
		defer cancel()
		if renew != nil {
			return kept{gen, addition, renew.Renew(ctx, secret)}
		}
		var err error
		if addition.Kept, err = account.KeepSecret(ctx, secrets, addition.Name, secret, how); err == nil {
			err = account.AddAccount(path, language, addition)
		}
		return kept{gen, addition, err}
	}
}

type kept struct {
	gen      int
	addition account.Addition
	err      error
}

func (k kept) arrive(s *setup) tea.Cmd {
	if !s.work.end(k.gen) {
		return nil
	}
	if k.err != nil {
		s.phase = asking
		if s.sentence = lang.Sentence(k.err); s.sentence == k.err.Error() {
			s.sentence = lang.T("setup.not_kept", "Words", s.sentence)
		}
		return nil
	}
	s.result.Name = k.addition.Name
	s.result.Passphrase = s.form.keeping().Passphrase
	if k.addition.Kept.File != "" && s.form.keep.value() == keepInKeyring {
		s.result.Notes = append(s.result.Notes, lang.T("setup.kept_in_file", "Path", account.FromHome(k.addition.Kept.File)))
	}
	return tea.Quit
}

// signIn has the person sign in at the provider.
func (s *setup) signIn() tea.Cmd {
	s.phase = signing
	ctx, gen := s.work.begin(s.ctx)
	client, user, way := *s.addition.SignIn, s.addition.Email, s.form.way.value()
	news := make(chan tea.Msg)
	return tea.Batch(hear(ctx, news), func() tea.Msg {
		var token oauth.Token
		var err error
		if way == wayDevice {
			token, err = client.Device(ctx, func(c oauth.Code) { tell(ctx, news, signInAt{gen, c.URL, c.Code}) })
		} else {
			token, err = client.Browser(ctx, user, func(url string) { tell(ctx, news, signInAt{gen, url, ""}) })
		}
		return signedIn{gen, token, err}
	})
}

// signInAt is where the person signs in, and what to type there.
type signInAt struct {
	gen       int
	url, code string
}

func (a signInAt) arrive(s *setup) tea.Cmd {
	if a.gen != s.work.gen || s.phase != signing {
		return nil
	}
	if a.code != "" {
		s.sentence = lang.T("setup.device", "Link", a.url, "Code", a.code)
		return nil
	}
	s.sentence = lang.T("setup.browser", "Link", a.url)
	return openQuietly(systemOpener(a.url))
}

// openQuietly starts the browser. Where there is none, the address on the screen is what is left.
func openQuietly(cmd *exec.Cmd) tea.Cmd {
	return func() tea.Msg {
		if cmd.Start() == nil {
			cmd.Wait() // only lets go of it
		}
		return nil
	}
}

type signedIn struct {
	gen   int
	token oauth.Token
	err   error
}

func (d signedIn) arrive(s *setup) tea.Cmd {
	if !s.work.end(d.gen) {
		return nil
	}
	if d.err != nil {
		s.phase = asking
		if s.sentence = lang.Sentence(d.err); s.sentence == d.err.Error() { // the system's words alone
			s.sentence = lang.T("setup.not_signed_in", "Words", s.sentence)
		}
		return nil
	}
	s.token = d.token
	return s.check()
}
