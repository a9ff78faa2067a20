package imap_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/message"
	"tmail/transport"
	"tmail/transport/imap"
)

func TestSearchCommands(t *testing.T) {
	day := time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC)
	criteria := imap.All(imap.Words(imap.SearchText, `pl"an\`), imap.Any(imap.Words(imap.SearchFrom, "ann"), imap.Not(imap.Flag(message.Seen))),
		imap.Since(day), imap.Larger(5))
	for capability, want := range map[string]string{
		"":           `UID SEARCH SINCE "3-May-2024" TEXT "pl an " LARGER 5 OR (FROM "ann") (NOT (SEEN))`,
		"ESEARCH":    `UID SEARCH RETURN (ALL) SINCE "3-May-2024" TEXT "pl an "`,
		"X-GM-EXT-1": `UID SEARCH X-GM-RAW "\"pl an \" {(from:\"ann\") (-(is:read))} after:2024/05/03 larger:5"`,
	} {
		ep, heard := replies(t, capability, "UID SEARCH", "* SEARCH 3 1 3\n%s OK")
		uids, err := open(t, ep).Search(t.Context(), criteria)
		if err != nil || !slices.Equal(uids, []imap.UID{1, 3}) {
			t.Errorf("%q: %v %v", capability, uids, err)
		}
		if said := heard(); !strings.Contains(said, want) {
			t.Errorf("%q: said %s, want %s", capability, said, want)
		}
	}
}

// A server that does not know UTF-8 says no before the words come, or calls them bad.
func TestSearchRefused(t *testing.T) {
	for text, kind := range map[string]transport.Kind{"%s NO [BADCHARSET] no": transport.KindRefused, "%s BAD no": transport.KindProtocol} {
		ep, _ := replies(t, "X-GM-EXT-1", "UID SEARCH", text)
		_, err := open(t, ep).Search(t.Context(), imap.Words(imap.SearchBody, "会议"))
		var te *transport.Error
		if !errors.As(err, &te) || te.Kind != kind || te.Words != "no" {
			t.Errorf("%s: %v", text, err)
		}
	}
}
