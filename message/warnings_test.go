package message

import (
	"slices"
	"testing"
)

func warningsOf(t *testing.T, raw string, own ...string) []Warning {
	t.Helper()
	m, _ := read(t, raw)
	return m.Warnings(m.Document(false), own...)
}

func TestWarnings(t *testing.T) {
	const mine = "demo.example"
	file := func(name, content string) string {
		return "From: a@b.example\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''" + name + "\n\n" + content + "\n"
	}
	for _, test := range []struct {
		name, raw string
		want      []Warning
	}{
		{"honest", "From: Ann Archer <ann@example.com>\nReply-To: ann@mail.example.com\n\nText\n", nil},
		{"address in the name", "From: \"service@bank.example (Bank)\" <x@evil.example>\n\nT\n", []Warning{{WarnName, "service@bank.example", "x@evil.example"}}},
		{"own address in the name", "From: \"ann@example.com\" <Ann@Example.com>\n\nT\n", nil},
		{"reply elsewhere", "From: boss@demo.example\nReply-To: boss@free.example\n\nT\n", []Warning{{WarnReplyTo, "boss@demo.example", "boss@free.example"}}},
		{"reply to a list", "From: a@demo.example\nReply-To: dev@lists.example\nList-Id: <dev.lists.example>\n\nT\n", nil},
		{"digits for letters", "From: x@paypa1.com\n\nT\n", []Warning{{WarnLookalike, "paypal.com", "paypa1.com"}}},
		{"two letters for one", "From: x@rnicrosoft.com\n\nT\n", []Warning{{WarnLookalike, "microsoft.com", "rnicrosoft.com"}}},
		{"Cyrillic", "From: x@аpple.com\n\nT\n", []Warning{{WarnLookalike, "apple.com", "xn--pple-43d.com"}}},
		{"Cyrillic, encoded", "From: x@xn--pple-43d.com\n\nT\n", []Warning{{WarnLookalike, "apple.com", "xn--pple-43d.com"}}},
		{"own domain imitated", "From: x@dem0.example\n\nT\n", []Warning{{WarnLookalike, mine, "dem0.example"}}},
		{"own domain in front", "From: x@demo.example.account-check.example\n\nT\n", []Warning{{WarnLookalike, mine, "demo.example.account-check.example"}}},
		{"own subdomain", "From: x@mail.demo.example\n\nT\n", nil},
		{"another country's", "From: x@amazon.co.uk\n\nT\n", nil},
		{"mixed scripts", "From: x@bаnk.example\n\nT\n", []Warning{{WarnScripts, "bаnk.example", "xn--bnk-6cd.example"}}},
		{"Chinese domain", "From: x@北京bank.example\n\nT\n", nil},
		{"link", "From: a@b.example\nContent-Type: text/html\n\n<a href=\"http://evil.example/\">https://bank.example/login</a>\n", []Warning{{WarnLink, "bank.example", "evil.example"}}},
		{"link to a part of the site", "From: a@b.example\nContent-Type: text/html\n\n<a href=\"http://www.bank.example/\">bank.example</a>\n", nil},
		{"double ending", file("report.pdf.exe", "x"), []Warning{{WarnProgram, "report.pdf.exe", ".exe"}}},
		{"double ending, far apart", file("report.pdf%20%20%20%20%20%20%20%20.scr", "x"), []Warning{{WarnProgram, "report.pdf        .scr", ".scr"}}},
		{"honest program", file("setup-2.1.exe", "MZ"), nil},
		{"turned around", file("report%E2%80%AEfdp.exe", "x"), []Warning{{WarnOverride, "reportexe.pdf", "report\ufffdfdp.exe"}}},
		{"program as document", file("report.pdf", "MZ\x90"), []Warning{{WarnWrongEnding, "report.pdf", "application/x-msdownload"}}},
		{"page as document", file("report.pdf", "<HTML><script>"), []Warning{{WarnWrongEnding, "report.pdf", "text/html"}}},
		{"document", file("report.docx", "PK\x03\x04"), nil},
		{"old document", file("report.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), nil},
		{"archive", file("x.tar.gz", "\x1f\x8b\x08"), nil},
	} {
		if got := warningsOf(t, test.raw, mine); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %+q\nwant %+q", test.name, got, test.want)
		}
	}
}

func TestWarningsAreFew(t *testing.T) {
	raw := "From: a@b.example\nContent-Type: text/html\n\n"
	for range 100 {
		raw += `<a href="http://evil.example/x">https://bank.example/</a>`
	}
	if got := warningsOf(t, raw); len(got) != 1 {
		t.Errorf("%d warnings for one and the same deceit", len(got))
	}
}
