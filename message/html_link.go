package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"

	"tmail/message/safe"
)

// anchor gathers what is known of the link being read.
type anchor struct {
	text  []byte // its words, enough of them to name it
	fresh bool   // its URL had no number before
}

const maxLinkText = 200

// add takes note of text within a link.
func (a *anchor) add(e effect, text []byte) {
	if e.link > 0 && !e.invisible() && len(a.text) < maxLinkText {
		a.text = append(a.text, text[:min(len(text), maxLinkText)]...)
	}
}

// openAnchor numbers the link that starts here.
func (l *htmlLayout) openAnchor(a attributes) {
	if a.href == "" || l.flow.effect.hidden {
		return
	}
	address, host := resolve(a.href)
	if address == "" {
		return
	}
	n := l.numbers[address]
	l.anchor = anchor{text: l.anchor.text[:0], fresh: n == 0}
	if n == 0 {
		l.doc.Links = append(l.doc.Links, Link{URL: address, Host: host})
		n = len(l.doc.Links)
		l.numbers[address] = n
	}
	l.top().own.link = n
}

// closeAnchor shows the number of the link behind its words, and where it
// really goes unless the words say so, or it goes where the one before does.
func (l *htmlLayout) closeAnchor(n int) {
	if n == 0 {
		return
	}
	link := &l.doc.Links[n-1]
	text := safe.Line(strings.Join(strings.Fields(strings.ToValidUTF8(string(l.anchor.text), "")), " "))
	number := safe.Text("[" + strconv.Itoa(n) + "]")
	switch {
	case text != "":
		if link.Text == "" {
			link.Text = text
		}
		if string(text) != link.URL && !(text == link.Host && strings.HasPrefix(link.URL, "mailto:")) { // else the words are the link
			l.flow.append(Span{Text: " " + number, Style: Dim, Link: n})
		}
		switch claimed := claimedHost(string(text)); {
		case claimed == "" && link.Host != l.host && !strings.Contains(string(text), string(link.Host)):
			l.flow.append(Span{Text: " " + link.Host, Style: Dim, Link: n})
		case claimed != "" && !sameSite(claimed, string(link.Host)):
			l.flow.append(Span{Text: " " + link.Host, Style: Warn, Link: n})
			link.Claims = safe.Line(claimed)
		}
		l.host = link.Host
	case l.anchor.fresh && n == len(l.doc.Links) && l.flow.linked < n: // nothing to see: not a link for the reader
		delete(l.numbers, link.URL)
		l.doc.Links = l.doc.Links[:n-1]
	}
}

// claimedHost returns the host a link text seems to name, in lower case: that
// of a URL, or a bare domain or the domain of an address.
func claimedHost(text string) string {
	if start, end := findURL(text, 0); start >= 0 {
		_, host := resolve(text[start:end])
		return string(host)
	}
	if strings.ContainsAny(text, " /") {
		return ""
	}
	text = strings.ToLower(strings.Trim(text, ".,:;()<>[]"))
	dot := strings.LastIndexByte(text, '.')
	if dot <= 0 || !isASCII(text) || len(text)-dot < 3 || strings.Trim(text[dot+1:], "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return text
}

// sameSite reports whether the host is what the words claim, or part of it.
func sameSite(claimed, host string) bool {
	claimed, host = strings.TrimPrefix(claimed, "www."), strings.TrimPrefix(strings.ToLower(host), "www.")
	return claimed == host || strings.HasSuffix(host, "."+claimed)
}

// image shows the words that stand for a picture. Pictures too small to see
// are there to count readers.
func (l *htmlLayout) image(a attributes) {
	e := effectOf(atom.Img, a)
	if e.hidden || l.flow.effect.hidden || isPixel(a.width) || isPixel(a.height) {
		return
	}
	alt := strings.TrimSpace(a.alt)
	if alt == "" {
		alt = strings.TrimSpace(a.title)
	}
	if alt == "" {
		return
	}
	if l.flow.effect.link == 0 {
		alt = "[" + alt + "]"
	}
	around := l.flow.effect // which may have no size and colour to be for pictures only
	l.flow.effect.tiny, l.flow.effect.unseen = false, false
	l.text([]byte(alt))
	l.flow.effect.tiny, l.flow.effect.unseen = around.tiny, around.unseen
}

func isPixel(size string) bool {
	n, ok := length(size)
	return ok && n <= 2
}
