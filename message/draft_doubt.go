package message

import (
	"regexp"
	"strings"
)

// Doubt is what a person is asked about before a draft is sent.
type Doubt int

// The doubts.
const (
	DoubtNoSubject      Doubt = iota // the subject is empty
	DoubtNoAttachment                // the text speaks of one, and there is none
	DoubtManyRecipients              // so many see each other's addresses
)

// manyRecipients in To and Cc are more than people write to every day.
const manyRecipients = 20

// Doubts tells what may have been forgotten. Nothing of it keeps a draft from
// being sent.
func (d *Draft) Doubts() []Doubt {
	var doubts []Doubt
	if strings.TrimSpace(d.Subject) == "" {
		doubts = append(doubts, DoubtNoSubject)
	}
	if len(d.Files) == 0 && speaksOfAttachment(d.Subject+"\n"+d.Body) {
		doubts = append(doubts, DoubtNoAttachment)
	}
	if len(d.To)+len(d.Cc) >= manyRecipients {
		doubts = append(doubts, DoubtManyRecipients)
	}
	return doubts
}

var attachmentWords = regexp.MustCompile(`(?i)\b(?:attached|attachments?|enclosed)\b|附件|附上|见附|附檔|隨函`)

// speaksOfAttachment looks at one's own words: above the signature, and not at
// quotes, or at what is passed on.
func speaksOfAttachment(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "-- " || isForwardMark(line) {
			return false
		}
		if !strings.HasPrefix(line, ">") && attachmentWords.MatchString(line) {
			return true
		}
	}
	return false
}
