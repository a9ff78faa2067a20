package mailsync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/smtp"
)

// problemOf turns an error into what is kept and shown: whom it was with, what sort it is, the server's own words.
func problemOf(err error, a account.Account, now time.Time) *store.Problem {
	var already *ProblemError
	if errors.As(err, &already) {
		return &already.Problem
	}
	p := &store.Problem{Kind: store.ProblemInternal, Words: err.Error(), At: now}
	var te *transport.Error
	switch {
	case errors.As(err, &te):
		p.Op, p.Host, p.Kind, p.Words = te.Op, whom(a.Incoming), kindOf(te), heard(te.Words)
		if p.Words != "" {
			break
		}
		if p.Says, p.Values = phraseOf(err); p.Says == "" {
			p.Words = wordsOf(te)
		}
	case errors.Is(err, store.ErrDiskFull), errors.Is(err, store.ErrIO):
		p.Kind = store.ProblemDisk
	case errors.Is(err, store.ErrDamaged):
		p.Kind = store.ProblemDamaged
	case errors.Is(err, context.DeadlineExceeded):
		p.Kind, p.Host = store.ProblemNetwork, a.Incoming.Host
	}
	return p
}

// heard is what a server said, as text: some in China speak GBK where the protocol has ASCII.
func heard(words string) string { return message.GuessText([]byte(words)) }

// phraseOf is the phrase of an error that names one, as those about secrets do.
func phraseOf(err error) (id string, values []string) {
	var phrased interface{ Phrase() (string, []any) }
	if !errors.As(err, &phrased) {
		return "", nil
	}
	id, given := phrased.Phrase()
	for _, v := range given {
		values = append(values, fmt.Sprint(v))
	}
	return id, values
}

// wordsOf says what went wrong where the server said nothing. The code of a server says more than that; the reason of a
// TLS failure is no word for people, and stands in the cause as well.
func wordsOf(e *transport.Error) string {
	if e.Kind == transport.KindTLS && e.Err != nil {
		return e.Error()
	}
	return strings.TrimSpace(e.Code + " " + e.Error())
}

// whom names a server with its port; a program that is run has neither.
func whom(server account.Endpoint) string {
	if server.Host == "" {
		return ""
	}
	return server.Addr()
}

// kindOf sorts a transport's error by what a person can do about it.
func kindOf(e *transport.Error) store.ProblemKind {
	switch strings.ToUpper(e.Code) {
	case "OVERQUOTA", "5.2.2", "4.2.2":
		return store.ProblemQuota
	case smtp.CodeSize, "TOOBIG", "5.3.4", "5.2.3":
		return store.ProblemSize
	}
	switch e.Kind {
	case transport.KindAuth:
		return store.ProblemAuth
	case transport.KindTLS:
		return store.ProblemTLS
	case transport.KindRefused:
		return store.ProblemRefused
	case transport.KindProtocol:
		return store.ProblemProtocol
	case transport.KindTemporary:
		return store.ProblemTemporary
	}
	return store.ProblemNetwork
}

// needsPerson says whether trying again by itself is pointless or harmful: a wrong password tried again and again
// locks accounts.
func needsPerson(kind store.ProblemKind) bool {
	switch kind {
	case store.ProblemAuth, store.ProblemTLS, store.ProblemConfig:
		return true
	}
	return false
}
