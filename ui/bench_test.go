package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// A key in a list of ten thousand, and the frame it makes.
func BenchmarkKey(b *testing.B) {
	s := start(b, 120, 40, large(10_000))
	s.Shows("Budget 2027").Idle()
	keys := []string{"j", "k"}
	for i := 0; b.Loop(); i++ {
		s.feed(keyPress(b, keys[i%2]))
		s.m.View()
	}
}

// A letter typed into a long message.
func BenchmarkTyping(b *testing.B) {
	s := start(b, 120, 40, sample)
	s.Shows("Budget 2027").Press("c", "tab", "tab", "tab", "tab")
	for range 10_000 {
		s.m.composer.texts[fieldBody].insert("一行不短的文字 and some more of it\n", false)
	}
	for b.Loop() {
		s.feed(keyPress(b, "x"))
		s.feed(keyPress(b, "backspace"))
		s.m.View()
	}
}

// Messages that are long or made to be: from their bytes to the first screen, and a page on.
func BenchmarkFirstScreen(b *testing.B) {
	const paragraph = `<tr><td style="padding:8px"><h2>Autumn</h2><p>Here is the <b>sheet</b> we talked about, 会议纪要, and <a href="https://x.example/1">more</a>.</p></td></tr>` + "\n"
	html := func(size int) string {
		return "Content-Type: text/html; charset=utf-8\n\n<table>" + strings.Repeat(paragraph, size/len(paragraph)) + "</table>"
	}
	for name, raw := range map[string]string{
		"newsletter_100KB": html(100 << 10), "html_10MB": html(10 << 20), "line_100MB": "Subject: x\n\n" + strings.Repeat("word ", 20<<20),
		"wide_line_2MB": "Content-Type: text/plain; charset=utf-8\n\n" + strings.Repeat("会议", 350_000),
	} {
		b.Run(name, func(b *testing.B) {
			s := start(b, 120, 40, nil)
			open := func() {
				msg, err := message.Read(strings.NewReader(raw))
				if err != nil {
					b.Fatal(err)
				}
				s.m.focus = onMessage
				s.m.reader = readerOf(&post{id: 1, content: s.m.viewpoint().content(1, "", msg)})
				s.m.reader.doc = s.m.reader.content.doc
				s.m.layOut()
				s.m.screen()
			}
			b.Run("open", func(b *testing.B) {
				for b.Loop() {
					open()
				}
			})
			open()
			b.Run("whole", func(b *testing.B) { // the frame in which the rest comes
				beginning := s.m.reader.doc
				rest, ok := s.m.layOutWhole(s.m.reader.content, beginning)().(wholeText)
				for b.Loop() {
					s.m.reader.doc, s.m.reader.content.doc = beginning, beginning
					s.feed(rest)
					if s.m.screen(); !ok || s.m.reader.doc != rest.doc {
						b.Fatal("the rest did not come")
					}
				}
			})
			b.Run("page", func(b *testing.B) {
				for b.Loop() {
					if !s.m.reader.pager.page(1) {
						s.m.reader.pager.home()
					}
					s.m.screen()
				}
			})
		})
	}
}

// crowd is the sample with n more messages in the Inbox of which only the headers are here.
func crowd(n int) mailbox {
	return func(t testing.TB, st *store.Store) {
		sample(t, st)
		inbox := roleFolder(t, st, "work", account.RoleInbox)
		for from := 0; from < n; from += 5000 {
			var news []store.NewMessage
			for i := from; i < min(n, from+5000); i++ {
				news = append(news, store.NewMessage{UID: uint32(1000 + i), Flags: message.Seen, Date: clock.Add(-10*24*time.Hour - time.Duration(i)*time.Minute), Size: 2000,
					Envelope: message.Envelope{MessageID: fmt.Sprintf("m%d@example.com", i), Subject: fmt.Sprintf("Report %d", i), From: []message.Address{{Name: "Robot", Addr: "robot@example.com"}}}})
			}
			if _, err := st.Remote.Add(t.Context(), inbox, news); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Ten thousand of a hundred thousand messages, chosen and moved: from the key to the frame that shows it, and the
// longest that a key may wait while the store still writes.
func BenchmarkMoveTenThousand(b *testing.B) {
	s := start(b, 120, 40, crowd(100_000))
	s.Shows("Budget 2027").Idle()
	var choosing, moving, meanwhile time.Duration
	frame := func(msg tea.Msg) time.Duration {
		began := time.Now()
		s.feed(msg)
		s.m.View()
		return time.Since(began)
	}
	for b.Loop() {
		s.Press("g", "x")
		s.m.list.at.move(9_999, len(s.m.list.ids))
		choosing += frame(keyPress(b, "X"))
		moving += frame(keyPress(b, "e"))
		for s.m.busy() {
			meanwhile = max(meanwhile, frame(keyPress(b, "j")))
			select {
			case msg := <-s.msgs: // a key may have to wait for it
				meanwhile = max(meanwhile, frame(msg))
			case <-time.After(time.Millisecond):
			}
		}
		s.Shows("Moved 10,000 to Archive").Press("u").Shows("Moved 10,000 back").Idle()
	}
	b.ReportMetric(float64(choosing.Milliseconds())/float64(b.N), "ms/choose")
	b.ReportMetric(float64(moving.Milliseconds())/float64(b.N), "ms/move")
	b.ReportMetric(float64(meanwhile.Microseconds())/1000, "ms/j-at-worst")
}

// A letter more in a search over a hundred thousand headers: until its first results are on the screen, and until all
// are.
func BenchmarkSearchAsOneTypes(b *testing.B) {
	s := start(b, 120, 40, crowd(100_000))
	s.Shows("Budget 2027").Idle().Press("/", "ctrl+e")
	l := &s.m.list
	var first, all time.Duration
	for b.Loop() {
		s.Press("ctrl+u").Await("no search", func() bool { return l.search == nil })
		for _, r := range "robot 777" {
			began := time.Now()
			s.feed(tea.KeyPressMsg{Code: r, Text: string(r)})
			s.Await("the first", func() bool { return !l.fromTop })
			s.m.View()
			first = max(first, time.Since(began))
			s.Await("all", func() bool { return !l.load.waiting() && !l.again })
			all = max(all, time.Since(began))
		}
	}
	b.ReportMetric(float64(first.Milliseconds()), "ms/first-at-worst")
	b.ReportMetric(float64(all.Milliseconds()), "ms/all-at-worst")
}
