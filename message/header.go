package message

import "iter"

// Header is the header section of a message (RFC 5322 §2.2). The zero Header
// has no fields. It is read-only and may be shared between goroutines.
type Header struct{}

// ParseHeader reads a header section, tolerating whatever it holds. It stops
// at the first empty line. raw is copied and may be used again.
func ParseHeader(raw []byte) Header { panic("not written") }

// Get returns the first field called name, in any case, as one line of decoded
// text (RFC 2047), or "" when there is none. It is not safe for the screen.
func (h Header) Get(name string) string { panic("not written") }

// Values returns every field called name as Get would, in order.
func (h Header) Values(name string) []string { panic("not written") }

// Fields yields every field in order: its name as written and its decoded text.
func (h Header) Fields() iter.Seq2[string, string] { panic("not written") }

// Raw returns the header section as it was received, without the empty line
// that ends it.
func (h Header) Raw() []byte { panic("not written") }
