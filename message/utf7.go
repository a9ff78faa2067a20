package message

import (
	"strings"
	"unicode/utf16"
)

// decodeUTF7 reads UTF-7 (RFC 2152): ASCII, with "+…-" around UTF-16 in base64.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '+' {
			if c >= 0x80 {
				out.WriteRune('\ufffd')
			} else {
				out.WriteByte(c)
			}
			continue
		}
		end := i + 1
		for end < len(b) && base64Value[b[end]] >= 0 {
			end++
		}
		closed := end < len(b) && b[end] == '-'
		if closed && end == i+1 {
			out.WriteByte('+')
		} else {
			out.WriteString(string(utf16.Decode(utf16Units(appendBase64(nil, string(b[i+1:end]))))))
		}
		i = end - 1
		if closed {
			i = end
		}
	}
	return out.String()
}

// utf16Units reads big-endian code units; an odd last byte is dropped.
func utf16Units(b []byte) []uint16 {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return units
}
