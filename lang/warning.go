package lang

var warnings = map[string]string{
	"name": "warning.name", "reply_to": "warning.reply_to", "lookalike": "warning.lookalike", "scripts": "warning.scripts",
	"link": "warning.link", "program": "warning.program", "override": "warning.override", "wrong_ending": "warning.wrong_ending",
}

// Warning is a sentence on something in a message that deceives: kind is a message.WarningKind, claim and truth are
// as in a message.Warning, made safe for the screen.
func Warning(kind, claim, truth string) string {
	return T(warnings[kind], "Claim", claim, "Truth", truth)
}
