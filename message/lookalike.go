package message

import (
	"slices"
	"strings"
	"unicode"
)

// imitated are sites that mail likes to pretend to come from.
var imitated = []string{
	"paypal.com", "apple.com", "icloud.com", "microsoft.com", "outlook.com", "google.com", "gmail.com", "amazon.com", "facebook.com",
	"instagram.com", "linkedin.com", "netflix.com", "github.com", "dropbox.com", "docusign.com", "adobe.com", "whatsapp.com",
	"alipay.com", "taobao.com", "tmall.com", "jd.com", "qq.com", "163.com", "126.com", "weixin.qq.com", "icbc.com.cn", "ccb.com",
	"boc.cn", "abchina.com", "cmbchina.com", "dhl.com", "fedex.com", "ups.com", "chase.com", "hsbc.com", "visa.com", "mastercard.com",
}

// imitation returns the domain that another one is made to look like, "" when
// none: one of the reader's own or one that is often imitated, spelt with
// letters that look the same, or put in front of the real one.
func imitation(domain string, own []string) string {
	site := siteOf(domain)
	for _, known := range slices.Concat(own, imitated) {
		known = strings.ToLower(known)
		if known == "" || !strings.Contains(known, ".") || siteOf(known) == site {
			continue
		}
		if strings.HasPrefix(domain, known+".") || strings.Contains(domain, "."+known+".") {
			return known
		}
		if stem := firstLabel(known); len(stem) > 3 && firstLabelOfSite(domain) != stem && skeleton(firstLabelOfSite(domain)) == skeleton(stem) {
			return known
		}
	}
	return ""
}

// firstLabelOfSite is the label of a domain that its owner chose, as shown.
func firstLabelOfSite(domain string) string {
	labels := strings.Split(domain, ".")
	n := strings.Count(registered(domain), ".") + 1
	return labels[max(0, len(labels)-n)]
}

func firstLabel(domain string) string {
	label, _, _ := strings.Cut(registered(domain), ".")
	return label
}

// skeleton puts one letter in the place of all that look like it (UTS #39, for
// the letters that matter in names of sites).
func skeleton(label string) string {
	var out strings.Builder
	for _, r := range label {
		if same, ok := lookAlike[r]; ok {
			r = same
		}
		out.WriteRune(r)
	}
	return twoForOne.Replace(out.String())
}

var twoForOne = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d")

var lookAlike = func() map[rune]rune {
	m := map[rune]rune{'0': 'o', '1': 'l', 'i': 'l', '|': 'l', '5': 's', 'ı': 'l', 'ł': 'l', 'ø': 'o', 'ß': 'b', 'đ': 'd'}
	for same, letters := range map[rune]string{
		'a': "àáâãäåāăąаαạ", 'b': "ьЬ", 'c': "çćčсϲ", 'd': "ďԁ", 'e': "èéêëēėęěеє", 'g': "ğģɡ", 'h': "һ", 'l': "ìíîïīіӏιļľ", 'j': "јϳ",
		'k': "ķкκ", 'm': "мṃ", 'n': "ñńňηп", 'o': "òóôõöōőоοσօ", 'p': "рρ", 'q': "ԛ", 'r': "řгŕ", 's': "śšşѕ", 't': "ťţтτ", 'u': "ùúûüūůűυս",
		'v': "νѵ", 'w': "ŵԝωш", 'x': "хχ", 'y': "ýÿуγ", 'z': "źżžʐ",
	} {
		for _, r := range letters {
			m[r] = same
		}
	}
	return m
}()

// mixesScripts reports a label with letters of scripts that are not written
// together: Latin with Cyrillic, say. Chinese, Japanese and Korean may have
// Latin letters among them.
func mixesScripts(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		var scripts []string
		for _, r := range label {
			if script := scriptOf(r); script != "" && !slices.Contains(scripts, script) {
				scripts = append(scripts, script)
			}
		}
		if len(scripts) > 1 && !(len(scripts) == 2 && slices.Contains(scripts, "Latin") && slices.Contains(scripts, "CJK")) {
			return true
		}
	}
	return false
}

func scriptOf(r rune) string {
	switch {
	case !unicode.IsLetter(r):
		return ""
	case unicode.Is(unicode.Latin, r):
		return "Latin"
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
		return "CJK"
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return ""
}
