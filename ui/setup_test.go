package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tmail/account"
	"tmail/account/oauth"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message/safe"
	"tmail/store"
)

// setupScreen drives setup without servers: what its work would bring is handed to it.
type setupScreen struct {
	t *testing.T
	*setup
}

func startSetup(t *testing.T, width, height int, o SetupOptions) *setupScreen {
	t.Helper()
	safe.SetAmbiguousWide(false)
	lang.Use("en")
	t.Cleanup(func() { lang.Use("en") })
	o.Finder = &account.Finder{}
	o.Path = filepath.Join(t.TempDir(), "config.toml")
	s := &setupScreen{t, newSetup(t.Context(), o)}
	s.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

func (s *setupScreen) typed(text string) *setupScreen {
	s.Update(tea.PasteMsg{Content: text})
	return s
}

// pressed presses keys and takes in at once what they ask the table of providers.
func (s *setupScreen) pressed(keys ...tea.KeyPressMsg) *setupScreen {
	for _, k := range keys {
		if _, cmd := s.Update(k); cmd != nil && s.finding.waiting() {
			s.Update(cmd())
		}
	}
	return s
}

var (
	enterKey = tea.KeyPressMsg{Code: tea.KeyEnter}
	tabKey   = tea.KeyPressMsg{Code: tea.KeyTab}
	rightKey = tea.KeyPressMsg{Code: tea.KeyRight}
)

// tried is the outcome of a stage of the test.
func (s *setupScreen) tried(c mailsync.Checked) *setupScreen {
	s.phase = trying
	s.Update(stageDone{gen: s.work.gen, c: c, ctx: s.ctx})
	return s
}

func (s *setupScreen) failed(stage mailsync.CheckStage, kind store.ProblemKind, words string) *setupScreen {
	s.tried(mailsync.Checked{Stage: stage, Host: "imap.163.com", Problem: &store.Problem{Kind: kind, Host: "imap.163.com", Words: words}})
	s.phase = asking
	return s
}

// lines is the screen as a person sees it; each row has to be as wide as the screen.
func (s *setupScreen) lines() string {
	s.t.Helper()
	content, _ := s.screen()
	rows := strings.Split(ansi.Strip(content), "\n")
	if len(rows) > s.height {
		s.t.Errorf("%d rows on a screen of %d", len(rows), s.height)
	}
	for i, row := range rows {
		if safe.Width(safe.Line(row)) > s.width {
			s.t.Errorf("row %d is too wide: %q", i, row)
		}
		rows[i] = strings.TrimRight(row, " ")
	}
	return strings.Join(rows, "\n") + "\n"
}

func TestSetupScreens(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 12}} {
		for _, language := range []string{"en", "zh"} {
			t.Run(fmt.Sprintf("%s-%dx%d", language, size[0], size[1]), func(t *testing.T) {
				s := startSetup(t, size[0], size[1], SetupOptions{Language: language})
				lang.Use(language)
				var all strings.Builder
				show := func() { all.WriteString(s.lines() + "\n") }
				show()
				s.typed("wang@163.com").pressed(enterKey).typed("ABCD EFGH")
				show()
				s.tried(mailsync.Checked{Stage: mailsync.CheckName}).tried(mailsync.Checked{Stage: mailsync.CheckConnection}).tried(mailsync.Checked{Stage: mailsync.CheckCertificate})
				show()
				s.failed(mailsync.CheckSignIn, store.ProblemAuth, "LOGIN Login error or password error")
				show()
				s.pressed(tabKey, tabKey, tabKey)
				show()
				sameAsFile(t, fmt.Sprintf("setup-%s-%dx%d", language, size[0], size[1]), all.String())
			})
		}
	}
}

// What is said is to be seen whole on a small screen, most of all a fingerprint that is to be trusted: other fields, and
// what went well, make room.
func TestSetupSaysAllOnASmallScreen(t *testing.T) {
	s := startSetup(t, 40, 12, SetupOptions{Language: "en"})
	s.typed("wang@163.com").pressed(enterKey).typed("ABCD")
	print := strings.Repeat("0123456789abcdef", 4)
	s.tried(mailsync.Checked{Stage: mailsync.CheckName}).tried(mailsync.Checked{Stage: mailsync.CheckConnection})
	s.tried(mailsync.Checked{Stage: mailsync.CheckCertificate, Certificate: &mailsync.Certificate{Fingerprint: print},
		Problem: &store.Problem{Kind: store.ProblemTLS, Host: "imap.163.com", Words: "certificate signed by unknown authority"}})
	s.phase = asking
	if text := strings.Join(strings.Fields(s.lines()), ""); !strings.Contains(text, print) || !strings.Contains(text, "ctrl+y") {
		t.Errorf("the fingerprint is cut:\n%s", s.lines())
	}
	s.failed(mailsync.CheckConnection, store.ProblemNetwork, "i/o timeout")
	s.focus = s.form.server
	if text := strings.Join(strings.Fields(s.lines()), " "); !strings.Contains(text, "▌ Server") || !strings.Contains(text, "does not answer: check server and port, or try again with enter") {
		t.Errorf("the sentence or its field is cut:\n%s", s.lines())
	}
}

// The cursor goes where what failed can be put right, and with it the settings come into sight.
func TestSetupGoesWhereItFailed(t *testing.T) {
	s := startSetup(t, 80, 24, SetupOptions{Language: "en"})
	s.typed("wang@163.com").pressed(enterKey).typed("ABCD")
	for _, tt := range []struct {
		stage mailsync.CheckStage
		kind  store.ProblemKind
		words string
		want  *blank
	}{
		{mailsync.CheckSignIn, store.ProblemNetwork, "EOF", s.form.server},
		{mailsync.CheckSignIn, store.ProblemAuth, "LOGIN failed", s.form.secret},
		{mailsync.CheckCertificate, store.ProblemTLS, "the certificate is not for imap.163.com", s.form.server},
		{mailsync.CheckName, store.ProblemNetwork, "no such host", s.form.server},
	} {
		if s.failed(tt.stage, tt.kind, tt.words); s.focus != tt.want {
			t.Errorf("%s %s: the cursor is at %s", tt.stage, tt.words, s.focus.label)
		}
	}
}

// sameAsFile compares screens with those kept, or keeps them.
func sameAsFile(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(path); err != nil || got != string(want) {
		t.Errorf("%s differs (go test ./ui -update writes it anew), %v. Got:\n%s", path, err, got)
	}
}

// The form makes the account that was meant.
func TestSetupForm(t *testing.T) {
	s := startSetup(t, 80, 24, SetupOptions{Accounts: []account.Account{{Name: "icloud"}}})
	s.typed("ann@icloud.com").pressed(enterKey).typed("abcd-efgh ijkl")
	a, err := s.form.entry(s.Accounts)
	if err != nil || a.Name != "ann-icloud" || a.Incoming.Username != "ann" || a.Outgoing.Username != "ann@icloud.com" || a.Outgoing.Port != 587 {
		t.Errorf("%+v, %v", a, err)
	}
	if p := s.form.password(); p != "abcd-efghijkl" {
		t.Errorf("the app password is %q", p)
	}
	s.form.user.set("other")
	if a, err := s.form.entry(nil); err != nil || a.Incoming.Username != "other" || a.Outgoing.Username != "ann@icloud.com" {
		t.Errorf("%+v, %v", a, err)
	}
	for text, want := range map[string]string{"mail.own.test": "mail.own.test:993", "mail.own.test:1993": "mail.own.test:1993", "[::1]:143": "[::1]:143",
		"mail.own.test:0": "", "mail own.test": "", "https://mail.own.test": ""} {
		s.form.server.set(text)
		a, err := s.form.entry(nil)
		if (err != nil) != (want == "") || err == nil && a.Incoming.Addr() != want {
			t.Errorf("%q is %s, %v", text, a.Incoming.Addr(), err)
		}
	}
	s.form.server.set("mail.own.test")
	s.form.sendServer.set("")
	if a, err := s.form.entry(nil); err != nil || a.Outgoing != nil {
		t.Errorf("without a server to send: %+v, %v", a.Outgoing, err)
	}
}

// An input method that was left on writes the signs of an address twice as wide.
func TestSetupReadsFullWidthAddresses(t *testing.T) {
	s := startSetup(t, 80, 24, SetupOptions{})
	s.typed("wang＠163。ｃｏｍ").pressed(enterKey)
	if got := s.form.address.value(); got != "wang@163.com" || s.form.server.value() != "imap.163.com:993" {
		t.Errorf("%q is at %q", got, s.form.server.value())
	}
}

// Where one signs in is taken from what the domain publishes: the client id is all that is left to ask for.
func TestSetupTakesThePublishedSignIn(t *testing.T) {
	s := startSetup(t, 80, 24, SetupOptions{})
	s.typed("me@own.test")
	published := oauth.Service{AuthURL: "https://login.own.test/auth", TokenURL: "https://login.own.test/token", Scopes: []string{"mail", "offline"}}
	imap := &account.Endpoint{Protocol: account.ProtocolIMAP, Host: "imap.own.test", Port: 993, Security: account.SecurityTLS, Username: "me", OAuth2: true}
	s.form.fill(account.Found{Source: account.FromAutoconfig, IMAP: imap, SignIn: &published})
	if s.form.afterAddress() != s.form.clientID {
		t.Error("something else is asked for first")
	}
	s.form.clientID.set("client-1")
	if a, err := s.form.entry(nil); err != nil || a.SignIn == nil || !reflect.DeepEqual(a.SignIn.Service, published) || a.SignIn.ID != "client-1" {
		t.Errorf("%+v, %v", a.SignIn, err)
	}
	s.form.fill(account.Found{Source: account.FromGuess, IMAP: imap})
	if got := s.form.authURL.value() + s.form.scopes.value(); got != "" {
		t.Errorf("the sign-in of another domain stays: %s", got)
	}
}

// The cursor stands behind what is typed, wide characters too, and shows no secret.
func TestSetupCursor(t *testing.T) {
	s := startSetup(t, 80, 24, SetupOptions{})
	s.typed("wang@163.com").pressed(enterKey).typed("密码x")
	content, cursor := s.screen()
	row := strings.Split(ansi.Strip(content), "\n")[cursor.Y]
	if cursor == nil || strings.Contains(content, "密码x") || !strings.Contains(row, "***") || safe.Width(safe.Line(strings.TrimRight(row, " "))) != cursor.X {
		t.Errorf("cursor %v on %q", cursor, row)
	}
	s.pressed(tabKey).typed("王小明")
	_, cursor = s.screen()
	if want := s.labelWidth() + 6; cursor.X != want {
		t.Errorf("cursor in column %d, want %d", cursor.X, want)
	}
	s.pressed(tabKey, rightKey)
	if got := s.form.server.value(); got != "pop.163.com:995" {
		t.Errorf("POP3 is at %s", got)
	}
}
