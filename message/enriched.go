package message

import "strings"

// isEnriched knows the types of enrichedText.
func (e *entity) isEnriched() bool { return e.typ == "text/enriched" || e.typ == "text/richtext" }

// enrichedText is the text of text/enriched (RFC 1896) without its commands, and
// of its forerunner text/richtext (RFC 1341 §7.1.3). Lines are filled: one line
// end is a blank, more are one less.
func enrichedText(s string) string {
	var out strings.Builder
	nofill, param := 0, 0
	for s != "" {
		piece := ""
		switch command, n := cutCommand(s); {
		case n > 0:
			s = s[n:]
			name, closing := strings.CutPrefix(command, "/")
			step := 1
			if closing {
				step = -1
			}
			switch name {
			case "nofill":
				nofill = max(0, nofill+step)
			case "param":
				param = max(0, param+step)
			case "nl":
				piece = "\n"
			case "lt", "<":
				piece = "<"
			}
		case s[0] == '\n' && nofill == 0:
			ends := len(s) - len(strings.TrimLeft(s, "\n"))
			piece, s = " ", s[ends:]
			if ends > 1 {
				piece = strings.Repeat("\n", ends-1)
			}
		default:
			end := 1 + strings.IndexAny(s[1:], "<\n")
			if end == 0 {
				end = len(s)
			}
			piece, s = s[:end], s[end:]
		}
		if param == 0 {
			out.WriteString(piece)
		}
	}
	return out.String()
}

// cutCommand returns the command that s begins with, in lower case, and its
// length with the brackets; 0 when it begins with none. "<<" is the command "<".
func cutCommand(s string) (command string, length int) {
	const longest = 60 // characters of a command
	if s[0] != '<' {
		return "", 0
	}
	if strings.HasPrefix(s, "<<") {
		return "<", 2
	}
	end := strings.IndexAny(s[1:min(len(s), longest+2)], "<> \n")
	if end < 0 || s[1+end] != '>' {
		return "", 0
	}
	return strings.ToLower(s[1 : 1+end]), end + 2
}
