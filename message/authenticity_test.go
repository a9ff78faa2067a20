package message

import (
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	const received = "Received: from out.example.org (out.example.org [198.51.100.7])\n\tby mx.mine.example (Postfix) with ESMTPS id 1; Fri, 20 Nov 2026 13:40:05 +0800\n"
	const from = "From: Ann <ann@news.example.org>\n"
	for _, test := range []struct {
		name, header string
		want         Verdict
	}{
		{"no results", received + from, VerdictNone},
		{"dmarc passed", "Authentication-Results: mx.mine.example;\n dkim=pass (2048-bit key; unprotected) header.d=example.org;\n dmarc=pass (p=REJECT) header.from=example.org\n" + received + from, VerdictPassed},
		{"dmarc failed", received + "Authentication-Results: mx.mine.example 1; dmarc=fail header.from=news.example.org; spf=pass smtp.mailfrom=x@evil.example\n" + from, VerdictFailed},
		{"signed by the author's site", "Authentication-Results: mx.mine.example; dkim=pass header.d=example.org\n" + received + from, VerdictPassed},
		{"signed by another site", "Authentication-Results: mx.mine.example; dkim=pass header.d=evil.example; spf=fail\n" + received + from, VerdictNone},
		{"sent by the author's site", "Authentication-Results: mx.mine.example; spf=pass smtp.mailfrom=bounce@example.org\n" + received + from, VerdictPassed},
		{"nothing passed", "Authentication-Results: mx.mine.example; spf=fail smtp.mailfrom=ann@example.org; dkim=none\n" + received + from, VerdictFailed},
		{"dmarc about another domain", "Authentication-Results: mx.mine.example; dmarc=pass header.from=evil.example\n" + received + from, VerdictNone},
		{"another author", "Authentication-Results: mx.evil.example; dmarc=pass header.from=example.org\n" + received + from, VerdictNone},
		{"another author first", "Authentication-Results: mx.evil.example; dmarc=fail\nAuthentication-Results: mx.mine.example; dmarc=pass\n" + received + from, VerdictNone},
		{"below what an earlier server wrote", "Authentication-Results: mx.mine.example; spf=none\n" + received + "Authentication-Results: mx.mine.example; dmarc=pass\n" + from, VerdictNone},
		{"in two fields", "Authentication-Results: mx.mine.example; spf=softfail\nAuthentication-Results: mx.mine.example; dkim=pass header.i=@example.org\n" + received + from, VerdictPassed},
		{"by the host of one's account", "Authentication-Results: mx.google.com; dmarc=pass header.from=example.org\nReceived: by 2002:a05:6a10:1:: with SMTP id 1\n" + from, VerdictPassed},
		{"by the server's name alone", "Received: from x by gzga-mx-1 (Coremail) with SMTP id 1\nAuthentication-Results: gzga-mx-1; spf=pass smtp.mailfrom=ann@example.org\n" + from, VerdictPassed},
		{"in a comment", "Authentication-Results: mx.mine.example; spf=none (dmarc=pass; dkim=pass header.d=example.org)\n" + received + from, VerdictNone},
		{"in quotes", "Authentication-Results: mx.mine.example; spf=none reason=\"x; dmarc=pass\"\n" + received + from, VerdictNone},
		{"two authors", "Authentication-Results: mx.mine.example; dmarc=pass\n" + received + "From: a@example.org, b@evil.example\n", VerdictNone},
		{"no results at all", "Authentication-Results: mx.mine.example; none\n" + received + from, VerdictNone},
	} {
		m, _ := read(t, test.header+"\nText\n")
		if got := m.Verdict("imap.gmail.com"); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestSiteOf(t *testing.T) {
	for domain, want := range map[string]string{
		"mx.Example.CO.uk": "example.co.uk", "example.org.": "example.org", "imap.gmail.com": "google.com", "localhost": "localhost",
		"会议.example": "xn--ndk.example", "": "", "a.b.com.cn": "b.com.cn",
	} {
		if got := siteOf(domain); got != want && !(strings.HasPrefix(want, "xn--") && strings.HasPrefix(got, "xn--")) {
			t.Errorf("%s: %s, want %s", domain, got, want)
		}
	}
}
