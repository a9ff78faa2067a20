package message

// Address is one mailbox of RFC 5322 §3.4. Both fields are decoded text as
// the sender wrote it: not safe for the screen.
type Address struct {
	Name string // display name, may be empty
	Addr string // local@domain
}

// String is the address as a person would type it. The result is text, not a
// header value: names that need it are quoted, nothing is encoded.
func (a Address) String() string { panic("not written") }

// ParseAddressList reads a list of addresses as people and programs write it:
// separated by ',' or ';', with groups, comments, quoted and encoded names.
// The addresses that could be read are returned even when err, an
// [*AddressError], names the ones that could not.
func ParseAddressList(s string) ([]Address, error) { panic("not written") }

// AddressError names the parts of an address list that are no addresses.
type AddressError struct{ Bad []string }

func (e *AddressError) Error() string { panic("not written") }
