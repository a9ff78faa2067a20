package imap

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Mailbox names travel in modified UTF-7 (RFC 3501 §5.1.3). Servers that break the rule are common, so decoding takes
// what it gets, and the client remembers the server's own spelling (see tap.spell).

var utf7Base64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

// decodeName gives the name a person reads for one that came from the server. What is no modified UTF-7 is taken as
// it stands when it is UTF-8, else as GB18030, the legacy charset such servers use.
func decodeName(raw string) string {
	if strings.EqualFold(raw, "INBOX") {
		return "INBOX"
	}
	if !utf8.ValidString(raw) {
		name, err := simplifiedchinese.GB18030.NewDecoder().String(raw)
		if err != nil || strings.ContainsRune(name, utf8.RuneError) {
			return strings.ToValidUTF8(raw, "\uFFFD")
		}
		return name
	}
	if name, ok := decodeUTF7(raw); ok {
		return name
	}
	return raw
}

func decodeUTF7(s string) (string, bool) {
	var b strings.Builder
	for {
		plain, rest, shifted := strings.Cut(s, "&")
		b.WriteString(plain)
		if !shifted {
			return b.String(), true
		}
		code, rest, ended := strings.Cut(rest, "-")
		if !ended {
			return "", false
		}
		s = rest
		if code == "" {
			b.WriteByte('&')
			continue
		}
		units, err := utf7Base64.DecodeString(code)
		if err != nil || len(units)%2 != 0 {
			return "", false
		}
		u16 := make([]uint16, 0, len(units)/2)
		for i := 0; i < len(units); i += 2 {
			u16 = append(u16, uint16(units[i])<<8|uint16(units[i+1]))
		}
		text := string(utf16.Decode(u16))
		if strings.ContainsRune(text, utf8.RuneError) {
			return "", false
		}
		b.WriteString(text)
	}
}

// encodeName is how go-imap spells a name.
func encodeName(name string) string {
	var b strings.Builder
	var wide []uint16
	flush := func() {
		if len(wide) == 0 {
			return
		}
		raw := make([]byte, 0, 2*len(wide))
		for _, u := range wide {
			raw = append(raw, byte(u>>8), byte(u))
		}
		b.WriteString("&" + utf7Base64.EncodeToString(raw) + "-")
		wide = wide[:0]
	}
	for _, r := range name {
		if r >= 0x20 && r < 0x7f {
			flush()
			b.WriteRune(r)
			if r == '&' {
				b.WriteByte('-')
			}
		} else {
			wide = utf16.AppendRune(wide, r)
		}
	}
	flush()
	return b.String()
}
