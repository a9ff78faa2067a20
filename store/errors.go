package store

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// What callers decide on; test with errors.Is.
var (
	// ErrNoSuch means the message, folder or account is not there (any more).
	ErrNoSuch = errors.New("no such thing in the store")
	// ErrNotStored means the bytes of the message are not on this machine yet.
	ErrNotStored = errors.New("message is not stored")
	// ErrDiskFull means nothing was written because there is no room.
	ErrDiskFull = errors.New("disk full")
	// ErrIO means the disk failed; nothing was written.
	ErrIO = errors.New("disk error")
	// ErrDamaged means the database file is damaged. The next Open sets it
	// aside and saves what can be read.
	ErrDamaged = errors.New("the mail database is damaged")
	// ErrBusy means another process held the database for too long.
	ErrBusy = errors.New("the mail database is in use by another program")
	// ErrNewer means the database was written by a later version of tmail.
	ErrNewer = errors.New("the mail database was written by a newer version of tmail")
	// ErrExists means there is a folder of that name already.
	ErrExists = errors.New("there is a folder of that name")
	// ErrNotPossible means the action does not apply to these messages or
	// this folder; the text says why.
	ErrNotPossible = errors.New("not possible")
	// ErrOvertaken means the person changed their mind about a change that was
	// about to begin: ask for the next one.
	ErrOvertaken = errors.New("the change is not wanted any more")
	// ErrPurged means a body being written was given up as abandoned.
	ErrPurged = errors.New("unfinished message was removed")
)

// recovering calls f in a goroutine of ours: a panic there becomes an error, for
// it would end the program with the terminal in disorder.
func recovering(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}
