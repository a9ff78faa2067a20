package demo

import (
	"bytes"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	mail "tmail/message"
)

// fetch writes the asked-for items of each message. Reading a body without
// PEEK marks it seen, which the next update tells.
func (v *view) fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	read := slices.ContainsFunc(options.BodySection, func(s *imap.FetchItemBodySection) bool { return !s.Peek })
	for _, n := range v.toFetch(set, read && !v.readOnly) {
		if err := n.write(w.CreateMessage(n.seq), options); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) toFetch(set imap.NumSet, markSeen bool) []numbered {
	v.drop.mu.Lock()
	defer v.drop.mu.Unlock()
	found := v.matching(set)
	for _, n := range found {
		if markSeen && !n.has(imap.FlagSeen) {
			v.box.setFlags(v.box.find(n.UID), append(slices.Clone(n.Flags), imap.FlagSeen))
		}
	}
	return found
}

func (n numbered) write(w *imapserver.FetchResponseWriter, options *imap.FetchOptions) error {
	w.WriteUID(n.UID)
	if options.Flags {
		w.WriteFlags(n.Flags)
	}
	if options.InternalDate {
		w.WriteInternalDate(n.Date)
	}
	if options.RFC822Size {
		w.WriteRFC822Size(int64(len(n.Raw)))
	}
	if options.Envelope {
		w.WriteEnvelope(envelope(n.Raw))
	}
	if options.BodyStructure != nil {
		w.WriteBodyStructure(structure(n.Raw))
	}
	for _, item := range options.BodySection {
		data := section(n.Raw, item)
		literal := w.WriteBodySection(item, int64(len(data)))
		if _, err := literal.Write(data); err != nil {
			return err
		}
		if err := literal.Close(); err != nil {
			return err
		}
	}
	return w.Close()
}

// section returns the bytes of BODY[…]. What concerns the whole message is cut
// from it as it is: the library would leave out a header it cannot parse.
func section(raw []byte, item *imap.FetchItemBodySection) []byte {
	if len(item.Part) > 0 {
		return imapserver.ExtractBodySection(bytes.NewReader(raw), item)
	}
	header, body := split(raw)
	data := raw
	switch item.Specifier {
	case imap.PartSpecifierText:
		data = body
	case imap.PartSpecifierHeader:
		data = header
		if len(item.HeaderFields) > 0 {
			data = fields(header, func(name string) bool { return contains(item.HeaderFields, name) })
		} else if len(item.HeaderFieldsNot) > 0 {
			data = fields(header, func(name string) bool { return !contains(item.HeaderFieldsNot, name) })
		}
	}
	if p := item.Partial; p != nil {
		from := min(p.Offset, int64(len(data)))
		to := from + min(p.Size, int64(len(data))-from)
		data = data[from:to]
	}
	return data
}

// split cuts a message behind the empty line that ends its header.
func split(raw []byte) (header, body []byte) {
	if bytes.HasPrefix(raw, []byte("\r\n")) {
		return raw[:2], raw[2:]
	}
	if i := bytes.Index(raw, []byte("\r\n\r\n")); i >= 0 {
		return raw[:i+4], raw[i+4:]
	}
	return raw, nil
}

// fields returns the header fields whose names are wanted, byte for byte with
// their folded lines, and the empty line behind them.
func fields(header []byte, wanted func(name string) bool) []byte {
	var out []byte
	keep := false
	for line := range bytes.Lines(header) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, ok := bytes.Cut(line, []byte(":"))
			keep = ok && wanted(string(bytes.TrimSpace(name)))
		}
		if keep {
			out = append(out, line...)
		}
	}
	return append(out, "\r\n"...)
}

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// structure describes the parts of a message. A multipart without parts has no
// description in IMAP, so it is given as the empty text it amounts to.
func structure(raw []byte) imap.BodyStructure {
	return describable(imapserver.ExtractBodyStructure(bytes.NewReader(raw)))
}

func describable(part imap.BodyStructure) imap.BodyStructure {
	switch part := part.(type) {
	case *imap.BodyStructureMultiPart:
		if len(part.Children) == 0 {
			return &imap.BodyStructureSinglePart{
				Type: "text", Subtype: "plain", Text: &imap.BodyStructureText{}, Extended: &imap.BodyStructureSinglePartExt{},
			}
		}
		for i, child := range part.Children {
			part.Children[i] = describable(child)
		}
	case *imap.BodyStructureSinglePart:
		if part.MessageRFC822 != nil {
			part.MessageRFC822.BodyStructure = describable(part.MessageRFC822.BodyStructure)
		}
	}
	return part
}

func envelope(raw []byte) *imap.Envelope {
	header, _ := split(raw)
	e := mail.ParseHeader(header).Envelope()
	return &imap.Envelope{
		Date: e.Date, Subject: e.Subject,
		From: addresses(e.From), Sender: addresses(e.Sender), ReplyTo: addresses(e.ReplyTo),
		To: addresses(e.To), Cc: addresses(e.Cc), Bcc: addresses(e.Bcc),
		InReplyTo: e.InReplyTo, MessageID: e.MessageID,
	}
}

func addresses(list []mail.Address) []imap.Address {
	var out []imap.Address
	for _, a := range list {
		local, host, _ := strings.Cut(a.Addr, "@")
		out = append(out, imap.Address{Name: a.Name, Mailbox: local, Host: host})
	}
	return out
}
