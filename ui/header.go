package ui

import (
	"strings"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
)

// header is the top line: whose mail this is, what it shows, and how it stands with the server.
func (m *model) header() string {
	line := m.look.row(m.width).to(1).put(m.look.accent+bold, "tmail")
	if m.Demo {
		line.put(m.look.dim, " "+safe.Line(lang.T("header.demo")))
	}
	if m.composer != nil {
		line.to(line.used+3).put(bold, safe.Line(m.composeTitle()))
		return line.right(m.look.dim, m.keptText(m.width-line.used-3)+" ").String()
	}
	line.to(line.used + 3)
	if len(m.Config.Accounts) > 1 || m.width >= twoPanes {
		line.put(bold, safe.Line(m.accountTitle())).put(m.look.dim, " "+m.look.below+"   ")
	}
	where := m.whereText() + m.orderNote()
	state, st := m.accountStatus()
	room := m.width - line.used - 1
	if m.focus == onMessage && !m.wide() {
		line.put(plain, where)
		return line.right(st, m.fitState(state, m.width-line.used-3)+" ").String()
	}
	if safe.Width(where) > room {
		where = safe.Truncate(where, max(0, room), m.look.more)
	}
	room -= safe.Width(where) + 3
	if state = m.fitState(state, room); state != "" {
		middle := min(m.width*3/5, line.used+room-safe.Width(state))
		line.to(max(line.used, middle)).put(st, state)
	}
	return line.right(plain, where+" ").String()
}

// accountTitle is whose mail the list shows.
func (m *model) accountTitle() string {
	if m.list.mixed() {
		return lang.T("account.all")
	}
	return m.account
}

// fitState is the state of the account in the room there is. That all is well, a sign says too.
func (m *model) fitState(state safe.Text, room int) safe.Text {
	switch {
	case safe.Width(state) <= room:
		return state
	case strings.HasPrefix(string(state), string(m.look.ok)) && safe.Width(m.look.ok) <= room:
		return m.look.ok
	case room < 8:
		return ""
	}
	return safe.Truncate(state, room, m.look.more)
}

// whereText is what the panes show: a folder and its numbers, a search, a place in it.
func (m *model) whereText() safe.Text {
	l := &m.list
	if l.folder.ID == 0 {
		return ""
	}
	name := string(folderName(l.folder))
	if f := m.folders.selected(); m.focus == onFolders && f.ID > 0 && f.ID != l.folder.ID { // there is no room for all of it below
		if f.Total == 0 {
			return folderPath(f)
		}
		return safe.Line(lang.T("header.folder", "Folder", string(folderPath(f)), "Unread", lang.Number(f.Unread), "Count", f.Total))
	}
	switch {
	case m.focus == onMessage && m.reader.talk.whole:
		return safe.Line(lang.T("conversation.whole", "Folder", name, "Count", len(m.reader.here())))
	case len(l.chosen) > 0 && m.focus != onMessage && m.width < 60:
		return safe.Line(lang.T("header.chosen_short", "Count", l.countChosen()))
	case len(l.chosen) > 0 && m.focus != onMessage:
		return safe.Line(lang.T("header.chosen", "Folder", m.placeName(), "Count", l.countChosen()))
	case l.search != nil && (m.focus != onMessage || m.wide()):
		return m.foundText()
	case m.focus == onMessage && !m.wide():
		return safe.Line(lang.T("header.position", "Folder", m.placeName(), "N", lang.Number(l.at.cursor+1), "Total", lang.Number(len(l.ids))))
	case l.folder.Total == 0:
		return safe.Line(name)
	case l.folder.Role == account.RoleOutbox || l.folder.Role == account.RoleDrafts || l.folder.Role == account.RoleSent:
		return safe.Line(lang.T("header.count", "Folder", name, "Count", l.folder.Total))
	case m.width < 60:
		return safe.Line(lang.T("header.short", "Folder", name, "Unread", lang.Number(l.folder.Unread)))
	}
	return safe.Line(lang.T("header.folder", "Folder", name, "Unread", lang.Number(l.folder.Unread), "Count", l.folder.Total))
}
