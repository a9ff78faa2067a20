package message

import (
	"maps"
	"testing"
)

func TestMediaType(t *testing.T) {
	tests := []struct{ in, want string }{
		{"text/html; charset=utf-8", "text/html"},
		{"TEXT/HTML", "text/html"},
		{`"text/html"; charset=utf-8`, "text/html"},
		{"text / html; x=y", "text/html"},
		{"text/html charset=utf-8", "text/html"},
		{"text/plain (some (comment)); charset=utf-8", "text/plain"},
		{"text", "text/plain"},
		{"multipart; boundary=x", "multipart/mixed"},
		{"\r\n application/pdf;\r\n name=x", "application/pdf"},
		{"html", ""},
		{"/plain", ""},
		{"text/", "text/plain"},
		{"", ""},
		{";charset=utf-8", ""},
	}
	for _, test := range tests {
		if got := mediaType(test.in); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}

func TestParseParams(t *testing.T) {
	tests := []struct {
		in   string
		want map[string]string
	}{
		{"text/plain", map[string]string{}},
		{"text/plain; charset=utf-8", map[string]string{"charset": "utf-8"}},
		{`text/plain; CHARSET="utf-8"`, map[string]string{"charset": "utf-8"}},
		{"text/plain; charset = utf-8 ;; format=flowed;", map[string]string{"charset": "utf-8", "format": "flowed"}},
		{"text/plain charset=utf-8", map[string]string{"charset": "utf-8"}},
		{`text/plain; charset="utf-8" format=flowed`, map[string]string{"charset": "utf-8", "format": "flowed"}},
		{"text/plain; charset=utf-8 format=flowed", map[string]string{"charset": "utf-8", "format": "flowed"}},
		{"a/b; name=my file.txt; x=1", map[string]string{"name": "my file.txt", "x": "1"}},
		{"a/b; name=a=b.txt", map[string]string{"name": "a=b.txt"}},
		{`a/b; name="a;b.txt"`, map[string]string{"name": "a;b.txt"}},
		{`a/b; name="a \"b\" \\ c.txt"`, map[string]string{"name": `a "b" \ c.txt`}},
		{`a/b; name="C:\temp\new.txt"`, map[string]string{"name": `C:\temp\new.txt`}},
		{`a/b; name="open.txt; x=1`, map[string]string{"name": "open.txt", "x": "1"}},
		{"a/b; name=one; name=two", map[string]string{"name": "one"}},
		{"a/b; novalue; x=1", map[string]string{"x": "1"}},
		{"a/b; name=", map[string]string{"name": ""}},
		{"a/b; name=\"long\r\n name.txt\"", map[string]string{"name": "long name.txt"}},
		{"a/b; name==?gb2312?B?vMa7ri5wZGY=?=", map[string]string{"name": "计划.pdf"}},
		{`a/b; name="=?utf-8?B?6K6h5YiS?= =?utf-8?Q?.pdf?="`, map[string]string{"name": "计划.pdf"}},
		{"a/b; name=\"\xbc\xc6\xbb\xae.pdf\"", map[string]string{"name": "计划.pdf"}},
		{"a/b; name=\"计划.pdf\"", map[string]string{"name": "计划.pdf"}},
		{"a/b; name*=UTF-8''%E8%AE%A1%E5%88%92.pdf", map[string]string{"name": "计划.pdf"}},
		{"a/b; name*=utf-8'zh-cn'%E8%AE%A1%E5%88%92.pdf; name=plan.pdf", map[string]string{"name": "计划.pdf"}},
		{"a/b; name*=GBK''%BC%C6%BB%AE.pdf", map[string]string{"name": "计划.pdf"}},
		{"a/b; name*=iso-8859-1''caf%E9.pdf", map[string]string{"name": "café.pdf"}},
		{"a/b; name*=%E8%AE%A1%E5%88%92.pdf", map[string]string{"name": "计划.pdf"}},
		{"a/b; name*=\"UTF-8''%E8%AE%A1%E5%88%92.pdf\"", map[string]string{"name": "计划.pdf"}},
		{"a/b; name*0=long; name*1=name; name*2=.pdf", map[string]string{"name": "longname.pdf"}},
		{"a/b; name*1=name; name*0=long", map[string]string{"name": "longname"}},
		{"a/b; name*0*=UTF-8''%E8%AE; name*1*=%A1%E5%88%92; name*2=.pdf", map[string]string{"name": "计划.pdf"}},
		{"a/b; name*0*=gb18030''%BC; name*1*=%C6%BB%AE.pdf", map[string]string{"name": "计划.pdf"}},
		{`a/b; name*0="=?utf-8?B?6K6h"; name*1="5YiS?=.pdf"`, map[string]string{"name": "计划.pdf"}},
		{"a/b; name*x=1; name*=", map[string]string{"name": ""}},
		{"a/b; name*=UTF-8''100%.txt", map[string]string{"name": "100%.txt"}},
		{"a/b; boundary==?utf-8?q?x?=", map[string]string{"boundary": "=?utf-8?q?x?="}},
	}
	for _, test := range tests {
		if got := parseParams(test.in); !maps.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}
