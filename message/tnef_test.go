package message

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"testing"
	"unicode/utf16"
)

// tnefAttr writes an attribute of MS-OXTNEF §2.1.3.
func tnefAttr(level byte, id uint32, data []byte) []byte {
	b := []byte{level}
	b = binary.LittleEndian.AppendUint32(b, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	var sum uint16
	for _, c := range data {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(append(b, data...), sum)
}

// wideProperty writes a list with a number and a property in UTF-16.
func wideProperty(id uint16, text string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 2)
	b = append(b, 0x03, 0x00, 0x05, 0x37, 1, 0, 0, 0) // PR_ATTACH_METHOD = 1
	b = append(b, 0x1f, 0x00, byte(id), byte(id>>8), 1, 0, 0, 0)
	units := append(utf16.Encode([]rune(text)), 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*len(units)))
	for _, u := range units {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func sampleTNEF() []byte {
	b := []byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}
	b = append(b, tnefAttr(1, tnefCodepage, []byte{0xa8, 3, 0, 0, 0, 0, 0, 0})...) // 936
	b = append(b, tnefAttr(1, tnefBody, []byte("\xbb\xe1\xd2\xe9 at three\r\n\x00"))...)
	b = append(b, tnefAttr(2, tnefBeginFile, make([]byte, 14))...)
	b = append(b, tnefAttr(2, tnefFileName, []byte("PLAN~1.TXT\x00"))...)
	b = append(b, tnefAttr(2, tnefFileData, []byte("the plan"))...)
	b = append(b, tnefAttr(2, tnefFileProps, wideProperty(mapiLongName, "计划 2027.txt"))...)
	b = append(b, tnefAttr(2, tnefBeginFile, make([]byte, 14))...)
	b = append(b, tnefAttr(2, tnefFileProps, wideProperty(mapiLongName, "a link, without data"))...)
	b = append(b, tnefAttr(2, tnefBeginFile, make([]byte, 14))...)
	b = append(b, tnefAttr(2, tnefFileName, []byte("b.bin\x00"))...)
	return append(b, tnefAttr(2, tnefFileData, bytes.Repeat([]byte{7}, 100_000))...)
}

func TestWinmailDat(t *testing.T) {
	raw := "MIME-Version: 1.0\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" +
		base64.StdEncoding.EncodeToString(sampleTNEF()) + "\n"
	m, _ := read(t, raw)
	if m.Plain != "会议 at three\n" {
		t.Errorf("the text is %q", m.Plain)
	}
	var names []string
	for _, p := range m.Attachments {
		names = append(names, p.ID+" "+p.Name)
	}
	if want := []string{"1 winmail.dat", "1.t1 计划 2027.txt", "1.t2 b.bin"}; !slices.Equal(names, want) {
		t.Fatalf("files are %q, not %q", names, want)
	}
	for i, want := range []string{"the plan", string(bytes.Repeat([]byte{7}, 100_000))} {
		var got bytes.Buffer
		if err := CopyPart(&got, bytes.NewReader([]byte(raw)), m.Attachments[i+1].ID); err != nil || got.String() != want {
			t.Errorf("file %d: %d bytes, %v", i+1, got.Len(), err)
		}
	}
	if m.Attachments[2].Size != 100_000 {
		t.Errorf("b.bin has %d bytes", m.Attachments[2].Size)
	}
}

// A winmail.dat that breaks off, or is something else, gives what came before and stays listed itself.
func TestBrokenWinmailDat(t *testing.T) {
	whole := sampleTNEF()
	for _, n := range []int{0, 3, 6, 10, 40, 90, 120, 200, 1000} {
		raw := append([]byte("Content-Type: application/ms-tnef\n\n"), whole[:n]...)
		m, err := Read(bytes.NewReader(raw))
		if err != nil || len(m.Attachments) == 0 || m.Attachments[0].Size != int64(n) {
			t.Errorf("%d bytes: %v, %v", n, m.Attachments, err)
		}
	}
	for i := range min(len(whole), 400) {
		bad := bytes.Clone(whole)
		bad[i] ^= 0xff
		if _, err := Read(bytes.NewReader(append([]byte("Content-Type: application/ms-tnef\n\n"), bad...))); err != nil {
			t.Fatal(err)
		}
	}
}
