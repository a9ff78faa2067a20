package ui

import (
	"context"
	"os"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tmail/account"
	"tmail/lang"
	"tmail/store"
)

// focus is the pane that has the keyboard.
type focus int

const (
	onFolders focus = iota
	onList
	onMessage
	onStatus // the status line, while something is wrong
)

// model is the root: it routes what comes in to whoever it is for, first to the overlay on top, then to the table
// of keys for the pane in focus. The panes are plain structs; the work on them lies in their files.
type model struct {
	Options
	terminalLook
	underWay
	ctx  context.Context
	keys keymap

	width, height int
	focus         focus
	overlays      []overlay
	status        status
	seen          string // the outcome that stood there cut when the key was pressed

	account    string // whose mail is shown; with that of all accounts, the one before
	folders    folderPane
	list       listPane
	orders     map[store.ID]store.Order // of the folders whose order was chosen in this run
	flat       bool                     // lists show each message by itself, no conversations
	reader     reader
	lookGen    int    // counts the messages looked at beside the list
	found      string // what was last looked for in a message
	composer   *composer
	composeGen int    // counts the messages written in this run
	saveDir    string // where things were last saved

	contents contents
	statuses map[string]store.Status // by account
	unpushed map[string]int          // changes that the server of an account is still to be told
	news     news

	pressed string // the key being acted on
	ahead   ahead
	mouse   bool // clicks and the wheel are ours
	click   lastClick
}

func newModel(ctx context.Context, o Options) (*model, error) {
	m := &model{Options: o, ctx: ctx, focus: onList, terminalLook: newTerminalLook(o.Config.Theme),
		contents: newContents(), saveDir: downloads(), statuses: map[string]store.Status{}}
	m.list.rows, m.list.chosen, m.orders = map[store.ID]store.Row{}, selection{}, map[store.ID]store.Order{}
	m.reader = readerOf(&post{})
	if all := o.Config.Accounts; len(all) > 0 {
		m.account = all[max(0, slices.IndexFunc(all, func(a account.Account) bool { return a.Err == nil }))].Name
	}
	var err error
	m.keys, err = newKeymap(bindings(), o.Config)
	m.mouse = o.Config.Mouse
	m.sayDisabled()
	return m, err
}

func (m *model) accountNames() []string {
	var names []string
	for _, a := range m.Config.Accounts {
		names = append(names, a.Name)
	}
	return names
}

func (m *model) Init() tea.Cmd {
	probe := tea.Tick(probeDelay, func(time.Time) tea.Msg { return probeNow{} })
	cmds := []tea.Cmd{m.loadFolders(), m.lookForNews(), m.tick(), tea.RequestBackgroundColor, probe}
	if m.Compose != nil {
		cmds = append(cmds, m.write(m.Compose))
	}
	return tea.Batch(cmds...)
}

// probeDelay lets the first frame be drawn before, so that the probe is not written over what the shell shows.
const probeDelay = 100 * time.Millisecond

type probeNow struct{}

func (probeNow) apply(*model) tea.Cmd { return probeAmbiguous() }

// probeRow is where the cursor is put to measure: not the first row, where the answer would look like a key.
const probeRow = 2

// askCellSize is xterm's window operation that tells how many pixels a cell has.
const askCellSize = 16

// probeAmbiguous has the terminal draw a sign that some draw two columns wide, and asks where the cursor is then.
// It also asks for whole frames and for widths by grapheme, which are not asked for over SSH otherwise, and how
// pictures are drawn.
func probeAmbiguous() tea.Cmd {
	draw := ansi.SaveCursor + ansi.CursorPosition(1, probeRow) + "●" + ansi.RequestCursorPositionReport +
		ansi.CursorPosition(1, probeRow) + "  " + ansi.RestoreCursor
	ask := ansi.RequestModeSynchronizedOutput + ansi.RequestModeUnicodeCore + ansi.WindowOp(askCellSize) + ansi.RequestPrimaryDeviceAttributes
	if mayHaveKittyGraphics(os.Getenv) {
		ask = kittyQuery + ask
	}
	return tea.Sequence(tea.Raw(draw+ask), tea.ClearScreen)
}

type clockTick struct{}

// tick redraws what depends on the time: "synced 5 min ago", and outcomes that have stood long enough.
func (m *model) tick() tea.Cmd {
	return tea.Tick(10*time.Second, func(time.Time) tea.Msg { return clockTick{} })
}

// changedStore is sent when the store has changed, at most ten times a second.
type changedStore struct{}

// leave is sent when the program is to end: a signal, or the one who called it.
type leave struct{}

// Update routes a message, and sees to what came into sight by it.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.route(msg)
	if inConversation(m) {
		cmd = tea.Batch(cmd, m.attend())
	}
	return m, cmd
}

// route hands what comes in to whoever it is for.
func (m *model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if m.typedAhead(msg) {
			return nil
		}
		return m.press(msg)
	case tea.PasteMsg:
		if m.typedAhead(msg) {
			return nil
		}
		return m.paste(msg.Content)
	case tea.MouseClickMsg:
		return m.clicked(msg)
	case tea.MouseWheelMsg:
		return m.wheeled(msg)
	case result:
		return msg.apply(m)
	case changedStore:
		return tea.Batch(m.refresh(), m.lookForNews(), m.lookForMissing())
	case clockTick:
		if m.Now().Sub(m.status.at) > statusTime && !m.status.failed {
			m.status = status{}
		}
		if m.Now().Sub(m.news.at) > statusTime {
			m.news.line = ""
		}
		return m.tick()
	case leave:
		return m.quit()
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.list.height = m.bodyHeight()
		return tea.Batch(m.loadRows(), m.looked(), m.redrawGallery())
	}
	return m.terminal(msg)
}

// terminal takes what the terminal says of itself.
func (m *model) terminal(msg tea.Msg) tea.Cmd {
	if m.learn(msg) {
		m.restyle()
	}
	switch msg.(type) {
	case tea.ResumeMsg:
		m.Engine.Refresh("")
		return tea.RequestBackgroundColor
	case tea.FocusMsg:
		m.news.focused = true
	case tea.BlurMsg:
		m.news.focused = false
	}
	return nil
}

func (m *model) restyle() {
	m.dress()
	if m.reader.pager != nil {
		m.layOut()
	}
}

// refresh reads again what the screen shows.
func (m *model) refresh() tea.Cmd {
	if m.busy() {
		m.list.again = true
		return nil
	}
	var list tea.Cmd
	if m.list.again {
		list = m.loadList()
	}
	return tea.Batch(m.loadFolders(), list)
}

// place is where keys act now.
func (m *model) place() place {
	switch {
	case m.composer != nil:
		return inCompose
	case m.focus == onFolders:
		return inFolders
	case m.focus == onMessage:
		return inMessage
	case m.list.role() == account.RoleOutbox:
		return inOutbox
	}
	return inList
}

// press routes a key: the overlay on top, the table, and in compose the text.
func (m *model) press(k tea.KeyPressMsg) tea.Cmd {
	name := keyName(k)
	m.noticed()
	m.reader.talk.end = false
	if o := m.topOverlay(); o != nil && name != "ctrl+c" && name != "ctrl+z" {
		return o.key(m, name, k)
	}
	if m.composer != nil {
		return m.pressInCompose(name, k)
	}
	if m.focus == onStatus && name == "enter" {
		return m.showDetails()
	}
	m.pressed = name
	b := m.keys.find(m, m.place(), name)
	switch {
	case m.holdBack(b, k):
		return nil
	case b != nil:
		return b.do(m)
	case m.status.failed: // stays
	case isHan(name):
		m.say(lang.T("keys.input_method", "Key", m.keys.keyOf("help", m.place())))
	case k.Text != "":
		m.say(lang.T("keys.nothing", "Pressed", name, "Key", m.keys.keyOf("help", m.place())))
	}
	return nil
}

func (m *model) pressInCompose(name string, k tea.KeyPressMsg) tea.Cmd {
	if cmd, done := m.completionKey(name); done {
		return cmd
	}
	text := k.Text != "" && k.Mod&^tea.ModShift == 0
	if b := m.keys.find(m, inCompose, name); b != nil && !text {
		return b.do(m)
	}
	return m.composeKey(k.String(), k)
}

func (m *model) paste(s string) tea.Cmd {
	if o := m.topOverlay(); o != nil {
		return o.paste(m, s)
	}
	if m.composer != nil {
		return m.composePaste(s)
	}
	return nil
}

// quit leaves when all that was asked for is written down; the draft on the screen too.
func (m *model) quit() tea.Cmd {
	m.leaving = true
	if m.copies > 0 {
		m.say(lang.T("compose.attaching"))
	}
	var cmds []tea.Cmd
	for _, c := range m.unsaved() {
		cmds = append(cmds, m.saveDraft(c))
	}
	if c := m.composer; c != nil && !c.touched {
		cmds = append(cmds, m.putBack(c))
	}
	return tea.Batch(append(cmds, m.nextJob())...)
}
