package message

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseAddressList(t *testing.T) {
	tests := []struct {
		in   string
		want []Address
		bad  []string
	}{
		{"ann@example.com", []Address{{"", "ann@example.com"}}, nil},
		{"Ann Archer <ann@example.com>", []Address{{"Ann Archer", "ann@example.com"}}, nil},
		{`"Archer, Ann" <ann@example.com>`, []Address{{"Archer, Ann", "ann@example.com"}}, nil},
		{`"a \"b\" \\c" <ann@example.com>`, []Address{{`a "b" \c`, "ann@example.com"}}, nil},
		{"ann@example.com (Ann Archer)", []Address{{"Ann Archer", "ann@example.com"}}, nil},
		{"Ann (at (nested) work) Archer <ann@example.com>", []Address{{"Ann Archer", "ann@example.com"}}, nil},
		{"a@x.org, b@x.org; c@x.org", []Address{{"", "a@x.org"}, {"", "b@x.org"}, {"", "c@x.org"}}, nil},
		{"a@x.org b@x.org\nc@x.org", []Address{{"", "a@x.org"}, {"", "b@x.org"}, {"", "c@x.org"}}, nil},
		{"friends: a@x.org, B <b@x.org>;, c@x.org", []Address{{"", "a@x.org"}, {"B", "b@x.org"}, {"", "c@x.org"}}, nil},
		{"undisclosed-recipients:;", nil, nil},
		{"", nil, nil},
		{" , ;; ", nil, nil},
		{"a@x.org, bob, c@x.org", []Address{{"", "a@x.org"}, {"", "c@x.org"}}, []string{"bob"}},
		{"Bob <>, Carl <carl>", nil, []string{"Bob", "Carl"}},
		{"a b@x.org", nil, []string{"a b@x.org"}},
		{"ann@", nil, []string{"ann@"}},
		{"@example.com", nil, []string{"@example.com"}},
		{"a@b@c", nil, []string{"a@b@c"}},
		{"Ann <ann@example.com", []Address{{"Ann", "ann@example.com"}}, nil},
		{"Ann <ann@example.com, Bob <bob@example.com>", []Address{{"Ann", "ann@example.com"}, {"Bob", "bob@example.com"}}, nil},
		{"Ann <ann@example.com> Bob <bob@example.com>", []Address{{"Ann", "ann@example.com"}, {"Bob", "bob@example.com"}}, nil},
		{"<<ann@example.com>>", []Address{{"", "ann@example.com"}}, nil},
		{"'ann@example.com'", []Address{{"", "ann@example.com"}}, nil},
		{"'Ann' <'ann@example.com'>", []Address{{"Ann", "ann@example.com"}}, nil},
		{"<mailto:ann@example.com>", []Address{{"", "ann@example.com"}}, nil},
		{"<@relay.org,@b.org:ann@example.com>", []Address{{"", "ann@example.com"}}, nil},
		{"ann @ example . com", []Address{{"", "ann@example.com"}}, nil},
		{`"very odd, local"@example.com`, []Address{{"", `"very odd, local"@example.com`}}, nil},
		{`Odd <"a,b>"@example.com>`, []Address{{"Odd", `"a,b>"@example.com`}}, nil},
		{"ann@[192.0.2.1]", []Address{{"", "ann@[192.0.2.1]"}}, nil},
		{"ann@[IPv6:2001:db8::1]", []Address{{"", "ann@[IPv6:2001:db8::1]"}}, nil},
		{"王小明 <wxm@例子.测试>", []Address{{"王小明", "wxm@例子.测试"}}, nil},
		{"\xcd\xf5\xd0\xa1\xc3\xf7 <wxm@example.com>", []Address{{"王小明", "wxm@example.com"}}, nil},
		{"=?UTF-8?B?546L5bCP5piO?= <wxm@example.com>", []Address{{"王小明", "wxm@example.com"}}, nil},
		{`"=?UTF-8?B?546L5bCP5piO?=" <wxm@example.com>`, []Address{{"王小明", "wxm@example.com"}}, nil},
		{"=?utf-8?Q?Archer,_Ann?= <ann@example.com>", []Address{{"Archer, Ann", "ann@example.com"}}, nil},
		{"=?x-none?Q?Ann?= <ann@example.com>", []Address{{"Ann", "ann@example.com"}}, nil},
		{"=?utf-8?Q?Ann?=<ann@example.com>", []Address{{"Ann", "ann@example.com"}}, nil},
		{"=?utf-8?Q?Ann_=3Cann=40example.com=3E?=", []Address{{"Ann", "ann@example.com"}}, nil},
		{`"Ann <ann@example.com>, Bob <bob@example.com>, "Carl" <carl@example.com>`,
			[]Address{{"Ann", "ann@example.com"}, {"Bob", "bob@example.com"}, {"Carl", "carl@example.com"}}, nil},
		{`"Ann <ann@example.com>, Bob" <bob@example.com>`, []Address{{"Ann <ann@example.com>, Bob", "bob@example.com"}}, nil},
		{"<smtp:ann@example.com>", []Address{{"", "ann@example.com"}}, nil},
		{"(open Ann <ann@example.com>, bob@example.com", []Address{{"(open Ann", "ann@example.com"}, {"", "bob@example.com"}}, nil},
		{"a\x00b@example.com", []Address{{"", "ab@example.com"}}, nil},
		{"a\x1bb@example.com", nil, []string{"a\x1bb@example.com"}},
		{"Ann <ann@example.com>>, b@example.com", []Address{{"Ann", "ann@example.com"}, {"", "b@example.com"}}, nil},
	}
	for _, test := range tests {
		got, err := ParseAddressList(test.in)
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q:\n got %q\nwant %q", test.in, got, test.want)
		}
		var bad *AddressError
		if errors.As(err, &bad) {
			if !reflect.DeepEqual(bad.Bad, test.bad) {
				t.Errorf("%q: bad %q, want %q", test.in, bad.Bad, test.bad)
			}
		} else if test.bad != nil {
			t.Errorf("%q: error %v, want %q to be bad", test.in, err, test.bad)
		}
	}
}

func TestOneBadAddressAmongFifty(t *testing.T) {
	var list []string
	for i := range 50 {
		list = append(list, fmt.Sprintf("Name %d <n%d@example.com>", i, i))
	}
	for _, bad := range []string{"Bob <bob@>", "=?x?", "Bob <b o b>", ">>", "\"", "(", "@", "<", "a@b@c", "=?utf-8?B?!!!?= <x>"} {
		list[17] = bad
		got, _ := ParseAddressList(strings.Join(list, ", "))
		if len(got) < 48 { // an open bracket may take its neighbour with it
			t.Errorf("%q among fifty: %d read", bad, len(got))
		}
		if last := got[len(got)-1]; last != (Address{"Name 49", "n49@example.com"}) {
			t.Errorf("%q among fifty: the last is %q", bad, last)
		}
	}
}

func TestReceivedAddressesKeepWhatIsIncomplete(t *testing.T) {
	tests := []struct {
		in   string
		want []Address
	}{
		{"root", []Address{{"", "root"}}},
		{"Cron Daemon <root>", []Address{{"Cron Daemon", "root"}}},
		{"Mail Delivery System", []Address{{"Mail Delivery System", ""}}},
		{"Ann ann@example.com or bob@example.com", []Address{{"Ann or", "ann@example.com"}, {"", "bob@example.com"}}},
		{"Ann <>", []Address{{"Ann", ""}}},
		{"<>", nil},
		{"Archer, Ann <ann@example.com>", []Address{{"Archer, Ann", "ann@example.com"}}},
		{"root, Ann <ann@example.com>; Bob; <carl@example.com>", []Address{{"root, Ann", "ann@example.com"}, {"", "Bob"}, {"", "carl@example.com"}}},
		{`"Bob", Ann <ann@example.com>`, []Address{{"", "Bob"}, {"Ann", "ann@example.com"}}},
		{"undisclosed-recipients: ;", nil},
	}
	for _, test := range tests {
		if got := receivedAddresses(test.in); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}

func TestAddressStringReadsBack(t *testing.T) {
	for _, a := range []Address{
		{"", "a@x.org"}, {"Ann", "a@x.org"}, {"Archer, Ann", "a@x.org"}, {`say "hi" \o/`, "a@x.org"}, {"王小明", "a@x.org"},
	} {
		got, err := ParseAddressList(a.String())
		if err != nil || len(got) != 1 || got[0] != a {
			t.Errorf("%q reads back as %q, %v", a.String(), got, err)
		}
	}
}

// A word too many may be somebody who was to get the mail: it is never taken for a name.
func TestTypedAddressesWithStrayWords(t *testing.T) {
	for typed, bad := range map[string]string{
		"home@demo.example bob":              "home@demo.example bob",
		"Mina Park <home@demo.example>1jj":   "Mina Park <home@demo.example> 1jj",
		"a@x.example; b@x.example\nbob":      "b@x.example bob",
		"bob home@demo.example, c@x.example": "bob home@demo.example",
	} {
		_, err := ParseAddressList(typed)
		var addressErr *AddressError
		if !errors.As(err, &addressErr) {
			t.Errorf("%q is taken without a word", typed)
			continue
		}
		if bad != "" && addressErr.Bad[0] != bad {
			t.Errorf("of %q it names %q, want %q", typed, addressErr.Bad, bad)
		}
	}
	for _, typed := range []string{"a@x.example b@x.example", "a@x.example (Ann)", "Ann Archer <a@x.example>", "a@x.example\nb@x.example"} {
		if _, err := ParseAddressList(typed); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
}
