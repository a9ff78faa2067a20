package store

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Dates that stand among the words, with no operator before them: who
// remembers a word and a month types just these, in any order and apart. They
// mean mail of that time, or mail in which they are written.

const (
	chineseYear  = `(?:(?:\d{4}|\d{2})年|[去前今]年|[\d两]{1,2}年前)的?`
	chineseMonth = `\d{1,2}月(?:份|\d{1,2}[日号])?`
)

var (
	// bareForms are words that can only be dates.
	bareForms = []*regexp.Regexp{
		regexp.MustCompile(`^\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?$|^\d{1,2}/\d{4}$`),
		regexp.MustCompile(`^(?:` + chineseYear + `)?` + chineseMonth + `$|^\d{4}年$`),
		regexp.MustCompile(`^(?:[今昨]天|大?前天|[上本这]个?[周月]|[去今前]年|(?:\d{1,4}|[一二两三四五六七八九十])(?:天|周|个?星期|个?月|年)前)$`),
	}
	// bareRows are dates of several words.
	bareRows = []*regexp.Regexp{
		regexp.MustCompile(`^(?:last|this) (?:week|month|year)$|^last [a-z]{3,9}$`),
		regexp.MustCompile(`^[a-z]{3,9} \d{4}$|^\d{4} [a-z]{3,9}$`),
		regexp.MustCompile(`^(?:\d{1,3}|an?|one|two|three|four|five|six) (?:day|week|month|year)s? ago$`),
		regexp.MustCompile(`^[a-z]{3,9} (?:last|this) year$`),
	}
	// leadForm are words before a date that say no more than the date does.
	leadForm = regexp.MustCompile(`^(?:in|from|of|around|about|during|在|大概|大约|好像)$`)
	// gluedForm is a date with other words before and behind it, as Chinese is
	// written without spaces.
	gluedForm = regexp.MustCompile(`^(\D*?)((?:` + chineseYear + `)?` + chineseMonth + `|\d{4}年|[上本这]个月|[去前]年|[\d两]{1,2}年前)(?:左右|前后)?的?(\D*)$`)
	// yearForm is a number that is a year, if any.
	yearForm = regexp.MustCompile(`^(?:19[789]|20\d)\d$`)
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
	if leadForm.MatchString(strings.ToLower(first)) {
		if n := p.ledDate(first); n != nil {
			return n
		}
		p.at = behind
	}
	if n := p.timeOrWords(first, matchesAny(bareForms, byDigits(strings.ToLower(first)))); n != nil {
		return n
	}
	if n := p.gluedDate(first); n != nil {
		return n
	}
	p.at = at
	return nil
}

// ledDate reads a date behind a word like in or around.
func (p *queryParser) ledDate(lead string) node {
	p.skipSpace()
	n := p.bareDate()
	if n == nil {
		word, _ := p.value()
		n = p.timeOrWords(word, isMonthName(word))
	}
	if either, ok := n.(some); ok {
		return some{either[0], every{p.wanted(lead, false), either[1]}}
	}
	return nil
}

// timeOrWords is the condition that a message is of a time, or that the words
// of it are written in it.
func (p *queryParser) timeOrWords(text string, isDate bool) node {
	if !isDate {
		return nil
	}
	when := timeOf(text, p.now)
	if when == nil {
		return nil
	}
	return some{when, p.wanted(text, false)}
}

// gluedDate reads a word that holds a date: 会议2024年11月, 去年的发票.
func (p *queryParser) gluedDate(text string) node {
	parts := gluedForm.FindStringSubmatch(byDigits(text))
	if parts == nil || strings.IndexFunc(parts[1]+parts[3], unicode.IsLetter) < 0 {
		return nil
	}
	when := timeOf(parts[2], p.now)
	if when == nil {
		return nil
	}
	apart := every{when}
	for _, words := range []string{strings.TrimSuffix(parts[1], "的"), parts[3]} {
		if leadForm.MatchString(words) {
			continue
		}
		if n := p.wanted(words, false); n != nil {
			apart = append(apart, n)
		}
	}
	return some{apart, p.wanted(text, false)}
}

// timesAmong takes for times what only its neighbours show to be one: the name
// of a month beside other words, and a number beside a month.
func (p *queryParser) timesAmong(parts every) every {
	if p.fields != everywhere || len(parts) < 2 {
		return parts
	}
	hasYear, hasMonth := false, false
	for _, n := range parts {
		word := plainWord(n)
		hasYear = hasYear || yearForm.MatchString(word)
		hasMonth = hasMonth || isMonthName(word)
		eachPositive(n, func(n node) {
			switch n := n.(type) {
			case yearly:
				hasMonth = true
			case dated:
				hasYear = hasYear || n.from.AddDate(1, 0, 0).Equal(n.to)
			}
		})
	}
	for i, n := range parts {
		word := plainWord(n)
		if isMonthName(word) && (hasYear || isLongName(word)) || hasMonth && yearForm.MatchString(word) {
			parts[i] = some{timeOf(word, p.now), n}
		}
	}
	return parts
}

// isMonthName reports whether a word may be that of a month: march, nov.
func isMonthName(word string) bool {
	y, m, _, ok := calendarParts(strings.ToLower(word))
	return ok && y == 0 && m > 0 && word[0] >= 'A' && word[0] <= 'z'
}

// isLongName reports whether the name of a month is written in full, and so
// hardly means anything else, as may, mar or sept do.
func isLongName(word string) bool {
	_, m, _, _ := calendarParts(word)
	return word != "may" && word == strings.ToLower(time.Month(m).String())
}

// plainWord is the word that a condition looks for anywhere; "" for all others.
func plainWord(n node) string {
	if w, ok := n.(*wanted); ok && w.open && w.fields == everywhere {
		return strings.ToLower(w.typed)
	}
	return ""
}

func matchesAny(forms []*regexp.Regexp, text string) bool {
	for _, form := range forms {
		if form.MatchString(text) {
			return true
		}
	}
	return false
}
