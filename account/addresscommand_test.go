package account

import (
	"slices"
	"testing"
)

func TestAddressCommandIsTextOrList(t *testing.T) {
	for text, want := range map[string][]string{
		`address_command = ""`:                              nil,
		`address_command = " "`:                             nil,
		`address_command = []`:                              nil,
		`address_command = "khard email --parsable"`:        {"khard", "email", "--parsable"},
		`address_command = ["/opt/my books/abook", "-q x"]`: {"/opt/my books/abook", "-q x"},
	} {
		c, err := read("config.toml", []byte(text), 0o600)
		if err != nil || !slices.Equal(c.AddressCommand, want) {
			t.Errorf("%s: %q, %v", text, c.AddressCommand, err)
		}
	}
}
