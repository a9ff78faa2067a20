package message

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"tmail/message/safe"
)

// Warning is something in a message that is made to deceive, or looks like it.
type Warning struct {
	Kind  WarningKind
	Claim string // what the message wants to be taken for; not safe for the screen
	Truth string // what it is; not safe for the screen
}

// WarningKind says what a Warning is about.
type WarningKind string

const (
	WarnName        WarningKind = "name"         // the author's name has another address (Claim) than the author (Truth)
	WarnReplyTo     WarningKind = "reply_to"     // answers to the author (Claim) would go to another site (Truth)
	WarnLookalike   WarningKind = "lookalike"    // the author's domain (Truth) is made to look like another one (Claim)
	WarnScripts     WarningKind = "scripts"      // the author's domain (Claim) mixes letters of several scripts; encoded it is Truth
	WarnLink        WarningKind = "link"         // a link names one host (Claim) and leads to another (Truth)
	WarnProgram     WarningKind = "program"      // a file (Claim) has a second ending (Truth) with which it is a program
	WarnOverride    WarningKind = "override"     // a name has characters that turn its letters around; Claim is what it would look like
	WarnWrongEnding WarningKind = "wrong_ending" // a file (Claim) is of another type (Truth) than its ending says
)

// maxWarnings is how many of one kind are told.
const maxWarnings = 3

// Warnings finds what in the message deceives, the worst of each kind first. d
// is the text shown; own are the domains of the reader's addresses, which
// attackers like to imitate.
func (m *Message) Warnings(d *Document, own ...string) []Warning {
	var w warner
	for _, a := range m.Envelope.From {
		w.author(a, own)
	}
	w.replies(&m.Envelope)
	for _, l := range d.Links {
		if l.Claims != "" {
			w.add(WarnLink, string(l.Claims), string(l.Host))
		}
	}
	for _, p := range m.Attachments {
		w.file(p)
	}
	return w.found
}

type warner struct{ found []Warning }

// add keeps a warning unless it was given, or enough of its kind were.
func (w *warner) add(kind WarningKind, claim, truth string) {
	n := 0
	for _, f := range w.found {
		if f == (Warning{kind, claim, truth}) {
			return
		}
		if f.Kind == kind {
			n++
		}
	}
	if n < maxWarnings {
		w.found = append(w.found, Warning{kind, claim, truth})
	}
}

func (w *warner) author(a Address, own []string) {
	if claimed := addressIn(a.Name); claimed != "" && !strings.EqualFold(claimed, a.Addr) {
		w.add(WarnName, claimed, a.Addr)
	}
	if hasOverride(a.Name) {
		w.add(WarnOverride, overridden(a.Name), a.Addr)
	}
	domain := domainOf(a.Addr)
	shown, err := idna.Display.ToUnicode(strings.ToLower(domain))
	if err != nil {
		shown = strings.ToLower(domain)
	}
	ascii, err := idna.Lookup.ToASCII(shown)
	if err != nil {
		ascii = domain
	}
	if imitated := imitation(shown, own); imitated != "" {
		w.add(WarnLookalike, imitated, ascii)
	} else if mixesScripts(shown) {
		w.add(WarnScripts, shown, ascii)
	}
}

// replies compares where answers go with where the message comes from. Lists
// send answers to themselves; that is no secret.
func (w *warner) replies(e *Envelope) {
	if len(e.From) == 0 || e.ListID != "" {
		return
	}
	for _, to := range e.ReplyTo {
		site := siteOf(domainOf(to.Addr))
		if to.Addr != "" && !slices.ContainsFunc(e.From, func(a Address) bool { return siteOf(domainOf(a.Addr)) == site }) {
			w.add(WarnReplyTo, e.From[0].Addr, to.Addr)
		}
	}
}

func (w *warner) file(p Part) {
	ending := strings.ToLower(path.Ext(p.Name))
	inner := strings.ToLower(path.Ext(strings.TrimRight(strings.TrimSuffix(p.Name, path.Ext(p.Name)), " \u00a0\u3000")))
	switch {
	case hasOverride(p.Name):
		w.add(WarnOverride, overridden(p.Name), string(safe.Line(p.Name)))
	case Runnable(p.Name) && !Runnable(inner) && isKnownEnding(inner):
		w.add(WarnProgram, p.Name, ending)
	case p.Content != "" && !fits(p.Content, ending):
		w.add(WarnWrongEnding, p.Name, p.Content)
	}
}

// addressIn finds an e-mail address in a name.
func addressIn(name string) string {
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>()[],;:\"'", r) }) {
		if at := strings.IndexByte(word, '@'); at > 0 && strings.Contains(word[at:], ".") {
			if addr, ok := cleanAddr(word); ok {
				return addr
			}
		}
	}
	return ""
}

// hasOverride reports the characters that turn the order of letters around.
func hasOverride(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 })
}

// overridden is about what a name with overrides looks like where they act.
func overridden(s string) string {
	var out, turned []rune
	turning := false
	flush := func() {
		slices.Reverse(turned)
		out, turned = append(out, turned...), nil
	}
	for _, r := range s {
		switch {
		case r == 0x202e || r == 0x202b || r == 0x2067:
			turning = true
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			flush()
			turning = false
		case turning:
			turned = append(turned, r)
		default:
			out = append(out, r)
		}
	}
	flush()
	return string(out)
}

// programs are the endings of files that opening would run instead of show.
var programs = []string{".app", ".appref-ms", ".bat", ".chm", ".cmd", ".com", ".command", ".cpl", ".desktop", ".exe", ".hta", ".img",
	".iso", ".jar", ".js", ".jse", ".lnk", ".msi", ".pif", ".ps1", ".py", ".reg", ".scr", ".sh", ".url", ".vbe", ".vbs", ".wsf"}

// Runnable reports the name of a file that opening would run instead of show.
func Runnable(name string) bool { return slices.Contains(programs, strings.ToLower(path.Ext(name))) }
