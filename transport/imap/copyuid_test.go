package imap_test

import (
	"strings"
	"testing"

	"tmail/transport/imap"
)

// What a server says it copied is deleted only where it was asked to copy that.
func TestCopyUIDOfOthers(t *testing.T) {
	ep, heard := script(t, func(s *server) {
		s.serve("UIDPLUS", s.on("UID COPY", "%s OK [COPYUID 9 1:2 30:31] done")) // sequence numbers
	})
	moved, err := open(t, ep).Move(t.Context(), []imap.UID{101, 102}, "Trash")
	if err != nil {
		t.Fatal(err)
	}
	if said := heard(); strings.Contains(said, "EXPUNGE 1:2") || !strings.Contains(said, "EXPUNGE 101:102") {
		t.Errorf("it said:\n%s", said)
	}
	if len(moved.To) > 0 {
		t.Errorf("moved %+v", moved)
	}
}
