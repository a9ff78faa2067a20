package store

// Batch is messages that a server tells of, with all that can be worked out of
// them without the database: nobody who wants to write has to wait for that.
type Batch struct {
	List    []NewMessage
	texts   []texts
	weaving *weaving
}

// Prepare makes a batch, which [Remote.AddBatch] is to be given once.
func Prepare(list []NewMessage) *Batch {
	b := &Batch{List: list, texts: make([]texts, len(list)), weaving: newWeaving(list)}
	for i := range list {
		x := textsOf(&list[i])
		x.head = headOf(0, x.subject, x.sender, x.recipients)
		b.texts[i] = x
	}
	return b
}

// texts are what a message says of itself, as its row has it, and the index.
type texts struct {
	identity                                       int64
	messageID, sender, recipients, subject, listID string
	head                                           head // its id is not known yet
}

// textsOf leaves out the head.
func textsOf(m *NewMessage) texts {
	e := &m.Envelope
	return texts{identity: identityOf(m), messageID: clip(e.MessageID), sender: joinAddresses(e.From),
		recipients: joinRecipients(e.To, e.Cc), subject: clip(e.Subject), listID: clip(e.ListID)}
}
