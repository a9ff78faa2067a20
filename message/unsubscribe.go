package message

import (
	"net/url"
	"strings"
)

// Unsubscribe is how to leave the list a message came by (RFC 2369 §3.2). At
// least one of its ways is there.
type Unsubscribe struct {
	Mail *Draft // a message to send; nil when there is no such way
	// URL is an https address. With OneClick, a POST request to it is all that
	// is needed, with "List-Unsubscribe=One-Click" as its form (RFC 8058 §3.2);
	// without, it is a page to open.
	URL      string
	OneClick bool
}

// Unsubscribe reads the List-Unsubscribe and List-Unsubscribe-Post fields. ok
// is false when they offer no way that can be gone safely.
func (h Header) Unsubscribe() (u Unsubscribe, ok bool) {
	for _, target := range parseIDs(h.value("List-Unsubscribe")) {
		if draft, ok := ParseMailto(target); ok && u.Mail == nil {
			draft.Bcc = nil // it is sent unseen
			u.Mail = draft
		}
		if len(target) > 8 && strings.EqualFold(target[:8], "https://") && u.URL == "" {
			u.URL, _ = resolve(target)
		}
	}
	post := strings.ReplaceAll(h.Get("List-Unsubscribe-Post"), " ", "")
	u.OneClick = u.URL != "" && strings.EqualFold(post, "List-Unsubscribe=One-Click")
	return u, u.Mail != nil || u.URL != ""
}

// ParseMailto reads a mailto URL (RFC 6068). Only who it is to, subject, body
// and what it answers are taken from it: links come from strangers, and must
// not attach files. It is for somebody to look at before it is sent: it may
// have a Bcc. d is nil when target is no such URL, ok says that it has a To or
// Cc as well.
func ParseMailto(target string) (d *Draft, ok bool) {
	const scheme = "mailto:"
	if len(target) < len(scheme) || !strings.EqualFold(target[:len(scheme)], scheme) {
		return nil, false
	}
	to, query, _ := strings.Cut(target[len(scheme):], "?")
	d = &Draft{}
	d.To = mailtoAddresses(to)
	for field := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(field, "=")
		switch strings.ToLower(unescapePercent(name)) {
		case "to":
			d.To = append(d.To, mailtoAddresses(value)...)
		case "cc":
			d.Cc = append(d.Cc, mailtoAddresses(value)...)
		case "bcc":
			d.Bcc = append(d.Bcc, mailtoAddresses(value)...)
		case "subject":
			d.Subject = oneLine(mailtoText(value))
		case "body":
			d.Body = unixLines(mailtoText(value))
		case "in-reply-to":
			d.InReplyTo = parseID(mailtoText(value))
		case "references":
			d.References = parseIDs(mailtoText(value))
		}
	}
	return d, len(d.To)+len(d.Cc) > 0
}

// mailtoText decodes a value; '+' stands for itself.
func mailtoText(s string) string {
	text, err := url.PathUnescape(s)
	if err != nil {
		text = unescapePercent(s)
	}
	return guessText([]byte(text))
}

func mailtoAddresses(s string) []Address {
	list, _ := ParseAddressList(mailtoText(s)) // what is no address is left out
	for i := range list {
		list[i].Name = ""
	}
	return list
}
