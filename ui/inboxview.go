package ui

import (
	"time"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// How the list is drawn: a row for each message in the window.

func (l *listPane) draw(m *model, width, height int) []string {
	if len(l.ids) == 0 {
		return l.drawEmpty(m, width, height)
	}
	return l.at.rows(len(l.ids), height, width, func(i int) string { return l.drawRow(m, i, width) })
}

// drawEmpty says why there is nothing: on a first run, in whole, what is wrong with the account.
func (l *listPane) drawEmpty(m *model, width, height int) []string {
	rows := []string{m.look.row(width).String()}
	put := func(st style, text string) {
		for _, line := range safe.Wrap(safe.Line(text), max(1, width-4)) {
			rows = append(rows, m.look.row(width).to(2).put(st, line).String())
		}
	}
	if sentence, _ := m.wrong(); sentence != "" && l.search == nil && !l.folder.Synced {
		put(plain, sentence)
		put(m.look.dim, lang.T("details.hint", "Key", m.keys.keyOf("details", inList)))
	} else {
		put(m.look.dim, l.emptyText(m))
	}
	return fill(rows, height, width)
}

func (l *listPane) emptyText(m *model) string {
	switch {
	case l.folder.ID == 0:
		return lang.T("list.no_folders")
	case !l.ready:
		return lang.T("list.reading")
	case l.search != nil:
		return m.nothingFound()
	case !l.folder.Synced && !l.folder.Local:
		return lang.T("list.not_fetched")
	default:
		return lang.T("list.empty")
	}
}

func (l *listPane) drawRow(m *model, i, width int) string {
	look, id := m.look, l.ids[i]
	r := look.row(width)
	if i == l.at.cursor {
		r.ground = look.resting
		if m.focus == onList {
			r.ground = look.selected
		}
		r.put(look.accent, look.mark)
	}
	mail, ok := l.rows[id]
	if !ok {
		return r.to(2).put(look.dim, look.more).String()
	}
	mail.Flags, mail.HasAttachments = l.flags(mail), l.hasAttachments(mail)
	st := plain
	if !mail.Flags.Has(message.Seen) {
		st = bold
	}
	l.drawMarks(look, r, mail)
	when := l.drawWhen(mail, m.Now(), width < 50)
	who := max(8, min(20, width/5))
	whose := st
	whose += m.ownStyle(mail.Account)
	home := m.homeOf(mail)
	if c := l.talk(mail); c != nil && c.Count > 1 && home.Role != account.RoleSent {
		l.drawPeople(m, r, m.ownStyle(mail.Account), c, who)
	} else {
		in, people := whoOf(mail, home.Role)
		l.cellFound(look, r, whose, in, names(people), who)
	}
	r.to(r.used + 1)
	if w := l.folderWidth(width); w > 0 {
		r.cell(look.dim, folderName(home), w).to(r.used + 1)
	}
	right := safe.Width(when) + 4
	l.drawSubject(look, r, mail, statusWord(mail, m.Now(), width < 50), st, width-right)
	if mail.HasAttachments {
		r.to(width-right).put(look.dim, " "+look.attach)
	}
	return r.right(look.dim, when+" ").String()
}

// sizeWidth is the columns of a size: 999 KB.
const sizeWidth = 6

// drawWhen is the last column: when a message came, and in a list by size first how large it is, alone where room is scarce.
func (l *listPane) drawWhen(mail store.Row, now time.Time, compact bool) safe.Text {
	dates := dateWidth
	if compact {
		dates = compactWidth
	}
	when := safe.PadLeft(shortDate(mail.Date, now, compact), dates)
	if l.order.By != store.BySize {
		return when
	}
	octets := safe.PadLeft(safe.Line(size(mail.Size)), sizeWidth)
	if compact {
		return octets
	}
	return octets + " " + when
}

// ownStyle is the colour of an account, where the list shows several.
func (m *model) ownStyle(name string) style {
	if m.list.mixed() {
		return m.accountStyle(name)
	}
	return plain
}

// drawMarks puts the columns in front: chosen, while any is; unread, star.
func (l *listPane) drawMarks(look look, r *row, mail store.Row) {
	wide := safe.Width(look.unread) + 1
	at := 1
	if len(l.chosen) > 0 {
		if l.chosen[mail.ID] {
			r.to(at).put(look.accent+bold, look.chosen)
		}
		at += wide
	}
	if !mail.Flags.Has(message.Seen) {
		r.to(at).put(look.accent, look.unread)
	}
	r.to(at + wide)
	if mail.Flags.Has(message.Flagged) {
		r.put(look.accent, look.star)
	} else if mail.Flags.Has(message.Answered) {
		r.put(look.dim, look.replied)
	}
	r.to(at + 2*wide)
}

func (l *listPane) drawSubject(look look, r *row, mail store.Row, status safe.Text, st style, end int) {
	room := end - r.used
	if room <= 0 {
		return
	}
	inner := r.part(room)
	if l.isMuted(mail.Thread) {
		inner.put(look.dim, safe.Line(lang.T("list.muted"))+"  ")
	}
	if status != "" {
		inner.put(look.accent, status).put(plain, "  ")
	} else if mail.Problem != nil {
		inner.put(bold, look.warn).put(plain, " ")
	}
	subject := safe.Line(mail.Subject)
	if subject == "" {
		inner.put(look.dim, safe.Line(lang.T("list.no_subject")))
	} else {
		l.putFound(look, inner, st, store.WordsInSubject, subject)
	}
	dash := " " + look.dash + " "
	preview := l.nearFound(look, l.snippet(mail), room-inner.used-safe.Width(dash))
	if mail.Status != "" && mail.Problem != nil {
		preview = safe.Line(ProblemText(mail.Problem))
	} else if preview == "" {
		preview = safe.Line(mail.Preview)
	}
	if preview != "" && inner.used < room-4 {
		inner.put(look.dim, dash)
		l.putFound(look, inner, look.dim, store.WordsInBody, preview)
	}
	r.join(inner)
}

// whoOf is whom a row is from; in folders of one's own mail, whom it is to.
func whoOf(mail store.Row, role account.Role) (store.WordField, []message.Address) {
	switch role {
	case account.RoleSent, account.RoleDrafts, account.RoleOutbox:
		return store.WordsInTo, mail.To
	}
	return store.WordsInFrom, mail.From
}

// names lists people by name where they have one.
func names(people []message.Address) safe.Text {
	var t safe.Text
	for i, a := range people {
		if i > 0 {
			t += ", "
		}
		if a.Name != "" {
			t += safe.Line(a.Name)
		} else {
			t += safe.Line(a.Addr)
		}
	}
	return t
}

// statusWord is where an outgoing message stands; "" where a message is none.
func statusWord(mail store.Row, now time.Time, compact bool) safe.Text {
	switch {
	case mail.Status == "":
		return ""
	case mail.Status == store.OutSending && mail.Sent > 0 && mail.Size > 0:
		return safe.Line(lang.T("out.sending_part", "Percent", min(100, 100*mail.Sent/mail.Size)))
	case mail.Status == store.OutHeld && mail.Due.IsZero():
		return safe.Line(lang.T("out.put_aside"))
	case mail.Status == store.OutHeld && mail.Problem == nil && compact:
		return soon(mail.Due, now)
	case mail.Status == store.OutHeld && mail.Problem == nil:
		return safe.Line(lang.T("out.leaves", "Time", string(soon(mail.Due, now))))
	}
	id := map[store.OutStatus]string{
		store.OutHeld: "out.held", store.OutDue: "out.due", store.OutSending: "out.sending",
		store.OutUnconfirmed: "out.unconfirmed", store.OutFailed: "out.failed",
	}[mail.Status]
	return safe.Line(lang.T(id))
}
