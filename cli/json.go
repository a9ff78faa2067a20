package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"

	"tmail/message"
)

// address is an address in JSON.
type address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

func addresses(list []message.Address) []address {
	all := make([]address, len(list))
	for i, a := range list {
		all[i] = address{a.Name, a.Addr}
	}
	return all
}

// writeJSON writes v on one line. Characters that could act on a terminal or
// hide are escaped, which changes nothing for who parses it.
func writeJSON(w io.Writer, v any) error {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	var escaped bytes.Buffer
	for _, r := range plain.String() {
		switch {
		case r == '\n' || !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			escaped.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&escaped, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&escaped, `\u%04x`, r)
		}
	}
	_, err := w.Write(escaped.Bytes())
	return err
}
