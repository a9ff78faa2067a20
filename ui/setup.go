package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"tmail/account"
	"tmail/account/oauth"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message/safe"
)

// SetupOptions are what setting up an account needs. Input and Output may be left out.
type SetupOptions struct {
	Finder   *account.Finder
	Accounts []account.Account // those there are
	Path     string            // of the configuration file
	Secrets  string            // directory for secrets, where there is no system keyring
	Theme    string            // of the configuration; "" is "auto"
	Language string            // likewise; "" when there is no file yet: then it may follow the provider
	Check    mailsync.Options  // for the live test

	Input  io.Reader // nil: standard input
	Output io.Writer // nil: standard output
}

// SetupResult is what came of setting up an account.
type SetupResult struct {
	Name  string // of the account added; "" when the person left
	Notes []string
}

// Setup asks for an address and a secret, tries them, and adds the account to the configuration.
func Setup(ctx context.Context, o SetupOptions) (SetupResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newSetup(ctx, o)
	p := tea.NewProgram(s, programOptions(Options{Input: o.Input, Output: o.Output})...)
	over := make(chan struct{})
	guard(func() { obey(ctx, p, over) }, func(error) { p.Quit() })
	_, err := p.Run()
	close(over)
	return s.result, err
}

// phase is what setup is doing.
type phase int

const (
	asking  phase = iota
	signing       // in, by OAuth 2
	trying        // the live test
	keeping       // writing secret and configuration
)

// setup is the screen that adds an account: a form, and below it what is going on.
type setup struct {
	SetupOptions
	ctx context.Context
	terminalState

	width, height int

	form     *form
	focus    *blank
	language string // in use, "" as the environment says

	phase    phase
	finding  load
	foundFor string // the address the form was filled for
	eager    bool   // the test was asked for before the settings were found
	work     load   // signing, trying or keeping
	addition account.Addition
	token    oauth.Token
	pins     map[bool]string // fingerprints to trust, by Outgoing
	checked  []mailsync.Checked
	sentence string // what is wrong, or to be done by the person
	details  string
	result   SetupResult
}

func newSetup(ctx context.Context, o SetupOptions) *setup {
	s := &setup{SetupOptions: o, ctx: ctx, form: newForm(), pins: map[bool]string{}, terminalState: newTerminalState(o.Theme)}
	s.focus = s.form.address
	return s
}

func (s *setup) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, probeAmbiguous()) }

// setupNews is something that came of work outside of Update.
type setupNews interface{ arrive(s *setup) tea.Cmd }

func (s *setup) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return s, s.press(msg)
	case tea.PasteMsg:
		if s.phase == asking && s.focus.options == nil {
			s.focus.text.insert(msg.Content, false)
		}
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case leave:
		return s, tea.Quit
	case setupNews:
		return s, msg.arrive(s)
	default:
		s.terminalState.learn(msg)
	}
	return s, nil
}

func (s *setup) press(k tea.KeyPressMsg) tea.Cmd {
	name := keyName(k)
	switch name {
	case "ctrl+c":
		return tea.Quit
	case "ctrl+z":
		return tea.Suspend
	case "esc":
		return s.stop()
	case "ctrl+l":
		s.speak(map[string]string{"zh": "en", "en": "zh"}[lang.Current()])
		return nil
	}
	if s.phase != asking {
		return nil
	}
	switch name {
	case "enter", "ctrl+j": // the latter is an enter pressed before the terminal was ours
		return s.enter()
	case "tab", "down":
		return s.move(1)
	case "shift+tab", "up":
		return s.move(-1)
	case "ctrl+y":
		return s.trust()
	case "ctrl+s":
		if s.failed() {
			return s.keep()
		}
	}
	return s.edit(name, k)
}

// edit changes the field that has the keyboard.
func (s *setup) edit(name string, k tea.KeyPressMsg) tea.Cmd {
	b := s.focus
	switch {
	case b.options != nil && (name == "left" || name == "right" || name == "space"):
		by := 1
		if name == "left" {
			by = -1
		}
		b.step(by)
		if b == s.form.protocol {
			s.form.fillReceiving()
		}
	case b.options == nil:
		b.text.key(k.String(), k.Text)
	}
	return nil
}

// move gives the keyboard to another field. Leaving the address looks for its settings.
func (s *setup) move(by int) tea.Cmd {
	list := s.form.blanks()
	at := 0
	for i, b := range list {
		if b == s.focus {
			at = i
		}
	}
	cmd := s.find()
	s.focus = list[(at+by+len(list))%len(list)]
	return cmd
}

// enter goes on: from the address to the secret, from there to the test.
func (s *setup) enter() tea.Cmd {
	s.sentence = ""
	if s.focus == s.form.address {
		return s.move(1)
	}
	if s.focus == s.form.way {
		return s.move(1)
	}
	if s.finding.waiting() {
		s.eager = true
		return nil
	}
	if s.foundFor != s.form.address.value() {
		s.eager = true
		return s.find()
	}
	return s.try()
}

// stop ends what is under way; otherwise it does nothing.
func (s *setup) stop() tea.Cmd {
	s.finding.stop()
	s.eager = false
	if s.phase == trying || s.phase == signing {
		s.work.begin(s.ctx) // what still comes is of a generation that is past
		s.work.stop()
		s.phase, s.checked, s.sentence = asking, nil, ""
	}
	return nil
}

// find looks for the settings of the address, unless it was done for this one.
func (s *setup) find() tea.Cmd {
	address := s.form.address.value()
	if address == "" || address == s.foundFor {
		return nil
	}
	s.checked, s.sentence, s.foundFor = nil, "", address
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
		s.focus = s.form.blanks()[1]
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

// speak changes the language of the screen.
func (s *setup) speak(language string) {
	s.language = language
	lang.Use(language)
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
	addition.Incoming.TLSFingerprint = s.pins[false]
	if addition.Outgoing != nil {
		addition.Outgoing.TLSFingerprint = s.pins[true]
	}
	s.addition, s.checked, s.sentence, s.details = addition, nil, "", ""
	if addition.SignIn != nil && s.token.Refresh == "" {
		return s.signIn()
	}
	return s.check()
}

// check runs the live test, of which the stages come one by one.
func (s *setup) check() tea.Cmd {
	s.phase = trying
	ctx, gen := s.work.begin(s.ctx)
	tried, options := secretOf(s.addition, s.form.password(), s.token), s.Check
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
	s.sentence = lang.SetupProblem(string(p.Kind), p.Op, p.Host, p.Words)
	s.details = p.Words
	switch {
	case c.Stage == mailsync.CheckSignIn && !s.form.byToken():
		s.focus = s.form.secret
	case c.Stage == mailsync.CheckName || c.Stage == mailsync.CheckConnection:
		s.focus = s.form.server
		if c.Outgoing {
			s.focus = s.form.sendServer
		}
	}
}

// offered is the certificate the person may choose to trust.
func (s *setup) offered() *mailsync.Certificate {
	if n := len(s.checked); n > 0 && s.checked[n-1].Problem != nil {
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
	secret := s.form.password()
	if addition.SignIn != nil {
		secret = s.token.Refresh
	}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, keepLimit)
		defer cancel()
		var err error
		if addition.Kept, err = account.KeepSecret(ctx, secrets, addition.Name, secret); err == nil {
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
		s.sentence = lang.T("setup.not_kept", "Words", k.err.Error())
		return nil
	}
	s.result.Name = k.addition.Name
	if k.addition.Kept.File != "" {
		s.result.Notes = append(s.result.Notes, lang.T("setup.kept_in_file", "Path", k.addition.Kept.File))
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
		s.sentence = lang.T("setup.not_signed_in", "Words", d.err.Error())
		return nil
	}
	s.token = d.token
	return s.check()
}

// terminalState is what the terminal has told of itself, and how things are drawn on it.
type terminalState struct {
	look
	theme      string
	dark       bool
	colourless bool
	answered   bool // the width of ambiguous characters is known
}

func newTerminalState(theme string) terminalState {
	t := terminalState{theme: theme, dark: theme != "light"}
	t.look = newLook(t.dark, t.colourless)
	return t
}

// learn takes in what the terminal says.
func (t *terminalState) learn(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.BackgroundColorMsg:
		if t.theme != "light" && t.theme != "dark" {
			t.dark = msg.IsDark()
		}
	case tea.ColorProfileMsg:
		t.colourless = msg.Profile <= colorprofile.Ascii
	case tea.CursorPositionMsg:
		if !t.answered && msg.Y == probeRow-1 {
			t.answered = true
			safe.SetAmbiguousWide(msg.X == 2)
		}
	}
	t.look = newLook(t.dark, t.colourless)
}

// stageNames are the phrases of the stages of the test.
var stageNames = map[mailsync.CheckStage]string{
	mailsync.CheckName: "stage.name", mailsync.CheckConnection: "stage.connection", mailsync.CheckCertificate: "stage.certificate",
	mailsync.CheckSignIn: "stage.sign_in", mailsync.CheckFolders: "stage.folders",
}

func (s *setup) stageText(c mailsync.Checked) safe.Text {
	sign := s.look.ok
	if c.Problem != nil {
		sign = s.look.warn
	}
	return sign + " " + safe.Line(lang.T(stageNames[c.Stage]))
}

// foundText says where the settings of the address come from.
func (s *setup) foundText() string {
	_, domain, _ := strings.Cut(s.form.address.value(), "@")
	if s.finding.waiting() {
		return lang.T("setup.finding", "Domain", domain)
	}
	if s.foundFor == "" || s.foundFor != s.form.address.value() {
		return ""
	}
	f := s.form.found
	provider := ""
	if f.Provider != nil {
		provider = f.Provider.Name
	}
	id := map[account.Source]string{account.FromTable: "setup.found_table", account.FromSRV: "setup.found_srv",
		account.FromAutoconfig: "setup.found_autoconfig", account.FromMX: "setup.found_mx", account.FromGuess: "setup.found_guess"}[f.Source]
	text := lang.T(id, "Provider", provider, "Domain", domain)
	if f.Source != account.FromGuess && f.Source != account.FromTable {
		text = fmt.Sprintf("%s: %s", text, s.form.server.value())
	}
	return text
}
