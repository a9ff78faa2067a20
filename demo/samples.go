package demo

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// sampleFiles holds one message a file. Its first line says where the message
// goes and is not part of it:
//
//	X-Demo: box=work folder=INBOX age=3d@09:14 zone=+0800 flags=seen,starred
//
// box is "work" or "personal"; age counts back from now, either as a duration
// ("25m", "2h10m") or in days with the time of day; zone is the sender's
// offset, that of now when it is missing. In the message, {{LAYOUT}} becomes
// its date in that layout of package time, {{LAYOUT|48h}} a date so much later,
// and {{date}} the date of a header field. Everything else is taken byte for
// byte, with CRLF for each line end.
//
//go:embed mail/*.eml
var sampleFiles embed.FS

// folders are the mailboxes of the work account besides the inbox.
var folders = []struct {
	name string
	use  imap.MailboxAttr
}{
	{"Drafts", imap.MailboxAttrDrafts},
	{"Sent", imap.MailboxAttrSent},
	{"Archive", imap.MailboxAttrArchive},
	{"Trash", imap.MailboxAttrTrash},
	{"Junk", imap.MailboxAttrJunk},
	{"项目", ""},
	{"项目/发布", ""},
}

// samples returns both accounts with the sample mail, dated relative to now,
// UIDs in the order of arrival.
func samples(now time.Time) (*kept, error) {
	validity := uint32(now.Unix()) // grows with every start, as RFC 3501 §2.3.1.1 asks
	mail := &kept{Work: newMaildrop(validity), Personal: newMaildrop(validity)}
	for _, f := range folders {
		mail.Work.create(f.name, f.use)
	}
	files, err := fs.Glob(sampleFiles, "mail/*.eml")
	if err != nil {
		return nil, fmt.Errorf("demo: list the samples: %w", err)
	}
	var all []sample
	for _, name := range files {
		file, err := sampleFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("demo: read a sample: %w", err)
		}
		s, err := parseSample(file, now)
		if err != nil {
			return nil, fmt.Errorf("demo: sample %s: %w", name, err)
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b sample) int { return a.date.Compare(b.date) })
	for _, s := range all {
		drop := mail.Work
		if s.box == "personal" {
			drop = mail.Personal
		}
		box := drop.Mailboxes[s.folder]
		if box == nil {
			return nil, fmt.Errorf("demo: a sample wants the mailbox %q", s.folder)
		}
		box.add(s.raw, s.date, s.flags)
	}
	return mail, nil
}

// sample is one message and where it goes.
type sample struct {
	box, folder string
	date        time.Time
	flags       []imap.Flag
	raw         []byte
}

func parseSample(file []byte, now time.Time) (sample, error) {
	line, raw, _ := bytes.Cut(withCRLF(file), []byte("\r\n"))
	settings, ok := strings.CutPrefix(string(line), "X-Demo: ")
	if !ok {
		return sample{}, fmt.Errorf("the first line is not X-Demo")
	}
	s := sample{box: "work", folder: inbox, date: now}
	zone := now.Location()
	var age string
	for _, setting := range strings.Fields(settings) {
		key, value, _ := strings.Cut(setting, "=")
		switch key {
		case "box":
			s.box = value
		case "folder":
			s.folder = value
		case "age":
			age = value
		case "zone":
			t, err := time.Parse("-0700", value)
			if err != nil {
				return sample{}, err
			}
			zone = t.Location()
		case "flags":
			for name := range strings.SplitSeq(value, ",") {
				flag, ok := sampleFlags[name]
				if !ok {
					return sample{}, fmt.Errorf("unknown flag %q", name)
				}
				s.flags = append(s.flags, flag)
			}
		default:
			return sample{}, fmt.Errorf("unknown setting %q", key)
		}
	}
	date, err := before(now, age)
	if err != nil {
		return sample{}, err
	}
	s.date = date.In(zone)
	s.raw, err = fillDates(raw, s.date)
	return s, err
}

var sampleFlags = map[string]imap.Flag{
	"seen": imap.FlagSeen, "starred": imap.FlagFlagged, "answered": imap.FlagAnswered,
	"forwarded": imap.FlagForwarded, "draft": imap.FlagDraft, "junk": imap.FlagJunk,
}

// before returns the moment that lies an age back: a duration, or days and the
// time of that day.
func before(now time.Time, age string) (time.Time, error) {
	days, clock, ok := strings.Cut(age, "d@")
	if !ok {
		back, err := time.ParseDuration(age)
		return now.Add(-back).Truncate(time.Second), err
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return time.Time{}, fmt.Errorf("days in age: %w", err)
	}
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, fmt.Errorf("time in age: %w", err)
	}
	year, month, day := now.Date()
	return time.Date(year, month, day-n, at.Hour(), at.Minute(), 0, 0, now.Location()), nil
}

// fillDates replaces what stands in double braces by dates.
func fillDates(raw []byte, date time.Time) ([]byte, error) {
	var out []byte
	for {
		start := bytes.Index(raw, []byte("{{"))
		if start < 0 {
			return append(out, raw...), nil
		}
		length := bytes.Index(raw[start:], []byte("}}"))
		if length < 0 {
			return nil, fmt.Errorf("braces that are not closed")
		}
		layout, later, _ := strings.Cut(string(raw[start+2:start+length]), "|")
		if layout == "date" {
			layout = time.RFC1123Z
		}
		t := date
		if later != "" {
			shift, err := time.ParseDuration(later)
			if err != nil {
				return nil, err
			}
			t = t.Add(shift)
		}
		out = t.AppendFormat(append(out, raw[:start]...), layout)
		raw = raw[start+length+2:]
	}
}

// withCRLF ends every line with CRLF; a lone CR stays where it is.
func withCRLF(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}
