package message

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Submission is raw, a message another program made, as it is sent: without
// Bcc, Return-Path and an mbox's From line, with the fields it lacks (RFC 6409
// §8: From, Date, Message-ID, and what its text is if it is no ASCII), and with
// bare UTF-8 in its header encoded. What else it says and its content are left
// as they are, but for uniform line ends (CRLF) and for lines too long to be
// sent (RFC 5322 §2.1.1).
func Submission(raw []byte, from Address, id string, now time.Time) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	if bytes.HasPrefix(raw, []byte("From ")) {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	fields, body := splitFields(raw)
	has := map[string]bool{}
	for _, field := range fields {
		has[strings.ToLower(field.name)] = true
	}
	newType := !has["content-type"] && utf8.Valid(body) && !isASCII(string(body))
	sent, encoding := sendable(fields, body)
	switch {
	case encoding != "":
		newType = !has["content-type"]
	case newType && !has["content-transfer-encoding"]:
		encoding = "8bit"
	}
	var f fieldWriter
	for _, field := range fields {
		switch name := strings.ToLower(field.name); {
		case name == "bcc", name == "resent-bcc", name == "return-path":
		case name == "content-transfer-encoding" && encoding != "": // it is another one now
		default:
			f.given(field)
		}
	}
	if !has["from"] {
		f.addresses("From", []Address{from})
	}
	if !has["date"] {
		f.raw("Date", now.Format(time.RFC1123Z))
	}
	if !has["message-id"] {
		f.ids("Message-ID", id)
	}
	if (newType || encoding != "") && !has["mime-version"] {
		f.raw("MIME-Version", "1.0")
	}
	if newType {
		charset := "utf-8"
		if !utf8.Valid(body) {
			charset = "unknown-8bit" // RFC 1428
		}
		f.raw("Content-Type", "text/plain; charset="+charset)
	}
	if encoding != "" {
		f.raw("Content-Transfer-Encoding", encoding)
	}
	f.end()
	return append([]byte(f.out.String()), sent...)
}

// maxLine is the most bytes that a line of a message may have, without its end.
const maxLine = 998

func tooLong(line []byte) bool { return len(line) > maxLine }

// sendable returns content with CRLF line ends, in the form every server takes,
// and its encoding if that is another one than the fields say. Lines that are
// too long are encoded where that can be said, else broken as servers would.
func sendable(fields []givenField, body []byte) (sent []byte, encoding string) {
	lines := bytes.Split(body, []byte("\n"))
	long := slices.ContainsFunc(lines, tooLong)
	var kind, given string
	for _, field := range fields {
		switch value := strings.ToLower(strings.TrimSpace(field.rest[1:])); strings.ToLower(field.name) {
		case "content-type":
			kind = value
		case "content-transfer-encoding":
			given = value
		}
	}
	single := !strings.HasPrefix(kind, "multipart/") && !strings.HasPrefix(kind, "message/")
	if (long || bytes.IndexByte(body, 0) >= 0) && single && slices.Contains([]string{"", "7bit", "8bit", "binary"}, given) {
		var out bytes.Buffer
		encoding = "quoted-printable"
		_ = bodyText{text: string(body), encoding: encoding}.write(&out) // into memory
		return out.Bytes(), encoding
	}
	if long {
		body = breakLines(lines)
	}
	return bytes.ReplaceAll(body, []byte("\n"), []byte("\r\n")), ""
}

// breakLines joins lines and breaks those that are too long, with a blank in front of what goes on.
func breakLines(lines [][]byte) []byte {
	var out bytes.Buffer
	for i, line := range lines {
		if i > 0 {
			out.WriteByte('\n')
		}
		for room := maxLine; len(line) > room; room = maxLine - 1 {
			cut := room
			for cut > room-utf8.UTFMax && !utf8.RuneStart(line[cut]) {
				cut--
			}
			out.Write(line[:cut])
			out.WriteString("\n ")
			line = line[cut:]
		}
		out.Write(line)
	}
	return out.Bytes()
}

// givenField is a field as a program wrote it: its name and the rest, from the
// colon on, with all its lines.
type givenField struct{ name, rest string }

// splitFields divides a message with LF line ends. A line that is no field
// begins the body, like an empty one.
func splitFields(raw []byte) (fields []givenField, body []byte) {
	for len(raw) > 0 && raw[0] != '\n' {
		whole := raw[:fieldLength(raw)]
		colon := bytes.IndexByte(whole, ':')
		name := strings.TrimRight(string(whole[:max(colon, 0)]), " \t")
		if name == "" || len(name) > maxLine/2 || strings.ContainsAny(name, " \t\n") || !isASCII(name) {
			return fields, raw
		}
		fields = append(fields, givenField{name, string(whole[colon:])})
		raw = bytes.TrimPrefix(raw[len(whole):], []byte("\n"))
	}
	return fields, bytes.TrimPrefix(raw, []byte("\n"))
}

// fieldLength is how long the field is that raw begins with, with the lines that go on with it.
func fieldLength(raw []byte) int {
	for n := 0; ; n++ {
		line := bytes.IndexByte(raw[n:], '\n')
		if line < 0 {
			return len(raw)
		}
		if n += line; n+1 == len(raw) || raw[n+1] != ' ' && raw[n+1] != '\t' {
			return n
		}
	}
}

// given writes a field as it came, or, if it holds bare UTF-8 or a line that is too long, encoded and folded.
func (f *fieldWriter) given(field givenField) {
	long := slices.ContainsFunc(bytes.Split([]byte(field.name+field.rest), []byte("\n")), tooLong)
	if !long && (isASCII(field.rest) || !utf8.ValidString(field.rest)) {
		f.out.WriteString(field.name + strings.ReplaceAll(field.rest, "\n", "\r\n") + "\r\n")
		return
	}
	value := strings.TrimSpace(strings.ReplaceAll(field.rest[1:], "\n", ""))
	switch strings.ToLower(field.name) {
	case "from", "sender", "reply-to", "to", "cc":
		list, _ := ParseAddressList(value) // what is no address would be refused anyway
		f.addresses(field.name, list)
	default:
		f.text(field.name, decodeHeader(value))
	}
}

// HasHeader reports whether raw begins with a header rather than with text.
func HasHeader(raw []byte) bool {
	fields, _ := splitFields(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")))
	return len(fields) > 0
}
