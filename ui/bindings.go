package ui

import (
	"math"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// bindings is the one table of everything that can be done with a key. Dispatch, the footer, the help, the palette
// and the documentation are made of it. The order is that of the help; of the hints, that of the footer.
func bindings() []*binding {
	list := []*binding{
		{action: "open", keys: []string{"enter"}, where: inFolders | inList, hint: inFolders | inList, do: (*model).openSelected},
		{action: "edit_outgoing", keys: []string{"enter"}, where: inOutbox, hint: inOutbox, when: hasMail,
			do: func(m *model) tea.Cmd { return m.takeBack(m.list.current()) }},
		{action: "widen", keys: []string{"ctrl+e"}, where: inList, hint: inList, when: (*model).narrowable, do: (*model).widen},
		{action: "save_search", keys: []string{"S"}, where: inList, hint: inList, when: (*model).savable, do: (*model).saveSearch},
		{action: "send_now", keys: []string{"ctrl+x"}, where: inOutbox, hint: inOutbox, when: hasMail, do: (*model).sendNow},
		{action: "hold", keys: []string{"h"}, where: inOutbox, hint: inOutbox, when: hasMail, do: (*model).hold},
		{action: "postpone", keys: []string{"alt+x"}, where: inOutbox, when: hasMail, do: (*model).postpone},
		{action: "discard_outgoing", keys: []string{"d"}, where: inOutbox, hint: inOutbox, when: hasMail, do: (*model).discardOutgoing},

		{action: "page", keys: []string{"space", "pgdown"}, where: inMessage, hint: inMessage, do: func(m *model) tea.Cmd { return m.pageMessage(1) }},
		{action: "page_back", keys: []string{"b", "pgup"}, where: inMessage, do: func(m *model) tea.Cmd { return m.pageMessage(-1) }},
		{action: "toggle_message", keys: []string{"enter"}, where: inMessage, hint: inMessage, when: inConversation, do: (*model).togglePost},
		{action: "toggle_messages", keys: []string{"*"}, where: inMessage, when: inConversation, do: (*model).togglePosts},
		{action: "whole_conversation", keys: []string{"X"}, where: inMessage, hint: inMessage, when: inConversation, do: (*model).toggleWhole},

		{action: "compose", keys: []string{"c"}, where: inFolders | inLists | inMessage, hint: inFolders | inLists, do: (*model).writeNew},
		{action: "reply", keys: []string{"r"}, where: inList | inMessage, hint: inList | inMessage, when: hasMail, do: func(m *model) tea.Cmd { return m.reply(false) }},
		{action: "reply_all", keys: []string{"a"}, where: inList | inMessage, hint: inList | inMessage, when: hasMail, do: func(m *model) tea.Cmd { return m.reply(true) }},
		{action: "forward", keys: []string{"f"}, where: inList | inMessage, hint: inList | inMessage, when: hasMail, do: (*model).forward},
		{action: "forward_attached", keys: []string{"F"}, where: inList | inMessage, when: hasMail, do: (*model).forwardAttached},
		{action: "resend", keys: []string{"R"}, where: inList | inMessage, when: hasMail, do: (*model).resend},
		{action: "edit_again", keys: []string{"alt+e"}, where: inList | inMessage, when: hasMail, do: (*model).editAgain},
		{action: "trash", keys: []string{"d"}, where: inList | inMessage, hint: inList | inMessage, when: hasMail, do: (*model).trash},
		{action: "archive", keys: []string{"e"}, where: inList | inMessage, hint: inList | inMessage, when: hasMail, do: (*model).archive},
		{action: "move", keys: []string{"m"}, where: inList | inMessage, hint: inList | inMessage, when: hasMail, do: (*model).movePicked},
		{action: "copy", keys: []string{"C"}, where: inList | inMessage, when: hasMail, do: (*model).copyPicked},
		{action: "star", keys: []string{"s"}, where: inList | inMessage, when: hasMail, do: (*model).star},
		{action: "toggle_read", keys: []string{"N"}, where: inList | inMessage, when: hasMail, do: (*model).toggleRead},
		{action: "read_all", keys: []string{"A"}, where: inList, when: hasMail, do: (*model).readAll},
		{action: "select", keys: []string{"x"}, where: inList, when: hasMail, do: (*model).choose},
		{action: "select_to", keys: []string{"X"}, where: inList, when: hasMail, do: (*model).chooseTo},
		{action: "select_all", keys: []string{"ctrl+a"}, where: inList, when: hasMail, do: (*model).chooseAll},
		{action: "select_more", keys: []string{"*"}, where: inList, when: hasMail, do: (*model).chooseMore},
		{action: "order", keys: []string{"o"}, where: inList, do: (*model).chooseOrder},
		{action: "search", keys: []string{"/"}, where: inLists | inFolders, hint: inLists | inFolders, do: (*model).startSearch},

		{action: "new_folder", keys: []string{"n"}, where: inFolders, hint: inFolders, do: (*model).newFolder},
		{action: "rename_folder", keys: []string{"R"}, where: inFolders, hint: inFolders, when: (*model).changeable, refusal: "folder.fixed", do: (*model).renameFolder},
		{action: "delete_folder", keys: []string{"D"}, where: inFolders, hint: inFolders, when: (*model).changeable, refusal: "folder.fixed", do: (*model).removeFolder},
		{action: "empty_folder", keys: []string{"E"}, where: inFolders | inList, hint: inFolders | inList, when: canEmpty, refusal: "folder.not_emptied", do: (*model).emptyFolder},
		{action: "favourite", keys: []string{"s"}, where: inFolders, hint: inFolders, when: ownFolder, do: (*model).toggleFavourite},
		{action: "fold_folder", keys: []string{"z"}, where: inFolders, hint: inFolders, when: hasBelow, refusal: "folder.none_below", do: (*model).toggleFolded},
		{action: "fold_up", keys: []string{"left", "h"}, where: inFolders, do: (*model).foldOrRise},
		{action: "unfold", keys: []string{"right", "l"}, where: inFolders, do: (*model).unfoldOrEnter},
		{action: "new_folder_below", keys: []string{"N"}, where: inFolders, when: ownFolder, do: (*model).newFolderBelow},
		{action: "subscribe", keys: []string{"S"}, where: inFolders, when: ownFolder, do: (*model).toggleSubscribed},
		{action: "all_folders", keys: []string{"H"}, where: inFolders, do: (*model).toggleUnsubscribed},
		{action: "role", keys: []string{"="}, where: inFolders, when: takesRole, refusal: "folder.fixed_role", do: (*model).pickRole},

		{action: "threads", keys: []string{"t"}, where: inList, do: (*model).toggleThreads},
		{action: "mute", keys: []string{"M"}, where: inList | inMessage, when: hasMail, do: (*model).muteConversation},
		{action: "next_conversation", keys: []string{"J"}, where: inMessage, do: func(m *model) tea.Cmd { return m.step(1) }},
		{action: "previous_conversation", keys: []string{"K"}, where: inMessage, do: func(m *model) tea.Cmd { return m.step(-1) }},

		{action: "next_message", keys: []string{"n"}, where: inMessage, do: func(m *model) tea.Cmd { return m.stepPost(1) }},
		{action: "previous_message", keys: []string{"p"}, where: inMessage, do: func(m *model) tea.Cmd { return m.stepPost(-1) }},
		{action: "find", keys: []string{"ctrl+f"}, where: inMessage, do: (*model).find},
		{action: "open_link", keys: []string{"o"}, where: inMessage, hint: inMessage, do: (*model).openLink},
		{action: "save", keys: []string{"S"}, where: inMessage, hint: inMessage, do: (*model).save},
		{action: "rest", keys: []string{"w"}, where: inMessage, hint: inMessage, when: showsExcerpt, do: (*model).toggleRest},
		{action: "mark", keys: []string{"x"}, where: inMessage, do: (*model).markLines},
		{action: "fold", keys: []string{"z"}, where: inMessage, do: (*model).toggleFold},
		{action: "copy_text", keys: []string{"y"}, where: inMessage, do: (*model).copyText},
		{action: "pipe", keys: []string{"|"}, where: inMessage, do: (*model).pipe},
		{action: "headers", keys: []string{"h"}, where: inMessage, do: (*model).toggleHeaders},
		{action: "source", keys: []string{"v"}, where: inMessage, do: (*model).showSource},
		{action: "html", keys: []string{"H"}, where: inMessage, do: (*model).switchForm},
		{action: "browser", keys: []string{"O"}, where: inMessage, do: (*model).openInBrowser},
		{action: "pictures", keys: []string{"i"}, where: inMessage, do: (*model).togglePictures},
		{action: "charset", keys: []string{"="}, where: inMessage, do: (*model).chooseCharset},
		{action: "unsubscribe", keys: []string{"L"}, where: inMessage, do: (*model).unsubscribe},

		{action: "detach", keys: []string{"backspace", "delete"}, where: inCompose, hint: inCompose, when: func(m *model) bool { return m.composer.at == fieldFiles }, do: (*model).detach},
		{action: "send", keys: []string{"ctrl+x"}, where: inCompose, hint: inCompose, do: (*model).send},
		{action: "send_later", keys: []string{"alt+x"}, where: inCompose, do: (*model).sendLater},
		{action: "attach", keys: []string{"ctrl+t"}, where: inCompose, hint: inCompose, do: (*model).askAttachment},
		{action: "next_field", keys: []string{"tab"}, where: inCompose, hint: inCompose, do: func(m *model) tea.Cmd { return m.stepField(1) }},
		{action: "markdown", keys: []string{"alt+m"}, where: inCompose, do: (*model).toggleMarkdown},
		{action: "notify", keys: []string{"alt+n"}, where: inCompose, do: (*model).toggleNotify},
		{action: "template", keys: []string{"alt+t"}, where: inCompose, do: (*model).pickTemplate},
		{action: "editor", keys: []string{"ctrl+e"}, where: inCompose, hint: inCompose, do: (*model).openEditor},
		{action: "keep", keys: []string{"ctrl+o", "esc"}, where: inCompose, hint: inCompose, do: (*model).leaveCompose},
		{action: "discard", keys: []string{"ctrl+d"}, where: inCompose, hint: inCompose, do: (*model).discard},
		{action: "previous_field", keys: []string{"shift+tab"}, where: inCompose, do: func(m *model) tea.Cmd { return m.stepField(-1) }},
		{action: "undo_typing", keys: []string{"ctrl+_", "ctrl+/", "ctrl+shift+-"}, where: inCompose, do: func(m *model) tea.Cmd { return m.undoTyping(false) }},
		{action: "redo_typing", keys: []string{"alt+_", "alt+/", "alt+shift+-"}, where: inCompose, do: func(m *model) tea.Cmd { return m.undoTyping(true) }},
	}
	return append(list, navigation()...)
}

func navigation() []*binding {
	return []*binding{
		{action: "down", keys: []string{"j", "down"}, where: reading, do: func(m *model) tea.Cmd { return m.moveBy(1) }},
		{action: "up", keys: []string{"k", "up"}, where: reading, do: func(m *model) tea.Cmd { return m.moveBy(-1) }},
		{action: "page_down", keys: []string{"pgdown", "space"}, where: inLists | inFolders, do: func(m *model) tea.Cmd { return m.moveBy(max(1, m.bodyHeight()-1)) }},
		{action: "page_up", keys: []string{"pgup"}, where: inLists | inFolders, do: func(m *model) tea.Cmd { return m.moveBy(-max(1, m.bodyHeight()-1)) }},
		{action: "first", keys: []string{"g", "home"}, where: reading, do: func(m *model) tea.Cmd { return m.moveToEdge(false) }},
		{action: "last", keys: []string{"G", "end"}, where: reading, do: func(m *model) tea.Cmd { return m.moveToEdge(true) }},
		{action: "next_unread", keys: []string{"U"}, where: inList | inMessage, do: (*model).goToUnread},
		{action: "next_pane", keys: []string{"tab"}, where: reading, do: func(m *model) tea.Cmd { return m.stepPane(1) }},
		{action: "previous_pane", keys: []string{"shift+tab"}, where: reading, do: func(m *model) tea.Cmd { return m.stepPane(-1) }},
		{action: "account", keys: strings.Split("123456789", ""), where: reading, do: (*model).pressedAccount},
		{action: "undo", keys: []string{"u"}, where: reading, do: (*model).undo},
		{action: "fetch", keys: []string{"ctrl+r"}, where: reading, do: (*model).fetch},
		{action: "details", keys: []string{"!"}, where: always, when: (*model).hasDetails, do: (*model).showDetails},
		{action: "mouse", keys: []string{"alt+s"}, where: always, do: (*model).toggleMouse},
		{action: "palette", keys: []string{":", "ctrl+p"}, where: always, do: (*model).openPalette},
		{action: "help", keys: []string{"?", "f1"}, where: always, do: (*model).openHelp},
		{action: "back", keys: []string{"esc"}, where: reading, do: (*model).back},
		{action: "leave", keys: []string{"q"}, where: reading, do: (*model).backOrQuit},
		{action: "suspend", keys: []string{"ctrl+z"}, where: always, do: func(*model) tea.Cmd { return tea.Suspend }},
		{action: "quit", keys: []string{"ctrl+c"}, where: always, do: (*model).quit},
	}
}

func hasMail(m *model) bool {
	if m.focus == onMessage {
		return m.reader.id != 0
	}
	return m.list.current() != 0
}

// openSelected opens what the cursor is on: a folder, a draft to go on with, or a message to read.
func (m *model) openSelected() tea.Cmd {
	if m.focus == onFolders {
		return m.openEntry(m.folders.under())
	}
	id := m.list.current()
	switch {
	case id == 0:
		return nil
	case m.roleOf(id) == account.RoleDrafts:
		return m.openDraft(id)
	}
	return m.read(id)
}

func (m *model) writeNew() tea.Cmd { return m.write(emptyDraft()) }

// moveBy moves the cursor of the pane in focus, or scrolls the message.
func (m *model) moveBy(by int) tea.Cmd {
	switch {
	case m.focus == onFolders:
		m.folders.move(by)
		return nil
	case m.marks():
		m.reader.pager.moveMark(by)
		return nil
	case m.focus == onMessage:
		m.reader.pager.scroll(by)
		return nil
	}
	return m.moveTo(m.list.at.cursor + by)
}

func (m *model) moveToEdge(last bool) tea.Cmd {
	switch {
	case m.marks() && last:
		m.reader.pager.moveMark(math.MaxInt)
	case m.marks():
		m.reader.pager.moveMark(-math.MaxInt)
	case m.focus == onMessage && last:
		m.reader.pager.toEnd()
		m.reader.talk.end = true
	case m.focus == onMessage:
		m.reader.pager.home()
	case m.focus == onFolders && last:
		m.folders.move(len(m.folders.entries))
	case m.focus == onFolders:
		m.folders.move(-len(m.folders.entries))
	case last:
		return m.moveTo(len(m.list.ids) - 1)
	default:
		return m.moveTo(0)
	}
	return nil
}

// pageMessage pages through the message; at its end the next one opens.
func (m *model) pageMessage(by int) tea.Cmd {
	if m.marks() {
		m.reader.pager.moveMark(by * max(1, m.bodyHeight()-2))
		return nil
	}
	if m.reader.pager.page(by) || by < 0 {
		return nil
	}
	return m.step(1)
}

// stepPane gives the keyboard to the next pane on the screen; to the status line, too, while something is wrong.
func (m *model) stepPane(by int) tea.Cmd {
	panes := []focus{onFolders, onList}
	if m.reader.id != 0 && (m.wide() || m.focus == onMessage) {
		panes = append(panes, onMessage)
	}
	if text, _ := m.wrong(); text != "" {
		panes = append(panes, onStatus)
	}
	at := 0
	for i, p := range panes {
		if p == m.focus {
			at = i
		}
	}
	from := m.focus
	m.focus = panes[(at+by+len(panes))%len(panes)]
	if from == onMessage && !m.wide() {
		m.reader.leave()
	}
	return m.looked()
}

func (m *model) pressedAccount() tea.Cmd {
	n := int(m.pressed[0] - '1')
	names := m.accountNames()
	if n < 0 || n >= len(names) {
		m.say(lang.T("account.no_such", "Key", m.pressed, "Count", len(names)))
		return nil
	}
	m.focus = onList
	return m.openAccount(names[n])
}

func (m *model) fetch() tea.Cmd {
	m.wantDenied()
	m.Engine.Refresh("")
	m.sayFetching()
	return nil
}

// back goes up one level: out of the message, the search, the selection, to the list. At the top it does nothing.
func (m *model) back() tea.Cmd {
	m.status = status{}
	switch {
	case m.marks():
		m.reader.pager.marks = nil
	case m.focus == onMessage && len(m.reader.outer) > 0:
		return m.closeAttached()
	case m.focus == onMessage && m.reader.talk.whole:
		return m.toggleWhole()
	case m.focus == onMessage:
		return m.leaveMessage()
	case m.focus == onStatus:
		m.focus = onList
	case len(m.list.chosen) > 0:
		clear(m.list.chosen)
	case m.list.passing():
		return m.endSearch()
	case m.focus == onFolders:
		m.focus = onList
	}
	return nil
}

// backOrQuit is back, and at the top it quits.
func (m *model) backOrQuit() tea.Cmd {
	if m.focus == onList && len(m.list.chosen) == 0 && !m.list.passing() {
		return m.quit()
	}
	return m.back()
}

// openPalette offers everything that can be done here, by typing to find it.
func (m *model) openPalette() tea.Cmd {
	var choices []choice
	for _, b := range m.keys.bindings {
		if !b.applies(m, m.place()) || b.action == "palette" || b.action == "account" {
			continue
		}
		choices = append(choices, choice{label: safe.Line(lang.T("do." + b.action)),
			note: safe.Line(strings.Join(b.keys, "  ")), do: b.do})
	}
	for _, f := range m.folders.all {
		if m.composer == nil && !f.NoSelect {
			choices = append(choices, choice{label: safe.Line(lang.T("palette.go", "Folder", string(folderPath(f)))),
				note: folderNote(f), do: func(m *model) tea.Cmd { m.focus = onList; return m.openFolder(f) }})
		}
	}
	m.open(newPicker(":", choices))
	return nil
}

// openHelp shows the table: what acts here first, then all else.
func (m *model) openHelp() tea.Cmd {
	here := m.place()
	var first, rest []chunk
	for _, s := range keySections {
		chunks := []chunk{textChunk(m.look.accent+bold, lang.T(s.id))}
		for _, b := range m.keys.bindings {
			if b.inSection(s.at) {
				chunks = append(chunks, m.helpLine(b))
			}
		}
		chunks = append(chunks, textChunk(plain, "\n"))
		if s.at == here {
			first = chunks
		} else {
			rest = append(rest, chunks...)
		}
	}
	m.open(newPage(lang.T("help.title"), append(first, rest...)))
	return nil
}

func (m *model) helpLine(b *binding) chunk {
	keys := safe.Line(strings.Join(b.keys, "  "))
	if b.action == "account" {
		keys = "1-9"
	}
	text, look := safe.Line(lang.T("do."+b.action)), m.look
	return chunk{weight: 1, wrap: func(width int) []pageLine {
		left := 4 + min(18, width/3)
		if width >= 100 {
			left = 4 + 30 // where all keys of an action fit beside each other
		}
		keyRows, textRows := safe.Wrap(keys, left-4), safe.Wrap(text, max(1, width-left-1))
		var rows []string
		for i := range max(len(keyRows), len(textRows)) {
			line := look.row(width)
			if i < len(keyRows) {
				line.to(3).put(bold, keyRows[i])
			}
			if i < len(textRows) {
				line.to(left).put(plain, textRows[i])
			}
			if i == 0 && len(textRows) == 1 && width >= twoPanes { // what [keys] calls it
				line.right(look.dim, safe.Text(b.action)+" ")
			}
			rows = append(rows, line.String())
		}
		return pageLines(rows)
	}}
}

// folderPath is a folder with those above it, as one types to find it.
func folderPath(f store.Folder) safe.Text {
	if f.Role != "" {
		return folderName(f)
	}
	return safe.Line(strings.ReplaceAll(f.Name, targetOr(f.Delim, "/"), "/"))
}

func folderNote(f store.Folder) safe.Text {
	if isUnified(f) {
		return safe.Line(lang.T("account.all"))
	}
	return safe.Line(f.Account)
}
