package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message/safe"
)

func (s *setup) View() tea.View {
	content, cursor := s.screen()
	v := tea.NewView(widened(content))
	v.AltScreen = true
	v.WindowTitle = "tmail"
	if cursor != nil {
		v.Cursor = tea.NewCursor(cursor.X, cursor.Y)
		v.Cursor.Shape = tea.CursorBar
	}
	return v
}

func (s *setup) screen() (string, *tea.Position) {
	if s.width < 1 || s.height < 1 {
		return "", nil
	}
	head := []string{s.look.row(s.width).to(1).put(s.look.accent+bold, "tmail").to(9).put(bold, safe.Line(s.title())).String()}
	foot := []string{s.footer()}
	if s.height >= 8 {
		head, foot = append(head, s.look.line(s.width)), append([]string{s.look.line(s.width)}, foot...)
	}
	height := max(1, s.height-len(head)-len(foot))
	body, at, column := s.body()
	top := max(0, min(at-height/2, len(body)-height))
	if said := len(s.outcome()); said > 0 {
		body = besides(body, at, said, height)
		top = max(0, len(body)-height)
	}
	var cursor *tea.Position
	if at >= top && at < top+height && s.phase == asking && s.focus.options == nil {
		cursor = &tea.Position{X: min(column, s.width-1), Y: len(head) + at - top}
	}
	rows := append(head, fill(body[top:], height, s.width)...)
	rows = append(rows, foot...)
	return strings.Join(rows[:min(len(rows), s.height)], "\n"), cursor
}

// besides takes the rows of other fields away where there is no room for them between the field that has the keyboard
// and what is said at the end, which is to be seen whole.
func besides(body []string, at, said, height int) []string {
	fields := len(body) - said
	room := max(at+1, min(fields, at+height-said))
	return slices.Delete(body, room, fields)
}

func (s *setup) title() string {
	if s.Renew != nil {
		return lang.T("setup.renew", "Account", s.Renew.Name)
	}
	return lang.T("setup.title")
}

// body is all rows between header and footer, the row of the field that has the keyboard, and the cursor's column.
func (s *setup) body() (rows []string, at, column int) {
	outcome := s.outcome()
	for _, b := range s.form.blanks() {
		if !s.form.essential(b) && s.hidesSettings(outcome) {
			break
		}
		if b == s.form.name && s.height >= 20 {
			rows = append(rows, blanks(1, s.width)...)
		}
		row, x := s.field(b)
		if b == s.focus {
			at, column = len(rows), x
		}
		rows = append(rows, row)
		rows = append(rows, s.remark(b, outcome != nil)...)
	}
	if outcome != nil && s.height >= 16 {
		rows = append(rows, blanks(1, s.width)...)
	}
	return append(rows, outcome...), at, column
}

// hidesSettings reports whether what is going on takes the place of the settings: when the person is not at them, and
// on small screens before anything was found.
func (s *setup) hidesSettings(outcome []string) bool {
	if !s.form.essential(s.focus) {
		return false
	}
	return outcome != nil || s.foundFor == ""
}

// labelWidth is the columns before the fields.
func (s *setup) labelWidth() int {
	width := 0
	for _, b := range s.form.blanks() {
		width = max(width, safe.Width(safe.Line(lang.T(b.label))))
	}
	return min(width+4, s.width/2)
}

// field is the row of a field, and where its cursor is.
func (s *setup) field(b *blank) (string, int) {
	r := s.look.row(s.width)
	label := s.look.dim
	if b == s.focus {
		r.put(s.look.accent, s.look.mark)
		label = bold
	}
	left := s.labelWidth()
	r.to(2).cell(label, safe.Line(lang.T(b.label)), left-3).to(left)
	if b.options != nil {
		s.putOptions(r, b)
		return r.String(), left
	}
	e := b.text
	if b.hidden {
		e = starred(e)
	}
	if b != s.focus { // without a cursor it shows how it begins
		resting := *e
		resting.at.col = 0
		e = &resting
	}
	t, x := e.drawLine(max(1, s.width-left-1))
	return r.put(plain, t).String(), left + x
}

// putOptions draws a choice: all options, the chosen one bold between signs that show without colour.
func (s *setup) putOptions(r *row, b *blank) {
	width := 0
	for _, option := range b.options {
		width += safe.Width(safe.Line(optionName(option))) + 3
	}
	if r.used+width > s.width+1 { // where there is no room for all, the chosen one and how many there are
		r.put(bold, "["+safe.Line(optionName(b.value()))+"]").put(s.look.dim, safe.Line(fmt.Sprintf(" %d/%d", b.at+1, len(b.options))))
		return
	}
	for i, option := range b.options {
		name := safe.Line(optionName(option))
		if i == b.at {
			r.put(bold, "["+name+"]")
		} else {
			r.put(s.look.dim, " "+name+" ")
		}
		r.to(r.used + 1)
	}
}

func optionName(option string) string {
	switch {
	case strings.HasPrefix(option, "setup."):
		return lang.T(option)
	case option == "none":
		return lang.T("setup.no_security")
	}
	return strings.ToUpper(option)
}

// starred is a line as it is shown where others may look on.
func starred(e *editor) *editor {
	stars := func(s string) string {
		n := 0
		for len(s) > 0 {
			size, _ := cluster(s)
			s, n = s[size:], n+1
		}
		return strings.Repeat("*", n)
	}
	shown := newEditor(stars(e.lines[0]), true)
	shown.at.col = len(stars(e.lines[0][:e.at.col]))
	return shown
}

// remark is what stands below a field.
func (s *setup) remark(b *blank, brief bool) []string {
	text := ""
	switch {
	case brief && s.height < 16:
	case b == s.form.address:
		text = s.foundText()
	case b == s.form.clientID && s.form.service() == "" && s.Renew == nil:
		text = lang.T("setup.hint_service")
		if s.form.found.SignIn != nil {
			text = lang.T("setup.hint_published")
		}
	case b == s.form.secret, b == s.form.clientID:
		if s.Renew != nil || s.foundFor == s.form.address.value() {
			text = secretHint(s.form.found.Provider)
		}
	case b == s.form.sendServer && b == s.focus && s.height >= 16:
		text = lang.T("setup.hint_send")
	case b == s.form.passphrase:
		text = lang.T("setup.hint_passphrase")
	case b == s.form.command:
		text = lang.T("setup.hint_command")
	}
	return s.wrapped(s.look.dim, text)
}

// wrapped is a text in the column of the fields, or on a narrow screen across all of it.
func (s *setup) wrapped(st style, text string) []string {
	if text == "" {
		return nil
	}
	left := s.labelWidth()
	if s.width < 60 {
		left = 2
	}
	var rows []string
	for _, line := range safe.Lines(text) {
		for _, t := range safe.Wrap(line, max(1, s.width-left-1)) {
			rows = append(rows, s.look.row(s.width).to(left).put(st, t).String())
		}
	}
	return rows
}

// outcome is what is going on or went wrong; nil when there is nothing.
func (s *setup) outcome() []string {
	var rows []string
	for _, outgoing := range []bool{false, true} {
		rows = append(rows, s.stages(outgoing)...)
	}
	if s.phase == keeping {
		rows = append(rows, s.wrapped(plain, lang.T("setup.keeping"))...)
	}
	rows = append(rows, s.wrapped(bold, s.sentence)...)
	if c := s.offered(); c != nil && s.phase == asking {
		rows = append(rows, s.wrapped(plain, lang.T("setup.fingerprint", "Fingerprint", grouped(c.Fingerprint)))...)
	}
	if s.details != "" && s.failed() && s.height >= 20 {
		rows = append(rows, s.wrapped(s.look.dim, lang.T("setup.words", "Words", s.details))...)
	}
	return rows
}

// grouped writes a fingerprint so that two people can compare it.
func grouped(digits string) string {
	var groups []string
	for ; len(digits) > 8; digits = digits[8:] {
		groups = append(groups, digits[:8])
	}
	return strings.Join(append(groups, digits), " ")
}

// stages are the steps of the test with one server that were taken, and the one being taken.
func (s *setup) stages(outgoing bool) []string {
	label := "setup.receive"
	if outgoing {
		label = "setup.send"
	}
	var steps []safe.Text
	brief := s.height < 16 && s.failed() // what went well says nothing then
	for _, c := range s.checked {
		if c.Outgoing == outgoing && (c.Problem != nil || !brief) {
			steps = append(steps, s.stageText(c))
		}
	}
	if s.phase == trying && s.underWay(outgoing) {
		steps = append(steps, s.look.more)
	}
	if len(steps) == 0 {
		return nil
	}
	left := s.labelWidth()
	r := s.look.row(s.width).to(2).put(s.look.dim, safe.Line(lang.T(label)))
	r.to(max(left, r.used+1))
	var rows []string
	for _, step := range steps {
		if r.used > left && r.used+safe.Width(step) >= s.width {
			rows = append(rows, r.String())
			r = s.look.row(s.width).to(left)
		}
		r.put(plain, step).to(r.used + 2)
	}
	return append(rows, r.String())
}

// underWay reports whether the test is at this server now.
func (s *setup) underWay(outgoing bool) bool {
	received := false
	for _, c := range s.checked {
		received = received || c.Stage == mailsync.CheckFolders && c.Problem == nil
	}
	return received == outgoing && !s.failed()
}

func (s *setup) footer() string {
	r := s.look.row(s.width).to(1)
	var hints []hint
	switch {
	case s.phase != asking:
		hints = append(hints, hint{"esc", lang.T("hint.stop")})
	case s.offered() != nil:
		hints = append(hints, hint{"ctrl+y", lang.T("hint.trust")})
	}
	if s.phase == asking {
		hints = append(hints, hint{"enter", lang.T("hint.go_on")}, hint{"tab", lang.T("hint.next_field")})
		if s.focus.options != nil {
			hints = append(hints, hint{"space", lang.T("hint.change")})
		}
		if s.failed() {
			hints = append(hints, hint{"ctrl+s", lang.T("hint.keep_anyway")})
		}
	}
	hints = append(hints, hint{"ctrl+l", lang.T("hint.language")}, hint{"ctrl+c", lang.T("hint.leave")})
	for _, h := range hints {
		if r.used+hintWidth(h) <= s.width {
			r.put(s.look.accent, safe.Line(h.key)).put(s.look.dim, " "+safe.Line(h.text)).to(r.used + 2)
		}
	}
	return r.String()
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
		if s.form.address.value() == "" && len(s.Accounts) == 0 {
			return lang.T("setup.intro")
		}
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
		text = lang.T("setup.found_at", "Found", text, "Server", s.form.server.value())
	}
	return text
}
