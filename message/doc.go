// Package message knows what a mail is: it reads messages of any kind and
// quality (header, envelope, text, attachments), lays their text out for the
// screen, and builds outgoing mail.
//
// It is pure: it does no I/O but on the readers and writers handed in, and must
// not know of servers, accounts, the store or the terminal. It never fails on
// what a message holds: mail is hostile and malformed, and still has to be
// shown. Everything it returns of a received message is the sender's text; only
// what has passed message/safe may reach the screen.
//
// A received message:
//
//	header.go, envelope.go         its header: address*.go, date.go, ids.go, params.go and words.go read the fields
//	source.go, mime*.go            its lines, and the structure they make; transfer.go and leaf.go, what lies in it
//	read.go, body.go               the whole message, and which leaves are its text
//	part.go                        an attachment by its number; uuencode.go, tnef.go and rtf*.go, what hides in others
//	charset.go, detect.go, utf7.go bytes that become text
//	document*.go, html*.go         its text laid out for the screen; page.go, for a browser
//	calendar*.go                   an invitation
//	summary.go, thread.go, flags.go   what lists show of it, and what ties it to others
//	authenticity.go, warnings.go, lookalike.go   whether the sender is who they say
//	unsubscribe.go                 how to leave the list it came by
//
// One that is written:
//
//	draft.go, draft_*.go           building it; draft_doubt.go, what to ask before it goes; markdown.go, its HTML
//	reply.go, resend.go            answering, forwarding, sending on
//	submission.go                  one that another program built
package message
