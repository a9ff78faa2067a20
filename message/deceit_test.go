package message

import (
	"fmt"
	"strings"
	"testing"
)

// Names made to deceive, by all ways there are for each of many: every one is marked.
func TestDeceptiveNamesAreMarked(t *testing.T) {
	type deceit struct {
		raw  string
		kind WarningKind
	}
	var all []deceit
	from := func(author string, kind WarningKind) {
		all = append(all, deceit{"From: " + author + "\n\nT\n", kind})
	}
	foreign := strings.NewReplacer("a", "а", "c", "с", "e", "е", "i", "і", "o", "о", "p", "р", "x", "х", "y", "у") // Cyrillic
	digits := strings.NewReplacer("o", "0", "l", "1", "i", "1", "s", "5")
	doubled := strings.NewReplacer("m", "rn", "w", "vv", "d", "cl")
	for _, site := range imitated {
		stem, rest, _ := strings.Cut(site, ".")
		if len(stem) > 3 && stem != "weixin" {
			for _, disguise := range []*strings.Replacer{foreign, digits, doubled} {
				if other := disguise.Replace(stem); other != stem {
					from("x@"+other+"."+rest, WarnLookalike)
				}
			}
			from("x@"+stem[:len(stem)-1]+foreign.Replace("o")+"."+rest, WarnScripts)
		}
		from("x@"+site+".account-check.example", WarnLookalike)
		from(fmt.Sprintf("\"support@%s\" <x@evil.example>", site), WarnName)
		from(fmt.Sprintf("=?utf-8?Q?Help_=28help=40%s=29?= <x@evil.example>", site), WarnName)
		all = append(all, deceit{"From: a@b.example\nContent-Type: text/html\n\n<a href=http://evil.example/>https://" + site + "/</a>\n", WarnLink})
	}
	for _, program := range programs {
		file := func(name string, kind WarningKind) {
			all = append(all, deceit{"From: a@b.example\nContent-Type: a/b\nContent-Disposition: attachment; filename*=utf-8''" + name + "\n\nx\n", kind})
		}
		file("invoice.pdf"+program, WarnProgram)
		file("photo.jpg%20%20%20%20%20%20"+program, WarnProgram)
		file("report%E2%80%AEfdp"+program, WarnOverride)
		file("%E2%81%A7gnp.plan"+program, WarnOverride)
	}
	if len(all) < 200 {
		t.Fatalf("only %d names", len(all))
	}
	for _, d := range all {
		marked := false
		for _, w := range warningsOf(t, d.raw, "demo.example") {
			marked = marked || w.Kind == d.kind || d.kind == WarnScripts && w.Kind == WarnLookalike
		}
		if !marked {
			t.Errorf("not marked as %s: %.120q", d.kind, d.raw)
		}
	}
}
