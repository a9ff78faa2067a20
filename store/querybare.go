package store

import (
	"regexp"
	"strings"
	"unicode"
)

// Dates that stand among the words, with no operator before them: who
// remembers a word and a month types just these. They mean mail of that time,
// or mail in which they are written.

var (
	// bareForms are words that can only be dates.
	bareForms = []*regexp.Regexp{
		regexp.MustCompile(`^\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?$`),
		regexp.MustCompile(`^(?:(?:\d{4}年|[去前今]年|[\d两]{1,2}年前)的?)?\d{1,2}月(?:份|\d{1,2}[日号])?$|^\d{4}年$`),
		regexp.MustCompile(`^(?:[今昨]天|大?前天|[上本这]个?[周月]|[去今前]年|(?:\d{1,4}|[一二两三四五六七八九十])(?:天|周|个?星期|个?月|年)前)$`),
	}
	// bareRows are dates of several words.
	bareRows = []*regexp.Regexp{
		regexp.MustCompile(`^(?:last|this) (?:week|month|year)$`),
		regexp.MustCompile(`^[a-z]{3,9} \d{4}$|^\d{4} [a-z]{3,9}$`),
		regexp.MustCompile(`^(?:\d{1,3}|an?|one|two|three|four|five|six) (?:day|week|month|year)s? ago$`),
		regexp.MustCompile(`^[a-z]{3,9} (?:last|this) year$`),
	}
	// gluedForm is a date with other words before and behind it, as Chinese is
	// written without spaces.
	gluedForm = regexp.MustCompile(`^(\D*?)((?:(?:\d{4}年|[去前今]年|[\d两]{1,2}年前)的?)?\d{1,2}月(?:份|\d{1,2}[日号])?|\d{4}年|[上本这]个月|[去前]年|[\d两]{1,2}年前)的?(\D*)$`)
)

// bareDate reads a date that stands among the words; nil when there is none.
func (p *queryParser) bareDate() node {
	if p.fields != everywhere || p.peek() == '"' {
		return nil
	}
	at := p.at
	first, _ := p.value()
	behind := p.at
	for row := first; strings.Count(row, " ") < 2; {
		space := p.at
		if p.skipSpace(); p.at == space || p.peek() == '"' {
			break
		}
		next, _ := p.value()
		row += " " + next
		if n := p.timeOrWords(row, matchesAny(bareRows, strings.ToLower(row))); n != nil {
			return n
		}
	}
	p.at = behind
	if n := p.timeOrWords(first, matchesAny(bareForms, byDigits(strings.ToLower(first)))); n != nil {
		return n
	}
	if n := p.gluedDate(first); n != nil {
		return n
	}
	p.at = at
	return nil
}

// timeOrWords is the condition that a message is of a time, or that the words
// of it are written in it.
func (p *queryParser) timeOrWords(text string, isDate bool) node {
	if !isDate {
		return nil
	}
	from, to, ok := parseTime(strings.ToLower(text), p.now)
	if !ok {
		return nil
	}
	return some{dated{from, to}, p.wanted(text, false)}
}

// gluedDate reads a word that holds a date: 会议2024年11月, 去年的发票.
func (p *queryParser) gluedDate(text string) node {
	parts := gluedForm.FindStringSubmatch(byDigits(text))
	if parts == nil || strings.IndexFunc(parts[1]+parts[3], unicode.IsLetter) < 0 {
		return nil
	}
	from, to, ok := parseTime(parts[2], p.now)
	if !ok {
		return nil
	}
	apart := every{dated{from, to}}
	for _, words := range []string{strings.TrimSuffix(parts[1], "的"), parts[3]} {
		if n := p.wanted(words, false); n != nil {
			apart = append(apart, n)
		}
	}
	return some{apart, p.wanted(text, false)}
}

func matchesAny(forms []*regexp.Regexp, text string) bool {
	for _, form := range forms {
		if form.MatchString(text) {
			return true
		}
	}
	return false
}
