package message

import (
	"html"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Page returns the HTML form of the message as a page for a browser, or its
// plain text as one. Nothing in it runs, sends or moves on by itself; with
// remote it may fetch pictures and fonts, which tells the sender that it was
// read, without it fetches nothing.
func (m *Message) Page(remote bool) string {
	var page strings.Builder
	sources := "data:"
	if remote {
		sources = "data: https: http:"
	}
	page.WriteString("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src " + sources +
		"; font-src " + sources + "; form-action 'none'; base-uri 'none'\">\n" +
		"<meta http-equiv=\"x-dns-prefetch-control\" content=\"off\">\n<meta name=\"referrer\" content=\"no-referrer\">\n" +
		"<title>" + html.EscapeString(m.Envelope.Subject) + "</title>\n")
	if !m.HasHTML() {
		page.WriteString("<pre style=\"white-space:pre-wrap\">" + html.EscapeString(m.Plain) + "</pre>\n")
		return page.String()
	}
	z := nethtml.NewTokenizer(strings.NewReader(m.HTML))
	inner := atom.Atom(0) // the element that is left out with all in it
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return page.String()
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			token := z.Token()
			switch {
			case inner != 0:
			case leftOutWhole(token.DataAtom):
				if token.Type == nethtml.StartTagToken {
					inner = token.DataAtom
				}
			case !leftOut(token.DataAtom):
				page.WriteString(harmless(token).String())
			}
		case nethtml.EndTagToken:
			switch token := z.Token(); {
			case inner != 0 && token.DataAtom == inner:
				inner = 0
			case inner == 0 && !leftOut(token.DataAtom) && !leftOutWhole(token.DataAtom):
				page.WriteString(token.String())
			}
		case nethtml.TextToken:
			if inner == 0 {
				page.Write(z.Raw())
			}
		}
	}
}

// leftOut are the elements that would act on the page or reach out: redirects,
// bases, links to other files, forms, frames.
func leftOut(tag atom.Atom) bool {
	switch tag {
	case atom.Meta, atom.Base, atom.Link, atom.Form, atom.Input, atom.Button, atom.Embed, atom.Frame, atom.Frameset, atom.Html, atom.Body, atom.Head:
		return true
	}
	return false
}

// leftOutWhole are those whose content goes with them.
func leftOutWhole(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Title, atom.Iframe, atom.Object, atom.Applet, atom.Noscript, atom.Template, atom.Svg, atom.Math, atom.Audio, atom.Video:
		return true
	}
	return false
}

// harmless is a tag without handlers of events and without addresses that run.
func harmless(token nethtml.Token) nethtml.Token {
	kept := token.Attr[:0]
	for _, a := range token.Attr {
		switch key := strings.ToLower(a.Key); {
		case strings.HasPrefix(key, "on"), key == "ping", key == "formaction":
		case key == "href" || key == "xlink:href":
			if address, _ := resolve(a.Val); address != "" {
				kept = append(kept, nethtml.Attribute{Key: "href", Val: address})
			}
		default:
			kept = append(kept, a)
		}
	}
	token.Attr = kept
	return token
}
