package imap

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What is told to be used is what the code asks for.
func TestUses(t *testing.T) {
	asked := map[string]bool{"STARTTLS": true, "IMAP4REV1": true} // which are taken for granted
	question := regexp.MustCompile(`\.Has\("([A-Z0-9=+-]+)"\)`)
	for _, dir := range []string{".", "../../mailsync"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range question.FindAllStringSubmatch(string(text), -1) {
				asked[m[1]] = asked[m[1]] || !strings.HasSuffix(file, "_test.go")
			}
		}
	}
	for name, ours := range asked {
		if ours && !Uses(name) {
			t.Errorf("%s is asked for", name)
		}
	}
	for _, name := range used {
		if !asked[name] {
			t.Errorf("%s is never asked for", name)
		}
	}
	if !Uses("AUTH=XOAUTH2") || Uses("AUTH=GSSAPI") || Uses("METADATA") {
		t.Error("ways to sign in")
	}
}
