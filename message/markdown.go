package message

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldhtml "github.com/yuin/goldmark/renderer/html"
)

// markdown reads what people write in mail: tables and bare links too, and a
// line end is one. HTML in it is left out.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM),
	goldmark.WithRendererOptions(goldhtml.WithHardWraps()),
)

// markdownHTML is Markdown text as an HTML document. The signature below it
// stays as typed.
func markdownHTML(text string) string {
	text = unixLines(strings.ToValidUTF8(text, "\ufffd"))
	text, signature, signed := strings.Cut("\n"+text, "\n-- \n")
	var out bytes.Buffer
	out.WriteString("<!DOCTYPE html>\n<html><body>\n")
	if err := markdown.Convert([]byte(text), &out); err != nil {
		panic("render Markdown into memory: " + err.Error()) // only a writer fails
	}
	if signed {
		out.WriteString("<pre>-- \n" + html.EscapeString(signature) + "</pre>\n")
	}
	out.WriteString("</body></html>\n")
	return out.String()
}
