// Package imap is the client side of IMAP4rev1 (RFC 3501).
package imap
