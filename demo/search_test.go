package demo

import (
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

func TestSearch(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	n := sel(t, c, "INBOX").NumMessages
	header := func(key, value string) imap.SearchCriteria {
		return imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: key, Value: value}}}
	}
	thread := header("Subject", "release plan")
	hostile := imap.SearchCriteria{Text: []string{"hostile.example"}}
	for _, test := range []struct {
		name     string
		criteria imap.SearchCriteria
		want     int
	}{
		{"all", imap.SearchCriteria{}, int(n)},
		{"message id", header("Message-ID", "<q3-report@demo.example>"), 1},
		{"a thread of six", thread, 6},
		{"encoded subject", header("Subject", "第三季度"), 1},
		{"GB18030 body", imap.SearchCriteria{Body: []string{"请空腹前往"}}, 1},
		{"raw GBK subject", header("Subject", "报销单"), 1},
		{"text in a name", imap.SearchCriteria{Text: []string{"刘洋"}}, 2},
		{"no such text", imap.SearchCriteria{Text: []string{"zyzzyva"}}, 0},
		{"starred", imap.SearchCriteria{Flag: []imap.Flag{`\flagged`}}, 3},
		{"unread", imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, 7},
		{"not", imap.SearchCriteria{Not: []imap.SearchCriteria{thread}}, int(n) - 6},
		{"or", imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{thread, hostile}}}, 8},
		{"large", imap.SearchCriteria{Larger: 100_000}, 1},
		{"future", imap.SearchCriteria{Since: time.Now().AddDate(0, 0, 2)}, 0},
		{"long ago", imap.SearchCriteria{SentBefore: time.Now().AddDate(0, 0, -80)}, 1},
		{"last by number", imap.SearchCriteria{SeqNum: []imap.SeqSet{{{Start: 0, Stop: 0}}}}, 1},
	} {
		data, err := c.UIDSearch(&test.criteria, nil).Wait()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := len(data.AllUIDs()); got != test.want {
			t.Errorf("%s: %d messages, want %d", test.name, got, test.want)
		}
	}
	data, err := c.UIDSearch(&imap.SearchCriteria{}, &imap.SearchOptions{ReturnCount: true, ReturnMin: true, ReturnMax: true}).Wait()
	must(t, err)
	if data.Count != n || data.Min != 1 || data.Max != n {
		t.Errorf("ESEARCH %+v", data)
	}
}
