package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSummary(t *testing.T) {
	tests := []struct{ name, plain, html, want string }{
		{"plain", "First line\nsecond   line\n", "", "First line second line"},
		{"greeting", "Hi Ann,\n\nhere is the plan.\n", "", "here is the plan."},
		{"greeting in Chinese", "王小明，您好！\n\n会议纪要见附件。\n", "", "会议纪要见附件。"},
		{"greeting alone", "Hello!\n", "", "Hello!"},
		{"not a greeting", "Hi Ann, here is the plan.\n", "", "Hi Ann, here is the plan."},
		{"quote", "On Friday Bob wrote:\n> old\n> words\n\nI agree.\n", "", "I agree."},
		{"signature", "Yes.\n-- \nAnn\n", "", "Yes."},
		{"rules", "-----\nText\n=====\n", "", "Text"},
		{"HTML", "", "<head><title>no</title><style>p{}</style></head><body><p>One &amp;</p><p>two<br>three", "One & two three"},
		{"HTML without head", "", "<style>x</style>Text", "Text"},
		{"invisible filling", "", "<p>Sale&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;now</p>", "Sale now"},
		{"HTML hidden text", "", `<div style="display:none">no</div><p style="font-size:0">no</p><p style="color:#fff">no</p><h1>Sale</h1><a href="https://x.example/">to the shop</a> today`, "Sale to the shop today"},
		{"HTML pictures", "", `<img alt="Logo" src=x><p>Text</p>`, "Text"},
		{"HTML quote", "", `<p>Yes.</p><blockquote>old</blockquote><p>New.`, "Yes. New."},
		{"HTML when plain says so", "Please view it in your browser.", "<p>text", "text"},
		{"HTML when plain is blank", " \n\n", "<p>text", "text"},
		{"nothing", "", "", ""},
	}
	for _, test := range tests {
		if got := Summary(&Message{Plain: test.plain, HTML: test.html}); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	if got := Summary(&Message{Plain: strings.Repeat("会", 5_000_000)}); utf8.RuneCountInString(got) != summaryRunes || !utf8.ValidString(got) {
		t.Errorf("a long text: %d runes", utf8.RuneCountInString(got))
	}
}
