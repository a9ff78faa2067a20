// Package message knows what a mail is: it reads messages of any kind and
// quality (header, envelope, text, attachments), lays their text out for the
// screen, and builds outgoing mail.
//
// It is pure: it does no I/O but on the readers and writers handed in, and must
// not know of servers, accounts, the store or the terminal. It never fails on
// what a message holds: mail is hostile and malformed, and still has to be
// shown. Everything it returns of a received message is the sender's text; only
// what has passed message/safe may reach the screen.
package message
