package store

import (
	"testing"

	"tmail/message"
)

func TestComplete(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	must(t, s.Addresses.Seen(ctx, []message.Address{{Name: "Ann Archer", Addr: "ann@example.com"}, {Name: "王小明", Addr: "wxm@example.com"}}))
	must(t, s.Addresses.Seen(ctx, []message.Address{{Name: "Ann Archer", Addr: "ann@example.com"}, {Addr: ""}}))
	must(t, s.Addresses.Written(ctx, []message.Address{{Addr: "Archie@Example.com"}}))
	cases := map[string][]string{
		"arch":  {"Archie@Example.com", "ann@example.com"}, // what was written to counts more
		"ANN":   {"ann@example.com"},
		"小明":    {"wxm@example.com"},
		"wxm@e": {"wxm@example.com"},
		"rcher": nil,
		"%":     nil,
		"'; --": nil,
	}
	for prefix, want := range cases {
		list, err := s.Addresses.Complete(ctx, prefix, 5)
		must(t, err)
		var got []string
		for _, c := range list {
			got = append(got, c.Address.Addr)
		}
		if len(got) != len(want) {
			t.Errorf("%q: %v, want %v", prefix, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q: %v, want %v", prefix, got, want)
			}
		}
	}
}

func TestAddressColumn(t *testing.T) {
	list := []message.Address{{Name: "A\x1fB\x1e", Addr: "a\x1e@b"}, {Name: string([]byte{0xff, 'x'}), Addr: "c@d"}}
	got := splitAddresses(joinAddresses(list))
	if len(got) != 2 || got[0].Name != "AB" || got[0].Addr != "a@b" || got[1].Name != "x" {
		t.Errorf("%q", got)
	}
	if got := splitAddresses(joinAddresses(make([]message.Address, 100_000))); len(got) != maxAddresses {
		t.Errorf("%d addresses", len(got))
	}
}
