package imap

import (
	"slices"
	"strings"

	"tmail/transport"
)

// used are the capabilities that change what we do.
var used = []string{"COMPRESS=DEFLATE", "CONDSTORE", "ENABLE", "ESEARCH", "ID", "IDLE", "IMAP4REV1", "LIST-EXTENDED", "LIST-STATUS", "LOGINDISABLED",
	"MOVE", "QRESYNC", "SPECIAL-USE", "STARTTLS", "UIDPLUS", "WITHIN", "X-GM-EXT-1", "XLIST"}

// Uses says whether we make use of a capability that a server announces.
func Uses(capability string) bool {
	way, signsIn := strings.CutPrefix(capability, "AUTH=")
	return slices.Contains(used, capability) || signsIn && transport.SignsInBy(way)
}
