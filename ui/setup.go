package ui

import (
	"context"
	"io"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/account/oauth"
	"tmail/lang"
	"tmail/mailsync"
)

// SetupOptions are what setting up an account needs. Input and Output may be left out.
type SetupOptions struct {
	Finder   *account.Finder
	Accounts []account.Account // those there are
	Renew    *account.Account  // give this one a new secret instead of adding one
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
	Name       string // of the account added; "" when the person left
	Passphrase string // that opens its secret; "": none
	Notes      []string
}

// Setup asks for an address and a secret, tries them, and adds the account to the configuration; or it asks for a new
// secret of an account.
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
	terminalLook

	width, height int

	form     *form
	focus    *blank
	language string // in use, "" as the environment says

	phase     phase
	finding   load
	foundFor  string // the address the form was filled for
	eager     bool   // the test was asked for before the settings were found
	work      load   // signing, trying or keeping
	confirmed string // hosts in another domain that the person was asked about
	addition  account.Addition
	token     oauth.Token
	pins      map[bool]string // fingerprints to trust, by Outgoing
	checked   []mailsync.Checked
	sentence  string // what is wrong, or to be done by the person
	details   string
	result    SetupResult
}

func newSetup(ctx context.Context, o SetupOptions) *setup {
	s := &setup{SetupOptions: o, ctx: ctx, form: newForm(), pins: map[bool]string{}, terminalLook: newTerminalLook(o.Theme)}
	s.focus = s.form.address
	if o.Renew != nil {
		s.form.renews(o.Renew)
		s.focus = s.form.blanks()[0]
	}
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
		s.learn(msg)
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
		switch b {
		case s.form.protocol:
			s.form.fillReceiving()
		case s.form.way:
			s.form.fitKeeping()
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
		if s.form.address.value() == "" {
			s.sentence = lang.T("setup.no_address")
			return nil
		}
		return s.move(1)
	}
	if s.focus == s.form.way {
		return s.move(1)
	}
	if s.finding.waiting() {
		s.eager = true
		return nil
	}
	if s.Renew == nil && s.foundFor != s.form.address.value() {
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

// speak changes the language of the screen.
func (s *setup) speak(language string) {
	s.language = language
	lang.Use(language)
}
