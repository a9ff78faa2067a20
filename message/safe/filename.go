package safe

import "strings"

// maxFileName is the most bytes a file name gets: file systems take 255, and a
// number may have to be put behind it.
const maxFileName = 200

// FileName turns a name from a message into one that is safe to create in a
// folder of any system: one path element without control, direction or
// reserved characters, not hidden, no option, not a device, of bounded length.
// The extension a program goes by stays the extension a person sees.
func FileName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 && strings.Trim(s[i+1:], ". ") != "" {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '/', '\\', ':', '*', '?', '"', '<', '>', '|', mark:
			return '_'
		}
		return r
	}, string(Line(s)))
	s = strings.Join(strings.Fields(s), " ")
	s = strings.TrimLeft(s, ". ")
	s = strings.TrimRight(s, ". ")
	switch {
	case s == "":
		return "unnamed"
	case s[0] == '-' || s[0] == '~' || isDevice(s):
		s = "_" + s
	}
	return shorten(s)
}

// isDevice reports the names Windows keeps for devices, whatever the extension.
func isDevice(s string) bool {
	stem, _, _ := strings.Cut(s, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(stem, port); ok {
			switch n {
			case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
				return true
			}
		}
	}
	return false
}

// shorten cuts the name before its extension, between characters.
func shorten(s string) string {
	if len(s) <= maxFileName {
		return s
	}
	ext := ""
	if i := strings.LastIndexByte(s, '.'); i > 0 && len(s)-i <= 20 {
		ext = s[i:]
	}
	end := 0
	for end < len(s) {
		n, _ := cluster(s[end:])
		if end+n > maxFileName-len(ext) {
			break
		}
		end += n
	}
	return strings.TrimRight(s[:end], ". ") + ext
}
