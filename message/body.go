package message

import (
	"html"
	"strings"
	"unicode/utf8"
)

// body is the text of a part of the structure in its two forms, each the leaves
// to be shown one after the other. A form that would lack something is nil. In
// the HTML form, leaves of plain text stand where there is nothing else.
type body struct{ plain, html []*leaf }

// bodyOf decides which leaves are the text of e.
func bodyOf(e *entity) body {
	switch {
	case e.typ == "multipart/alternative":
		return alternative(e)
	case e.typ == "multipart/related":
		return related(e)
	case len(e.children) > 0:
		return mixed(e)
	case e.leaf == nil || !e.leaf.textual:
		return body{}
	case e.isHTML():
		return body{html: []*leaf{e.leaf}}
	}
	return body{plain: []*leaf{e.leaf}}
}

// alternative takes the first part that has each form (RFC 2046 §5.1.4).
func alternative(e *entity) (b body) {
	for _, child := range e.children {
		form := bodyOf(child)
		if b.plain == nil {
			b.plain = form.plain
		}
		if b.html == nil {
			b.html = form.html
		}
	}
	return b
}

// markForms marks the texts that are another form of what is shown, and reports
// whether anything of e is.
func markForms(e *entity) (shown bool) {
	if e.leaf != nil {
		return e.leaf.shown
	}
	for _, child := range e.children {
		shown = markForms(child) || shown
	}
	if e.typ != "multipart/alternative" || !shown {
		return shown
	}
	for _, child := range e.children {
		if child.leaf != nil && child.name == "" && child.disposition != "attachment" && strings.HasPrefix(child.typ, "text/") {
			child.leaf.otherForm = true
		}
	}
	return true
}

// related takes the root, which is the part named by start or the first with
// text (RFC 2387 §3.2).
func related(e *entity) (b body) {
	start := parseID(e.params["start"])
	var root *entity
	for _, child := range e.children {
		if start != "" && child.contentID == start {
			root = child
		}
	}
	for _, child := range e.children {
		if child.leaf != nil {
			child.leaf.inRelated = true
		}
		form := bodyOf(child)
		if child == root || root == nil && b.plain == nil && b.html == nil {
			b = form
		}
	}
	return b
}

// mixed takes all parts in order. When one has no plain form, only the HTML form
// is whole.
func mixed(e *entity) (b body) {
	var forms []body
	anyHTML, allPlain := false, true
	for _, child := range e.children {
		form := bodyOf(child)
		if form.plain == nil && form.html == nil {
			continue
		}
		forms = append(forms, form)
		anyHTML = anyHTML || form.html != nil
		allPlain = allPlain && form.plain != nil
	}
	for _, form := range forms {
		if allPlain {
			b.plain = append(b.plain, form.plain...)
		}
		if anyHTML && form.html != nil {
			b.html = append(b.html, form.html...)
		} else if anyHTML {
			b.html = append(b.html, form.plain...)
		}
	}
	return b
}

// joinPlain puts plain texts together. In text that is format=flowed, lines of a
// part that is not are kept from flowing.
func joinPlain(leaves []*leaf, n *notes) string {
	if len(leaves) == 1 {
		return cutText(leaves[0].text(), maxPlain, n)
	}
	var out strings.Builder
	for i, l := range leaves {
		text := l.text()
		if first, _ := leaves[0].flowed(); first && i > 0 {
			if own, _ := l.flowed(); !own {
				text = fixLines(text)
			}
		}
		out.WriteString(text)
		if i+1 < len(leaves) && text != "" && !strings.HasSuffix(text, "\n") {
			out.WriteByte('\n')
		}
	}
	return cutText(out.String(), maxPlain, n)
}

// fixLines writes fixed lines as format=flowed (RFC 3676 §4.2): no blank at the
// end, blanks at the start stuffed.
func fixLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, " ")
		if strings.HasPrefix(line, " ") {
			line = " " + line
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// joinHTML puts HTML texts together, with plain ones among them as they are.
func joinHTML(leaves []*leaf, n *notes) string {
	if len(leaves) == 1 && leaves[0].entity.isHTML() {
		return cutText(leaves[0].text(), maxHTML, n)
	}
	var out strings.Builder
	for _, l := range leaves {
		text := l.text()
		if !l.entity.isHTML() {
			if strings.TrimSpace(text) == "" {
				continue
			}
			text = "<pre>" + html.EscapeString(text) + "</pre>\n"
		}
		out.WriteString(text)
	}
	return cutText(out.String(), maxHTML, n)
}

// cutText cuts text at a character, at most limit bytes in.
func cutText(text string, limit int, n *notes) string {
	if len(text) <= limit {
		return text
	}
	n.add(NoteTextCut)
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
