package message

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

func TestDecodeText(t *testing.T) {
	tests := []struct{ charset, in, want string }{
		{"utf-8", "caf\xc3\xa9", "café"},
		{"UTF8", "caf\xc3\xa9", "café"},
		{"utf-8", "\xef\xbb\xbfcaf\xc3\xa9", "café"},
		{"utf-8", "long enough text, caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3", "long enough text, café café café café caf\ufffd"},
		{"us-ascii", "plain", "plain"},
		{"us-ascii", "\xbb\xe1\xd2\xe9", "会议"},
		{"iso-8859-1", "caf\xe9", "café"},
		{"ISO_8859-1", "caf\xe9", "café"},
		{"iso8859-15", "\xa4", "€"},
		{"iso-8859-2", "\xb1", "ą"},
		{"windows-1252", "\x93hi\x94", "“hi”"},
		{"cp1252", "\x80", "€"},
		{"cp1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
		{"win-1250", "\x9a", "š"},
		{"windows-1256", "\xe3", "م"},
		{"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
		{"koi8-u", "\xb4", "Є"},
		{"gb2312", "\xbb\xe1\xd2\xe9", "会议"},
		{"GB2312", "\xeb\x86\x81\x39\xee\x39", "雴㐀"},
		{"gbk", "\x80", "€"},
		{"\"gb18030\"", "\xbb\xe1\xd2\xe9", "会议"},
		{"x-gbk", "\xbb\xe1\xd2\xe9", "会议"},
		{"hz-gb-2312", "~{;aRi~}", "会议"},
		{"big5", "\xb7\x7c\xc4\xb3", "會議"},
		{"shift_jis", "\x83\x65\x83\x58\x83\x67", "テスト"},
		{"cp932", "\x87\x40", "①"},
		{"windows-31j", "\x83\x65", "テ"},
		{"euc-jp", "\xa5\xc6\xa5\xb9", "テス"},
		{"iso-2022-jp", "\x1b$B%F%9\x1b(B", "テス"},
		{"iso-2022-jp-ms", "\x1b$B%F%9\x1b(B", "テス"},
		{"iso-2022-kr", "\x1b$)C\x0eGQ1[\x0f", "한글"},
		{"ks_c_5601-1987", "\xc7\xd1\xb1\xdb", "한글"},
		{"euc-kr", "\xc7\xd1\xb1\xdb", "한글"},
		{"cp949", "\xc7\xd1\xb1\xdb", "한글"},
		{"utf-7", "Hi Mom -+Jjo--!", "Hi Mom -☺-!"},
		{"utf-7", "1 +- 1 +ZeVnLIqe", "1 + 1 日本語"},
		{"utf-16", "\xff\xfeh\x00i\x00", "hi"},
		{"utf-16", "\x00h\x00i", "hi"},
		{"utf-16", "h\x00i\x00", "hi"},
		{"utf-16le", "\x1aO", "会"},
		{"utf-16be", "O\x1a", "会"},
		{"utf-32", "\x00\x00O\x1a", "会"},
		{"utf-32le", "\x1aO\x00\x00", "会"},
		{"tis-620", "\xa1", "ก"},
		{"unknown-8bit", "caf\xc3\xa9", "café"},
		{"x-martian", "\xbb\xe1\xd2\xe9", "会议"},
		{"", "caf\xc3\xa9", "café"},
		{"us-ascii", "\x1b$B2q5D\x1b(B", "会議"},
		{"utf-8", "é \x1b$B2q5D\x1b(B", "é \x1b$B2q5D\x1b(B"},
		{"", "\x1b$B2q5D\x1b(B", "会議"},
		{"iso-8859-1", "\xe4\xbc\x9a\xe8\xae\xae", "会议"},
		{"gb2312", "\xe4\xbc\x9a\xe8\xae\xae", "会议"},
		{"big5", "\xe4\xbc\x9a\xe8\xae\xae", "会议"},
		{"iso-8859-1", "\xbb\xe1\xd2\xe9\xbc\xcd\xd2\xaa\xa3\xba", "会议纪要："},
		{"iso-8859-1", "\xabtr\xe8s r\xe9ussi\xbb", "«très réussi»"},
		{"utf-8", "\xbb\xe1\xd2\xe9\xbc\xcd\xd2\xaa", "会议纪要"},
		{"utf-8", "caf\xe9", "café"},
	}
	for _, test := range tests {
		if got, _ := decodeText([]byte(test.in), test.charset); got != test.want {
			t.Errorf("%q as %s: got %q, want %q", test.in, test.charset, got, test.want)
		}
	}
}

// TestDetect encodes everyday sentences and has them recognised.
func TestDetect(t *testing.T) {
	tests := []struct {
		name  string
		enc   encoding.Encoding
		texts []string
	}{
		{"GB18030", simplifiedchinese.GB18030, []string{
			"会议", "报告", "你好", "您的快递已到达", "会议纪要：周五下午三点，二号会议室", "Re: 关于Q3预算的讨论",
			"尊敬的客户，您尾号1234的储蓄卡账户11月20日支出人民币100.00元，余额2,345.67元。", "测试", "发票", "中文 subject"}},
		{"Big5", traditionalchinese.Big5, []string{
			"會議紀錄：星期五下午三點", "您的訂單已經出貨，請注意查收。", "關於下週的行程安排"}},
		{"Shift_JIS", japanese.ShiftJIS, []string{
			"テスト", "お世話になっております。", "会議のお知らせ：金曜日の午後三時から"}},
		{"EUC-JP", japanese.EUCJP, []string{
			"お世話になっております。", "会議のお知らせです。よろしくお願いします。"}},
		{"EUC-KR", korean.EUCKR, []string{
			"안녕하세요. 회의 일정을 알려드립니다.", "주문하신 상품이 발송되었습니다"}},
		{"windows-1252", charmap.Windows1252, []string{
			"Résumé", "Grüße aus München", "Ça va très bien, merci à vous", "El niño comió piñas", "100 € – “quoted”", "Åsa Öberg"}},
		{"windows-1251", charmap.Windows1251, []string{
			"Привет, как дела?", "Уважаемый клиент, ваш заказ отправлен"}},
		{"KOI8-R", charmap.KOI8R, []string{
			"Привет, как дела?", "Уважаемый клиент, ваш заказ отправлен"}},
	}
	for _, test := range tests {
		for _, text := range test.texts {
			raw, err := test.enc.NewEncoder().String(text)
			if err != nil {
				t.Fatalf("%s cannot say %q: %v", test.name, text, err)
			}
			if got := guessText([]byte(raw)); got != text {
				t.Errorf("%s %q was read as %q", test.name, text, got)
			}
		}
	}
}

func TestMetaCharset(t *testing.T) {
	tests := []struct{ in, want string }{
		{`<html><head><meta charset="gb2312">`, "gb2312"},
		{`<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=Big5">`, "big5"},
		{`<meta name=viewport><meta charset=koi8-r/>`, "koi8-r"},
		{`<meta charset=utf-16>`, ""},
		{strings.Repeat(" ", 2_000) + `<meta charset=gbk>`, ""},
		{`<p>charset=gbk`, ""},
	}
	for _, test := range tests {
		if got := metaCharset([]byte(test.in)); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}

func TestFallbackCharset(t *testing.T) {
	t.Cleanup(func() { _ = SetFallback("") })
	for _, test := range []struct{ fallback, raw, want string }{
		{"iso-8859-2", "za\xbf\xf3\xb3\xe6 g\xea\xb6l\xb1", "zażółć gęślą"},
		{"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
		{"big5", "\xb4\xfa\xb8\xd5", "測試"},
		{"iso-8859-2", "\xbb\xe1\xd2\xe9\xbc\xcd\xd2\xaa\xa3\xba\xd6\xdc\xce\xe5\xcf\xc2\xce\xe7", "会议纪要：周五下午"},
		{"", "\xb2\xe2\xca\xd4", "测试"},
	} {
		if err := SetFallback(test.fallback); err != nil {
			t.Fatal(err)
		}
		if got := guessText([]byte(test.raw)); got != test.want {
			t.Errorf("with %q, %q was read as %q, want %q", test.fallback, test.raw, got, test.want)
		}
	}
	for _, label := range []string{"klingon", "utf-7", "utf-8"} {
		if SetFallback(label) == nil {
			t.Errorf("%q was taken as an 8-bit charset", label)
		}
	}
}

func TestCharsetChosenByHand(t *testing.T) {
	raw := "From: \"\xb4\xfa\xb8\xd5\" <a@b.example>\nSubject: \xb4\xfa\xb8\xd5\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\nContent-Type: text/plain; charset=us-ascii\n\n\xb7|\xc4\xb3\n" +
		"--b\nContent-Type: a/b; name=\"\xb4\xfa\xb8\xd5.pdf\"\n\nx\n--b--\n"
	m, err := ReadAs(strings.NewReader(raw), "Big5")
	if err != nil {
		t.Fatal(err)
	}
	if m.Envelope.Subject != "測試" || m.Envelope.From[0].Name != "測試" || m.Plain != "會議" || m.Attachments[0].Name != "測試.pdf" {
		t.Errorf("read %q, %q, %q, %q", m.Envelope.Subject, m.Envelope.From, m.Plain, m.Attachments[0].Name)
	}
	for _, label := range Charsets() {
		if _, err := ReadAs(strings.NewReader(raw), label); err != nil {
			t.Error(err)
		}
	}
	if _, err := ReadAs(strings.NewReader(raw), "klingon"); err == nil {
		t.Error("no error for a charset that does not exist")
	}
}
