package mailsync

import "time"

// backoff is the growing pause between attempts to reach a server.
type backoff struct{ attempts int }

// steady is how long a connection has to last to be one that works: a server that signs us in and hangs up is not to be
// signed in to again every second.
const steady = time.Minute

// lasted notes how long the connection lasted that ended now.
func (b *backoff) lasted(d time.Duration) {
	if d >= steady {
		b.attempts = 0
	}
}

// next returns how long to wait: from one second, doubled up to five minutes; half an hour when a person has to mend
// something first, because servers lock accounts whose password is wrong too often.
func (b *backoff) next(needsPerson bool) time.Duration {
	if needsPerson {
		return 30 * time.Minute
	}
	d := time.Second << min(b.attempts, 9)
	b.attempts++
	return min(d, 5*time.Minute)
}
