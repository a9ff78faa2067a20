package store

import (
	"time"

	"tmail/message"
)

// WordField is where a query looks for words.
type WordField string

// The fields that words are looked for in.
const (
	WordsAnywhere  WordField = ""
	WordsInSubject WordField = "subject"
	WordsInFrom    WordField = "from"
	WordsInTo      WordField = "to"
	WordsInCc      WordField = "cc"
	WordsInBody    WordField = "body"
	WordsInFiles   WordField = "files"
)

// Terms say how each part of a query is written in another language, as that of
// a server's search.
type Terms[T any] struct {
	All, Any func([]T) T
	Not      func(T) T
	Words    func(in WordField, words string) T
	Flag     func(message.Flags) T
	Since    func(day time.Time) T // Date is of that day or later
	Before   func(day time.Time) T // Date is of an earlier day
	Larger   func(octets int64) T
	Smaller  func(octets int64) T
	Other    func() T // what only the store can tell: folders, accounts, attachments
}

// Translate writes a query in other terms. The empty query is Other.
func Translate[T any](q Query, t Terms[T]) T { return translate(q.root, t) }

func translate[T any](n node, t Terms[T]) T {
	each := func(list []node) []T {
		terms := make([]T, len(list))
		for i, n := range list {
			terms[i] = translate(n, t)
		}
		return terms
	}
	switch n := n.(type) {
	case every:
		return t.All(each(n))
	case some:
		return t.Any(each(n))
	case except:
		return t.Not(translate(n.n, t))
	case *wanted:
		return t.Words(wordField(n.fields), n.typed)
	case hasFlag:
		return t.Flag(n.flag)
	case larger:
		return t.Larger(n.than)
	case smaller:
		return t.Smaller(n.than)
	case yearly:
		return translate(n.lately(), t)
	case dated:
		var ends []T
		if !n.from.IsZero() {
			ends = append(ends, t.Since(n.from))
		}
		if !n.to.IsZero() {
			ends = append(ends, t.Before(n.to))
		}
		return t.All(ends)
	}
	return t.Other()
}

var wordFields = map[WordField]fields{
	WordsAnywhere:  everywhere,
	WordsInSubject: inSubject, WordsInFrom: inFrom, WordsInTo: inTo, WordsInCc: inCc, WordsInBody: inBody, WordsInFiles: inFiles,
}

func wordField(in fields) WordField {
	for name, f := range wordFields {
		if f == in {
			return name
		}
	}
	return WordsAnywhere
}
