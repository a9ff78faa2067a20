package ui

import (
	"tmail/lang"
	"tmail/message"
)

var noteIDs = map[string]string{
	message.NoteHeaderCut: "note.header_cut", message.NoteTooManyAddresses: "note.addresses", message.NoteTooDeep: "note.deep",
	message.NoteTooManyParts: "note.parts", message.NoteNoBoundary: "note.boundary", message.NoteCutOff: "note.cut_off",
	message.NoteBadEncoding: "note.encoding", message.NoteBadCharset: "note.charset", message.NoteTextCut: "note.text_cut",
}

// NoteText is a note on what was cut or repaired, in the person's language.
func NoteText(note string) string {
	if id := noteIDs[note]; id != "" {
		return lang.T(id)
	}
	return note
}
