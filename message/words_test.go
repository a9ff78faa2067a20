package message

import "testing"

func TestDecodeHeader(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Hello", "Hello"},
		{"folded", "Hello\r\n world", "Hello world"},
		{"folded with a tab", "Hello\r\n\tworld", "Hello world"},
		{"broken fold", "Hello\r\nworld", "Hello world"},
		{"Q", "=?utf-8?Q?caf=C3=A9_au_lait?=", "café au lait"},
		{"B", "=?UTF-8?B?5Lya6K6u57qq6KaB?=", "会议纪要"},
		{"lower case", "=?utf-8?q?caf=c3=a9?=", "café"},
		{"language (RFC 2231)", "=?us-ascii*en-us?Q?hi?=", "hi"},
		{"RFC 2047 §8: blanks between words go", "(=?ISO-8859-1?Q?a?=     =?ISO-8859-1?Q?b?=)", "(ab)"},
		{"RFC 2047 §8: folds between words go", "=?ISO-8859-1?Q?a?=\r\n =?ISO-8859-1?Q?b?=", "ab"},
		{"RFC 2047 §8: blanks before text stay", "=?ISO-8859-1?Q?a?= b", "a b"},
		{"RFC 2047 §8: blank as underscore", "=?ISO-8859-1?Q?a_b?=", "a b"},
		{"two charsets", "=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=", "éé"},
		{"UTF-8 split in a character, Q", "=?utf-8?Q?=E4=BC?= =?utf-8?Q?=9A?=", "会"},
		{"UTF-8 split in a character, B", "=?utf-8?B?5Lw=?= =?utf-8?B?muiurg==?=", "会议"},
		{"GBK split in a character", "=?gbk?B?u+HS?=\r\n =?gbk?B?6Q==?=", "会议"},
		{"GBK split, Q and B", "=?gbk?Q?=BB=E1=D2?= =?GBK?B?6Q==?=", "会议"},
		{"base64 cut within four characters", "=?gb2312?B?u+H?= =?gb2312?B?S6Q==?=", "会议"},
		{"gb2312 means GB18030", "=?gb2312?B?64Y=?=", "雴"},
		{"no padding", "=?utf-8?B?5Lya6K6u57qq6KaB5Lya?= =?utf-8?B?YQ?=", "会议纪要会a"},
		{"blanks in Q", "=?utf-8?Q?two words?=", "two words"},
		{"a question mark in Q", "=?utf-8?Q?what? no?=", "what? no"},
		{"no end", "=?utf-8?Q?caf=C3=A9", "café"},
		{"no end, text after it", "=?utf-8?Q?caf=C3=A9 now", "café now"},
		{"no blank between word and text", "a=?utf-8?Q?=C3=A9?=b", "aéb"},
		{"no encoded word", "1 =? 2 ?= 3", "1 =? 2 ?= 3"},
		{"unknown encoding", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"unknown charset", "=?x-martian?Q?hello?=", "hello"},
		{"wrong charset", "=?iso-8859-1?B?5Lya6K6u?=", "会议"},
		{"raw UTF-8", "会议纪要", "会议纪要"},
		{"raw GBK", "\xbb\xe1\xd2\xe9\xbc\xcd\xd2\xaa", "会议纪要"},
		{"raw Latin-1", "R\xe9sum\xe9 for M\xfcller", "Résumé for Müller"},
		{"raw ISO-2022-JP", "\x1b$B2q5D\x1b(B", "会議"},
		{"raw GBK beside a word", "\xbb\xe1\xd2\xe9 =?utf-8?B?57qq6KaB?=", "会议 纪要"},
		{"ISO-2022-JP", "=?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=", "会議"},
		{"a line end inside", "=?utf-8?Q?a=0D=0AX-Evil:_b?=", "a X-Evil: b"},
		{"NUL inside", "=?utf-8?Q?a=00b?=", "ab"},
	}
	for _, test := range tests {
		if got := decodeHeader(test.in); got != test.want {
			t.Errorf("%s: %q: got %q, want %q", test.name, test.in, got, test.want)
		}
	}
}
