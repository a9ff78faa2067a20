package message

import (
	"encoding/binary"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// tnefPrefix stands between the id of a winmail.dat and the number of a file
// within it.
const tnefPrefix = ".t"

// isTNEF knows the container some Microsoft programs send attachments in
// (MS-OXTNEF), which nobody else opens.
func (e *entity) isTNEF() bool {
	switch e.typ {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	return strings.EqualFold(e.name, "winmail.dat")
}

// Attributes of MS-OXTNEF §2.1.3.3 and properties of MS-OXPROPS that matter.
const (
	tnefSignature  = 0x223e9f78
	tnefBody       = 0x0002800c
	tnefMessage    = 0x00069003
	tnefCodepage   = 0x00069007
	tnefBeginFile  = 0x00069002
	tnefFileName   = 0x00018010
	tnefFileData   = 0x0006800f
	tnefFileProps  = 0x00069005
	mapiBody       = 0x1000
	mapiRTF        = 0x1009
	mapiHTML       = 0x1013
	mapiFileName   = 0x3704
	mapiLongName   = 0x3707
	mapiMediaType  = 0x370e
	mapiContentID  = 0x3712
	maxTNEFText    = 1 << 20 // bytes of one attribute that is kept
	tnefHeadLength = 4 + 2
	tnefAttrLength = 1 + 4 + 4
)

// tnefFile is what a winmail.dat says of a file in it.
type tnefFile struct{ name, mediaType, contentID string }

// tnefSplitter takes a winmail.dat apart as it streams by. What is no TNEF, or
// breaks off, gives what came before.
type tnefSplitter struct {
	open     func() io.WriteCloser // for the data of the next file
	describe func(tnefFile)        // the file whose data came last, or comes next
	text     func(plain, html string)

	buf       []byte // of what is read next
	need      int
	state     func(*tnefSplitter)
	attribute uint32
	left      int // bytes of data not yet seen
	file      io.WriteCloser
	current   tnefFile
	begun     bool   // the data of current came
	label     string // charset of 8-bit text
}

func newTNEFSplitter(open func() io.WriteCloser, describe func(tnefFile), text func(plain, html string)) *tnefSplitter {
	return &tnefSplitter{open: open, describe: describe, text: text, need: tnefHeadLength, state: (*tnefSplitter).head}
}

func (s *tnefSplitter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && s.state != nil {
		if s.left > 0 && s.need == 0 { // data that streams through
			k := min(s.left, len(p))
			if s.file != nil {
				_, _ = s.file.Write(p[:k]) // sinks keep their errors
			}
			p, s.left = p[k:], s.left-k
			if s.left == 0 {
				s.endData(nil)
			}
			continue
		}
		k := min(s.need-len(s.buf), len(p))
		s.buf = append(s.buf, p[:k]...)
		p = p[k:]
		if len(s.buf) == s.need {
			s.state(s)
		}
	}
	return n, nil
}

func (s *tnefSplitter) Close() error {
	s.closeFile()
	return nil
}

// expect reads n bytes next and hands them to state.
func (s *tnefSplitter) expect(n int, state func(*tnefSplitter)) {
	s.buf, s.need, s.state = s.buf[:0], n, state
}

func (s *tnefSplitter) head() {
	if binary.LittleEndian.Uint32(s.buf) != tnefSignature {
		s.state = nil
		return
	}
	s.expect(tnefAttrLength, (*tnefSplitter).attributeHead)
}

func (s *tnefSplitter) attributeHead() {
	s.attribute = binary.LittleEndian.Uint32(s.buf[1:])
	length := binary.LittleEndian.Uint32(s.buf[5:])
	if length > 1<<31-1 {
		s.state = nil
		return
	}
	s.left = int(length)
	switch s.attribute {
	case tnefBeginFile:
		s.closeFile()
		s.current, s.begun = tnefFile{}, false
	case tnefFileData:
		s.closeFile()
		s.file, s.begun = s.open(), true
		s.describe(s.current)
	case tnefBody, tnefMessage, tnefCodepage, tnefFileName, tnefFileProps:
		if 0 < s.left && s.left <= maxTNEFText {
			s.expect(s.left, func(s *tnefSplitter) { s.endData(s.buf) })
			return
		}
	}
	s.need = 0
	if s.left == 0 {
		s.endData(nil)
	}
}

// endData is at the end of an attribute; kept is its data if it is of those kept.
func (s *tnefSplitter) endData(kept []byte) {
	switch s.attribute {
	case tnefFileData:
		s.closeFile()
	case tnefCodepage:
		if len(kept) >= 4 {
			s.label = "cp" + strconv.Itoa(int(binary.LittleEndian.Uint32(kept)))
		}
	case tnefBody:
		s.text(s.string8(kept), "")
	case tnefMessage:
		mapiProperties(kept, func(id uint16, value []byte, wide bool) {
			switch id {
			case mapiBody:
				s.text(s.value(value, wide), "")
			case mapiHTML:
				s.text("", s.value(value, wide))
			case mapiRTF:
				s.text(rtfText(decompressRTF(value)))
			}
		})
	case tnefFileName:
		s.current.name = oneLine(s.string8(kept))
	case tnefFileProps:
		mapiProperties(kept, s.fileProperty)
		if s.begun {
			s.describe(s.current)
		}
	}
	s.left = 0
	s.expect(2, func(s *tnefSplitter) { s.expect(tnefAttrLength, (*tnefSplitter).attributeHead) }) // the checksum
}

func (s *tnefSplitter) fileProperty(id uint16, value []byte, wide bool) {
	text := oneLine(s.value(value, wide))
	switch {
	case text == "":
	case id == mapiLongName, id == mapiFileName && s.current.name == "":
		s.current.name = text
	case id == mapiMediaType && mediaType(text) != "":
		s.current.mediaType = mediaType(text)
	case id == mapiContentID:
		s.current.contentID = cleanID(text)
	}
}

func (s *tnefSplitter) closeFile() {
	if s.file != nil {
		_ = s.file.Close() // sinks keep their errors
		s.file = nil
	}
}

func (s *tnefSplitter) value(b []byte, wide bool) string {
	if !wide {
		return s.string8(b)
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return cleanTNEFText(string(utf16.Decode(units)))
}

func (s *tnefSplitter) string8(b []byte) string {
	text, _ := decodeText(b, s.label)
	return cleanTNEFText(text)
}

func cleanTNEFText(s string) string { return unixLines(s) }

// mapiProperties calls each for the text and binary values of a property list
// (MS-OXTNEF §2.1.3.4), until something makes no sense. wide tells UTF-16.
func mapiProperties(b []byte, each func(id uint16, value []byte, wide bool)) {
	r := mapiReader{b}
	count, ok := r.number()
	for ; ok && count > 0; count-- {
		tag, more := r.number()
		if !more {
			return
		}
		kind, id := uint16(tag), uint16(tag>>16)
		if id >= 0x8000 && !r.skipName() {
			return
		}
		many := kind&0x1000 != 0
		kind &^= 0x1000
		values := uint32(1)
		fixed, known := mapiSizes[kind]
		if many || !known {
			if values, ok = r.number(); !ok {
				return
			}
		}
		for ; values > 0; values-- {
			if known {
				ok = r.skip(fixed)
			} else {
				var value []byte
				if value, ok = r.sized(); ok && !many && (kind == 0x1e || kind == 0x1f || kind == 0x102) {
					each(id, value, kind == 0x1f)
				}
			}
			if !ok {
				return
			}
		}
	}
}

// mapiSizes are the bytes that values of fixed length take.
var mapiSizes = map[uint16]int{
	0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16,
}

// mapiReader reads little-endian numbers and padded strings.
type mapiReader struct{ rest []byte }

func (r *mapiReader) skip(n int) bool {
	if n > len(r.rest) {
		return false
	}
	r.rest = r.rest[n:]
	return true
}

func (r *mapiReader) number() (uint32, bool) {
	if len(r.rest) < 4 {
		return 0, false
	}
	n := binary.LittleEndian.Uint32(r.rest)
	return n, r.skip(4)
}

// sized reads a length and as many bytes, padded to four.
func (r *mapiReader) sized() ([]byte, bool) {
	n, ok := r.number()
	if !ok || uint64(n) > uint64(len(r.rest)) {
		return nil, false
	}
	value := r.rest[:n]
	return value, r.skip(min(len(r.rest), (int(n)+3)&^3))
}

// skipName passes over the name of a named property.
func (r *mapiReader) skipName() bool {
	if !r.skip(16) {
		return false
	}
	kind, ok := r.number()
	if !ok {
		return false
	}
	if kind == 0 {
		return r.skip(4)
	}
	_, ok = r.sized()
	return ok
}
