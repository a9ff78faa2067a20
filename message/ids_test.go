package message

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseIDs(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"<a@b>", []string{"a@b"}},
		{"<a@b> <c@d>\r\n\t<e@f>", []string{"a@b", "c@d", "e@f"}},
		{"<a@b>,<c@d>", []string{"a@b", "c@d"}},
		{"<a@b><c@d>", []string{"a@b", "c@d"}},
		{"<ab>", []string{"ab"}},
		{"a@b", []string{"a@b"}},
		{"a@b c@d", []string{"a@b", "c@d"}},
		{"<a@b", []string{"a@b"}},
		{"<a@b <c@d>", []string{"a@b", "c@d"}},
		{"<<a@b>>", []string{"a@b"}},
		{"<long\r\n @b>", []string{"long@b"}},
		{`Message from "Ann" of "Fri, 20 Nov" <a@b>`, []string{"a@b"}},
		{"your message of Friday", nil},
		{"<> <a@b>", []string{"a@b"}},
		{"", nil},
	}
	for _, test := range tests {
		if got := parseIDs(test.in); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
	if got := parseID("no brackets"); got != "nobrackets" {
		t.Errorf("an identifier without form: %q", got)
	}
}

func TestParseIDsKeepsFirstAndNewest(t *testing.T) {
	var refs strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&refs, "<%d@x>\r\n ", i)
	}
	got := parseIDs(refs.String())
	if len(got) != maxIDs || got[0] != "0@x" || got[1] != fmt.Sprint(100_000-maxIDs+1, "@x") || got[maxIDs-1] != "99999@x" {
		t.Errorf("%d kept: %q … %q", len(got), got[:2], got[len(got)-1])
	}
}
