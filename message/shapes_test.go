package message

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// reading is what a program says of a message: of the files the name and the
// hash, of people the name and the address.
type reading struct {
	Subject     string
	From, To    [][2]string
	Text        string
	Attachments [][2]string
}

const shapes = "testdata/shapes"

// aspects are what is scored.
var aspects = []struct {
	name string
	same func(a, b reading) bool
}{
	{"subject", func(a, b reading) bool { return a.Subject == b.Subject }},
	{"addresses", func(a, b reading) bool { return sameList(a.From, b.From) && sameList(a.To, b.To) }},
	{"text", func(a, b reading) bool { return squeezed(a.Text) == squeezed(b.Text) }},
	{"attachments", func(a, b reading) bool { return sameList(a.Attachments, b.Attachments) }},
}

func sameList(a, b [][2]string) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

// squeezed is a text without what white space does in it.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestShapes scores the reading of malformed mail against what the RFCs make of
// it, beside that of Python's email package where python3 is installed.
func TestShapes(t *testing.T) {
	var want map[string]reading
	raw, err := os.ReadFile(filepath.Join(shapes, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	theirs := readByPython(t)
	var ourScore, theirScore [4]int
	for name, expected := range want {
		ours := readShape(t, name)
		for i, aspect := range aspects {
			if aspect.same(ours, expected) {
				ourScore[i]++
			} else {
				t.Errorf("%s, %s: read\n %+q\nnot\n %+q", name, aspect.name, ours, expected)
			}
			if aspect.same(theirs[name], expected) {
				theirScore[i]++
			}
		}
	}
	for i, aspect := range aspects {
		t.Logf("%-12s of %d shapes right: tmail %d, Python %d", aspect.name, len(want), ourScore[i], theirScore[i])
		if ourScore[i] < theirScore[i] {
			t.Errorf("Python reads %s better", aspect.name)
		}
	}
}

func readShape(t *testing.T, name string) reading {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(shapes, name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r := reading{Subject: m.Envelope.Subject, Text: m.Document(false).Text()}
	for _, a := range m.Envelope.From {
		r.From = append(r.From, [2]string{a.Name, a.Addr})
	}
	for _, a := range m.Envelope.To {
		r.To = append(r.To, [2]string{a.Name, a.Addr})
	}
	for _, p := range m.Attachments {
		r.Attachments = append(r.Attachments, [2]string{p.Name, p.SHA256})
	}
	return r
}

// readByPython is what Python's email package says of the shapes, nothing where
// there is no python3.
func readByPython(t *testing.T) map[string]reading {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("python3 is not installed: nothing to compare with")
		return nil
	}
	out, err := exec.Command(python, filepath.Join(shapes, "score.py"), shapes).Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string]reading
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	return theirs
}

// TestShapesDamaged reads the shapes cut short and with bytes turned over:
// whatever is left of a message is read, and what is said of it is text.
func TestShapesDamaged(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shapes, "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(raw); i += 1 + len(raw)/24 {
			turned := slices.Clone(raw)
			turned[i] ^= 0x80 | byte(i)
			for _, damaged := range [][]byte{raw[:i], turned} {
				m, err := Read(bytes.NewReader(damaged))
				if err != nil {
					t.Fatal(err)
				}
				said := fmt.Sprint(m.Envelope.Subject, m.Envelope.From, m.Document(false).Text(), Summary(m))
				if !utf8.ValidString(said) {
					t.Errorf("%s at %d: not UTF-8: %q", file, i, said)
				}
			}
		}
	}
}
