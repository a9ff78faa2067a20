package mailsync

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"tmail/transport/imap"
)

// Clock is what a server let us know of its clock.
type Clock struct {
	Ahead   time.Duration // of ours; below zero: behind
	Within  time.Duration // how far Ahead may be off
	AtLeast bool          // it is ahead by no less than Ahead, and nothing more is known
	From    ClockSource
}

// ClockSource says how it did so. No mail protocol has a command for that.
type ClockSource string

// The sources.
const (
	ClockGreeting ClockSource = "greeting" // it greets with its time
	ClockSearch   ClockSource = "search"   // it says how old the newest message is (RFC 5032)
	ClockMessage  ClockSource = "message"  // it dates a message into our future
)

// Dates in greetings: as in mail (RFC 5322 §3.3), and as seconds in the challenge of POP3 (RFC 1939 §7), <process.clock@host>.
var (
	greetingDate  = regexp.MustCompile(`(?:[A-Z][a-z]{2}, )?[ 0-9]?[0-9] [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [-+][0-9]{4}`)
	greetingStamp = regexp.MustCompile(`<[^<>@ ]*\.([0-9]{9,10})@[^<> ]+>`)
)

// greetingClock reads the time in the first line of a server; nil when there is none.
func greetingClock(line string, now time.Time) *Clock {
	clock := &Clock{Within: time.Second, From: ClockGreeting}
	if text := greetingDate.FindString(line); text != "" {
		for _, layout := range []string{"Mon, _2 Jan 2006 15:04:05 -0700", "_2 Jan 2006 15:04:05 -0700"} {
			if at, err := time.Parse(layout, text); err == nil {
				clock.Ahead = at.Sub(now).Round(time.Second)
				return clock
			}
		}
	}
	if found := greetingStamp.FindStringSubmatch(line); found != nil {
		seconds, _ := strconv.ParseInt(found[1], 10, 64)
		clock.Ahead = time.Unix(seconds, 0).Sub(now).Round(time.Second)
		if clock.Ahead.Abs() < 10*365*24*time.Hour { // else it is another number
			return clock
		}
	}
	return nil
}

func (c *checking) greeted(line string) { c.clock = greetingClock(line, c.options.Now()) }

// mailboxClock learns the time from the newest message of the selected mailbox; nil when it cannot.
func mailboxClock(ctx context.Context, client *imap.Client, now func() time.Time) (*Clock, error) {
	uid, got, err := client.Newest(ctx)
	if err != nil || uid == 0 {
		return nil, err
	}
	if client.Has("WITHIN") {
		clock, err := searchedClock(now().Sub(got), func(age time.Duration) (bool, error) { return client.IsYounger(ctx, uid, age) })
		if clock != nil || err != nil {
			return clock, err
		}
	}
	if ahead := got.Sub(now()); ahead > 0 {
		return &Clock{Ahead: ahead.Round(time.Second), AtLeast: true, From: ClockMessage}, nil
	}
	return nil, nil
}

// maxClockError is how wrong a clock may be to be measured.
const maxClockError = 200 * 365 * 24 * time.Hour

// searchedClock finds how old a message is for the server that has that age for us, by asking whether it is younger
// than this and that: first around what is likely, then ever farther, then in between.
func searchedClock(age time.Duration, isYounger func(time.Duration) (bool, error)) (*Clock, error) {
	var failed error
	aheadBy := func(most time.Duration) bool { // whether the server is ahead by no more than that
		if age+most < time.Second || failed != nil {
			return false // no server can be asked for that
		}
		yes, err := isYounger(age + most)
		failed = err
		return yes
	}
	low, high := -2*time.Second, 2*time.Second // ahead is above low and up to high
	for !aheadBy(high) && failed == nil && high < maxClockError {
		low, high = high, 4*high
	}
	for low < 0 && aheadBy(low) && -low < maxClockError {
		low, high = 4*low, low
	}
	for high-low > 4*time.Second && failed == nil {
		if middle := low + (high-low)/2; aheadBy(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	if failed != nil || high >= maxClockError {
		return nil, failed
	}
	return &Clock{Ahead: (low + (high-low)/2).Round(time.Second), Within: 2 * time.Second, From: ClockSearch}, nil
}
