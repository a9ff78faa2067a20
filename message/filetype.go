package message

import (
	"bytes"
	"slices"
)

// sniffLength is how many bytes of a file are looked at.
const sniffLength = 64

// signatures are how files of some types begin.
var signatures = []struct {
	magic, typ string
	endings    []string // nil: a container that many formats use
}{
	{"%PDF-", "application/pdf", []string{".pdf", ".ai"}},
	{"\x89PNG\r\n\x1a\n", "image/png", []string{".png", ".apng"}},
	{"\xff\xd8\xff", "image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}},
	{"GIF87a", "image/gif", []string{".gif"}},
	{"GIF89a", "image/gif", []string{".gif"}},
	{"BM", "image/bmp", nil},
	{"PK\x03\x04", "application/zip", nil},
	{"Rar!\x1a\x07", "application/vnd.rar", []string{".rar", ".cbr"}},
	{"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", []string{".7z"}},
	{"\x1f\x8b\x08", "application/gzip", nil},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", nil},
	{"{\\rtf", "application/rtf", []string{".rtf", ".doc"}},
	{"MZ", "application/x-msdownload", []string{".exe", ".dll", ".scr", ".com", ".sys", ".cpl", ".ocx"}},
	{"\x7fELF", "application/x-executable", []string{".so", ".bin", ".elf", ".o", ".run"}},
	{"\xcf\xfa\xed\xfe", "application/x-mach-binary", []string{".dylib", ".bin"}},
	{"#!/", "text/x-script", []string{".sh", ".py", ".pl", ".rb", ".command", ".bash", ".txt", ".cgi"}},
	{"<!doctype html", "text/html", []string{".html", ".htm", ".xhtml", ".shtml", ".txt"}},
	{"<html", "text/html", []string{".html", ".htm", ".xhtml", ".shtml", ".txt", ".xls", ".doc"}},
}

// contentType is the type that the first bytes of a file show, "" when none.
func contentType(head []byte) string {
	lower := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"))
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) || s.magic[0] == '<' && bytes.HasPrefix(lower, []byte(s.magic)) {
			return s.typ
		}
	}
	if len(head) > 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP" {
		return "image/webp"
	}
	return ""
}

// documents are endings that have no type of their own here, or are used for
// several.
var documents = []string{".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".csv", ".odt", ".ods", ".mp3", ".mp4", ".zip", ".ics", ".vcf"}

// isKnownEnding reports an ending that tells people what a file is.
func isKnownEnding(ending string) bool {
	for _, s := range signatures {
		if slices.Contains(s.endings, ending) {
			return true
		}
	}
	return slices.Contains(documents, ending)
}

// fits reports whether a file of that type may have that ending. It is in
// favour of endings it does not know, but for programs.
func fits(typ, ending string) bool {
	if ending == "" {
		return true
	}
	container, claimed := false, false
	for _, s := range signatures {
		if slices.Contains(s.endings, ending) {
			if s.typ == typ {
				return true
			}
			claimed = true
		}
		container = container || s.typ == typ && s.endings == nil
	}
	document := slices.Contains(documents, ending)
	switch {
	case container:
		return document || !claimed
	case typ == "application/x-msdownload" || typ == "application/x-executable" || typ == "application/x-mach-binary":
		return false
	}
	return !claimed && !document
}
