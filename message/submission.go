package message

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// Submission is raw, a message another program made, as it is sent: without
// Bcc, Return-Path and an mbox's From line, with the fields it lacks (RFC 6409
// §8: From, Date, Message-ID, and what its text is if it is no ASCII), and with
// bare UTF-8 in its header encoded. What else it says and its content are left
// as they are, but for uniform line ends (CRLF).
func Submission(raw []byte, from Address, id string, now time.Time) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	if bytes.HasPrefix(raw, []byte("From ")) {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	fields, body := splitFields(raw)
	var f fieldWriter
	has := map[string]bool{}
	for _, field := range fields {
		name := strings.ToLower(field.name)
		has[name] = true
		if name != "bcc" && name != "return-path" {
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
	if !has["content-type"] && !isASCII(string(body)) && utf8.Valid(body) {
		if !has["mime-version"] {
			f.raw("MIME-Version", "1.0")
		}
		f.raw("Content-Type", "text/plain; charset=utf-8")
		if !has["content-transfer-encoding"] {
			f.raw("Content-Transfer-Encoding", "8bit")
		}
	}
	f.end()
	return append([]byte(f.out.String()), bytes.ReplaceAll(body, []byte("\n"), []byte("\r\n"))...)
}

// givenField is a field as a program wrote it: its name and the rest, from the
// colon on, with all its lines.
type givenField struct{ name, rest string }

// splitFields divides a message with LF line ends. A line that is no field
// begins the body, like an empty one.
func splitFields(raw []byte) (fields []givenField, body []byte) {
	for len(raw) > 0 && raw[0] != '\n' {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if line[0] == ' ' || line[0] == '\t' {
			if len(fields) == 0 {
				return fields, raw
			}
			fields[len(fields)-1].rest += "\n" + string(line)
			raw = rest
			continue
		}
		colon := bytes.IndexByte(line, ':')
		name := strings.TrimRight(string(line[:max(colon, 0)]), " \t")
		if name == "" || strings.ContainsAny(name, " \t") || !isASCII(name) {
			return fields, raw
		}
		fields = append(fields, givenField{name, string(line[colon:])})
		raw = rest
	}
	return fields, bytes.TrimPrefix(raw, []byte("\n"))
}

// given writes a field as it came, or, if it holds bare UTF-8, encoded.
func (f *fieldWriter) given(field givenField) {
	if isASCII(field.rest) || !utf8.ValidString(field.rest) {
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
