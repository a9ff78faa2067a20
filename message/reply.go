package message

import (
	"cmp"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tmail/message/safe"
)

// Opener opens the decoded content of the attachment with the given part ID.
type Opener func(id string) (io.ReadCloser, error)

// Reply returns a draft that answers m, to all or to its author only. From is
// the one of me the message came to. The body starts with blank lines for the
// answer, then quotes; times in it are in the zone of now.
func Reply(m *Message, me []Address, all bool, now time.Time) *Draft {
	return ReplyUnder(m, me, all, attribution(&m.Envelope, now.Location()), nil)
}

// ReplyUnder is Reply with another line above the quote to say whose words they
// are, such as one in the writer's language. With part, only that is quoted of
// m, else all but its signature.
func ReplyUnder(m *Message, me []Address, all bool, attribution string, part []Block) *Draft {
	if part == nil {
		part = slices.DeleteFunc(m.Document(false).Blocks, func(b Block) bool { return b.Kind == Signature && b.Quote == 0 })
	}
	e := &m.Envelope
	d := &Draft{
		Subject:   "Re: " + trimPrefixes(e.Subject, replyPrefix),
		InReplyTo: e.MessageID,
		Body:      "\n\n" + attribution + "\n" + quote(part),
	}
	d.References = e.References
	if len(d.References) == 0 {
		d.References = e.InReplyTo
	}
	if e.MessageID != "" {
		d.References = append(slices.Clip(d.References), e.MessageID)
	}
	if from, ok := addressee(m, me); ok {
		d.From = []Address{from}
	}
	d.To, d.Cc = answerTo(e, me, all)
	return d
}

// answerTo tells who gets the answer. A message of one's own is answered to
// those it went to.
func answerTo(e *Envelope, me []Address, all bool) (to, cc []Address) {
	own := len(e.From) > 0 && !slices.ContainsFunc(e.From, func(a Address) bool { return !among(a, me) })
	switch {
	case own:
		to = e.To
	case all && len(unique(e.MailFollowupTo, me)) > 0:
		return unique(e.MailFollowupTo, me), nil
	case len(unique(e.ReplyTo, nil)) > 0: // there may be none in it that can be written to
		to = e.ReplyTo
	default:
		to = e.From
	}
	if !all {
		return unique(to, nil), nil
	}
	if !own {
		to = append(slices.Clip(to), e.To...)
	}
	to = unique(to, me)
	cc = unique(append(slices.Clip(e.Cc), e.ListPost...), append(slices.Clip(me), to...))
	if len(to) == 0 { // a note to oneself, or copies only
		to, cc = cc, nil
	}
	if len(to) == 0 {
		to = unique(e.From, nil)
	}
	return to, cc
}

// unique returns the addresses of list that can be written to, each once,
// without those in without.
func unique(list, without []Address) []Address {
	var kept []Address
	for _, a := range list {
		if a.Addr != "" && !among(a, without) && !among(a, kept) {
			kept = append(kept, a)
		}
	}
	return kept
}

func among(a Address, list []Address) bool {
	return slices.ContainsFunc(list, func(b Address) bool { return addrKey(a.Addr) == addrKey(b.Addr) })
}

// addressee returns the one of me that m came to, or came from, else the first.
func addressee(m *Message, me []Address) (Address, bool) {
	e := &m.Envelope
	lists := [][]Address{e.To, e.Cc, e.Bcc, e.From}
	for _, field := range []string{"Delivered-To", "X-Original-To", "Envelope-To"} {
		for _, v := range m.Header.Values(field) {
			list, _ := ParseAddressList(v) // what is no address is nobody's
			lists = append(lists, list)
		}
	}
	for _, list := range lists {
		for _, mine := range me {
			if among(mine, list) {
				return mine, true
			}
		}
	}
	if len(me) == 0 {
		return Address{}, false
	}
	return me[0], true
}

// What programs put before a subject when they answer or pass on.
var (
	replyPrefix   = regexp.MustCompile(`^(?i)(?:(?:re|r|res|aw|antw|sv|odp|ynt|vs|rif|ответ|返信|回复|回覆|答复|答覆)(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+`)
	forwardPrefix = regexp.MustCompile(`^(?i)(?:(?:fwd?|wg|tr|转发|轉寄|轉發)\s*[:：]\s*)+`)
)

func trimPrefixes(subject string, prefix *regexp.Regexp) string {
	subject = strings.TrimSpace(subject)
	return subject[len(prefix.FindString(subject)):]
}

const attributionTime = "Mon, 2 Jan 2006 at 15:04"

// attribution is the line above a quote that says whose words they are.
func attribution(e *Envelope, zone *time.Location) string {
	line := ""
	if !e.Date.IsZero() {
		line = "On " + e.Date.In(zone).Format(attributionTime) + ", "
	}
	who := "someone"
	if len(e.From) > 0 {
		if who = e.From[0].Name; who == "" {
			who = e.From[0].Addr
		}
	}
	return line + string(safe.Line(who)) + " wrote:"
}

// quote returns the text of blocks quoted.
func quote(blocks []Block) string {
	d := Document{Blocks: slices.Clone(blocks)}
	for i := range d.Blocks {
		d.Blocks[i].Quote = min(d.Blocks[i].Quote+1, maxQuote)
	}
	d.trim()
	return d.Text()
}

// ForwardWords are what stands above a message passed on, in the language of
// who does.
type ForwardWords struct {
	Forwarded, From, Date, Subject, To, Cc string
	When                                   func(time.Time) string // writes a date
}

// Forward returns a draft that passes m on: its text below a header block, its
// attachments through open. From is chosen as by Reply.
func Forward(m *Message, me []Address, words ForwardWords, open Opener) *Draft {
	e := &m.Envelope
	d := &Draft{Subject: "Fwd: " + trimPrefixes(e.Subject, forwardPrefix), Files: files(m, open)}
	if from, ok := addressee(m, me); ok {
		d.From = []Address{from}
	}
	var body strings.Builder
	body.WriteString("\n\n" + forwardRule + words.Forwarded + forwardRuleEnd + "\n")
	line := func(name, value string) {
		if value != "" {
			body.WriteString(name + ": " + string(safe.Line(value)) + "\n")
		}
	}
	line(words.From, joinAddresses(e.From))
	if !e.Date.IsZero() {
		line(words.Date, words.When(e.Date))
	}
	line(words.Subject, e.Subject)
	line(words.To, joinAddresses(e.To))
	line(words.Cc, joinAddresses(e.Cc))
	text := m.Document(false)
	body.WriteString("\n" + text.Text())
	if text.FromHTML && len(text.Links) > 0 {
		body.WriteString("\n")
		for i, l := range text.Links {
			body.WriteString("[" + strconv.Itoa(i+1) + "] " + l.URL + "\n")
		}
	}
	d.Body = body.String()
	return d
}

// What begins what is passed on, with words between.
const (
	forwardRule    = "---------- "
	forwardRuleEnd = " ----------"
)

// isForwardMark says whether what follows a line is not one's own.
func isForwardMark(line string) bool {
	return strings.HasPrefix(line, forwardRule) && strings.HasSuffix(line, forwardRuleEnd)
}

// ForwardAttached returns a draft that passes m on as it is: raw, of which only
// Open and Size are looked at, gives its bytes.
func ForwardAttached(m *Message, me []Address, raw File) *Draft {
	subject := trimPrefixes(m.Envelope.Subject, forwardPrefix)
	raw.Name, raw.Type = safe.FileName(cmp.Or(subject, "message"))+".eml", typeMessage
	d := &Draft{Subject: "Fwd: " + subject, Files: []File{raw}, Body: "\n"}
	if from, ok := addressee(m, me); ok {
		d.From = []Address{from}
	}
	return d
}

// EditAgain returns a new draft like m, to the same people.
func EditAgain(m *Message, open Opener) *Draft {
	d := DraftFrom(m, open)
	d.MessageID, d.Date, d.Sender = "", time.Time{}, nil
	return d
}

func joinAddresses(list []Address) string {
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	return strings.Join(words, ", ")
}

// files makes the attachments of m files of a draft.
func files(m *Message, open Opener) []File {
	var list []File
	for _, p := range m.Attachments {
		list = append(list, File{
			Name: p.Name,
			Type: p.Type,
			Size: p.Size,
			Open: func() (io.ReadCloser, error) { return open(p.ID) },
		})
	}
	return list
}

// DraftFrom turns a stored message back into a draft to go on writing.
func DraftFrom(m *Message, open Opener) *Draft {
	e := &m.Envelope
	d := &Draft{
		From: e.From, ReplyTo: e.ReplyTo, To: e.To, Cc: e.Cc, Bcc: e.Bcc,
		Subject: e.Subject, Body: editableText(m), Files: files(m, open),
		MessageID: e.MessageID, References: e.References, Date: e.Date,
	}
	if len(e.InReplyTo) > 0 {
		d.InReplyTo = e.InReplyTo[0]
	}
	if len(e.Sender) > 0 {
		d.Sender = &e.Sender[0]
	}
	return d
}

// editableText is the text of m as a person wrote it: every space kept,
// paragraphs on one line each.
func editableText(m *Message) string {
	switch {
	case strings.TrimSpace(m.Plain) == "":
		return m.Document(false).Text()
	case !m.Flowed:
		return m.Plain
	}
	var out strings.Builder
	unflow(m.Plain, m.DelSp, func(level int, content string) {
		if level > 0 {
			content = strings.TrimRight(quoteMarks(level)+" "+content, " ")
		}
		out.WriteString(content + "\n")
	})
	return out.String()
}
