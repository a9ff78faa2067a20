package message

import "slices"

// Notes on what was cut or repaired while reading, in Message.Notes. They are
// plain enough to be shown as they are.
const (
	NoteHeaderCut        = "the header is too long and was cut"
	NoteTooManyAddresses = "there are more addresses than are shown"
	NoteTooDeep          = "parts are nested too deeply and were not opened"
	NoteTooManyParts     = "there are more parts than are shown"
	NoteNoBoundary       = "the parts are not separated as announced"
	NoteCutOff           = "the message ends in the middle of a part"
	NoteBadEncoding      = "a part is damaged or wrongly encoded"
	NoteBadCharset       = "a charset is not what was announced and was guessed"
	NoteTextCut          = "the text is too long and was cut"
)

// notes keeps each note once.
type notes []string

func (n *notes) add(note string) {
	if !slices.Contains(*n, note) {
		*n = append(*n, note)
	}
}
