package message

import "encoding/binary"

// Compressed RTF (MS-OXRTFCP), which Outlook keeps the text of a message in.

const (
	rtfHeadLength = 16
	rtfCompressed = 0x75465a4c // "LZFu"
	rtfPlain      = 0x414c454d // "MELA"
	rtfWindow     = 4096
	maxRTF        = 4 << 20 // bytes once decompressed
)

// rtfPrimer is what the window holds before the first byte (§2.1.2.1).
const rtfPrimer = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier" +
	"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

// decompressRTF returns as much of the text as can be read; its checksum is not
// looked at.
func decompressRTF(b []byte) []byte {
	if len(b) < rtfHeadLength {
		return nil
	}
	kind, size := binary.LittleEndian.Uint32(b[8:]), int(binary.LittleEndian.Uint32(b[4:]))
	b = b[rtfHeadLength:]
	size = min(size, maxRTF)
	switch kind {
	case rtfPlain:
		return b[:min(len(b), size)]
	case rtfCompressed:
		return unpackRTF(b, size)
	}
	return nil
}

// unpackRTF reads runs of eight tokens: a byte of flags, then for each bit a
// byte as it is, or where in the window to copy from and how much.
func unpackRTF(b []byte, size int) []byte {
	var window [rtfWindow]byte
	at := copy(window[:], rtfPrimer)
	var out []byte
	put := func(c byte) {
		out = append(out, c)
		window[at] = c
		at = (at + 1) % rtfWindow
	}
	for len(b) > 0 {
		flags := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(out) < size; bit++ {
			if flags>>bit&1 == 0 {
				if len(b) < 1 {
					return out
				}
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			reference := int(binary.BigEndian.Uint16(b))
			b = b[2:]
			from, length := reference>>4, reference&15+2
			if from == at { // the end
				return out
			}
			for ; length > 0; length-- {
				put(window[from])
				from = (from + 1) % rtfWindow
			}
		}
		if len(out) >= size {
			return out[:size]
		}
	}
	return out
}
