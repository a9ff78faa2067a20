package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tmail/account"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message/safe"
)

// What a check found out, for a person.

func (p *program) printChecks(done []checkedAccount, asJSON bool) error {
	if asJSON {
		return writeJSON(p.stdout, map[string][]checkedAccount{"accounts": done})
	}
	for _, d := range done {
		if d.Error != "" {
			continue // told with the errors of the configuration
		}
		fmt.Fprintln(p.stdout, safe.Line(d.Name))
		for i, s := range d.Stages {
			if i == 0 || d.Stages[i-1].Server != s.Server {
				fmt.Fprintf(p.stdout, "  %s  %s\n", safe.Line(lang.T(serverName(s.Server))), safe.Line(s.Host))
			}
			p.printStage(s)
		}
	}
	return nil
}

func serverName(server string) string {
	if server == "send" {
		return "setup.send"
	}
	return "setup.receive"
}

// stageNames are the phrases of the stages.
var stageNames = map[mailsync.CheckStage]string{
	mailsync.CheckName: "stage.name", mailsync.CheckConnection: "stage.connection", mailsync.CheckCertificate: "stage.certificate",
	mailsync.CheckSignIn: "stage.sign_in", mailsync.CheckFolders: "stage.folders", mailsync.CheckClock: "stage.clock",
}

// printStage prints a line for a stage, and more below it where there is more
// to say.
func (p *program) printStage(s checkedStage) {
	sign := "ok"
	if !s.OK {
		sign = "!!"
	}
	name := safe.Pad(safe.Line(lang.T(stageNames[s.checked.Stage])), 14)
	facts := s.facts(time.Now())
	if !s.OK {
		facts = s.complaint()
	}
	if len(facts) == 0 {
		facts = []string{""}
	}
	fmt.Fprintln(p.stdout, strings.TrimRight("    "+sign+"  "+string(name+safe.Line(facts[0])), " "))
	for _, fact := range facts[1:] {
		fmt.Fprintln(p.stdout, strings.Repeat(" ", 22)+string(safe.Line(fact)))
	}
}

// complaint is what went wrong: a sentence, the server's words, and the
// certificate that was not trusted.
func (s checkedStage) complaint() []string {
	lines := []string{s.Error}
	if s.Words != "" {
		lines = append(lines, lang.T("setup.words", "Words", s.Words))
	}
	if s.Certificate != nil {
		lines = append(lines, s.Certificate.Fingerprint)
	}
	return lines
}

// facts are what a stage found out, a line each.
func (s checkedStage) facts(now time.Time) []string {
	c := s.checked
	switch c.Stage {
	case mailsync.CheckName:
		return []string{strings.Join(c.Addresses, " ")}
	case mailsync.CheckConnection:
		return []string{lang.T("check.port", "Port", strconv.Itoa(c.Port))}
	case mailsync.CheckCertificate:
		return certificateFacts(c.Certificate, now)
	case mailsync.CheckSignIn:
		return abilityFacts(c)
	case mailsync.CheckFolders:
		return folderFacts(c.Folders)
	case mailsync.CheckClock:
		return []string{clockFact(c.Clock)}
	}
	return nil
}

// soon is how long before its end a certificate is worth a word.
const soon = 14 * 24 * time.Hour

func certificateFacts(c *mailsync.Certificate, now time.Time) []string {
	if c == nil {
		return nil
	}
	id, left := "check.until", c.NotAfter.Sub(now)
	switch {
	case left < 0: // trusted by its fingerprint
		id = "check.ended"
	case left < soon:
		id = "check.until_soon"
	}
	return []string{c.Version + "  " + lang.T(id, "Day", c.NotAfter.Local().Format(time.DateOnly), "Count", int(left.Hours()/24)), c.Subject}
}

// abilityFacts tell what the server can do, and what of it is of use.
func abilityFacts(c mailsync.Checked) []string {
	var facts []string
	rest := slices.DeleteFunc(slices.Clone(c.Offers), func(offer string) bool { return slices.Contains(c.Uses, offer) })
	if len(c.Uses) > 0 {
		facts = append(facts, lang.T("check.uses", "List", strings.Join(c.Uses, ", ")))
	}
	if len(rest) > 0 {
		facts = append(facts, lang.T("check.leaves", "List", strings.Join(rest, ", ")))
	}
	if c.SizeLimit > 0 {
		facts = append(facts, lang.T("check.size", "Size", fmt.Sprintf("%.1f MB", float64(c.SizeLimit)/1e6)))
	}
	return facts
}

func folderFacts(folders []mailsync.CheckedFolder) []string {
	var names []string
	for _, f := range folders {
		if f.Role != "" && !(f.Role == account.RoleInbox && strings.EqualFold(f.Name, "INBOX")) {
			f.Name += " (" + lang.T("folder."+string(f.Role)) + ")"
		}
		names = append(names, f.Name)
	}
	return []string{strings.Join(names, ", ")}
}

// clockIsWrong is from when on a difference is worth a word: dates get wrong,
// and then certificates.
const clockIsWrong = 2 * time.Minute

func clockFact(c *mailsync.Clock) string {
	if c == nil {
		return lang.T("check.clock_unknown")
	}
	difference := c.Ahead.Abs()
	if difference >= time.Hour {
		difference = difference.Round(time.Minute)
	}
	id := "check.clock_ahead"
	switch {
	case c.AtLeast:
		id = "check.clock_at_least"
	case c.Ahead.Abs() <= c.Within:
		id = "check.clock_same"
	case c.Ahead < 0:
		id = "check.clock_behind"
	}
	text := lang.T(id, "Time", difference.String(), "Within", c.Within.String())
	if difference >= clockIsWrong {
		text += "; " + lang.T("check.clock_wrong")
	}
	return text
}
