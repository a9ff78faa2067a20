package ui

import (
	"strings"
	"testing"
)

// A large message shows its text before it is whole; the rest comes when it is wanted, with a bar, and can be stopped.
func TestLargeMessageShowsItsTextFirst(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Not fetched yet").Press("j", "j", "j", "j", "enter").Shows("Fetching the message")
	mail := s.row("Not fetched yet")
	asked := func(times int) {
		t.Helper()
		s.Await("asked for", func() bool { return s.engine.asked(mail.ID) == times })
	}
	asked(1)
	beginning := "Subject: Not fetched yet\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nThe text is here.\r\n" +
		"--b\r\nContent-Type: application/pdf; name=\"plan.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("QUJD", 19)
	if err := s.st.Bodies.PutExcerpt(t.Context(), mail.ID, []byte(beginning)); err != nil {
		t.Fatal(err)
	}
	s.Shows("Only the beginning of this message is here", "The text is here.", "[a] plan.pdf").Hides("57 B")

	want := func() {
		t.Helper()
		if err := s.st.Bodies.Want(t.Context(), mail.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.Press("w")
	asked(2)
	want()
	if _, err := s.st.Bodies.Came(t.Context(), mail.ID, mail.Size/2); err != nil {
		t.Fatal(err)
	}
	s.Shows("[==========          ]", "w stops", "The text is here.")
	s.Press("w").Shows("Only the beginning")
	if wanted, err := s.st.Bodies.Came(t.Context(), mail.ID, mail.Size); wanted || err != nil {
		t.Errorf("still wanted: %v, %v", wanted, err)
	}

	s.Press("S") // what is attached is to be saved
	asked(3)
	want()
	s.Shows("w stops").Hides("Only the beginning")
	storeBody(t, s.st, mail.ID, inboxLetters[4].raw())
	s.Shows("It came all the same.").Hides("w stops")
}

// A message whose beginning is enough is not looked for again and again, and is shown when it is opened again.
func TestBeginningThatIsEnoughIsForgotten(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Not fetched yet").Press("j", "j", "j", "j", "enter").Shows("Fetching the message")
	id := s.row("Not fetched yet").ID
	if err := s.st.Bodies.PutExcerpt(t.Context(), id, []byte("Subject: Not fetched yet\r\n\r\nThe text is here.\r\n")); err != nil {
		t.Fatal(err)
	}
	s.Shows("Only the beginning").Press("esc").Shows("Budget 2027")
	s.m.lookForMissing()
	if s.m.contents.missing[id] != nil {
		t.Error("it is still looked for")
	}
	s.Press("enter").Shows("Only the beginning", "The text is here.")
}

// A reply does not wait for what is attached.
func TestReplyToBeginning(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Not fetched yet").Press("j", "j", "j", "j", "enter").Shows("Fetching the message")
	id := s.row("Not fetched yet").ID
	if err := s.st.Bodies.PutExcerpt(t.Context(), id, []byte("From: ann@example.com\r\nSubject: Not fetched yet\r\n\r\nThe text is here.\r\n")); err != nil {
		t.Fatal(err)
	}
	s.Shows("Only the beginning").Press("r").Shows("> The text is here.")
}
