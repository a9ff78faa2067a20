package message

import (
	"strings"
	"testing"
	"time"

	"tmail/mailtest/modest"
)

const sampleInvitation = `BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:42@example.com
SUMMARY:Budget\, the
  review
LOCATION:Room 2\; upstairs
ORGANIZER;CN="Archer, Ann":mailto:ann@example.com
ATTENDEE;ROLE=REQ-PARTICIPANT;CN=王小明:MAILTO:wxm@example.cn
ATTENDEE;CN=bob@example.org:mailto:bob@example.org
DTSTART;TZID="Customized Time Zone":20261124T100000
DTEND;TZID=Customized Time Zone:20261124T113000
RRULE:FREQ=WEEKLY
BEGIN:VALARM
SUMMARY:not this
DURATION:PT5M
END:VALARM
END:VEVENT
END:VCALENDAR
`

func TestInvitation(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	for _, lineEnd := range []string{"\n", "\r\n"} {
		events := invitations(strings.ReplaceAll(sampleInvitation, "\n", lineEnd), zone)
		if len(events) != 1 {
			t.Fatalf("%d events", len(events))
		}
		got := layoutOf(&Document{Blocks: events[0].blocks()})
		want := lines("# Budget, the review", "2026-11-24 17:00–18:30 +08:00 (10:00 +01:00)", "Room 2; upstairs",
			`"Archer, Ann" <ann@example.com> → 王小明, bob@example.org`, "")
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if v := events[0]; v.Method != "REQUEST" || v.UID != "42@example.com" || v.Repeats != "FREQ=WEEKLY" {
			t.Errorf("%+v", v)
		}
	}
	m := Message{Plain: "Please come.", Calendar: sampleInvitation}
	if got := m.Document(false).Text(); got != "Please come.\n" {
		t.Errorf("without a zone: %q", got)
	}
	m.Zone = zone
	if got := m.Document(false).Text(); !strings.HasPrefix(got, "Budget, the review\n2026-11-24 17:00–18:30 +08:00 (10:00 +01:00)\n") || !strings.HasSuffix(got, "\n\nPlease come.\n") {
		t.Errorf("above the text: %q", got)
	}
	m = Message{Calendar: sampleInvitation}
	if got := m.Document(false).Text(); !strings.HasPrefix(got, "Budget, the review\n2026-11-24 10:00–11:30 +01:00\n") {
		t.Errorf("alone: %q", got)
	}
}

func TestCalendarTimes(t *testing.T) {
	shanghai := time.FixedZone("", 8*3600)
	for _, tt := range []struct{ start, end, want string }{
		{"DTSTART:20261124T090000Z", "DTEND:20261124T100000Z", "2026-11-24 17:00–18:00 +08:00"},
		{"DTSTART:20261124T090000", "", "2026-11-24 09:00 +08:00"},
		{"DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125", "2026-11-24"},
		{"DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261127", "2026-11-24 – 2026-11-26"},
		{"DTSTART;TZID=America/New_York:20260701T090000", "DURATION:P1DT2H30M", "2026-07-01 21:00 – 2026-07-02 23:30 +08:00 (09:00 -04:00)"},
		{"DTSTART;TZID=../../etc/passwd:20260701T090000", "", "2026-07-01 09:00 +08:00"},
		{"DTSTART;TZID=Nowhere/Land:20260701T090000", "", "2026-07-01 09:00 +08:00"},
		{"DTSTART:garbage", "DTEND:99999999T999999Z", ""},
	} {
		events := invitations("BEGIN:VEVENT\n"+tt.start+"\n"+tt.end+"\nEND:VEVENT\n", shanghai)
		if got := events[0].when(); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.start, tt.end, got, tt.want)
		}
	}
}

func TestCalendarZoneRules(t *testing.T) {
	rule := func(rrule string) zoneRule {
		var z zoneRule
		z.recur(rrule)
		return z
	}
	for _, tt := range []struct {
		rule string
		year int
		want string
	}{
		{"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", 2026, "2026-03-29"},
		{"FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", 2026, "2026-10-25"},
		{"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", 2026, "2026-03-08"},
		{"FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", 2026, "2026-11-01"},
	} {
		z := rule(tt.rule)
		if got := z.start(tt.year).Format("2006-01-02"); !z.yearly || got != tt.want {
			t.Errorf("%s: %s, want %s", tt.rule, got, tt.want)
		}
	}
}

func FuzzInvitations(f *testing.F) {
	f.Add(sampleInvitation)
	f.Add("BEGIN:VEVENT\nDTSTART:20261124T090000Z\nDURATION:PT99999H\nRRULE:BYDAY=9XX;BYMONTH=99\nEND:VEVENT")
	f.Fuzz(func(t *testing.T, calendar string) {
		defer modest.Watch(t)()
		checkDocument(t, (&Message{Calendar: calendar}).Document(false))
	})
}
