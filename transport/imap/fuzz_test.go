package imap

import (
	"bufio"
	"bytes"
	"slices"
	"testing"
)

// FuzzResponses: whatever a server sends, reading it ends, stays in bounds, does not depend on how the bytes arrive,
// and nothing that reads a response falls over it.
func FuzzResponses(f *testing.F) {
	for _, seed := range []string{
		"* OK [CAPABILITY IMAP4rev1] ready {3}\r\n* 12 EXISTS\r\n",
		"* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[HEADER.FIELDS (DATE)] {4}\r\nab\r\n MODSEQ (3))\r\nT1 OK done\r\n",
		"* LIST (\\Noselect) \"/\" {3}\r\na b\r\n* LIST () NIL &g0l6P3ux-\r\n* STATUS a(b) (MESSAGES 3)\r\n",
		"* 1 FETCH (BODY[]<0> \"a\\\"b\" X ((((\n\n+ \n",
		"* ESEARCH (TAG \"T1\") UID ALL 1:3,5\r\n* SEARCH 1 2 3 (MODSEQ 4)\r\nT1 OK [COPYUID 1 2:3 4:5] x\r\n",
		"* VANISHED (EARLIER) 41,43:116,9:1\r\n* VANISHED 5\r\n* ENABLED QRESYNC\r\n",
		"* 1 FETCH (UID 1 X {99999999999999999999}\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1000
		all := split(t, bufio.NewReaderSize(bytes.NewReader(data), 4096), limit)
		if slow := split(t, bufio.NewReaderSize(bytes.NewReader(data), 16), limit); !slices.EqualFunc(all, slow, bytes.Equal) {
			t.Errorf("%q\nin small pieces %q", all, slow)
		}
		total := 0
		for _, raw := range all {
			total += len(raw)
			interpret(t, raw)
		}
		if total > len(data) {
			t.Errorf("%d bytes came from %d", total, len(data))
		}
	})
}

func split(t *testing.T, r *bufio.Reader, limit int) (all [][]byte) {
	for {
		raw, err := readResponse(r, nil, func() int { return limit }, func() bool { return false })
		if len(raw) > limit {
			t.Fatalf("%d bytes where %d are the limit", len(raw), limit)
		}
		if err != nil {
			return all
		}
		all = append(all, raw)
	}
}

func interpret(t *testing.T, raw []byte) {
	r := parseResponse(raw)
	if f := parseFetch(r.rest); len(f.section) > len(raw) || f.size < 0 {
		t.Errorf("%+v from %q", f, raw)
	}
	m, _, spelled := parseList(r.rest)
	if m.Name != "" && m.Name != "INBOX" && spelled == encodeName(m.Name) && decodeName(spelled) != m.Name {
		t.Errorf("name %q, spelled %q", m.Name, spelled)
	}
	parseStatus(r.rest)
	if ranges, _, ok := parseVanished(r.rest); ok && (len(ranges) == 0 || count(ranges) < uint64(len(ranges))) {
		t.Errorf("ranges %v from %q", ranges, raw)
	}
	parseCopyUID(r.arg, 100)
	parseKeywords(r.arg)
	if uids, ok := parseSet(r.arg, 100); ok && (len(uids) > 100 || slices.Contains(uids, 0)) {
		t.Errorf("set %v from %q", uids, r.arg)
	}
}

// FuzzNames: a name that we make up travels to the server and back unchanged.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"Entwürfe", "草稿箱", "A&B", "a/b\\c\"d", "🙂 x", "&AOQ-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if valid := decodeName(encodeName(name)); name != "" && valid != name && isValidName(name) {
			t.Errorf("%q became %q by way of %q", name, valid, encodeName(name))
		}
	})
}

// isValidName says whether name is UTF-8 that UTF-16 can carry, and not INBOX, which has one spelling.
func isValidName(name string) bool {
	return !bytes.EqualFold([]byte(name), []byte("INBOX")) && !bytes.ContainsRune([]byte(name), '\uFFFD') && string([]rune(name)) == name
}
